"""The evening: wait until nothing is under way, and count everything from the bank's own answers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import Any, TypeVar

from bankview.demo.client import Bank
from bankview.demo.day import LOAN_MINOR, QUIET_S, REPAYMENT_MINOR, SAVINGS_MINOR, Lived
from bankview.demo.plan import SALARY_MINOR
from bankview.demo.races import Race, Verdicts, compare, percentile, race

PAUSE_S = 0.5
RACE_REQUESTS = 200
TOGETHER = 4
MOST_COMPARED = 200
EXPECTED = {
    "settled": "settled",
    "captured": "settled",
    "refunded": "settled",
    "too_much": "declined",
    "reversed": "reversed",
}

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Figures:
    """`settle_ms` is the time from request to settled, by the times at which the bank recorded the two events.

    `otherwise` counts payments that ended otherwise than planned; `off_minor` sums how far accounts are from what their
    owners should have; `books_off` and `transit` are by name.
    """

    outcomes: Counter[str]
    refused: int
    otherwise: int
    settle_ms: Sequence[float]
    off_minor: int
    books_off: Mapping[str, str]
    transit: Mapping[str, str]
    race: Race
    verdicts: Verdicts
    events: int

    @property
    def in_flight(self) -> int:
        return self.outcomes["in flight"]

    def as_json(self) -> dict[str, Any]:
        return {
            **{name: self.outcomes[name] for name in ("settled", "declined", "reversed")},
            "refused": self.refused,
            "in_flight": self.in_flight,
            "settle_ms": p50_p99(self.settle_ms),
            "view_ms": p50_p99(self.race.view_ms),
            "composed_ms": p50_p99(self.race.composed_ms),
            "view_per_s": self.race.view_per_s,
            "composed_per_s": self.race.composed_per_s,
            "drift": self.verdicts.drift,
            "off_minor": self.off_minor,
            "books_off": dict(self.books_off),
            "transit": dict(self.transit),
            "events": self.events,
            "failures": self.failures(),
        }

    def failures(self) -> list[str]:
        """The invariants that do not hold."""
        checks = {
            "payments are still in flight": self.in_flight,
            "payments ended otherwise than planned": self.otherwise,
            "accounts are not what their owners should have": self.off_minor,
            "the books do not agree": len(self.books_off),
            "money is in transit": len(self.transit),
            "view and composition drift": self.verdicts.drift,
            "view and composition are not equal": sum(self.verdicts.counts.values()) - self.verdicts.counts["equal"],
        }
        return [f"{name} ({found})" for name, found in checks.items() if found]


async def evening(bank: Bank, lived: Lived, began: datetime) -> Figures:
    processes = await eventually(lambda: our_processes(bank, lived, began), lambda found: all_ended(lived, found))
    off_minor = await eventually(lambda: missing_minor(bank, lived), lambda found: found == 0)
    books_off, transit = await eventually(lambda: books(bank), lambda found: not any(found))
    ids = [customer.id for customer in lived.customers][:MOST_COMPARED]
    verdicts = await eventually(lambda: compare(bank, ids), lambda found: found.counts["equal"] == len(ids))
    return Figures(
        outcomes=Counter(outcome_of(processes, outcome.id) for outcome in lived.outcomes if outcome.id),
        refused=sum(1 for outcome in lived.outcomes if not outcome.id),
        otherwise=sum(1 for outcome in lived.outcomes if not as_planned(outcome, processes)),
        settle_ms=settle_ms(lived, processes),
        off_minor=off_minor,
        books_off=books_off,
        transit=transit,
        race=await race(bank, ids, requests=RACE_REQUESTS, together=TOGETHER),
        verdicts=verdicts,
        events=await events(bank, lived),
    )


async def eventually(ask: Callable[[], Awaitable[Found]], good: Callable[[Found], bool]) -> Found:
    """Ask until the answer is good, but not for ever: then the last answer stands, and the figures tell."""
    until = monotonic() + QUIET_S
    while True:
        found = await ask()
        if good(found) or monotonic() > until:
            return found
        await asyncio.sleep(PAUSE_S)


# Processes.

Processes = Mapping[str, Mapping[str, Any]]


async def our_processes(bank: Bank, lived: Lived, began: datetime) -> Processes:
    """What the tracker knows of this run's payments, by id."""
    ours = {outcome.id for outcome in lived.outcomes}
    listed = bank.items("/api/v1/processes", name="debit-card-payment", since=began.isoformat())
    return {process["id"]: process async for process in listed if process["id"] in ours}


