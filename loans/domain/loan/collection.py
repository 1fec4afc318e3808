"""What is due collected by the bank itself: the same repayment as a customer's, for as much as is due.

From which account, and whether at all, the customer chooses while there is something to collect.
"""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.collection_facts import CollectionChosen
from loans.domain.loan.facts import Event, Loan
from loans.domain.loan.repayments import RequestRepayment, request_repayment
from loans.domain.loan.rules import borrower
from loans.domain.schedule import owed_minor


@dataclass(frozen=True, slots=True)
class CollectDue:
    """Always one unit with the repayment's own `BeginRepayment`, so what is not to be collected is a refusal."""

    repayment_id: str
    loan_id: str
    on: date


@dataclass(frozen=True, slots=True)
class ChooseCollection:
    """The account is the same customer's, which Accounts decides when it is debited."""

    loan_id: str
    account_id: str
    collects: bool


def choose_collection(loan: Loan, command: ChooseCollection) -> list[Event]:
    """What is on its way comes from where it was asked for."""
    customer_id = borrower(loan)
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only of an active loan something is collected; this one is {loan.status}.")
    if (command.account_id, command.collects) == (loan.account_id, loan.collects):
        return []
    return [CollectionChosen(command.loan_id, customer_id, command.account_id, command.collects)]


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
