"""What has happened to a card payment, and how it stands after it. Amounts are minor units of the card's currency.

Where somebody was is personal, so the merchant is sealed; no decision needs to know it, so the state does not keep it.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Personal

# Facts.


@dataclass(frozen=True, slots=True)
class CardPaymentRequested:
    payment_id: str
    card_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    merchant: Personal
    auto_capture: bool
    requested_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentAuthorized:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardPaymentDeclined:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    requested_on: date
    code: str


@dataclass(frozen=True, slots=True)
class CardPaymentCaptured:
    payment_id: str
    card_id: str
    account_id: str
    amount_minor: int
    currency: str
    captured_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentSettled:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentReversed:
    payment_id: str
    card_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentExpired:
    payment_id: str
    card_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CardPaymentRefunded:
    payment_id: str
    card_id: str
    account_id: str
    refund_id: str
    amount_minor: int
    currency: str
    refunded_on: date
    merchant: Personal = ""


@dataclass(frozen=True, slots=True)
class CardPaymentRefundSettled:
    payment_id: str
    card_id: str
    refund_id: str
    amount_minor: int
    currency: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentAuthorized:
    """A payment by credit card begins authorized: its card has let it pass in the same breath."""

    payment_id: str
    card_id: str
    customer_id: str
    amount_minor: int
    currency: str
    merchant: Personal
    requested_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentCaptured:
    """Captured is settled: the customer owes it, and the bank owes it to the card scheme."""

    payment_id: str
    card_id: str
    customer_id: str
    amount_minor: int
    authorized_minor: int
    currency: str
    captured_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentReversed:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentExpired:
    payment_id: str
    card_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CreditPaymentRefunded:
    payment_id: str
    card_id: str
    refund_id: str
    amount_minor: int
    currency: str
    refunded_on: date
    merchant: Personal = ""


Event = (
    CardPaymentRequested
    | CardPaymentAuthorized
    | CardPaymentDeclined
    | CardPaymentCaptured
    | CardPaymentSettled
    | CardPaymentReversed
    | CardPaymentExpired
    | CardPaymentRefunded
    | CardPaymentRefundSettled
    | CreditPaymentAuthorized
    | CreditPaymentCaptured
    | CreditPaymentReversed
    | CreditPaymentExpired
    | CreditPaymentRefunded
)

# State.


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund on its way to the account."""

    refund_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payment:
    status: str = ""
    on_credit: bool = False
    card_id: str = ""
    account_id: str = ""
    customer_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    auto_capture: bool = False
    requested_on: date = date.min
    expires_on: date = date.min
    captured_minor: int = 0
    refunded_minor: int = 0
    refunds: int = 0
    open_refunds: tuple[Refund, ...] = ()


def evolve(payment: Payment, event: Event) -> Payment:
    match event:
        case CardPaymentRequested():
            return Payment(
                status="requested",
                card_id=event.card_id,
                account_id=event.account_id,
                customer_id=event.customer_id,
                amount_minor=event.amount_minor,
                currency=event.currency,
                auto_capture=event.auto_capture,
                requested_on=event.requested_on,
                expires_on=event.expires_on,
            )
        case CardPaymentAuthorized():
            return replace(payment, status="authorized")
        case CardPaymentDeclined():
            return replace(payment, status="declined")
        case CardPaymentCaptured(amount_minor=captured):
            return replace(payment, status="captured", captured_minor=captured)
        case CardPaymentSettled():
            return replace(payment, status="settled")
        case CreditPaymentAuthorized():
            return Payment(
                status="authorized",
                on_credit=True,
                card_id=event.card_id,
                customer_id=event.customer_id,
                amount_minor=event.amount_minor,
                currency=event.currency,
                requested_on=event.requested_on,
                expires_on=event.expires_on,
            )
        case CreditPaymentCaptured(amount_minor=captured):
            return replace(payment, status="settled", captured_minor=captured)
        case CreditPaymentRefunded(amount_minor=amount):
            return replace(payment, refunded_minor=payment.refunded_minor + amount, refunds=payment.refunds + 1)
        case CardPaymentReversed() | CreditPaymentReversed():
            return replace(payment, status="reversed")
        case CardPaymentExpired() | CreditPaymentExpired():
            return replace(payment, status="expired")
        case CardPaymentRefunded(refund_id=refund_id, amount_minor=amount):
            return replace(
                payment,
                refunded_minor=payment.refunded_minor + amount,
                refunds=payment.refunds + 1,
                open_refunds=(*payment.open_refunds, Refund(refund_id, amount)),
            )
        case CardPaymentRefundSettled(refund_id=refund_id):
            return replace(payment, open_refunds=tuple(r for r in payment.open_refunds if r.refund_id != refund_id))
        case _:
            assert_never(event)
