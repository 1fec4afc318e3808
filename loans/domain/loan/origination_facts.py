"""What happens to a loan until it is paid out. Amounts are minor units of the loan's currency."""

from dataclasses import dataclass
from datetime import date

# Facts.


@dataclass(frozen=True, slots=True)
class LoanApplied:
    """What being late costs is agreed with the application, and whether what is due is collected from the account.

    Loans from before that cost nothing more and are repaid by hand.
    """

    loan_id: str
    customer_id: str
    account_id: str
    product: str
    principal_minor: int
    currency: str
    rate_bps: int
    term_months: int
    applied_on: date
    late_fee_minor: int = 0
    penalty_bps: int = 0
    collects: bool = False


@dataclass(frozen=True, slots=True)
class FirstApprovalGiven:
    """Above the product's limit: another operator's approval is wanted."""

    loan_id: str
    customer_id: str
    approved_by: str
    approved_on: date


@dataclass(frozen=True, slots=True)
class OriginationRequested:
    """Operators have approved it, as many as it takes; the bank now sees to it that it comes about (`sagas`)."""

    loan_id: str
    customer_id: str
    origination_id: str
    account_id: str
    amount_minor: int
    currency: str
    approved_by: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class LoanApproved:
    """The bank gives its word: its customer stands as he should, and the limit is reserved."""

    loan_id: str
    customer_id: str
    approved_on: date
    origination_id: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn:
    loan_id: str
    customer_id: str
    origination_id: str


@dataclass(frozen=True, slots=True)
class OriginationFailed:
    """All of it is undone, and the loan is an application again."""

    loan_id: str
    customer_id: str
    origination_id: str
    account_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanRejected:
    loan_id: str
    customer_id: str
    rejected_on: date
    grounds: str


@dataclass(frozen=True, slots=True)
class LoanWithdrawn:
    """The customer thought better of it, before any money was on its way."""

    loan_id: str
    customer_id: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class PayoutAccountChosen:
    """Another account of the same customer than the one applied for."""

    loan_id: str
    customer_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class DisbursementRequested:
    """Until a saga paid loans out: not said any more, nor is that it failed."""

    loan_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class DisbursementFailed:
    loan_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanDisbursed:
    """Fixes the schedule: `annuity(amount_minor, rate_bps, term_months, disbursed_on)`."""

    loan_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    rate_bps: int
    term_months: int
    instalment_minor: int
    total_interest_minor: int
    disbursed_on: date
    origination_id: str = ""
