"""Many at once on the same accounts: what the kernel promises, shown with money."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.handlers import card_payments
from accounts.inbound import CardPaymentEnded, CardPaymentRequested
from accounts.queries import ledger
from bank.context import Unit
from bank.db import transaction
from bank.execution import execute
from bank.outcomes import Result
from tests.accounts.facts import LATER
from tests.accounts.units import account_with, deposit, run, transfer, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def at_once(units: Sequence[Unit], *, threads: int) -> list[Result]:
    """Each unit in a transaction of its own, from as many connections as there are threads, all beginning together."""
    gate = Barrier(threads)

    def work(share: Sequence[Unit]) -> list[Result]:
        try:
            gate.wait(timeout=30)
            return [execute(ACCOUNTS, [unit])[0] for unit in share]
        finally:
            connections["accounts"].close()

    with ThreadPoolExecutor(threads) as pool:
        shares = [units[n::threads] for n in range(threads)]
        return [result for results in pool.map(work, shares) for result in results]


def balance(account_id: str) -> int:
    shown = queries.account(account_id)
    assert shown is not None
    return shown.balance_minor


def outcomes(results: Sequence[Result]) -> dict[str, int]:
    codes = [result.code or result.outcome for result in results]
    return {code: codes.count(code) for code in sorted(set(codes))}


def test_of_thirty_debits_of_one_against_ten_exactly_ten_succeed() -> None:
    account_id = account_with(10_00)
    results = at_once([withdrawal(account_id, 1_00) for _ in range(30)], threads=10)
    assert outcomes(results) == {"applied": 10, "insufficient_funds": 20}
    assert balance(account_id) == 0
    assert len(queries.entries(account_id, limit=50)) == 11


def test_thirty_debits_in_one_batch_see_one_another() -> None:
    account_id = account_with(10_00)
    results = run(*[withdrawal(account_id, 1_00) for _ in range(30)])
    assert outcomes(results) == {"applied": 10, "insufficient_funds": 20}
    assert balance(account_id) == 0


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One for each transaction which the kernel opens: more than there are units means that some had to try again."""
    opened: list[str] = []

    def counted(context: str) -> AbstractContextManager[Any]:
        opened.append(context)
        return transaction(context)

    monkeypatch.setattr("bank.execution.transaction", counted)
    return opened


def test_opposite_transfers_do_not_deadlock(transactions: list[str]) -> None:
    one, other = account_with(100_00), account_with(100_00)
    before = len(transactions)
    there = [transfer(one, other, 1_00) for _ in range(40)]
    back = [transfer(other, one, 1_00) for _ in range(40)]
    results = at_once([unit for pair in zip(there, back, strict=True) for unit in pair], threads=8)
    assert outcomes(results) == {"applied": 80}
    assert (balance(one), balance(other)) == (100_00, 100_00)
    assert len(transactions) == before + 80
    assert not [check for check in ledger.books() if check.off_minor]


def test_a_hot_account_takes_everybody_in_turn_and_nobody_has_to_try_again(transactions: list[str]) -> None:
    hot = account_with(0)
    payers = [account_with(10_00) for _ in range(8)]
    before = len(transactions)
    results = at_once([transfer(payer, hot, 1_00) for _ in range(10) for payer in payers], threads=8)
    assert outcomes(results) == {"applied": 80}
    assert balance(hot) == 80_00
    assert len(transactions) == before + 80
    assert [entry.balance_minor for entry in queries.entries(hot, limit=100)] == [n * 1_00 for n in range(80, 0, -1)]


def test_a_transfer_whose_one_half_is_refused_leaves_nothing() -> None:
    rich, poor = account_with(10_00), account_with(0)
    nobody = str(uuid4())
    assert [result.code for result in run(transfer(poor, rich, 1_00), transfer(rich, nobody, 1_00))] == [
        "insufficient_funds",
        "account_not_open",
    ]
    assert (balance(rich), balance(poor)) == (10_00, 0)
    assert len(queries.entries(rich, limit=10)) == 1


def test_a_refused_transfer_does_not_spoil_its_batch() -> None:
    rich, poor = account_with(10_00), account_with(0)
    results = run(transfer(rich, poor, 4_00), transfer(rich, poor, 7_00), transfer(poor, rich, 4_00), deposit(rich, 1))
    assert [result.outcome for result in results] == ["applied", "refused", "applied", "applied"]
    assert (balance(rich), balance(poor)) == (10_01, 0)


def payment(account_id: str, customer_id: str, payment_id: str) -> CardPaymentRequested:
    return CardPaymentRequested(payment_id, account_id, customer_id, 5_00, "EUR", "Kiosk", LATER)


def test_a_late_hold_after_its_release_is_refused() -> None:
    customer_id, payment_id = str(uuid4()), str(uuid4())
    account_id = account_with(10_00, customer_id=customer_id)
    [undone] = run(card_payments.release_for_payment(CardPaymentEnded(payment_id, account_id)))
    [late] = run(card_payments.hold_for_payment(payment(account_id, customer_id, payment_id)))
    assert (undone.outcome, late.outcome) == ("nothing", "cancelled")
    assert queries.open_holds(account_id, limit=1) == []


def test_a_hold_and_its_release_at_once_leave_nothing_on_hold() -> None:
    customer_id = str(uuid4())
    account_id = account_with(100_00, customer_id=customer_id)
    payments = [str(uuid4()) for _ in range(20)]
    steps: list[Callable[[str], Unit]] = [
        lambda payment_id: card_payments.hold_for_payment(payment(account_id, customer_id, payment_id)),
        lambda payment_id: card_payments.release_for_payment(CardPaymentEnded(payment_id, account_id)),
    ]
    at_once([step(payment_id) for payment_id in payments for step in steps], threads=8)
    assert queries.open_holds(account_id, limit=1) == []
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.balance_minor, shown.held_minor) == (100_00, 0)


def test_the_same_hold_heard_by_many_is_given_once() -> None:
    customer_id, payment_id = str(uuid4()), str(uuid4())
    account_id = account_with(100_00, customer_id=customer_id)
    unit = card_payments.hold_for_payment(payment(account_id, customer_id, payment_id))
    results = at_once([unit] * 16, threads=8)
    assert outcomes(results) == {"applied": 16}
    assert sum(not result.replayed for result in results) == 1
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.held_minor, shown.version) == (5_00, 3)
