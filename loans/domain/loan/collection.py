"""What is due collected by the bank itself: the same repayment as a customer's, for as much as is due."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.facts import Event, Loan
from loans.domain.loan.repayments import RequestRepayment, request_repayment
from loans.domain.schedule import owed_minor


@dataclass(frozen=True, slots=True)
class CollectDue:
    """Always one unit with the repayment's own `BeginRepayment`, so what is not to be collected is a refusal."""

    repayment_id: str
    loan_id: str
    on: date


def collect_due(loan: Loan, command: CollectDue) -> list[Event]:
    amount = due_minor(loan, command.on)
    if loan.status != "active" or not loan.collects or amount <= 0:
        raise Refused("nothing_due", "Nothing is to be collected of this loan.")
    request = RequestRepayment(
        repayment_id=command.repayment_id,
        loan_id=command.loan_id,
        account_id=None,
        amount_minor=amount,
        currency=loan.currency,
        requested_on=command.on,
        collected=True,
    )
    return request_repayment(loan, request)


def due_minor(loan: Loan, on: date) -> int:
    """The instalments due by then and the charges, less what is paid or on its way; never negative."""
    instalments = owed_minor(one for one in loan.instalments if one.due_on <= on)
    return max(0, instalments - loan.paid_minor + loan.fee_minor + loan.penalty_minor - loan.on_its_way_minor)
