"""A loan paid off early: interest to the day, and what would have come after it falls away."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bank.decider import Refused
from bank.money import round_half_even
from loans.domain.loan.facts import Event, Loan, RepaymentRequested
from loans.domain.loan.rules import borrower
from loans.domain.schedule import owed_minor


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """What pays the loan off on a day; `waived_minor` is the interest that then falls away."""

    penalty_minor: int
    fee_minor: int
    interest_minor: int
    principal_minor: int
    waived_minor: int

    @property
    def amount_minor(self) -> int:
        return self.penalty_minor + self.fee_minor + self.interest_minor + self.principal_minor


# Commands.


@dataclass(frozen=True, slots=True)
class RequestPayoff:
    """`account_id` None takes the money from the account to which the loan was paid out."""

    repayment_id: str
    loan_id: str
    account_id: str | None
    requested_on: date


# Decisions.


def request_payoff(loan: Loan, command: RequestPayoff) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only an active loan is paid off; this one is {loan.status}.")
    if loan.open_repayments:
        raise Refused("repayment_on_its_way", "A repayment is on its way. The loan is paid off when it has ended.")
    return [
        RepaymentRequested(
            repayment_id=command.repayment_id,
            loan_id=command.loan_id,
            customer_id=customer_id,
            account_id=command.account_id or loan.account_id,
            amount_minor=quote(loan, command.requested_on).amount_minor,
            currency=loan.currency,
            requested_on=command.requested_on,
            settles=True,
        )
    ]


def quote(loan: Loan, on: date) -> PayoffQuote:
    """Of an active loan, with the charges that stand today. Interest paid ahead of the day is not paid back."""
    interest = max(0, interest_to(loan, on) - loan.paid_interest_minor)
    all_interest = owed_minor(loan.instalments) - loan.principal_minor
    return PayoffQuote(
        penalty_minor=loan.penalty_minor,
        fee_minor=loan.fee_minor,
        interest_minor=interest,
        principal_minor=loan.principal_minor - loan.paid_principal_minor,
        waived_minor=all_interest - loan.paid_interest_minor - interest,
    )


def interest_to(loan: Loan, on: date) -> int:
    """The interest of the instalments due by then, and of the running one the share of its days, ties to even."""
    since, interest = loan.disbursed_on or on, 0
    for instalment in loan.instalments:
        if on < instalment.due_on:
            days = max((on - since).days, 0)
            running = Fraction(instalment.interest_minor * days, (instalment.due_on - since).days)
            return interest + round_half_even(running)
        interest += instalment.interest_minor
        since = instalment.due_on
    return interest
