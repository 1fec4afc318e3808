"""Debit card payments across all contexts, from request to settled and into the view, on a running bank."""

import random
import statistics
import time
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account.money import CreditMoney
from bank.context import Order, Unit
from bank.db import cursor
from bank.execution import execute
from bench.figures import Figure
from bench.raw import Raw
from bench.running import RunningBank
from cards.context import CARDS
from cards.domain.card import CARD, ActivateCard, IssueDebitCard, ReserveSpend
from cards.domain.payment import PAYMENT, RequestPayment

TODAY = date.today()  # noqa: DTZ011 - the bank's own day: what is not captured expires after it
CARDHOLDERS = 500
PAYMENTS = 5_000
BATCH = 500
COMMANDS, EVENTS = 6, 9
"""What one payment takes."""

POLL_S = 0.03
PATIENCE = 3
"""Asking costs the measured bank something, too: three times as long as the last question took nothing is asked."""

DBOS_WORKFLOWS_PER_S = 107
"""The best figure of the peer for three-step workflows; see `docs/benchmarks.md`."""


class Cardholders:
    """Customers with an account that has money and a card that pays."""

    def __init__(self, count: int = CARDHOLDERS) -> None:
        self.ids = [(str(uuid4()), str(uuid4()), str(uuid4())) for _ in range(count)]
        execute(ACCOUNTS, [opened(*ids) for ids in self.ids])
        execute(ACCOUNTS, [funded(account) for _, account, _ in self.ids])
        execute(CARDS, [issued(*ids) for ids in self.ids])
        execute(CARDS, [Unit(Order(CARD, card, ActivateCard(card))) for _, _, card in self.ids])

    def pay(self, count: int) -> list[str]:
        """Request so many payments in one batch; their ids."""
        wanted = [(str(uuid4()), *random.choice(self.ids)) for _ in range(count)]
        execute(CARDS, [paid(*each) for each in wanted])
        return [payment for payment, *_ in wanted]


def opened(customer: str, account: str, card: str) -> Unit:
    command = OpenAccount(account, customer, "savings", "EUR", f"DE{account[:20]}", "main", TODAY)
    return Unit(Order(ACCOUNT, account, command))


def funded(account: str) -> Unit:
    return Unit(Order(ACCOUNT, account, CreditMoney(account, 1_000_000_00, "EUR", "cash", TODAY)))


def issued(customer: str, account: str, card: str) -> Unit:
    command = IssueDebitCard(
        card_id=card, customer_id=customer, account_id=account, currency="EUR", token=f"tok_{card}", last_four="4242",
        per_payment_limit_minor=1_000_00, per_day_limit_minor=10_000_000_00, issued_on=TODAY,
        expires_on=TODAY + timedelta(days=1000),
    )  # fmt: skip
    return Unit(Order(CARD, card, command))


def paid(payment: str, customer: str, account: str, card: str) -> Unit:
    amount_minor = random.randint(1_00, 90_00)
    reserve = ReserveSpend(card, payment, amount_minor, "EUR", TODAY)
    request = RequestPayment(
        payment_id=payment, card_id=card, account_id=account, customer_id=customer, amount_minor=amount_minor,
        currency="EUR", merchant="Bakery", auto_capture=True, requested_on=TODAY,
        expires_on=TODAY + timedelta(days=7),
    )  # fmt: skip
    return Unit(Order(CARD, card, reserve), Order(PAYMENT, payment, request))


def throughput(bank: RunningBank, raw: Raw, holders: Cardholders, repeats: int = 3) -> list[Figure]:
    settled = Figure("debit card payments, requested in batches, to settled", "payments/s", [])
    viewed = Figure("the same, with the view caught up", "payments/s", [])
    cpu: list[float] = []

    def add_raw() -> None:
        wait_until_quiet()
        commands_s = COMMANDS / raw.bulk_per_s(clients=2)
        settled.raw.append(1 / commands_s)
        viewed.raw.append(1 / (commands_s + EVENTS / raw.upserts_per_s(clients=2)))

    add_raw()
    for _ in range(repeats):
        spent, begun = bank.cpu_s(), time.perf_counter()
        for _ in range(PAYMENTS // BATCH):
            holders.pay(BATCH)
        wait_until_settled()
        settled.runs.append(PAYMENTS / (time.perf_counter() - begun))
        wait_until_quiet()
        viewed.runs.append(PAYMENTS / (time.perf_counter() - begun))
        cpu.append((bank.cpu_s() - spent) / PAYMENTS * 1e3)
        add_raw()
    viewed.target = f"≥ 10 × DBOS ({10 * DBOS_WORKFLOWS_PER_S}/s)"
    viewed.met = viewed.median >= 10 * DBOS_WORKFLOWS_PER_S
    viewed.notes = (
        f"{EVENTS} events and {COMMANDS} commands each; CPU per payment, every process and PostgreSQL:"
        f" {statistics.median(cpu):.2f} ms"
    )
    return [settled, viewed]


def when_idle(raw: Raw, holders: Cardholders, limit_ms: int, payments: int = 400) -> Figure:
    """One payment at a time on a quiet bank: recorded request to recorded settlement."""
    ids, before = [], COMMANDS * raw.command_ms()
    for _ in range(payments):
        ids += holders.pay(1)
        wait_until_settled()
        time.sleep(random.uniform(0.02, 0.08))
    wait_until_quiet()
    p50, p99, longest = latencies_ms(ids)
    figure = Figure(
        "one debit card payment when idle, request to settled, p99", "ms", [p99], [before, COMMANDS * raw.command_ms()]
    )
    figure.target, figure.met = f"< {limit_ms} ms", p99 < limit_ms
    figure.notes = f"p50 {p50:.0f} ms, longest {longest:.0f} ms; {payments} payments, after the bursts above"
    return figure


def latencies_ms(payments: Sequence[str]) -> tuple[float, float, float]:
    with cursor("cards") as fast:
        fast.execute(
            "select extract(epoch from settled_at - requested_at)::float8 * 1000 from cards_payment"
            " where payment_id = any(%b)",
            (list(payments),),
        )
        found = sorted(float(milliseconds) for (milliseconds,) in fast.fetchall())
    return found[len(found) // 2], found[int(len(found) * 0.99)], found[-1]


def wait_until_settled() -> None:
    wait_for(
        "cards",
        "select not exists (select 1 from cards_payment where status in ('requested', 'authorized', 'captured'))",
    )


def wait_until_quiet() -> None:
    """Every outbox is empty and the view has folded every event."""
    wait_until_settled()
    for context in ("customers", "accounts", "cards", "loans"):
        wait_for(context, "select not exists (select 1 from bank_outbox)")
    for context in ("customers", "accounts", "cards", "loans"):
        with cursor(context) as fast:
            fast.execute("select count(*) from bank_event")
            ((stored,),) = fast.fetchall()
        wait_for(
            "bankview",
            "select coalesce(sum(version), 0) >= %s from bank_seen where projection = 'bank_view' and source = %s"
            " and generation = coalesce((select live from bank_projection where name = 'bank_view'), 1)",
            stored,
            context,
        )


def wait_for(context: str, question: str, *arguments: object, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while (asked := time.monotonic()) < deadline:
        with cursor(context) as fast:
            fast.execute(question, arguments)
            ((answer,),) = fast.fetchall()
        if answer:
            return
        time.sleep(max(POLL_S, PATIENCE * (time.monotonic() - asked)))
    raise TimeoutError(f"{context} did not come to rest: {question}")
