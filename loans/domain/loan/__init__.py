"""A loan: applied for, approved, paid out to an account, repaid in monthly instalments.

    applied → (awaiting_second_approval →) originating → approved → active → (written_off →) closed
         ↘ rejected or withdrawn ↙    ↖ failed ↙    ↖ withdrawn ↙

Amounts are minor units of the loan's currency. A person is refused what the loan does not allow. What Accounts reports
may come late, twice or about somebody else's money: a report that no longer changes anything is answered with no event.
Its history and state are in `facts`, what several decisions require in `rules`. The decisions about
approval, origination, take-over, repayments, arrears, collection, payoff and write-off have files of their own; one
decider answers for all.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused
from loans.domain.loan.approval import (
    ApproveLoan,
    RejectLoan,
    WithdrawLoan,
    approve,
    reject,
    withdraw,
)
from loans.domain.loan.arrears import AgeLoan, age
from loans.domain.loan.collection import ChooseCollection, CollectDue, choose_collection, collect_due
from loans.domain.loan.collection_facts import CollectionChosen, CollectionStopped
from loans.domain.loan.facts import (
    Event,
    InstalmentOverdue,
    LateFeeCharged,
    Loan,
    LoanClosed,
    LoanCured,
    LoanDefaulted,
    LoanRecovered,
    LoanRepaid,
    LoanTakenOver,
    LoanWrittenOff,
    PenaltyInterestCharged,
    RepaymentDeclined,
    RepaymentRequested,
    evolve,
)
from loans.domain.loan.origination import (
    ActivateLoan,
    ChoosePayoutAccount,
    ConfirmApproval,
    FailOrigination,
    WithdrawApproval,
    activate,
    choose_account,
    confirm_approval,
    fail,
    withdraw_approval,
)
from loans.domain.loan.origination_facts import (
    ApprovalWithdrawn,
    DisbursementFailed,
    DisbursementRequested,
    FirstApprovalGiven,
    LoanApplied,
    LoanApproved,
    LoanDisbursed,
    LoanRejected,
    LoanWithdrawn,
    OriginationFailed,
    OriginationRequested,
    PayoutAccountChosen,
)
from loans.domain.loan.payoff import RequestPayoff, request_payoff
from loans.domain.loan.repayments import (
    ApplyRepayment,
    DeclineRepayment,
    RequestRepayment,
    apply_repayment,
    decline_repayment,
    request_repayment,
)
from loans.domain.loan.takeover import TakeOverLoan, take_over
from loans.domain.loan.write_off import WithdrawWriteOff, WriteOffLoan, withdraw_write_off, write_off
from loans.domain.loan.write_off_facts import WriteOffProposed, WriteOffWithdrawn
from loans.domain.products import PRODUCTS

# Commands.


@dataclass(frozen=True, slots=True)
class ApplyForLoan:
    """`account_id` is where the loan is to be paid out, and from where what is due is collected if `collects`."""

    loan_id: str
    customer_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    term_months: int
    applied_on: date
    collects: bool = False


Command = (
    ApplyForLoan
    | TakeOverLoan
    | ApproveLoan
    | RejectLoan
    | WithdrawLoan
    | ChoosePayoutAccount
    | ConfirmApproval
    | WithdrawApproval
    | ActivateLoan
    | FailOrigination
    | RequestRepayment
    | ApplyRepayment
    | DeclineRepayment
    | AgeLoan
    | CollectDue
    | ChooseCollection
    | RequestPayoff
    | WriteOffLoan
    | WithdrawWriteOff
)

# Decisions.


def decide(loan: Loan, command: Command) -> list[Event]:
    match command:
        case ApplyForLoan():
            return apply_for(loan, command)
        case TakeOverLoan():
            return take_over(loan, command)
        case ApproveLoan():
            return approve(loan, command)
        case RejectLoan():
            return reject(loan, command)
        case WithdrawLoan():
            return withdraw(loan, command)
        case ChoosePayoutAccount():
            return choose_account(loan, command)
        case ConfirmApproval():
            return confirm_approval(loan, command)
        case WithdrawApproval():
            return withdraw_approval(loan, command)
        case ActivateLoan():
            return activate(loan, command)
        case FailOrigination():
            return fail(loan, command)
        case RequestRepayment():
            return request_repayment(loan, command)
        case ApplyRepayment():
            return apply_repayment(loan, command)
        case DeclineRepayment():
            return decline_repayment(loan, command)
        case AgeLoan():
            return age(loan, command)
        case CollectDue():
            return collect_due(loan, command)
        case ChooseCollection():
            return choose_collection(loan, command)
        case RequestPayoff():
            return request_payoff(loan, command)
        case WithdrawWriteOff():
            return withdraw_write_off(loan, command)
        case WriteOffLoan():
            return write_off(loan, command)
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
            late_fee_minor=product.late_fee_minor,
            penalty_bps=product.penalty_bps,
            collects=command.collects,
        )
    ]


LOAN = Decider(
    name="loan",
    initial=Loan(),
    decide=decide,
    evolve=evolve,
    state_version=9,
    events={
        "LoanApplied.v1": LoanApplied,
        "FirstApprovalGiven.v1": FirstApprovalGiven,
        "LoanApproved.v1": LoanApproved,
        "LoanRejected.v1": LoanRejected,
        "LoanWithdrawn.v1": LoanWithdrawn,
        "PayoutAccountChosen.v1": PayoutAccountChosen,
        "OriginationRequested.v1": OriginationRequested,
        "ApprovalWithdrawn.v1": ApprovalWithdrawn,
        "OriginationFailed.v1": OriginationFailed,
        "DisbursementRequested.v1": DisbursementRequested,
        "DisbursementFailed.v1": DisbursementFailed,
        "LoanDisbursed.v1": LoanDisbursed,
        "LoanTakenOver.v1": LoanTakenOver,
        "CollectionChosen.v1": CollectionChosen,
        "CollectionStopped.v1": CollectionStopped,
        "RepaymentRequested.v1": RepaymentRequested,
        "RepaymentDeclined.v1": RepaymentDeclined,
        "LoanRepaid.v1": LoanRepaid,
        "InstalmentOverdue.v1": InstalmentOverdue,
        "LateFeeCharged.v1": LateFeeCharged,
        "PenaltyInterestCharged.v1": PenaltyInterestCharged,
        "LoanDefaulted.v1": LoanDefaulted,
        "LoanCured.v1": LoanCured,
        "WriteOffProposed.v1": WriteOffProposed,
        "WriteOffWithdrawn.v1": WriteOffWithdrawn,
        "LoanWrittenOff.v1": LoanWrittenOff,
        "LoanRecovered.v1": LoanRecovered,
        "LoanClosed.v1": LoanClosed,
    },
    customer=lambda loan: loan.customer_id,
)
