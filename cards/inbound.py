"""The fields we read of what others say, and of what we said ourselves."""

from dataclasses import dataclass
from datetime import date

# Accounts.


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    customer_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class FundsHeld:
    hold_id: str


@dataclass(frozen=True, slots=True)
class HoldDeclined:
    hold_id: str
    code: str


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    process_id: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    """`process_id` is set where a process asked for the credit; `refund_id` says which refund of it this is, and
    `contra` where the money came from."""

    booked_on: date
    process_id: str | None = None
    refund_id: str | None = None
    contra: str = ""


@dataclass(frozen=True, slots=True)
class CreditDeclined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    """`contra` says what for, and `process_id` for which."""

    contra: str
    booked_on: date
    process_id: str | None = None


@dataclass(frozen=True, slots=True)
class DebitDeclined:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class DebitCancelled:
    """It was taken back before anything was taken; nothing will be."""

    process_id: str


@dataclass(frozen=True, slots=True)
class TransitReturned:
    """What had been taken is on the account again; nothing of it, where people had moved the money to suspense."""

    process_id: str
    booked_on: date
    amount_minor: int


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


# Our own.


@dataclass(frozen=True, slots=True)
class PaymentGivenUp:
    """Our own payment was declined, reversed or has expired."""

    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    requested_on: date


# Customers.


@dataclass(frozen=True, slots=True)
class CustomerErasureRequested:
    customer_id: str
    requested_on: date


# Our own.


@dataclass(frozen=True, slots=True)
class CardholderErasureBegun:
    customer_id: str
    begun_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentCaptured:
    payment_id: str
    card_id: str
    amount_minor: int
    authorized_minor: int
    currency: str
    captured_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentRefunded:
    payment_id: str
    card_id: str
    refund_id: str
    amount_minor: int
    currency: str
    refunded_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentCollected:
    payment_id: str
    card_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentUncollected:
    payment_id: str
    card_id: str
    code: str


@dataclass(frozen=True, slots=True)
class BillPaymentReturned:
    payment_id: str
    card_id: str
    returned_on: date
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class PayoutCredited:
    payout_id: str
    card_id: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class PayoutUncredited:
    payout_id: str
    card_id: str
    code: str
    declined_on: date


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
class CardBlocked:
    cause: str


@dataclass(frozen=True, slots=True)
class BlockLifted:
    """Our own card was unblocked, replaced or cancelled, or has expired."""

    card_id: str
