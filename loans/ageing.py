"""Loans as time passes: what is due is collected; what is past due is told, and charged for.

One date, one order: an instalment is tried on the morning of the day it is due, at that day's end and once more after
midnight, and the loan is late for that date when the last try has come back. Money on its way counts as paid.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from bank.context import Order, Unit, step_id
from bank.recorded import Origin
from bank.sweeping import in_turn, sweep
from loans import queries
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.collection import CollectDue
from loans.domain.repayment import REPAYMENT, BeginRepayment

BATCH = 500
CLOCK = "service:loans"

LAST_TRY_FROM = time(22)
"""From then on, by the bank's clock, a day is at its end: whoever is paid that day has been."""


def collect_and_age(now: datetime) -> Mapping[str, int]:
    """What beat does each hour; how many repayments began and how many loans aged now. Raises `LeftBehind`.

    What was late yesterday ages whatever is tried today, or a try a day would keep a loan from ever being late.
    """
    today = now.date()
    steps = {
        "loans_aged_before": lambda: age_loans(today - timedelta(days=1)),
        "collections_begun": lambda: collect_due(today),
    }
    if is_at_its_end(today, now):
        steps["last_tries_begun"] = lambda: collect_last(today)
    return in_turn({**steps, "loans_aged": lambda: age_loans(today)})


def is_at_its_end(day: date, now: datetime) -> bool:
    return day < now.date() or now.time() >= LAST_TRY_FROM


def age_loans(today: date) -> int:
    """Age what is past due, in batches; how many loans it concerned. The same day again does nothing."""
    return sweep(
        LOANS,
        lambda after: queries.past_due(today, after=after, limit=BATCH),
        lambda late: ageing(*late, today),
        lambda late: late[0],
    )


def ageing(loan_id: str, on_its_way_minor: int, today: date) -> Unit:
    """Once a day, and once more when what was on its way has been answered."""
    what = f"age/{today}/{on_its_way_minor}" if on_its_way_minor else f"age/{today}"
    return Unit(
        Order(LOAN, loan_id, AgeLoan(loan_id, today)),
        id=step_id(loan_id, what),
        origin=Origin(CLOCK, correlation_id=UUID(loan_id)),
    )


def collect_due(today: date) -> int:
    """Begin the repayments of what is due, one try a day for each loan; how many began now."""
    return sweep(
        LOANS,
        lambda after: queries.to_collect(today, after=after, limit=BATCH),
        lambda due: collection(*due, today, "collect"),
        lambda due: due[0],
    )


def collect_last(today: date) -> int:
    """Try once more, at its end, what was not paid on the very day it was due; how many began now."""
    return sweep(
        LOANS,
        lambda after: queries.to_collect_last(today, after=after, limit=BATCH),
        lambda due: collection(*due, today, "collect-last"),
        lambda due: due[0],
    )


def collection(loan_id: str, customer_id: str, today: date, name: str) -> Unit:
    id = step_id(loan_id, f"{name}/{today}")
    return Unit(
        Order(LOAN, loan_id, CollectDue(str(id), loan_id, today)),
        Order(REPAYMENT, str(id), BeginRepayment(str(id), loan_id, customer_id)),
        id=id,
        origin=Origin(CLOCK, correlation_id=id),
    )
