"""The fields Loans reads of messages."""

from dataclasses import dataclass
from datetime import date

# Accounts.


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    customer_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    contra: str
    booked_on: date
    process_id: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    contra: str
    booked_on: date
    process_id: str | None = None


@dataclass(frozen=True, slots=True)
class DebitDeclined:
    process_id: str
    code: str


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
class RepaymentCollected:
    repayment_id: str
    loan_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class CollectionDeclined:
    repayment_id: str
    loan_id: str
    code: str


@dataclass(frozen=True, slots=True)
class BorrowerErasureBegun:
    customer_id: str
    begun_on: date


# The origination of a loan: what the others answer, and what we said ourselves.


@dataclass(frozen=True, slots=True)
class Answered:
    """Of a participant: it did, or undid, as asked."""

    process_id: str


@dataclass(frozen=True, slots=True)
class Declined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ReturnDeclined:
    process_id: str
    code: str
    attempt: int


@dataclass(frozen=True, slots=True)
class OwnStep:
    """Of ours; without an id it belongs to no origination."""

    origination_id: str = ""


@dataclass(frozen=True, slots=True)
class OwnDeclined:
    origination_id: str
    code: str


@dataclass(frozen=True, slots=True)
class OriginationRequested:
    loan_id: str
    customer_id: str
    origination_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class LoanClosed:
    loan_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class FailureAsked:
    saga_id: str
    loan_id: str
    code: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LimitAsked:
    saga_id: str
    customer_id: str
    loan_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LimitReleaseAsked:
    saga_id: str
    customer_id: str
    loan_id: str
    currency: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    saga_id: str
    loan_id: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawalAsked:
    saga_id: str
    loan_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ActivationAsked:
    saga_id: str
    loan_id: str
    requested_on: date
    attempt: int


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
class LoanDefaulted:
    customer_id: str


@dataclass(frozen=True, slots=True)
class LoanCured:
    customer_id: str


@dataclass(frozen=True, slots=True)
class LoanWrittenOff:
    customer_id: str


@dataclass(frozen=True, slots=True)
class LoanRecovered:
    customer_id: str
    outstanding_minor: int
