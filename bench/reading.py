"""The view against the composition over HTTP, on a running bank: one document, from its own rows or four contexts."""

import http.client
import json
import multiprocessing
import os
import random
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Figure
from bench.raw import Raw
from bench.running import RunningBank

READERS = 4
SECONDS = 5.0
CUSTOMERS = 100


@dataclass(frozen=True, slots=True)
class Reading:
    per_s: float
    p50_ms: float
    p99_ms: float


def view_against_composition(bank: RunningBank, raw: Raw, repeats: int = 3) -> list[Figure]:
    token, customers = access_token(bank.url), customers_with_history()
    sidecar = bank.url.rpartition(":")[0] + f":{int(bank.url.rpartition(':')[2]) + 1}"
    viewed: list[Reading] = []
    composed: list[Reading] = []
    limits = [raw.documents_per_s(clients=READERS)]
    for _ in range(repeats):
        viewed.append(read(bank.url, "/api/v1/customers/{}/bank-view", customers, token))
        composed.append(read(sidecar, "/api/v1/customers/{}/bank-view/composed", customers, token))
        limits.append(raw.documents_per_s(clients=READERS))
    return figures(viewed, composed, limits)


def figures(viewed: Sequence[Reading], composed: Sequence[Reading], limits: list[float]) -> list[Figure]:
    view = Figure("bank view, materialized", "reads/s", [each.per_s for each in viewed], limits)
    other = Figure("bank view, composed from four contexts", "reads/s", [each.per_s for each in composed], limits)
    faster = view.median / other.median
    p99, other_p99 = (sorted(each.p99_ms for each in runs)[len(runs) // 2] for runs in (viewed, composed))
    p50, other_p50 = (sorted(each.p50_ms for each in runs)[len(runs) // 2] for runs in (viewed, composed))
    view.target, view.met = "≥ 10 × the composition, ≤ 1/5 its p99", faster >= 10 and p99 <= other_p99 / 5
    view.notes = (
        f"{faster:.1f} × the composition; p50 {p50:.1f} ms, p99 {p99:.1f} ms ({other_p99 / p99:.1f} times shorter)"
    )
    other.notes = f"p50 {other_p50:.1f} ms, p99 {other_p99:.1f} ms"
    return [view, other]


def access_token(url: str) -> str:
    form = urllib.parse.urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": os.environ.get("BANK_DEMO_CLIENT_ID", "demo"),
            "client_secret": os.environ["BANK_DEMO_CLIENT_SECRET"],
        }
    ).encode()
    with urllib.request.urlopen(f"{url}/identity/o/api/token", form, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


def customers_with_history() -> list[str]:
    """Customers with a profile, an account, a card and some twenty payments."""
    from bank.context import Unit
    from bank.execution import execute
    from bench import payments
    from customers import context
    from customers.orders import open_customer

    holders = payments.Cardholders(CUSTOMERS)
    people = [customer for customer, *_ in holders.ids]
    for n, id in enumerate(people):
        orders = open_customer(
            id, name=f"Customer {n}", email=f"c{n}@bank.example", mobile_number=f"+4915112{n:06d}",
            opened_on=payments.TODAY,
        )  # fmt: skip
        execute(context.CUSTOMERS, [Unit(*orders)])
    for _ in range(4):
        holders.pay(500)
    payments.wait_until_quiet()
    return people


def read(url: str, path: str, customers: Sequence[str], token: str) -> Reading:
    """Several readers, each in a process and a connection of its own, as fast as they are answered."""
    with multiprocessing.get_context("spawn").Pool(READERS) as pool:
        parts = pool.starmap(read_alone, [(url, path, list(customers), token, seed) for seed in range(READERS)])
    latencies = sorted(latency for part in parts for latency in part)
    return Reading(
        per_s=len(latencies) / SECONDS,
        p50_ms=latencies[len(latencies) // 2] * 1e3,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1e3,
    )


def read_alone(url: str, path: str, customers: Sequence[str], token: str, seed: int) -> list[float]:
    """The latencies of so many seconds; anything but 200 is an error, because it would be quick."""
    place, choose = urllib.parse.urlsplit(url), random.Random(seed)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"}
    latencies, until = [], time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < until:
        connection.request("GET", path.format(choose.choice(customers)), headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        latencies.append(time.perf_counter() - begun)
    connection.close()
    return latencies
