"""The demo's plan, its patience, and what it calls a failure. The day itself is lived against a running bank."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bankview.demo import client
from bankview.demo.addresses import Addresses, context_of
from bankview.demo.client import Answer, Unexpected
from bankview.demo.day import SAVINGS_MINOR, Customer, Lived
from bankview.demo.evening import Figures, books_off, expected_minor
from bankview.demo.plan import SALARY_MINOR, STORIES, Payment, day
from bankview.demo.races import Race, Verdicts, percentile


def test_the_same_seed_plans_the_same_payments_for_other_people() -> None:
    one, other = (day(customers=5, payments=50, seed=3, run=run) for run in ("a", "b"))
    assert one.payments == other.payments
    assert [person.name for person in one.people] == [person.name for person in other.people]
    assert not {person.mobile_number for person in one.people} & {person.mobile_number for person in other.people}


@pytest.mark.parametrize(("customers", "payments"), [(1, 1), (1, 20_000), (7, 500), (100, 10_000)])
def test_nobody_runs_short_by_the_plan(customers: int, payments: int) -> None:
    spent = Counter[int]()
    for payment in day(customers=customers, payments=payments, seed=1, run="x").payments:
        if payment.story != "too_much":
            spent[payment.payer] += payment.amount_minor
    assert max(spent.values(), default=0) <= SALARY_MINOR - SAVINGS_MINOR


def test_every_story_is_told() -> None:
    assert {payment.story for payment in day(customers=5, payments=500, seed=1, run="x").payments} == set(STORIES)


def test_what_accounts_should_hold_follows_from_the_plan() -> None:
    plan = day(customers=2, payments=40, seed=1, run="x")
    customers = [
        Customer(person, f"c{person.number}", f"s{person.number}", f"k{person.number}", "", "")
        for person in plan.people
    ]
    expected = expected_minor(Lived(plan, customers=customers))
    paid = sum(payment.costs_minor for payment in plan.payments)
    assert expected["s0"] + expected["s1"] == 2 * (SALARY_MINOR - SAVINGS_MINOR) - paid
    assert expected["k1"] == SAVINGS_MINOR


def test_a_refund_costs_what_is_left() -> None:
    assert Payment(1, 0, 10_01, "Kiosk", "refunded").costs_minor == 5_01


# What fails.


def figures(**changed: Any) -> Figures:
    fine: dict[str, Any] = {
        "outcomes": Counter(settled=3),
        "refused": 0,
        "otherwise": 0,
        "settle_ms": [1.0],
        "off_minor": 0,
        "books_off": {},
        "transit": {},
        "race": Race([1.0], [10.0], 100.0, 10.0),
        "verdicts": Verdicts(Counter(equal=2)),
        "events": 10,
    }
    return Figures(**{**fine, **changed})


def test_a_day_that_adds_up_has_no_failures() -> None:
    assert figures().failures() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"outcomes": Counter({"settled": 2, "in flight": 1})},
        {"otherwise": 1},
        {"off_minor": 1},
        {"books_off": {"trial balance": "0.01 EUR"}},
        {"transit": {"card-payments": "12.00 EUR"}},
        {"verdicts": Verdicts(Counter(equal=1, drift=1))},
        {"verdicts": Verdicts(Counter(equal=1, incomplete=1))},
    ],
)
def test_each_broken_invariant_is_a_failure(changed: dict[str, Any]) -> None:
    assert figures(**changed).failures()


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def ledger(due: str, off: str = "0.00") -> dict[str, Any]:
    return {"checks": [{"name": "trial balance", "difference": euro(off)}], "due_to_accounts": [euro(due)]}


def of_accounts(loans: str, cards: str) -> dict[str, Any]:
    owed = {"due-from-loans": loans, "due-from-cards": cards, "cash": "9.00"}
    balances = [{"name": name, "balance": euro(amount)} for name, amount in owed.items()]
    return {**ledger("0.00"), "trial_balance": balances}


def test_books_agree_when_loans_and_cards_owe_what_accounts_is_owed() -> None:
    assert books_off(of_accounts("12.00", "-5.00"), {"Loans": ledger("12.00"), "Cards": ledger("-5.00")}) == {}


def test_a_cent_between_two_ledgers_is_said_and_by_whom_it_is_owed() -> None:
    others = {"Loans": ledger("12.00"), "Cards": ledger("5.00")}
    assert books_off(of_accounts("12.00", "5.01"), others) == {
        "due from Cards against due to Accounts, EUR": "0.01 EUR"
    }
    assert books_off(of_accounts("11.99", "5.00"), others) == {
        "due from Loans against due to Accounts, EUR": "-0.01 EUR"
    }
    nothing_owed = {**of_accounts("0.00", "5.00"), "trial_balance": []}
    assert len(books_off(nothing_owed, others)) == 2


def test_the_same_check_of_two_ledgers_is_told_apart() -> None:
    others = {"Loans": ledger("0.00"), "Cards": ledger("0.00", off="0.01")}
    assert books_off(of_accounts("0.00", "0.00"), others) == {"Cards: trial balance, EUR": "0.01 EUR"}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([3, 1, 2], percent) for percent in (0, 50, 99)] == [1, 2, 3]
    assert percentile([], 50) == 0


# Patience.


class Moody(BaseHTTPRequestHandler):
    """A server that hangs up, is away, is still busy with the same request, and only then answers."""

    keys: list[str | None] = []
    moods = [None, 503, 409, 202]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/api/v1/transfers":
            self.answer(200, b'{"access_token": "t"}')
            return
        mood = self.moods[len(self.keys)]
        self.keys.append(self.headers["Idempotency-Key"])
        if mood is None:
            self.connection.close()
        else:
            self.answer(mood, b'{"code": "still_running"}' if mood == 409 else b'{"id": "x"}')

    def do_GET(self) -> None:
        self.answer(200, b'{"token_endpoint": "http://somewhere/token"}')

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def moody() -> Iterator[str]:
    Moody.keys = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def send(url: str) -> tuple[Answer, int]:
    async def ask() -> tuple[Answer, int]:
        addresses = Addresses(dict.fromkeys(("bankview", "accounts"), url))
        async with client.bank(addresses, connections=2) as bank:
            return await bank.write("/api/v1/transfers", {}, "k1"), bank.retries

    return asyncio.run(ask())


def test_a_write_is_repeated_under_its_own_key_until_it_is_answered(moody: str) -> None:
    answer, retries = send(moody)
    assert (answer.status, answer.body, retries) == (202, {"id": "x"}, 3)
    assert Moody.keys == ["k1"] * 4


def test_an_answer_that_should_not_be_is_no_success(moody: str) -> None:
    async def ask() -> None:
        async with client.bank(Addresses({"bankview": moody}), connections=2) as bank:
            await bank.redirected("/api/v1/processes")

    with pytest.raises(Unexpected):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "context"),
    [
        ("/api/v1/customers", "customers"),
        ("/api/v1/customers/1", "customers"),
        ("/api/v1/customers/1/bank-view/composed", "bankview"),
        ("/api/v1/accounts/1/deposits", "accounts"),
        ("/api/v1/card-payments/1/capture", "cards"),
        ("/api/v1/loan-books", "loans"),
        ("/api/v1/card-books", "cards"),
        ("/api/v1/processes", "bankview"),
        ("/identity/o/api/token", "bankview"),
    ],
)
def test_every_path_has_its_service(path: str, context: str) -> None:
    assert context_of(path) == context
