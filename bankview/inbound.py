"""The fields we read of the other contexts' messages.

Every type that stands on a stream we show is here, also those that change nothing a customer sees: the version of a
part is the version of its stream.
"""

from dataclasses import dataclass
from datetime import date

# Customers.


@dataclass(frozen=True, slots=True)
class CustomerOpened:
    name: str
    email: str
    mobile_number: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class NameChanged:
    name: str


@dataclass(frozen=True, slots=True)
class EmailChanged:
    email: str


@dataclass(frozen=True, slots=True)
class AddressChanged:
    address: str


@dataclass(frozen=True, slots=True)
class MobileNumberChanged:
    mobile_number: str


@dataclass(frozen=True, slots=True)
class CustomerVerified:
    verified_on: date


@dataclass(frozen=True, slots=True)
class CustomerRejected:
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerSuspended:
    suspended_on: date


@dataclass(frozen=True, slots=True)
class CustomerReinstated:
    reinstated_on: date


@dataclass(frozen=True, slots=True)
class CustomerClosed:
    closed_on: date


@dataclass(frozen=True, slots=True)
class CustomerErasureRequested:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ErasureConfirmed:
    context: str


@dataclass(frozen=True, slots=True)
class ErasureCertified:
    customer_id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A context has forgotten a customer."""

    customer_id: str


# Accounts.


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    kind: str
    currency: str
    iban: str
    branch: str
    overdraft_limit_minor: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    amount_minor: int
    currency: str
    contra: str
    process_id: str | None = None
    reference: str = ""
    refund_id: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    amount_minor: int
    currency: str
    contra: str
    process_id: str | None = None
    unarranged: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FundsHeld:
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """`amount_minor` is debited; `held_minor` is what was still on hold for it."""

    hold_id: str
    process_id: str
    amount_minor: int
    held_minor: int
    currency: str
    unarranged: bool


@dataclass(frozen=True, slots=True)
class HoldReleased:
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldDeclined:
    hold_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    side: str


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    side: str


@dataclass(frozen=True, slots=True)
class OverdraftArranged:
    overdraft_limit_minor: int


@dataclass(frozen=True, slots=True)
class TermsChanged:
    interest_bps: int


@dataclass(frozen=True, slots=True)
class InterestAccrued:
    accrued_on: date


@dataclass(frozen=True, slots=True)
class InterestPosted:
    posted_on: date


@dataclass(frozen=True, slots=True)
class FeeAssessed:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FeesCollected:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class AccountBecameDormant:
    since: date


@dataclass(frozen=True, slots=True)
class AccountReactivated:
    reactivated_on: date


@dataclass(frozen=True, slots=True)
class AccountClosed:
    closed_on: date


@dataclass(frozen=True, slots=True)
class TransitReceived:
    process_id: str


@dataclass(frozen=True, slots=True)
class TransitCleared:
    process_id: str


@dataclass(frozen=True, slots=True)
class DebitDeclined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class CreditDeclined:
    process_id: str
    code: str


# Cards.


@dataclass(frozen=True, slots=True)
class CardIssued:
    card_id: str
    kind: str
    account_id: str
    currency: str
    last_four: str
    per_payment_limit_minor: int
    per_day_limit_minor: int
    issued_on: date
    expires_on: date
    credit_limit_minor: int = 0


@dataclass(frozen=True, slots=True)
class CardActivated:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardBlocked:
    cause: str


@dataclass(frozen=True, slots=True)
class CardUnblocked:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardReplaced:
    last_four: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardExpired:
    expired_on: date


@dataclass(frozen=True, slots=True)
class CardCancelled:
    cancelled_on: date


@dataclass(frozen=True, slots=True)
class PaymentLimitsChanged:
    per_payment_limit_minor: int
    per_day_limit_minor: int


@dataclass(frozen=True, slots=True)
class SpendReserved:
    payment_id: str


@dataclass(frozen=True, slots=True)
class SpendReleased:
    payment_id: str


@dataclass(frozen=True, slots=True)
class CreditReserved:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CreditReleased:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CardCharged:
    amount_minor: int
    authorized_minor: int


@dataclass(frozen=True, slots=True)
class CardCredited:
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CardInterestCharged:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class StatementClosed:
    balance_minor: int
    minimum_due_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True, slots=True)
class StatementOverdue:
    missing_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentAuthorized:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    merchant: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentCaptured:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentReversed:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentExpired:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CreditPaymentRefunded:
    payment_id: str
    amount_minor: int
    currency: str
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class CardPaymentRequested:
    payment_id: str
    card_id: str
    account_id: str
    amount_minor: int
    currency: str
    merchant: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentAuthorized:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentDeclined:
    payment_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class CardPaymentCaptured:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentSettled:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentReversed:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentExpired:
    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentRefunded:
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class CardPaymentRefundSettled:
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str


# Loans.


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
    approved_on: date


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


# The change of a mobile number. Whose copy it is, the type says.


@dataclass(frozen=True, slots=True)
class NumberChangeStep:
    process_id: str


@dataclass(frozen=True, slots=True)
class NumberChangeRefused:
    process_id: str
    code: str
