"""What we read of Loans."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LoanApplied:
    loan_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    rate_bps: int
    term_months: int
    applied_on: date


@dataclass(frozen=True, slots=True)
class LoanTakenOver:
    loan_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    rate_bps: int
    term_months: int
    instalment_minor: int
    outstanding_minor: int
    disbursed_on: date


@dataclass(frozen=True, slots=True)
class FirstApprovalGiven:
    approved_on: date


@dataclass(frozen=True, slots=True)
class LoanApproved:
    """Without an id it was approved before there were originations."""

    approved_on: date
    origination_id: str = ""


@dataclass(frozen=True, slots=True)
class LoanRejected:
    rejected_on: date


@dataclass(frozen=True, slots=True)
class LoanWithdrawn:
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class DisbursementRequested:
    loan_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class DisbursementFailed:
    loan_id: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanDisbursed:
    loan_id: str
    amount_minor: int
    currency: str
    instalment_minor: int
    total_interest_minor: int
    disbursed_on: date
    origination_id: str = ""


@dataclass(frozen=True, slots=True)
class OriginationRequested:
    origination_id: str


@dataclass(frozen=True, slots=True)
class OriginationStep:
    """A step of Loans' own; without an id it belongs to no origination."""

    origination_id: str


@dataclass(frozen=True, slots=True)
class LimitDeclined:
    origination_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn:
    origination_id: str


@dataclass(frozen=True, slots=True)
class OriginationFailed:
    origination_id: str
    code: str


@dataclass(frozen=True, slots=True)
class PayoutAccountChosen:
    account_id: str


@dataclass(frozen=True, slots=True)
class CollectionChosen:
    account_id: str


@dataclass(frozen=True, slots=True)
class CollectionStopped:
    account_id: str


@dataclass(frozen=True, slots=True)
class RepaymentRequested:
    repayment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RepaymentDeclined:
    repayment_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanRepaid:
    """`outstanding_minor` is all that is still owed after it."""

    repayment_id: str
    amount_minor: int
    outstanding_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class InstalmentOverdue:
    number: int
    due_on: date
    overdue_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LateFeeCharged:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PenaltyInterestCharged:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LoanDefaulted:
    defaulted_on: date


@dataclass(frozen=True, slots=True)
class LoanCured:
    cured_on: date


@dataclass(frozen=True, slots=True)
class WriteOffProposed:
    proposed_on: date


@dataclass(frozen=True, slots=True)
class WriteOffWithdrawn:
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class LoanWrittenOff:
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int


@dataclass(frozen=True, slots=True)
class LoanRecovered:
    """`outstanding_minor` is all that is still owed after it."""

    repayment_id: str
    amount_minor: int
    outstanding_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LoanClosed:
    closed_on: date


@dataclass(frozen=True, slots=True)
class RepaymentCollected:
    repayment_id: str


@dataclass(frozen=True, slots=True)
class CollectionDeclined:
    repayment_id: str
    code: str
