"""Messages: what a relay publishes, what a consumer folds into the view, and how fast the view is rebuilt."""

import random
import threading
import time

from accounts.context import ACCOUNTS
from bank.context import load
from bank.db import cursor
from bank.execution import execute
from bank.messaging import brokers, consumer, topology
from bank.messaging.relay import drain
from bank.runtime.postgres import Cluster
from bench.figures import Figure, Run, measure, timed
from bench.ledger import BATCH, deposit, open_accounts
from bench.raw import Raw

EVENTS = 20_000


def fill(ids: list[str]) -> None:
    """So many events into Accounts' outbox."""
    for _ in range(EVENTS // BATCH):
        execute(ACCOUNTS, [deposit(id, 1) for id in random.choices(ids, k=BATCH)])


def live(cluster: Cluster, raw: Raw) -> list[Figure]:
    ids = open_accounts()
    return [relay(cluster, raw, ids), consumer_to_view(cluster, raw, ids)]


def relay(cluster: Cluster, raw: Raw, ids: list[str]) -> Figure:
    publisher = brokers.new_publisher()

    def run() -> Run:
        fill(ids)
        sent = 0
        with timed(cluster, lambda: sent) as runs:
            while count := drain("accounts", publisher):
                sent += count
        return runs[0]

    figure, _ = measure("relay: outbox to broker, confirmed", "events/s", run, raw=lambda: raw.relayed_per_s(EVENTS))
    figure.target, figure.met = "≥ 10,000/s", figure.median >= 10_000
    publisher.close()
    return figure


def consumer_to_view(cluster: Cluster, raw: Raw, ids: list[str]) -> Figure:
    """Live: bundles from the broker folded into the view, acknowledged after the commit."""
    publisher = brokers.new_publisher()
    (listener,) = consumer.listeners(load("bankview"), threading.Event())[:1]
    with_queue = brokers.consumer(topology.views("bankview", 0))

    def run() -> Run:
        settle(listener, with_queue)
        fill(ids)
        while drain("accounts", publisher):
            pass
        with timed(cluster, lambda: EVENTS) as runs:
            settle(listener, with_queue)
        return runs[0]

    figure, _ = measure("consumer to view, live", "events/s", run, raw=raw.upserts_per_s)
    figure.target, figure.met = "≥ 10,000/s (best peer 1,665)", figure.median >= 10_000
    with_queue.close()
    publisher.close()
    return figure


def settle(listener: consumer.Listener, source: brokers.Consumer) -> None:
    """Turn until nothing more comes."""
    while listener.turn(source, wait_s=0.05):
        pass


def events_stored(context: str) -> int:
    with cursor(context) as fast:
        fast.execute("select count(*) from bank_event")
        ((count,),) = fast.fetchall()
    return int(count)


def rebuild(raw: Raw) -> Figure:
    """All of Accounts' history into a new generation of the view, in parallel shards, and the switch."""
    from django.core.management import call_command

    total = events_stored("accounts")

    def run() -> Run:
        begun = time.perf_counter()
        call_command("rebuild_projection", "bank_view", shards=2, verbosity=0)
        return Run(total, time.perf_counter() - begun)

    figure, _ = measure(
        f"rebuild of the view from {total:,} events, 2 shards", "events/s", run,
        raw=lambda: raw.upserts_per_s(clients=2),
    )  # fmt: skip
    figure.target, figure.met, figure.notes = (
        "≥ 50,000/s",
        figure.median >= 50_000,
        "start of processes and switch included",
    )
    return figure
