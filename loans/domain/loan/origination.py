"""A loan comes about, step by step, as the saga of its origination asks; or what was done of it is undone.

Each step names the origination: what belongs to an earlier one is not this one's.
"""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.facts import Event, Loan
from loans.domain.loan.origination_facts import (
    ApprovalWithdrawn,
    LoanApproved,
    LoanDisbursed,
    OriginationFailed,
    PayoutAccountChosen,
)
from loans.domain.loan.rules import borrower
from loans.domain.schedule import annuity, owed_minor

# Commands.


@dataclass(frozen=True, slots=True)
class ChoosePayoutAccount:
    """The account is the same customer's, which Accounts decides when it is credited."""

    loan_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class ConfirmApproval:
    loan_id: str
    origination_id: str
    approved_on: date


@dataclass(frozen=True, slots=True)
class WithdrawApproval:
    loan_id: str
    origination_id: str


@dataclass(frozen=True, slots=True)
class ActivateLoan:
    """The account has been credited: the schedule begins."""

    loan_id: str
    origination_id: str
    disbursed_on: date


@dataclass(frozen=True, slots=True)
class FailOrigination:
    loan_id: str
    origination_id: str
    code: str


# Decisions.


def choose_account(loan: Loan, command: ChoosePayoutAccount) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "applied":
        raise Refused("loan_not_applied", f"Another account is named for an application; this loan is {loan.status}.")
    if command.account_id == loan.account_id:
        return []
    return [PayoutAccountChosen(command.loan_id, customer_id, command.account_id)]


def confirm_approval(loan: Loan, command: ConfirmApproval) -> list[Event]:
    customer_id = borrower(loan)
    require_under_way(loan, command.origination_id, "originating")
    return [LoanApproved(command.loan_id, customer_id, command.approved_on, command.origination_id)]


def withdraw_approval(loan: Loan, command: WithdrawApproval) -> list[Event]:
    customer_id = borrower(loan)
    require_under_way(loan, command.origination_id, "approved")
    return [ApprovalWithdrawn(command.loan_id, customer_id, command.origination_id)]


def activate(loan: Loan, command: ActivateLoan) -> list[Event]:
    customer_id = borrower(loan)
    require_under_way(loan, command.origination_id, "approved")
    schedule = annuity(loan.principal_minor, loan.rate_bps, loan.term_months, command.disbursed_on)
    return [
        LoanDisbursed(
            loan_id=command.loan_id,
            customer_id=customer_id,
            account_id=loan.account_id,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            rate_bps=loan.rate_bps,
            term_months=loan.term_months,
            instalment_minor=schedule[0].amount_minor,
            total_interest_minor=owed_minor(schedule) - loan.principal_minor,
            disbursed_on=command.disbursed_on,
            origination_id=command.origination_id,
        )
    ]


def fail(loan: Loan, command: FailOrigination) -> list[Event]:
    customer_id = borrower(loan)
    require_under_way(loan, command.origination_id, "originating")
    return [
        OriginationFailed(
            loan_id=command.loan_id,
            customer_id=customer_id,
            origination_id=command.origination_id,
            account_id=loan.account_id,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            code=command.code,
        )
    ]


def require_under_way(loan: Loan, origination_id: str, status: str) -> None:
    """The saga asks for one step after the other, so whatever it asks for else is a defect."""
    if (loan.origination_id, loan.status) != (origination_id, status):
        raise Refused("other_origination", f"This origination is not under way; the loan is {loan.status}.")
