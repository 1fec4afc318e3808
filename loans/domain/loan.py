"""A loan: applied for, approved, paid out to an account, repaid in monthly instalments.

    applied → approved → disbursing → active → closed
        ↘ rejected ↙   ↖ failed ↙

Amounts are minor units of the loan's currency. A person is refused what the loan does not allow. What Accounts reports
may come late, twice or about somebody else's money: a report that no longer changes anything is answered with no event.
Its history and state are in `loan_facts`.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused
from loans.domain.loan_facts import (
    DisbursementFailed,
    DisbursementRequested,
    Event,
    Loan,
    LoanApplied,
    LoanApproved,
    LoanClosed,
    LoanDisbursed,
    LoanRejected,
    LoanRepaid,
    Repayment,
    RepaymentDeclined,
    RepaymentRequested,
    evolve,
)
from loans.domain.products import PRODUCTS
from loans.domain.schedule import Parts, allocate, annuity, owed_minor

GROUNDS = {
    "affordability": "not affordable",
    "credit_history": "credit history",
    "documents": "documents missing",
    "withdrawn": "withdrawn by the customer",
}
"""Why a loan is rejected, and how operators say it: a choice, so that nothing personal is written down."""

MAX_OPEN_REPAYMENTS = 20
"""So many repayments may be on their way at once, so that the state stays small."""

# Commands: what people ask for.


@dataclass(frozen=True, slots=True)
class ApplyForLoan:
    """`account_id` is where the loan is to be paid out."""

    loan_id: str
    customer_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    term_months: int
    applied_on: date


@dataclass(frozen=True, slots=True)
class ApproveLoan:
    """Approves and asks Accounts to pay out at once."""

    loan_id: str
    approved_on: date


@dataclass(frozen=True, slots=True)
class RejectLoan:
    loan_id: str
    rejected_on: date
    grounds: str


@dataclass(frozen=True, slots=True)
class RequestDisbursement:
    """Once more, after a disbursement that failed; to another account if `account_id` names one."""

    loan_id: str
    account_id: str | None
    requested_on: date


@dataclass(frozen=True, slots=True)
class RequestRepayment:
    """`account_id` None takes the money from the account to which the loan was paid out."""

    repayment_id: str
    loan_id: str
    account_id: str | None
    amount_minor: int
    currency: str
    requested_on: date


# Commands: what Accounts reports.


@dataclass(frozen=True, slots=True)
class ActivateLoan:
    loan_id: str
    disbursed_on: date


@dataclass(frozen=True, slots=True)
class FailDisbursement:
    loan_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ApplyRepayment:
    repayment_id: str
    loan_id: str
    repaid_on: date


@dataclass(frozen=True, slots=True)
class DeclineRepayment:
    repayment_id: str
    loan_id: str
    code: str


Command = (
    ApplyForLoan
    | ApproveLoan
    | RejectLoan
    | RequestDisbursement
    | RequestRepayment
    | ActivateLoan
    | FailDisbursement
    | ApplyRepayment
    | DeclineRepayment
)

# Decisions.


def decide(loan: Loan, command: Command) -> list[Event]:
    match command:
        case ApplyForLoan():
            return apply_for(loan, command)
        case ApproveLoan():
            return approve(loan, command)
        case RejectLoan():
            return reject(loan, command)
        case RequestDisbursement():
            return request_disbursement(loan, command)
        case RequestRepayment():
            return request_repayment(loan, command)
        case ActivateLoan():
            return activate(loan, command)
        case FailDisbursement():
            return fail_disbursement(loan, command)
        case ApplyRepayment():
            return apply_repayment(loan, command)
        case DeclineRepayment():
            return decline_repayment(loan, command)
        case _:
            assert_never(command)


def apply_for(loan: Loan, command: ApplyForLoan) -> list[Event]:
    if loan.status:
        raise Refused("loan_exists", "There is already a loan with this id.")
    product = PRODUCTS.get(command.product)
    if product is None:
        raise Refused("unknown_product", f"The bank offers these loans: {', '.join(PRODUCTS)}.")
    if not product.min_term_months <= command.term_months <= product.max_term_months:
        terms = f"{product.min_term_months} to {product.max_term_months} months"
        raise Refused("invalid_term", f"The term of this loan is {terms}.")
    if not product.min_principal_minor <= command.principal_minor <= product.max_principal_minor:
        raise Refused("invalid_principal", "The amount is outside what is lent under this product.")
    return [
        LoanApplied(
            loan_id=command.loan_id,
            customer_id=command.customer_id,
            account_id=command.account_id,
            product=command.product,
            principal_minor=command.principal_minor,
            currency=command.currency,
            rate_bps=product.rate_bps,
            term_months=command.term_months,
            applied_on=command.applied_on,
        )
    ]


def approve(loan: Loan, command: ApproveLoan) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "applied":
        raise Refused("loan_not_applied", f"Only an application is approved; this loan is {loan.status}.")
    return [
        LoanApproved(command.loan_id, customer_id, command.approved_on),
        disbursement(loan, command.loan_id, loan.account_id, command.approved_on),
    ]


def reject(loan: Loan, command: RejectLoan) -> list[Event]:
    customer_id = borrower(loan)
    if command.grounds not in GROUNDS:
        raise Refused("unknown_grounds", f"A loan is rejected for one of these reasons: {', '.join(GROUNDS)}.")
    if loan.status not in ("applied", "approved"):
        raise Refused("loan_not_rejectable", f"A loan is rejected before it is paid out; this one is {loan.status}.")
    return [LoanRejected(command.loan_id, customer_id, command.rejected_on, command.grounds)]


def request_disbursement(loan: Loan, command: RequestDisbursement) -> list[Event]:
    borrower(loan)
    if loan.status != "approved":
        raise Refused("loan_not_approved", f"Only an approved loan is paid out; this one is {loan.status}.")
    return [disbursement(loan, command.loan_id, command.account_id or loan.account_id, command.requested_on)]


def request_repayment(loan: Loan, command: RequestRepayment) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only an active loan is repaid; this one is {loan.status}.")
    if command.amount_minor <= 0:
        raise Refused("invalid_amount", "A repayment is above zero.")
    if command.currency != loan.currency:
        raise Refused("currency_mismatch", f"This loan is repaid in {loan.currency}.")
    if command.amount_minor > loan.outstanding_minor - loan.on_its_way_minor:
        raise Refused("overpayment", "This is more than is still owed, counting repayments on their way.")
    if on_its_way(loan, command.repayment_id):
        raise Refused("repayment_exists", "There is already a repayment with this id.")
    if len(loan.open_repayments) >= MAX_OPEN_REPAYMENTS:
        raise Refused("too_many_repayments", f"At most {MAX_OPEN_REPAYMENTS} repayments are on their way at once.")
    return [
        RepaymentRequested(
            repayment_id=command.repayment_id,
            loan_id=command.loan_id,
            customer_id=customer_id,
            account_id=command.account_id or loan.account_id,
            amount_minor=command.amount_minor,
            currency=loan.currency,
            requested_on=command.requested_on,
        )
    ]


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


def apply_repayment(loan: Loan, command: ApplyRepayment) -> list[Event]:
    repayment = on_its_way(loan, command.repayment_id)
    if loan.customer_id is None or repayment is None:
        return []
    amount = repayment.amount_minor
    parts = allocation(loan, amount)
    repaid = LoanRepaid(
        repayment_id=command.repayment_id,
        loan_id=command.loan_id,
        customer_id=loan.customer_id,
        amount_minor=amount,
        interest_minor=parts.interest_minor,
        principal_minor=parts.principal_minor,
        outstanding_minor=loan.outstanding_minor - amount,
        currency=loan.currency,
        repaid_on=command.repaid_on,
    )
    if repaid.outstanding_minor > 0:
        return [repaid]
    return [repaid, LoanClosed(command.loan_id, loan.customer_id, command.repaid_on)]


def decline_repayment(loan: Loan, command: DeclineRepayment) -> list[Event]:
    repayment = on_its_way(loan, command.repayment_id)
    if loan.customer_id is None or repayment is None:
        return []
    return [
        RepaymentDeclined(
            repayment_id=command.repayment_id,
            loan_id=command.loan_id,
            customer_id=loan.customer_id,
            amount_minor=repayment.amount_minor,
            currency=loan.currency,
            code=command.code,
        )
    ]


def allocation(loan: Loan, amount_minor: int) -> Parts:
    """What the next `amount_minor` pays of the interest and of the principal."""
    before = allocate(loan.instalments, loan.paid_minor)
    after = allocate(loan.instalments, loan.paid_minor + amount_minor)
    return Parts(after.interest_minor - before.interest_minor, after.principal_minor - before.principal_minor)


def disbursement(loan: Loan, loan_id: str, account_id: str, on: date) -> DisbursementRequested:
    return DisbursementRequested(
        loan_id=loan_id,
        customer_id=borrower(loan),
        account_id=account_id,
        amount_minor=loan.principal_minor,
        currency=loan.currency,
        requested_on=on,
    )


def on_its_way(loan: Loan, repayment_id: str) -> Repayment | None:
    return next((one for one in loan.open_repayments if one.repayment_id == repayment_id), None)


def borrower(loan: Loan) -> str:
    if loan.customer_id is None:
        raise Refused("loan_not_found", "There is no such loan.")
    return loan.customer_id


LOAN = Decider(
    name="loan",
    initial=Loan(),
    decide=decide,
    evolve=evolve,
    events={
        "LoanApplied.v1": LoanApplied,
        "LoanApproved.v1": LoanApproved,
        "LoanRejected.v1": LoanRejected,
        "DisbursementRequested.v1": DisbursementRequested,
        "DisbursementFailed.v1": DisbursementFailed,
        "LoanDisbursed.v1": LoanDisbursed,
        "RepaymentRequested.v1": RepaymentRequested,
        "RepaymentDeclined.v1": RepaymentDeclined,
        "LoanRepaid.v1": LoanRepaid,
        "LoanClosed.v1": LoanClosed,
    },
    customer=lambda loan: loan.customer_id,
)
