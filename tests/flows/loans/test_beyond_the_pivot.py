"""A loan whose money is paid out and which does not become active: from there its origination only goes forward."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from loans.sagas import LOAN_ORIGINATION_SAGA
from tests.flows.customers.test_erasure import retry_parked
from tests.flows.harness import Bank
from tests.flows.harness.stories import customer, open_account
from tests.flows.loans.test_loans import balance, promises_hold
from tests.flows.loans.test_origination import (
    PAID_OUT,
    approved,
    came_to,
    in_transit,
    reserved_minor,
    resolve,
    saga,
    shown,
    sweep,
)
from tests.flows.test_in_trouble import in_suspense, two_move_to_suspense, unable_to_say, waiting

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def sagas(*arguments: str) -> str:
    """What `manage.py sagas` prints."""
    printed = StringIO()
    call_command("sagas", *arguments, stdout=printed)
    return printed.getvalue()


def stuck(bank: Bank) -> tuple[str, str, str]:
    """The loan, its account, and its origination, which nobody can turn back and which has been tried often enough."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = approved(bank, account_id, customer_id)
    bank.flow()
    origination_id = shown(bank, loan_id)["origination_id"]
    with pytest.raises(CommandError, match="process_not_stuck"):
        resolve("anna", origination_id)
    with pytest.raises(CommandError, match="past_point_of_no_return"):
        sagas("compensate", origination_id, "--operator", "anna")
    for _ in range(LOAN_ORIGINATION_SAGA.limit):
        sweep()
        bank.flow()
    row = saga(origination_id)
    assert (row.status, row.step, row.due_at) == ("stuck", "activation", None)
    assert "stuck  activation at loans" in sagas("list")
    assert {type_ for type_, _ in waiting("loans")} == {"loans.ActivationAsked.v1"}
    assert (shown(bank, loan_id)["status"], reserved_minor(customer_id)) == ("approved", 1_200_00)
    assert (in_transit(), balance(bank, account_id)) == (PAID_OUT, "1300.00")
    return loan_id, account_id, origination_id


def test_an_activation_that_never_works_is_with_people_until_it_is_mended(bank: Bank) -> None:
    """Two move the money out of transit; that the loan came about nobody says while it has not. Once what fails is
    mended the loan is active, the process ends, and it is off their desks: it is cleared out of suspense."""
    with unable_to_say("loans", "LoanDisbursed.v1"):
        loan_id, account_id, origination_id = stuck(bank)
        two_move_to_suspense(bank, origination_id)
        assert in_suspense() == [1_200_00]
        for operator in ("anna", "bert"):
            with pytest.raises(CommandError, match="not_by_hand"):
                resolve(operator, origination_id)
        bank.flow()
        assert (saga(origination_id).status, shown(bank, loan_id)["status"]) == ("stuck", "approved")
        assert bank.operator.get(f"/operations/{origination_id}")["outcome"] == ""
    retry_parked()
    bank.flow()
    assert came_to(bank, loan_id) == ("active", None, "disbursed", "completed")
    assert (in_transit(), in_suspense(), balance(bank, account_id)) == ([], [0], "1300.00")
    promises_hold()


def test_an_activation_that_works_again_ends_what_was_stuck(bank: Bank) -> None:
    """Nobody need resolve it: the message that could not be applied is, and its answer is awaited still."""
    with unable_to_say("loans", "LoanDisbursed.v1"):
        loan_id, account_id, _ = stuck(bank)
    retry_parked()
    bank.flow()
    assert came_to(bank, loan_id) == ("active", None, "disbursed", "completed")
    assert (in_transit(), balance(bank, account_id)) == ([], "1300.00")
    promises_hold()
