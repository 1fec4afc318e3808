"""What HTTP costs: a deposit through the API beside a bare view, CPU of the web processes per request."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from bench import bare, ledger
from bench.figures import Figure
from bench.raw import Raw
from bench.reading import access_token
from bench.running import RunningBank, cpu_ticks, family, two_free_ports

REQUESTS = 1_500
HZ = os.sysconf("SC_CLK_TCK")
Send = Callable[[http.client.HTTPConnection], int]


def command_against_bare_view(bank: RunningBank, raw: Raw, repeats: int = 3) -> list[Figure]:
    token, ids = access_token(bank.url), ledger.open_accounts(200)
    with bare_view() as (port, process):
        web = [pid for pid in family(bank.process.pid) if "config.wsgi:application" in command_line(pid)]
        pairs, limits = [], [raw.command_ms()]
        for _ in range(repeats):
            least = cpu_ms(port, family(process.pid), post_bare)
            ours = cpu_ms(int(bank.url.rpartition(":")[2]), web, lambda to: deposit(to, token, ids[0]))
            pairs.append((ours, least))
            limits.append(raw.command_ms())
    return figures(pairs, limits)


def figures(pairs: list[tuple[float, float]], limits: list[float]) -> list[Figure]:
    command = Figure("HTTP command (a deposit), CPU of the web process", "ms", [ours for ours, _ in pairs], limits)
    least = Figure("a bare DRF view, one insert and one select, the same", "ms", [bare for _, bare in pairs], limits)
    ratio = sorted(ours / bare for ours, bare in pairs)[len(pairs) // 2]
    command.target, command.met = "≤ 1.5 × a bare DRF view", ratio <= 1.5
    command.notes = f"{ratio:.2f} × the bare view; one client, {REQUESTS} requests, JWT checked, events appended"
    return [command, least]


def cpu_ms(port: int, pids: list[int], send: Send) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(50):
        send(connection)
    before = sum(map(cpu_ticks, pids))
    for _ in range(REQUESTS):
        if (status := send(connection)) >= 300:
            raise RuntimeError(f"port {port}: {status}")
    connection.close()
    return (sum(map(cpu_ticks, pids)) - before) / HZ / REQUESTS * 1e3


def deposit(connection: http.client.HTTPConnection, token: str, account: str) -> int:
    body = {"amount": {"amount": "1.00", "currency": "EUR"}, "reference": "bench"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    return post(connection, f"/api/v1/accounts/{account}/deposits", body, headers)


def post_bare(connection: http.client.HTTPConnection) -> int:
    return post(connection, "/bare", {"amount_minor": 100}, {})


def post(connection: http.client.HTTPConnection, path: str, body: object, headers: dict[str, str]) -> int:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


@contextmanager
def bare_view() -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """Granian with the bank's settings and one worker, as one of the bank's two."""
    with psycopg.connect(os.environ["OWNER_DATABASE_URL_ACCOUNTS"], autocommit=True) as connection:
        connection.execute(bare.TABLE)
        connection.execute("grant insert, select on bench_bare to public")
    port = two_free_ports()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application"]
    process = subprocess.Popen(command, env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.bare_settings"})
    try:
        wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            post_bare(connection)
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"nothing answers on port {port}")


def command_line(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().replace("\0", " ")
    except FileNotFoundError:
        return ""
