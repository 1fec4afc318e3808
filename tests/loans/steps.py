"""What the saga asks of Loans to originate a loan, when all others have done their part."""

from datetime import date

from bank.context import Unit
from bank.execution import execute
from loans import originations, queries
from loans.context import LOANS
from loans.inbound import ActivationAsked, ApprovalAsked, FailureAsked
from tests.loans.facts import DAY


def coming_about(loan_id: str, origination_id: str, on: date = DAY) -> list[Unit]:
    return [
        originations.approve(ApprovalAsked(origination_id, loan_id, on)),
        originations.activate(ActivationAsked(origination_id, loan_id, on, 1)),
    ]


def pay_out(loan_id: str, on: date = DAY) -> None:
    """An approved loan."""
    done = execute(LOANS, coming_about(loan_id, origination_of(loan_id), on))
    assert [result.outcome for result in done] == ["applied", "applied"]


def fail(loan_id: str, code: str) -> None:
    asked = FailureAsked(origination_of(loan_id), loan_id, code, 1)
    (done,) = execute(LOANS, [originations.fail(asked)])
    assert done.outcome == "applied"


def origination_of(loan_id: str) -> str:
    loan = queries.loan(loan_id)
    assert loan is not None
    return str(loan.origination_id)
