"""A loan written off by two operators. It is still owed, and what comes in later is a recovery."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from bank.four_eyes import agreed, require_proposed
from loans.domain.loan.facts import Event, Loan, LoanWrittenOff
from loans.domain.loan.payoff import quote
from loans.domain.loan.rules import borrower
from loans.domain.loan.write_off_facts import WriteOffProposed, WriteOffWithdrawn


@dataclass(frozen=True, slots=True)
class WriteOffLoan:
    """One operator proposes; another one does it, who agrees with the first. They are as the events name them."""

    loan_id: str
    on: date
    by: str
    agrees_with: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawWriteOff:
    loan_id: str
    on: date
    by: str


def write_off(loan: Loan, command: WriteOffLoan) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only an active loan is written off; this one is {loan.status}.")
    if loan.open_repayments:
        raise Refused("repayment_on_its_way", "A repayment is on its way. The loan is written off when it has ended.")
    if not agreed(loan.write_off, by=command.by, agrees_with=command.agrees_with, today=command.on):
        return [WriteOffProposed(command.loan_id, customer_id, command.by, command.on)]
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


def withdraw_write_off(loan: Loan, command: WithdrawWriteOff) -> list[Event]:
    customer_id = borrower(loan)
    require_proposed(loan.write_off)
    return [WriteOffWithdrawn(command.loan_id, customer_id, command.by, command.on)]