def outcome_of(processes: Processes, id: str) -> str:
    return str(processes.get(id, {}).get("outcome") or "in flight")


def all_ended(lived: Lived, processes: Processes) -> bool:
    return all(outcome_of(processes, outcome.id) != "in flight" for outcome in lived.outcomes if outcome.id)


def as_planned(outcome: Any, processes: Processes) -> bool:
    if outcome.payment.story == "blocked":
        return bool(outcome.code == "card_blocked")
    return outcome_of(processes, outcome.id) == EXPECTED[outcome.payment.story]


def settle_ms(lived: Lived, processes: Processes) -> list[float]:
    """Of the payments that settle without waiting for a merchant."""
    at_once = [outcome.id for outcome in lived.outcomes if outcome.payment.story in ("settled", "refunded")]
    settled = [processes[id] for id in at_once if outcome_of(processes, id) == "settled"]
    return [(instant(one["ended_at"]) - instant(one["started_at"])).total_seconds() * 1000 for one in settled]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Money.


async def missing_minor(bank: Bank, lived: Lived) -> int:
    """By how much all accounts together are off from what their owners should have, account by account."""
    expected = expected_minor(lived)
    off = 0
    for customer in lived.customers:
        async for account in bank.items("/api/v1/accounts", customer_id=customer.id):
            minor = int(Decimal(account["balance"]["amount"]) * 100)
            held = int(Decimal(account["on_hold"]["amount"]) * 100)
            off += abs(minor - expected.pop(account["id"])) + held
    return off + sum(map(abs, expected.values()))


def expected_minor(lived: Lived) -> dict[str, int]:
    """What every account should hold, reckoned from the plan alone."""
    expected: dict[str, int] = {}
    for customer in lived.customers:
        expected[customer.savings_id] = SALARY_MINOR - SAVINGS_MINOR
        borrowed = LOAN_MINOR - REPAYMENT_MINOR if customer.person.borrows else 0
        expected[customer.current_id] = SAVINGS_MINOR + borrowed
    for payment in lived.plan.payments:
        expected[lived.customers[payment.payer].savings_id] -= payment.costs_minor
    return expected


LEDGERS = {"Loans": "/api/v1/loan-books", "Cards": "/api/v1/card-books"}
"""Whoever keeps a ledger of what he owes Accounts, and where it is read."""

Books = Mapping[str, Any]


async def books(bank: Bank) -> tuple[dict[str, str], dict[str, str]]:
    """What is off in the three ledgers and between them, and what is in transit."""
    accounts = await bank.read("/api/v1/books")
    others = {name: await bank.read(path) for name, path in LEDGERS.items()}
    transit = {entry["kind"]: shown(entry["amount"]) for entry in accounts["transit"]}
    return books_off(accounts, others), transit


def books_off(accounts: Books, others: Mapping[str, Books]) -> dict[str, str]:
    """The checks of each ledger that are not zero, and whoever owes Accounts another sum than Accounts is owed."""
    off = {
        f"{name}: {check['name']}, {check['difference']['currency']}": shown(check["difference"])
        for name, ledger in {"Accounts": accounts, **others}.items()
        for check in ledger["checks"]
    }
    for name, ledger in others.items():
        for currency, difference in between(accounts, name, ledger).items():
            off[f"due from {name} against due to Accounts, {currency}"] = f"{difference} {currency}"
    return {name: text for name, text in off.items() if not is_zero(text)}


def between(accounts: Books, name: str, ledger: Books) -> dict[str, Decimal]:
    """By currency: what Accounts is owed, less what is owed to it."""
    owed = [one["balance"] for one in accounts["trial_balance"] if one["name"] == f"due-from-{name.lower()}"]
    difference = {money["currency"]: Decimal(money["amount"]) for money in owed}
    for money in ledger["due_to_accounts"]:
        currency = money["currency"]
        difference[currency] = difference.get(currency, Decimal()) - Decimal(money["amount"])
    return difference


def shown(money: Mapping[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


def is_zero(text: str) -> bool:
    return Decimal(text.partition(" ")[0]) == 0


async def events(bank: Bank, lived: Lived) -> int:
    """How many events the view was folded from, over all customers of the day."""
    views = [await bank.read(f"/api/v1/customers/{customer.id}/bank-view") for customer in lived.customers]
    return sum(view["revision"] for view in views)


def p50_p99(values: Sequence[float]) -> tuple[float, float]:
    return percentile(values, 50), percentile(values, 99)
