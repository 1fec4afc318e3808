"""A loan paid out: Accounts is asked, and reports that it was or was not done."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan_facts import DisbursementFailed, DisbursementRequested, Event, Loan, LoanDisbursed
from loans.domain.loan_rules import borrower
from loans.domain.schedule import annuity, owed_minor

# Commands.


@dataclass(frozen=True, slots=True)
class RequestDisbursement:
    """Once more, after a disbursement that failed; to another account if `account_id` names one."""

    loan_id: str
    account_id: str | None
    requested_on: date


@dataclass(frozen=True, slots=True)
class ActivateLoan:
    loan_id: str
    disbursed_on: date


@dataclass(frozen=True, slots=True)
class FailDisbursement:
    loan_id: str
    code: str


# Decisions.


def request_disbursement(loan: Loan, command: RequestDisbursement) -> list[Event]:
    borrower(loan)
    if loan.status != "approved":
        raise Refused("loan_not_approved", f"Only an approved loan is paid out; this one is {loan.status}.")
    return [disbursement(loan, command.loan_id, command.account_id or loan.account_id, command.requested_on)]


def activate(loan: Loan, command: ActivateLoan) -> list[Event]:
    if loan.customer_id is None or loan.status != "disbursing":
        return []
    schedule = annuity(loan.principal_minor, loan.rate_bps, loan.term_months, command.disbursed_on)
    return [
        LoanDisbursed(
            loan_id=command.loan_id,
            customer_id=loan.customer_id,
            account_id=loan.account_id,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            rate_bps=loan.rate_bps,
            term_months=loan.term_months,
            instalment_minor=schedule[0].amount_minor,
            total_interest_minor=owed_minor(schedule) - loan.principal_minor,
            disbursed_on=command.disbursed_on,
        )
    ]


def fail_disbursement(loan: Loan, command: FailDisbursement) -> list[Event]:
    if loan.customer_id is None or loan.status != "disbursing":
        return []
    return [
        DisbursementFailed(
            loan_id=command.loan_id,
            customer_id=loan.customer_id,
            account_id=loan.account_id,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            code=command.code,
        )
    ]


def disbursement(loan: Loan, loan_id: str, account_id: str, on: date) -> DisbursementRequested:
    return DisbursementRequested(
        loan_id=loan_id,
        customer_id=borrower(loan),
        account_id=account_id,
        amount_minor=loan.principal_minor,
        currency=loan.currency,
        requested_on=on,
    )
