"""A loan written off by two operators. It is still owed, and what comes in later is a recovery."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.facts import Event, Loan, LoanWrittenOff, WriteOffProposed
from loans.domain.loan.payoff import quote
from loans.domain.loan.rules import borrower


@dataclass(frozen=True, slots=True)
class WriteOffLoan:
    """One operator proposes, another one does it. `by` is the operator as the events name him."""

    loan_id: str
    on: date
    by: str


def write_off(loan: Loan, command: WriteOffLoan) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only an active loan is written off; this one is {loan.status}.")
    if loan.open_repayments:
        raise Refused("repayment_on_its_way", "A repayment is on its way. The loan is written off when it has ended.")
    if not loan.write_off_proposed_by:
        return [WriteOffProposed(command.loan_id, customer_id, command.by, command.on)]
    if command.by == loan.write_off_proposed_by:
        raise Refused("second_operator_needed", "You have proposed it. A write-off needs another operator too.")
    owed = quote(loan, command.on)
    return [
        LoanWrittenOff(
            loan_id=command.loan_id,
            customer_id=customer_id,
            principal_minor=owed.principal_minor,
            interest_minor=owed.interest_minor,
            fee_minor=owed.fee_minor,
            penalty_minor=owed.penalty_minor,
            currency=loan.currency,
            written_off_on=command.on,
        )
    ]
