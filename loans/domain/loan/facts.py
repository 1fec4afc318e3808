"""What has happened to a loan, and how it stands after it. Amounts are minor units of the loan's currency.

What happens until it is paid out is in `origination_facts`.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.four_eyes import NOTHING_PROPOSED, Proposal
from loans.domain.loan.collection_facts import CollectionChosen, CollectionStopped, Repayment
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
from loans.domain.loan.write_off_facts import WriteOffProposed, WriteOffWithdrawn
from loans.domain.schedule import Instalment, annuity, owed_minor

# Facts.


@dataclass(frozen=True, slots=True)
class LoanTakenOver:
    """Paid out on that day, and since repaid in these parts, at the bank it was taken over from."""

    loan_id: str
    customer_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    rate_bps: int
    term_months: int
    instalment_minor: int
    repaid_interest_minor: int
    repaid_principal_minor: int
    outstanding_minor: int
    disbursed_on: date


@dataclass(frozen=True, slots=True)
class RepaymentRequested:
    """One that `settles` pays the loan off, as it was quoted on the day; one is `collected` by the bank."""

    repayment_id: str
    loan_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date
    settles: bool = False
    collected: bool = False


@dataclass(frozen=True, slots=True)
class RepaymentDeclined:
    repayment_id: str
    loan_id: str
    customer_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanRepaid:
    """`amount_minor` is the sum of its four parts; `outstanding_minor` is all that is still owed after it.

    `waived_minor` is the interest that falls away because the loan is paid off early.
    """

    repayment_id: str
    loan_id: str
    customer_id: str
    amount_minor: int
    interest_minor: int
    principal_minor: int
    outstanding_minor: int
    currency: str
    repaid_on: date
    fee_minor: int = 0
    penalty_minor: int = 0
    waived_minor: int = 0


@dataclass(frozen=True, slots=True)
class InstalmentOverdue:
    """`overdue_minor` is unpaid of it."""

    loan_id: str
    customer_id: str
    number: int
    due_on: date
    overdue_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LateFeeCharged:
    """For the instalment `number`."""

    loan_id: str
    customer_id: str
    number: int
    amount_minor: int
    currency: str
    charged_on: date


@dataclass(frozen=True, slots=True)
class PenaltyInterestCharged:
    """`day_balance` is what it was charged for: minor units of principal past due times days."""

    loan_id: str
    customer_id: str
    amount_minor: int
    day_balance: int
    currency: str
    charged_on: date


@dataclass(frozen=True, slots=True)
class LoanDefaulted:
    """More than ninety days past due."""

    loan_id: str
    customer_id: str
    defaulted_on: date


@dataclass(frozen=True, slots=True)
class LoanCured:
    """What was paid has brought it back."""

    loan_id: str
    customer_id: str
    cured_on: date


@dataclass(frozen=True, slots=True)
class LoanWrittenOff:
    """What is still owed then: the principal is lost, the rest was never earned. No interest runs on it."""

    loan_id: str
    customer_id: str
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    currency: str
    written_off_on: date


@dataclass(frozen=True, slots=True)
class LoanRecovered:
    """A repayment of what had been written off."""

    repayment_id: str
    loan_id: str
    customer_id: str
    amount_minor: int
    outstanding_minor: int
    currency: str
    recovered_on: date


@dataclass(frozen=True, slots=True)
class LoanClosed:
    """The last repayment has been made."""

    loan_id: str
    customer_id: str
    closed_on: date


Event = (
    LoanApplied
    | FirstApprovalGiven
    | LoanApproved
    | LoanRejected
    | LoanWithdrawn
    | PayoutAccountChosen
    | OriginationRequested
    | ApprovalWithdrawn
    | OriginationFailed
    | DisbursementRequested
    | DisbursementFailed
    | LoanDisbursed
    | LoanTakenOver
    | CollectionChosen
    | CollectionStopped
    | RepaymentRequested
    | RepaymentDeclined
    | LoanRepaid
    | InstalmentOverdue
    | LateFeeCharged
    | PenaltyInterestCharged
    | LoanDefaulted
    | LoanCured
    | WriteOffProposed
    | WriteOffWithdrawn
    | LoanWrittenOff
    | LoanRecovered
    | LoanClosed
)

# State.


@dataclass(frozen=True, slots=True)
class Loan:
    status: str = ""
    customer_id: str | None = None
    account_id: str = ""
    product: str = ""
    principal_minor: int = 0
    currency: str = ""
    rate_bps: int = 0
    term_months: int = 0
    late_fee_minor: int = 0
    penalty_bps: int = 0
    collects: bool = False
    first_approval_by: str = ""
    origination_id: str = ""
    disbursed_on: date | None = None
    paid_interest_minor: int = 0
    paid_principal_minor: int = 0
    paid_fee_minor: int = 0
    paid_penalty_minor: int = 0
    waived_minor: int = 0
    fee_charged_minor: int = 0
    penalty_charged_minor: int = 0
    penalty_day_balance: int = 0
    penalty_charged_on: date | None = None
    overdue_through: int = 0
    is_defaulted: bool = False
    write_off: Proposal = NOTHING_PROPOSED
    written_off_minor: int = 0
    written_off_principal_minor: int = 0
    recovered_minor: int = 0
    open_repayments: tuple[Repayment, ...] = ()

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """Empty until the loan is paid out."""
        if self.disbursed_on is None:
            return ()
        return annuity(self.principal_minor, self.rate_bps, self.term_months, self.disbursed_on)

    @property
    def paid_minor(self) -> int:
        """Of the schedule."""
        return self.paid_interest_minor + self.paid_principal_minor

    @property
    def fee_minor(self) -> int:
        """Late fees still owed."""
        return self.fee_charged_minor - self.paid_fee_minor

    @property
    def penalty_minor(self) -> int:
        """Penalty interest still owed."""
        return self.penalty_charged_minor - self.paid_penalty_minor

    @property
    def outstanding_minor(self) -> int:
        if self.written_off_minor:
            return self.written_off_minor - self.recovered_minor
        return owed_minor(self.instalments) - self.paid_minor - self.waived_minor + self.fee_minor + self.penalty_minor

    @property
    def on_its_way_minor(self) -> int:
        return sum(repayment.amount_minor for repayment in self.open_repayments)

    @property
    def is_paid_off_soon(self) -> bool:
        """What settles it is on its way: nothing more is charged or asked for until that has ended."""
        return any(repayment.settles for repayment in self.open_repayments)


def evolve(loan: Loan, event: Event) -> Loan:
    match event:
        case LoanApplied():
            return Loan(
                status="applied",
                customer_id=event.customer_id,
                account_id=event.account_id,
                product=event.product,
                principal_minor=event.principal_minor,
                currency=event.currency,
                rate_bps=event.rate_bps,
                term_months=event.term_months,
                late_fee_minor=event.late_fee_minor,
                penalty_bps=event.penalty_bps,
                collects=event.collects,
            )
        case FirstApprovalGiven(approved_by=operator):
            return replace(loan, status="awaiting_second_approval", first_approval_by=operator)
        case OriginationRequested(origination_id=id):
            return replace(loan, status="originating", origination_id=id)
        case LoanApproved():
            return replace(loan, status="approved")
        case ApprovalWithdrawn():
            return replace(loan, status="originating")
        case OriginationFailed() | DisbursementFailed():
            return replace(loan, status="applied", first_approval_by="")
        case PayoutAccountChosen(account_id=account_id):
            return replace(loan, account_id=account_id)
        case LoanRejected():
            return replace(loan, status="rejected")
        case LoanWithdrawn():
            return replace(loan, status="withdrawn")
        case DisbursementRequested(account_id=account_id):
            return replace(loan, status="disbursing", account_id=account_id)
        case LoanDisbursed(disbursed_on=disbursed_on):
            return replace(loan, status="active", disbursed_on=disbursed_on)
        case LoanTakenOver():
            return Loan(
                status="active",
                customer_id=event.customer_id,
                account_id=event.account_id,
                product=event.product,
                principal_minor=event.principal_minor,
                currency=event.currency,
                rate_bps=event.rate_bps,
                term_months=event.term_months,
                disbursed_on=event.disbursed_on,
                paid_interest_minor=event.repaid_interest_minor,
                paid_principal_minor=event.repaid_principal_minor,
            )
        case CollectionChosen(account_id=account_id, collects=collects):
            return replace(loan, account_id=account_id, collects=collects)
        case CollectionStopped():
            return replace(loan, collects=False)
        case RepaymentRequested(account_id=account_id):
            source = account_id if event.collected else ""
            repayment = Repayment(event.repayment_id, event.amount_minor, event.settles, source)
            return replace(loan, open_repayments=(*loan.open_repayments, repayment))
        case RepaymentDeclined():
            return without(loan, event.repayment_id)
        case LoanRepaid():
            return replace(
                without(loan, event.repayment_id),
                paid_interest_minor=loan.paid_interest_minor + event.interest_minor,
                paid_principal_minor=loan.paid_principal_minor + event.principal_minor,
                paid_fee_minor=loan.paid_fee_minor + event.fee_minor,
                paid_penalty_minor=loan.paid_penalty_minor + event.penalty_minor,
                waived_minor=loan.waived_minor + event.waived_minor,
                write_off=NOTHING_PROPOSED,
            )
        case InstalmentOverdue(number=number):
            return replace(loan, overdue_through=number)
        case LateFeeCharged(amount_minor=amount):
            return replace(loan, fee_charged_minor=loan.fee_charged_minor + amount)
        case PenaltyInterestCharged():
            return replace(
                loan,
                penalty_charged_minor=loan.penalty_charged_minor + event.amount_minor,
                penalty_day_balance=loan.penalty_day_balance + event.day_balance,
                penalty_charged_on=event.charged_on,
            )
        case LoanDefaulted():
            return replace(loan, is_defaulted=True)
        case LoanCured():
            return replace(loan, is_defaulted=False)
        case WriteOffProposed(proposed_by=operator, proposed_on=day):
            return replace(loan, write_off=Proposal(operator, day))
        case WriteOffWithdrawn():
            return replace(loan, write_off=NOTHING_PROPOSED)
        case LoanWrittenOff(principal_minor=principal):
            owed = principal + event.interest_minor + event.fee_minor + event.penalty_minor
            written_off = replace(loan, written_off_minor=owed, written_off_principal_minor=principal)
            return replace(written_off, status="written_off")
        case LoanRecovered(amount_minor=amount):
            return replace(without(loan, event.repayment_id), recovered_minor=loan.recovered_minor + amount)
        case LoanClosed():
            return replace(loan, status="closed")
        case _:
            assert_never(event)


def without(loan: Loan, repayment_id: str) -> Loan:
    left = tuple(one for one in loan.open_repayments if one.repayment_id != repayment_id)
    return replace(loan, open_repayments=left)
