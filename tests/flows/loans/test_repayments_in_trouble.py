"""Repayments whose participants are down past the deadline, or cannot do what they are asked."""

import pytest

import bankview.queries
from tests.flows.customers.test_erasure import retry_parked
from tests.flows.harness import Bank
from tests.flows.harness.stories import customer, eur, open_account
from tests.flows.loans.test_loans import OWED, apply_for, balance, promises_hold
from tests.flows.test_in_trouble import (
    in_suspense,
    in_transit,
    only_down,
    the_deadline_passes,
    two_move_to_suspense,
    unable_to_say,
    waiting,
)

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def borrower(bank: Bank) -> tuple[str, str]:
    """An active loan and the account it was paid out to, with 1300.00 on it."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    assert bank.operator.get(f"/loans/{loan_id}")["status"] == "active"
    return loan_id, account_id


def repays(bank: Bank, loan_id: str, amount: str) -> str:
    return bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur(amount)})


def test_a_repayment_that_loans_does_not_take_up_in_time_is_overdue_and_stands_in_transit(bank: Bank) -> None:
    loan_id, account_id = borrower(bank)
    only_down(bank, "loans")
    repayment_id = repays(bank, loan_id, "100.00")
    bank.flow()
    the_deadline_passes()
    assert (bankview.queries.overdue(), in_transit()) == (1, [("loan-repayments", 100_00)])
    assert balance(bank, account_id) == "1200.00"
    bank.catch_up()
    assert (bankview.queries.overdue(), in_transit()) == (0, [])
    assert bank.operator.get(f"/loan-repayments/{repayment_id}")["status"] == "applied"
    promises_hold()


def test_a_repayment_waits_for_an_account_that_is_down(bank: Bank) -> None:
    loan_id, account_id = borrower(bank)
    only_down(bank, "accounts")
    repayment_id = repays(bank, loan_id, "100.00")
    bank.flow()
    the_deadline_passes()
    assert (bankview.queries.overdue(), in_transit()) == (1, [])
    assert bank.operator.get(f"/loans/{loan_id}")["on_its_way"]["amount"] == "100.00"
    bank.catch_up()
    assert bank.operator.get(f"/loan-repayments/{repayment_id}")["status"] == "applied"
    assert balance(bank, account_id) == "1200.00"
    promises_hold()


def test_what_a_decline_releases_is_released_after_three_failures(bank: Bank) -> None:
    """Until then it is set aside on the loan, so nobody repays it twice."""
    loan_id, account_id = borrower(bank)
    bank.operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("1300.00")})
    with unable_to_say("loans", "RepaymentDeclined.v1"):
        repays(bank, loan_id, "100.00")
        bank.flow()
        for _ in range(3):
            retry_parked()
        assert waiting("loans") == [("loans.CollectionDeclined.v1", 3)]
        assert bank.operator.get(f"/loans/{loan_id}")["on_its_way"]["amount"] == "100.00"
    retry_parked()
    bank.catch_up()
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["on_its_way"]["amount"], loan["outstanding"]["amount"]) == ("0.00", OWED)
    promises_hold()


def test_a_repayment_that_is_never_cleared_is_resolved_by_two_people(bank: Bank) -> None:
    loan_id, account_id = borrower(bank)
    with unable_to_say("accounts", "TransitCleared.v1", of="due-from-loans"):
        repayment_id = repays(bank, loan_id, "100.00")
        bank.flow()
        retry_parked()
        assert waiting("accounts") == [("loans.LoanRepaid.v1", 1)]
        assert in_transit() == [("loan-repayments", 100_00)]
        two_move_to_suspense(bank, repayment_id)
        assert in_suspense() == [-100_00]
        retry_parked()
        bank.catch_up()
    assert in_suspense() == [0]
    assert bank.operator.get(f"/operations/{repayment_id}")["outcome"] == "repaid"
    assert (bank.operator.get(f"/loans/{loan_id}")["on_its_way"]["amount"], balance(bank, account_id)) == (
        "0.00",
        "1200.00",
    )
    promises_hold()


def test_a_repayment_that_people_moved_before_loans_heard_of_it_is_taken_up(bank: Bank) -> None:
    loan_id, _ = borrower(bank)
    only_down(bank, "loans")
    repayment_id = repays(bank, loan_id, "100.00")
    bank.flow()
    two_move_to_suspense(bank, repayment_id)
    bank.catch_up()
    assert bank.operator.get(f"/operations/{repayment_id}")["outcome"] == "repaid"
    assert in_suspense() == [0]
    promises_hold()
