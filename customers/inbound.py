"""The fields Customers reads of others' messages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Card:
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Loan:
    loan_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A context has forgotten the customer."""

    customer_id: str
    erased_on: date


# The change of a mobile number: what the contexts answer, and what we said ourselves.


@dataclass(frozen=True, slots=True)
class ContactChanged:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class ContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ContactRestored:
    process_id: str


@dataclass(frozen=True, slots=True)
class NumberChangeAccepted:
    process_id: str
    customer_id: str
    former_key: str


@dataclass(frozen=True, slots=True)
class NumberChangeRejected:
    process_id: str
    customer_id: str
    mobile_key: str
    former_number: str
    former_key: str


@dataclass(frozen=True, slots=True)
class NumberChangeEnded:
    process_id: str


@dataclass(frozen=True, slots=True)
class ProfileRestoreAsked:
    saga_id: str
    customer_id: str
    mobile_key: str
    former_number: str
    former_key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class FormerNumberReleaseAsked:
    saga_id: str
    customer_id: str
    former_key: str
    attempt: int


# A loan's origination: whether the bank goes ahead with its customer.


@dataclass(frozen=True, slots=True)
class ClearanceAsked:
    saga_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class ClearanceWithdrawalAsked:
    saga_id: str
    customer_id: str
    attempt: int


# What a customer is told of; whose it is, the message says.


@dataclass(frozen=True, slots=True)
class Amount:
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Declined:
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class Stopped:
    code: str


@dataclass(frozen=True, slots=True)
class Overdue:
    overdue_minor: int
    currency: str
