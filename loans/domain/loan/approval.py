"""An application decided: approved by one operator, or by two above the product's limit, rejected, or withdrawn."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.facts import Event, Loan
from loans.domain.loan.origination_facts import FirstApprovalGiven, LoanRejected, LoanWithdrawn, OriginationRequested
from loans.domain.loan.rules import borrower
from loans.domain.products import PRODUCTS

GROUNDS = {
    "affordability": "not affordable",
    "credit_history": "credit history",
    "documents": "documents missing",
}
"""Why a loan is rejected, and how operators say it: a choice, so that nothing personal is written down."""

UNDECIDED = ("applied", "awaiting_second_approval")

# Commands.


@dataclass(frozen=True, slots=True)
class ApproveLoan:
    """Approves, so that the loan is originated; above the product's limit only after another operator did.

    `approved_by` is the operator as the events name him; the origination, if this begins one, is known by
    `origination_id`.
    """

    loan_id: str
    approved_on: date
    approved_by: str
    origination_id: str


@dataclass(frozen=True, slots=True)
class RejectLoan:
    loan_id: str
    rejected_on: date
    grounds: str


@dataclass(frozen=True, slots=True)
class WithdrawLoan:
    loan_id: str
    withdrawn_on: date


# Decisions.


def approve(loan: Loan, command: ApproveLoan) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status not in UNDECIDED:
        raise Refused("loan_not_applied", f"Only an application is approved; this loan is {loan.status}.")
    if loan.status == "applied" and needs_four_eyes(loan):
        return [FirstApprovalGiven(command.loan_id, customer_id, command.approved_by, command.approved_on)]
    if command.approved_by == loan.first_approval_by:
        raise Refused("second_operator_needed", "You have approved it. This amount needs another operator too.")
    return [
        OriginationRequested(
            loan_id=command.loan_id,
            customer_id=customer_id,
            origination_id=command.origination_id,
            account_id=loan.account_id,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            approved_by=command.approved_by,
            requested_on=command.approved_on,
        )
    ]


def needs_four_eyes(loan: Loan) -> bool:
    """By what the bank asks today; a product no longer offered always needs two."""
    product = PRODUCTS.get(loan.product)
    return product is None or loan.principal_minor > product.four_eyes_above_minor


def reject(loan: Loan, command: RejectLoan) -> list[Event]:
    customer_id = borrower(loan)
    if command.grounds not in GROUNDS:
        raise Refused("unknown_grounds", f"A loan is rejected for one of these reasons: {', '.join(GROUNDS)}.")
    if loan.status not in UNDECIDED:
        raise Refused("loan_not_rejectable", f"Only an application is rejected; this one is {loan.status}.")
    return [LoanRejected(command.loan_id, customer_id, command.rejected_on, command.grounds)]


def withdraw(loan: Loan, command: WithdrawLoan) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status not in UNDECIDED:
        raise Refused("loan_not_withdrawable", f"Only an application is withdrawn; this one is {loan.status}.")
    return [LoanWithdrawn(command.loan_id, customer_id, command.withdrawn_on)]
