"""Writing: one command, batches, and loading an aggregate with a long history."""

import random
import time
from collections.abc import Callable
from datetime import date
from uuid import uuid4

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account.money import CreditMoney
from bank.context import Order, Unit
from bank.execution import execute
from bank.history.eventstore import load
from bank.runtime.memory import keep_what_is_loaded
from bank.runtime.postgres import Cluster
from bench.figures import Figure, Run, measure, timed
from bench.raw import Raw

ACCOUNTS_OPEN = 2000
BATCH = 500
TODAY = date(2026, 1, 2)


def open_accounts(count: int = ACCOUNTS_OPEN) -> list[str]:
    """Open savings accounts with a thousand each; their ids. The process is then as a consumer is when it is ready."""
    ids = [str(uuid4()) for _ in range(count)]
    for start in range(0, count, BATCH):
        execute(ACCOUNTS, [Unit(Order(ACCOUNT, id, opening(id))) for id in ids[start : start + BATCH]])
        execute(ACCOUNTS, [deposit(id, 1_000_00) for id in ids[start : start + BATCH]])
    keep_what_is_loaded()
    return ids


def opening(id: str) -> OpenAccount:
    return OpenAccount(id, str(uuid4()), "savings", "EUR", f"DE{id[:20]}", "main", TODAY)


def deposit(id: str, amount_minor: int) -> Unit:
    return Unit(Order(ACCOUNT, id, CreditMoney(id, amount_minor, "EUR", "cash", TODAY)), id=uuid4())


def for_seconds(cluster: Cluster, seconds: float, work: Callable[[], int]) -> Run:
    """Repeat the work for so long; it says how many operations each time was."""
    done = 0
    with timed(cluster, lambda: done) as runs:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            done += work()
    return runs[0]


def one_command(cluster: Cluster, raw: Raw, ids: list[str]) -> Figure:
    def work() -> int:
        execute(ACCOUNTS, [deposit(random.choice(ids), 100)])
        return 1

    figure, _ = measure(
        "one command through `execute`, 1 client", "commands/s", lambda: for_seconds(cluster, 4, work),
        raw=raw.commands_per_s,
    )  # fmt: skip
    figure.target, figure.met = "≥ 0.35 × raw", (figure.ratio or 0) >= 0.35
    return figure


def batch_of_500(cluster: Cluster, raw: Raw, ids: list[str]) -> Figure:
    def work() -> int:
        execute(ACCOUNTS, [deposit(id, 100) for id in random.choices(ids, k=BATCH)])
        return BATCH

    figure, _ = measure(
        "batch of 500 commands, everything on", "commands/s", lambda: for_seconds(cluster, 4, work),
        raw=raw.bulk_per_s,
    )  # fmt: skip
    figure.target, figure.met = "≥ 0.3 × raw bulk", (figure.ratio or 0) >= 0.3
    return figure


def long_histories(cluster: Cluster, raw: Raw, short: int = 100, long: int = 100_000) -> list[Figure]:
    """Loading an account with few events and with many, from snapshots; and with many, without."""
    few, many = (with_history(events) for events in (short, long))
    figures = [
        loads(cluster, raw, f"load of an account with {short:,} events", few),
        loads(cluster, raw, f"load of an account with {long:,} events", many),
        replays(cluster, raw, f"the same without snapshots ({long:,} events folded)", many),
    ]
    ratio = figures[0].median / figures[1].median
    figures[1].target, figures[1].met = "≤ 1.5 × the time with 100", ratio <= 1.5
    figures[1].notes += f"; {ratio:.2f} × the time with {short}"
    return figures


def with_history(events: int) -> str:
    """An account half way between two snapshots, so that loading folds 50 events either way."""
    id = str(uuid4())
    execute(ACCOUNTS, [Unit(Order(ACCOUNT, id, opening(id)))])
    for start in range(0, events + 49, BATCH):
        execute(ACCOUNTS, [deposit(id, 1) for _ in range(min(BATCH, events + 49 - start))])
    return id


def loads(cluster: Cluster, raw: Raw, what: str, id: str) -> Figure:
    def work() -> int:
        load(ACCOUNTS, ACCOUNT, id)
        return 1

    return measure(what, "loads/s", lambda: for_seconds(cluster, 2, work), raw=raw.heads_per_s)[0]


def replays(cluster: Cluster, raw: Raw, what: str, id: str) -> Figure:
    def work() -> int:
        load(ACCOUNTS, ACCOUNT, id, snapshots=False)
        return 1

    return measure(what, "loads/s", lambda: for_seconds(cluster, 3, work), raw=raw.histories_per_s)[0]
