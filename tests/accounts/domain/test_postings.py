"""Double entry: which two ledger accounts each event books."""

import pytest

from accounts.domain.account.facts import HoldCaptured, MoneyDebited
from accounts.domain.chart import CHART, CONTROL, TRANSIT, AccountKind
from accounts.domain.postings import Posting, posting
from accounts.domain.process.facts import OwnAccountsBooked, TransitCleared, TransitReturned
from tests.accounts.facts import DAY, credited, held, opened


@pytest.mark.parametrize(("kind", "control"), list(CONTROL.items()))
def test_customers_money_stands_in_the_control_account_of_its_kind(kind: AccountKind, control: str) -> None:
    assert posting(credited(5), kind) == Posting("cash", control, 5, 5)
    assert posting(MoneyDebited("a1", 5, "EUR", "cash", DAY), kind) == Posting(control, "cash", 5, -5)
    captured = HoldCaptured("a1", "h1", "p1", 5, 5, "EUR", "transit:card-payments", DAY, unarranged=False)
    assert posting(captured, kind) == Posting(control, "transit:card-payments", 5, -5)


def test_clearing_takes_from_transit_what_is_owed_and_gives_to_transit_what_is_claimed() -> None:
    owed = TransitCleared("p1", "card-payments", 5, "EUR", "card-settlement", DAY)
    claimed = TransitCleared("l1", "loan-disbursements", 5, "EUR", "due-from-loans", DAY)
    assert posting(owed, None) == Posting("transit:card-payments", "card-settlement", 5)
    assert posting(claimed, None) == Posting("due-from-loans", "transit:loan-disbursements", 5)


def test_what_the_bank_books_between_its_own_accounts_touches_no_customers() -> None:
    booked = OwnAccountsBooked("p1", 5, "EUR", "due-from-cards", "card-settlement", DAY)
    assert posting(booked, None) == Posting("due-from-cards", "card-settlement", 5)


def test_what_moves_no_money_books_nothing() -> None:
    assert posting(opened(), "savings") is None
    assert posting(held(5), "savings") is None
    assert posting(TransitReturned("p1", "bill-payments", 5, "EUR", DAY), None) is None, "the account's event books it"


def test_every_control_and_transit_account_is_in_the_chart() -> None:
    assert {*CONTROL.values(), *TRANSIT.values()} <= CHART.keys()
    assert all(name == account.name for name, account in CHART.items())
