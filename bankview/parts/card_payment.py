"""A card payment, from the events of Cards."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, assert_never

from bank.decider import ERASED
from bankview.inbound.cards import (
    CardPaymentAuthorized,
    CardPaymentCaptured,
    CardPaymentDeclined,
    CardPaymentExpired,
    CardPaymentRefunded,
    CardPaymentRefundSettled,
    CardPaymentRequested,
    CardPaymentReversed,
    CardPaymentSettled,
    CreditPaymentAuthorized,
    CreditPaymentCaptured,
    CreditPaymentExpired,
    CreditPaymentRefunded,
    CreditPaymentReversed,
)
from bankview.parts.part import Part, Said, key, money

RECENT_PAYMENTS = 20
"""So many are shown with the customer."""

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


@dataclass(frozen=True, slots=True)
class CardPayment:
    id: str
    requested_at: datetime
    card_id: str = ""
    account_id: str = ""
    amount_minor: int = 0
    currency: str = "EUR"
    merchant: str = ""
    status: str = ""
    code: str = ""
    captured_minor: int = 0
    refunded_minor: int = 0
    requested_on: date | None = None


def evolve(payment: CardPayment | None, said: Said) -> CardPayment:
    return fold(payment or CardPayment(key(said.stream), said.time), said.data)


def fold(payment: CardPayment, event: Event) -> CardPayment:
    match event:
        case CardPaymentRequested():
            return replace(
                payment,
                card_id=event.card_id,
                account_id=event.account_id,
                amount_minor=event.amount_minor,
                currency=event.currency,
                merchant=event.merchant,
                status="requested",
                requested_on=event.requested_on,
            )
        case CreditPaymentAuthorized():
            return replace(
                payment,
                card_id=event.card_id,
                amount_minor=event.amount_minor,
                currency=event.currency,
                merchant=event.merchant,
                status="authorized",
                requested_on=event.requested_on,
            )
        case CreditPaymentCaptured(amount_minor=captured):
            return replace(payment, status="settled", captured_minor=captured)
        case CardPaymentAuthorized():
            return replace(payment, status="authorized")
        case CardPaymentDeclined(code=code):
            return replace(payment, status="declined", code=code)
        case CardPaymentCaptured(amount_minor=captured):
            return replace(payment, status="captured", captured_minor=captured)
        case CardPaymentSettled():
            return replace(payment, status="settled")
        case CardPaymentReversed() | CreditPaymentReversed():
            return replace(payment, status="reversed")
        case CardPaymentExpired() | CreditPaymentExpired():
            return replace(payment, status="expired")
        case CardPaymentRefunded(amount_minor=amount) | CreditPaymentRefunded(amount_minor=amount):
            return replace(payment, refunded_minor=payment.refunded_minor + amount)
        case CardPaymentRefundSettled():
            return payment
        case _:
            assert_never(event)


def erased(payment: CardPayment) -> CardPayment:
    return replace(payment, merchant=payment.merchant and ERASED)


def document(payment: CardPayment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "card_id": payment.card_id,
        "account_id": payment.account_id or None,
        "amount": money(payment.amount_minor, payment.currency),
        "merchant": payment.merchant,
        "status": payment.status,
        "code": payment.code or None,
        "captured": money(payment.captured_minor, payment.currency),
        "refunded": money(payment.refunded_minor, payment.currency),
        "requested_on": payment.requested_on,
        "requested_at": payment.requested_at,
    }


CARD_PAYMENT: Part[CardPayment] = Part(
    name="card_payment",
    types={
        "cards.CardPaymentRequested.v1": CardPaymentRequested,
        "cards.CardPaymentAuthorized.v1": CardPaymentAuthorized,
        "cards.CardPaymentDeclined.v1": CardPaymentDeclined,
        "cards.CardPaymentCaptured.v1": CardPaymentCaptured,
        "cards.CardPaymentSettled.v1": CardPaymentSettled,
        "cards.CardPaymentReversed.v1": CardPaymentReversed,
        "cards.CardPaymentExpired.v1": CardPaymentExpired,
        "cards.CardPaymentRefunded.v1": CardPaymentRefunded,
        "cards.CardPaymentRefundSettled.v1": CardPaymentRefundSettled,
        "cards.CreditPaymentAuthorized.v1": CreditPaymentAuthorized,
        "cards.CreditPaymentCaptured.v1": CreditPaymentCaptured,
        "cards.CreditPaymentReversed.v1": CreditPaymentReversed,
        "cards.CreditPaymentExpired.v1": CreditPaymentExpired,
        "cards.CreditPaymentRefunded.v1": CreditPaymentRefunded,
    },
    blank=CardPayment("", datetime.fromtimestamp(0, UTC)),
    evolve=evolve,
    document=document,
    ordered_by="requested_at",
    erased=erased,
)
