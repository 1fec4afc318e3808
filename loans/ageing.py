"""Loans as time passes: what is due is collected; what is past due is told, and charged for."""

from datetime import date
from uuid import UUID

from bank.context import Order, Unit, step_id
from bank.recorded import Origin
from bank.sweeping import sweep
from loans import queries
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan_arrears import AgeLoan
from loans.domain.loan_collection import CollectDue
from loans.domain.repayment import REPAYMENT, BeginRepayment

BATCH = 500
CLOCK = "service:loans"


def age_loans(today: date) -> int:
    """Age what is past due, in batches; how many loans it concerned. The same day again does nothing."""
    return sweep(
        LOANS,
        lambda after: queries.past_due(today, after=after, limit=BATCH),
        lambda loan_id: ageing(loan_id, today),
        str,
    )


def ageing(loan_id: str, today: date) -> Unit:
    return Unit(
        Order(LOAN, loan_id, AgeLoan(loan_id, today)),
        id=step_id(loan_id, f"age/{today}"),
        origin=Origin(CLOCK, correlation_id=UUID(loan_id)),
    )


def collect_due(today: date) -> int:
    """Begin the repayments of what is due, one try a day for each loan; how many began now.

    To be called after `age_loans` of the same day: money on its way counts as paid.
    """
    return sweep(
        LOANS,
        lambda after: queries.to_collect(today, after=after, limit=BATCH),
        lambda due: collection(*due, today),
        lambda due: due[0],
    )


def collection(loan_id: str, customer_id: str, today: date) -> Unit:
    id = step_id(loan_id, f"collect/{today}")
    return Unit(
        Order(LOAN, loan_id, CollectDue(str(id), loan_id, today)),
        Order(REPAYMENT, str(id), BeginRepayment(str(id), loan_id, customer_id)),
        id=id,
        origin=Origin(CLOCK, correlation_id=id),
    )
