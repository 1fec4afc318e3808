"""A loan taken over from another bank's books: paid out there, repaid there in part or whole, owed here from now on.

No money moves between Loans and Accounts for it. It keeps the terms it was granted under; being late costs nothing more
than these say, and what is due is repaid by hand unless the customer has it collected.
"""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from bank.money import CURRENCIES, MAX_MINOR
from loans.domain.loan.facts import Event, Loan, LoanClosed, LoanTakenOver
from loans.domain.schedule import MONTHS_PER_YEAR, allocate, annuity, owed_minor

MAX_TERM_MONTHS = 40 * MONTHS_PER_YEAR
MAX_RATE_BPS = 10_000

# Commands.


@dataclass(frozen=True, slots=True)
class TakeOverLoan:
    """`disbursed_on` is the day it was paid out there; `repaid_minor` what has been repaid of it there since."""

    loan_id: str
    customer_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    rate_bps: int
    term_months: int
    disbursed_on: date
    repaid_minor: int = 0


# Decisions.


def take_over(loan: Loan, command: TakeOverLoan) -> list[Event]:
    """One that was repaid whole comes closed, on the day of its last instalment."""
    require_terms(loan, command)
    schedule = annuity(command.principal_minor, command.rate_bps, command.term_months, command.disbursed_on)
    left_minor = owed_minor(schedule) - command.repaid_minor
    if not 0 <= left_minor <= owed_minor(schedule):
        raise Refused("overpayment", "What was repaid is not below zero, and not more than was owed.")
    repaid = allocate(schedule, command.repaid_minor)
    taken_over = LoanTakenOver(
        loan_id=command.loan_id,
        customer_id=command.customer_id,
        account_id=command.account_id,
        product=command.product,
        principal_minor=command.principal_minor,
        currency=command.currency,
        rate_bps=command.rate_bps,
        term_months=command.term_months,
        instalment_minor=schedule[0].amount_minor,
        repaid_interest_minor=repaid.interest_minor,
        repaid_principal_minor=repaid.principal_minor,
        outstanding_minor=left_minor,
        disbursed_on=command.disbursed_on,
    )
    if left_minor:
        return [taken_over]
    return [taken_over, LoanClosed(command.loan_id, command.customer_id, schedule[-1].due_on)]


def require_terms(loan: Loan, command: TakeOverLoan) -> None:
    if loan.status:
        raise Refused("loan_exists", "There is already a loan with this id.")
    if command.currency not in CURRENCIES:
        raise Refused("unknown_currency", "The bank does not know this currency.")
    if not 0 < command.principal_minor <= MAX_MINOR:
        raise Refused("invalid_principal", "A loan is of more than zero, and not larger than the bank books.")
    if not 1 <= command.term_months <= MAX_TERM_MONTHS:
        raise Refused("invalid_term", f"The term of a loan is 1 to {MAX_TERM_MONTHS} months.")
    if not 0 <= command.rate_bps <= MAX_RATE_BPS:
        raise Refused("invalid_terms", "A rate is between 0 and 100 percent a year.")
