"""Whoever dies while a loan comes about, is declined, or is turned back: it ends as if nobody had, in all contexts."""

import pytest

from bank.failpoints import POINTS
from tests.flows.harness import Bank, unharmed, wherever_somebody_dies
from tests.flows.harness.stories import customer, open_account
from tests.flows.loans.test_loans import apply_for, balance, promises_hold
from tests.flows.loans.test_origination import awaiting_the_credit, came_to, reserved_minor, turn_back, without_accounts

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

at_each_point = pytest.mark.parametrize("point", sorted(POINTS))
EVERY = {"before_commit": 4, "after_commit": 5, "after_publish": 6, "after_apply": 14}
"""Who dies, of those who come by. What is applied is projected too, by all."""


@at_each_point
def test_a_loan_comes_about_once_wherever_somebody_dies(bank: Bank, point: str) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loans: list[str] = []

    def it_comes_about() -> None:
        with unharmed():
            loans.append(apply_for(bank, customer_id, account_id))
        bank.operator.made(f"/loans/{loans[-1]}/approve")
        bank.flow()
        assert came_to(bank, loans[-1]) == ("active", None, "disbursed", "completed")

    wherever_somebody_dies(bank, point, it_comes_about, every=EVERY[point])
    assert balance(bank, account_id) == f"{100 + 1200 * len(loans)}.00"
    promises_hold()


@at_each_point
def test_a_loan_that_cannot_be_credited_is_undone_wherever_somebody_dies(bank: Bank, point: str) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    bank.operator.made(f"/accounts/{account_id}/freeze", {"side": "credit", "reason": "legal_order"})
    loan_id = apply_for(bank, customer_id, account_id)

    def it_is_declined() -> None:
        bank.operator.made(f"/loans/{loan_id}/approve")
        bank.flow()
        assert came_to(bank, loan_id) == ("applied", "account_frozen", "failed", "compensated")
        assert (balance(bank, account_id), reserved_minor(customer_id)) == ("100.00", 0)

    wherever_somebody_dies(bank, point, it_is_declined, every=EVERY[point])
    promises_hold()


def test_a_credit_is_taken_back_wherever_somebody_dies(bank: Bank) -> None:
    """It was turned back while Accounts was down, which now hears all of it."""
    loan_id, account_id, customer_id = awaiting_the_credit(bank)

    def it_is_taken_back() -> None:
        with unharmed():
            turn_back(bank, loan_id)
            bank.flow()
        bank.clock(bank.restart)
        bank.flow()
        assert came_to(bank, loan_id) == ("applied", "operator", "failed", "compensated")
        assert (balance(bank, account_id), reserved_minor(customer_id)) == ("100.00", 0)
        with unharmed():
            without_accounts(bank)
            bank.operator.made(f"/loans/{loan_id}/approve")
            bank.flow()

    wherever_somebody_dies(bank, "before_commit", it_is_taken_back, every=5)
    bank.restart()
    bank.flow()
    assert came_to(bank, loan_id)[0] == "active"
    promises_hold()
