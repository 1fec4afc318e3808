"""The fields Accounts reads of others' messages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CardPaymentRequested:
    payment_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    merchant: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentCaptured:
    payment_id: str
    account_id: str
    amount_minor: int
    currency: str
    captured_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentSettled:
    payment_id: str
    amount_minor: int
    currency: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentEnded:
    """Reversed by the merchant or expired: to the account it is the same."""

    payment_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class CardPaymentRefunded:
    payment_id: str
    account_id: str
    refund_id: str
    amount_minor: int
    currency: str
    merchant: str
    refunded_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentCaptured:
    payment_id: str
    amount_minor: int
    currency: str
    captured_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentRefunded:
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str
    refunded_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentRequested:
    payment_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentApplied:
    payment_id: str
    amount_minor: int
    currency: str
    applied_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentRejected:
    payment_id: str
    account_id: str
    amount_minor: int
    currency: str
    rejected_on: date


@dataclass(frozen=True, slots=True)
class CardPayoutRequested:
    payout_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class LoanCreditAsked:
    saga_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class LoanCreditReturnAsked:
    saga_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LoanDisbursed:
    """Before there were originations, a loan's pay-out went under the loan's own id."""

    loan_id: str
    amount_minor: int
    currency: str
    disbursed_on: date
    origination_id: str = ""


@dataclass(frozen=True, slots=True)
class RepaymentRequested:
    """`collected`: the bank collects what is due, and the customer has not asked for it."""

    repayment_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    requested_on: date
    collected: bool = False


@dataclass(frozen=True, slots=True)
class LoanRepaid:
    repayment_id: str
    amount_minor: int
    currency: str
    repaid_on: date


@dataclass(frozen=True, slots=True)
class LoanRecovered:
    repayment_id: str
    amount_minor: int
    currency: str
    recovered_on: date


# Customers.


@dataclass(frozen=True, slots=True)
class CustomerVerified:
    customer_id: str
    verified_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerRejected:
    customer_id: str
    rejected_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerSuspended:
    customer_id: str
    suspended_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerReinstated:
    customer_id: str
    reinstated_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerClosed:
    customer_id: str
    closed_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerErasureRequested:
    customer_id: str
    requested_on: date


# Our own.


@dataclass(frozen=True, slots=True)
class HolderErasureBegun:
    customer_id: str
    begun_on: date


# The customer's mobile number.


@dataclass(frozen=True, slots=True)
class ContactAsked:
    saga_id: str
    customer_id: str
    mobile_number: str


@dataclass(frozen=True, slots=True)
class ContactRestoreAsked:
    saga_id: str
    customer_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class NumberChangeRequested:
    process_id: str
    customer_id: str
    mobile_number: str
    is_coordinated: bool


@dataclass(frozen=True, slots=True)
class NumberChangeRejected:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    side: str
    because: str


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    side: str
    because: str | None = None
