"""A loan past due: told once per instalment, and charged for by the terms it was applied for under; beyond ninety days
it is in default, until what is paid brings it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from bank.money import round_half_even
from loans.domain.loan.facts import (
    Event,
    InstalmentOverdue,
    LateFeeCharged,
    Loan,
    LoanCured,
    LoanDefaulted,
    PenaltyInterestCharged,
)
from loans.domain.schedule import BPS, Instalment, Parts, paid

DAYS_PER_YEAR = 365

BUCKETS = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "90+": (91, None)}
"""Days past due of the oldest instalment, first and last; None has no end."""

DAYS_BEFORE_DEFAULT = 90
"""So many days past due is late; one more is in default."""


@dataclass(frozen=True, slots=True)
class AgeLoan:
    """Once for each day is enough, and a day left out is made up for: nothing is charged twice."""

    loan_id: str
    on: date


def age(loan: Loan, command: AgeLoan) -> list[Event]:
    if loan.customer_id is None or loan.status != "active" or loan.is_paid_off_soon:
        return []
    late = list(past_due(loan, command.on))
    return [
        *overdue(loan, loan.customer_id, command, late),
        *penalty(loan, loan.customer_id, command, late),
        *default(loan, loan.customer_id, command),
    ]


def overdue(
    loan: Loan, customer_id: str, command: AgeLoan, late: list[tuple[Instalment, Parts]]
) -> Iterator[InstalmentOverdue | LateFeeCharged]:
    for instalment, unpaid in late:
        if instalment.number <= loan.overdue_through:
            continue
        yield InstalmentOverdue(
            loan_id=command.loan_id,
            customer_id=customer_id,
            number=instalment.number,
            due_on=instalment.due_on,
            overdue_minor=unpaid.amount_minor,
            currency=loan.currency,
        )
        if loan.late_fee_minor:
            yield LateFeeCharged(
                loan_id=command.loan_id,
                customer_id=customer_id,
                number=instalment.number,
                amount_minor=loan.late_fee_minor,
                currency=loan.currency,
                charged_on=command.on,
            )


def penalty(
    loan: Loan, customer_id: str, command: AgeLoan, late: list[tuple[Instalment, Parts]]
) -> Iterator[PenaltyInterestCharged]:
    """ACT/365 on the principal past due, from the day after it was due; no interest is charged on interest.

    What is charged is the exact sum since the beginning, rounded once, less what was charged before.
    """
    added = sum(unpaid.principal_minor * days_charged(loan, instalment, command.on) for instalment, unpaid in late)
    exact = Fraction((loan.penalty_day_balance + added) * loan.penalty_bps, BPS * DAYS_PER_YEAR)
    charged = round_half_even(exact) - loan.penalty_charged_minor
    if charged > 0:
        yield PenaltyInterestCharged(
            loan_id=command.loan_id,
            customer_id=customer_id,
            amount_minor=charged,
            day_balance=added,
            currency=loan.currency,
            charged_on=command.on,
        )


def default(loan: Loan, customer_id: str, command: AgeLoan) -> Iterator[LoanDefaulted]:
    if not loan.is_defaulted and is_in_default(loan, command.on):
        yield LoanDefaulted(command.loan_id, customer_id, command.on)


def cure(loan: Loan, loan_id: str, customer_id: str, on: date) -> Iterator[LoanCured]:
    """`loan` is as it stands after a repayment."""
    if loan.is_defaulted and not is_in_default(loan, on):
        yield LoanCured(loan_id, customer_id, on)


def is_in_default(loan: Loan, on: date) -> bool:
    oldest = next(past_due(loan, on), None)
    return oldest is not None and (on - oldest[0].due_on).days > DAYS_BEFORE_DEFAULT


def days_charged(loan: Loan, instalment: Instalment, on: date) -> int:
    since = max(instalment.due_on, loan.penalty_charged_on or instalment.due_on)
    return max((on - since).days, 0)


def past_due(loan: Loan, on: date) -> Iterator[tuple[Instalment, Parts]]:
    """The instalments that were due before this day, with what is unpaid of each; money on its way counts as paid."""
    on_its_way = max(0, loan.on_its_way_minor - loan.fee_minor - loan.penalty_minor)
    for instalment, parts in paid(loan.instalments, loan.paid_minor + on_its_way):
        if instalment.due_on >= on:
            return
        if parts.amount_minor < instalment.amount_minor:
            interest = instalment.interest_minor - parts.interest_minor
            yield instalment, Parts(interest, instalment.principal_minor - parts.principal_minor)


def bucket(days_past_due: int) -> str | None:
    """None: nothing is past due."""
    for name, (first, last) in BUCKETS.items():
        if first <= days_past_due and (last is None or days_past_due <= last):
            return name
    return None


def due_between(name: str, today: date) -> tuple[date | None, date]:
    """The first and last day on which the oldest unpaid instalment was due, of the loans in a bucket."""
    first, last = BUCKETS[name]
    return (None if last is None else today - timedelta(days=last)), today - timedelta(days=first)
