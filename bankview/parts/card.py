"""A card, from the events of Cards."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from bankview.inbound.cards import (
    BillPaymentApplied,
    BillPaymentDeclined,
    BillPaymentRefunded,
    BillPaymentRejected,
    BillPaymentRequested,
    CardActivated,
    CardBlocked,
    CardCancelled,
    CardCharged,
    CardCredited,
    CardExpired,
    CardInterestCharged,
    CardIssued,
    CardPayoutDeclined,
    CardPayoutRequested,
    CardPayoutSettled,
    CardReplaced,
    CardUnblocked,
    CreditLimitChanged,
    CreditReleased,
    CreditReserved,
    PaymentLimitsChanged,
    SpendReleased,
    SpendReserved,
    StatementClosed,
    StatementOverdue,
)
from bankview.parts.part import Part, Said, key, money

Event = (
    CardIssued
    | CardActivated
    | CardBlocked
    | CardUnblocked
    | PaymentLimitsChanged
    | CreditLimitChanged
    | SpendReserved
    | SpendReleased
    | CardReplaced
    | CardExpired
    | CardCancelled
    | CreditReserved
    | CreditReleased
    | CardCharged
    | CardCredited
    | CardInterestCharged
    | StatementClosed
    | StatementOverdue
    | BillPaymentRequested
    | BillPaymentApplied
    | BillPaymentDeclined
    | BillPaymentRejected
    | BillPaymentRefunded
    | CardPayoutRequested
    | CardPayoutSettled
    | CardPayoutDeclined
)


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    kind: str = ""
    account_id: str = ""
    currency: str = "EUR"
    last_four: str = ""
    is_active: bool = False
    is_expired: bool = False
    is_cancelled: bool = False
    blocked_for: str = ""
    per_payment_limit_minor: int = 0
    per_day_limit_minor: int = 0
    issued_on: date | None = None
    expires_on: date | None = None
    credit_limit_minor: int = 0
    outstanding_minor: int = 0
    authorized_minor: int = 0

    @property
    def status(self) -> str:
        if self.is_cancelled:
            return "cancelled"
        if self.is_expired:
            return "expired"
        if self.blocked_for:
            return "blocked"
        return "active" if self.is_active else "issued"


def evolve(card: Card | None, said: Said) -> Card:
    return fold(card or Card(key(said.stream)), said.data)


def fold(card: Card, event: Event) -> Card:
    match event:
        case CardIssued():
            return Card(
                id=event.card_id,
                kind=event.kind,
                account_id=event.account_id,
                currency=event.currency,
                last_four=event.last_four,
                per_payment_limit_minor=event.per_payment_limit_minor,
                per_day_limit_minor=event.per_day_limit_minor,
                issued_on=event.issued_on,
                expires_on=event.expires_on,
                credit_limit_minor=event.credit_limit_minor,
            )
        case CardActivated():
            return replace(card, is_active=True)
        case CardBlocked(cause=cause):
            return replace(card, blocked_for=cause)
        case CardUnblocked():
            return replace(card, blocked_for="")
        case PaymentLimitsChanged(per_payment_limit_minor=payment, per_day_limit_minor=day):
            return replace(card, per_payment_limit_minor=payment, per_day_limit_minor=day)
        case CreditLimitChanged(credit_limit_minor=limit):
            return replace(card, credit_limit_minor=limit)
        case SpendReserved() | SpendReleased() | StatementClosed() | StatementOverdue():
            return card
        case BillPaymentRequested() | BillPaymentDeclined() | BillPaymentRejected() | BillPaymentRefunded():
            return card
        case CardPayoutSettled():
            return card
        case CreditReserved(amount_minor=amount):
            return replace(card, authorized_minor=card.authorized_minor + amount)
        case CreditReleased(amount_minor=amount):
            return replace(card, authorized_minor=card.authorized_minor - amount)
        case CardCharged(amount_minor=amount, authorized_minor=authorized):
            return replace(
                card,
                authorized_minor=card.authorized_minor - authorized,
                outstanding_minor=card.outstanding_minor + amount,
            )
        case (
            CardCredited(amount_minor=amount)
            | BillPaymentApplied(amount_minor=amount)
            | CardPayoutDeclined(amount_minor=amount)
        ):
            return replace(card, outstanding_minor=card.outstanding_minor - amount)
        case CardInterestCharged(amount_minor=amount) | CardPayoutRequested(amount_minor=amount):
            return replace(card, outstanding_minor=card.outstanding_minor + amount)
        case CardReplaced(last_four=last_four, expires_on=expires_on):
            fresh = replace(card, last_four=last_four, expires_on=expires_on)
            return replace(fresh, is_active=False, is_expired=False, blocked_for="")
        case CardExpired():
            return replace(card, is_expired=True)
        case CardCancelled():
            return replace(card, is_cancelled=True)
        case _:
            assert_never(event)


def document(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "kind": card.kind,
        "account_id": card.account_id or None,
        "last_four": card.last_four,
        "status": card.status,
        "blocked_for": card.blocked_for or None,
        "per_payment_limit": money(card.per_payment_limit_minor, card.currency),
        "per_day_limit": money(card.per_day_limit_minor, card.currency),
        "credit_limit": lent(card, card.credit_limit_minor),
        "outstanding": lent(card, card.outstanding_minor),
        "available": lent(card, card.credit_limit_minor - card.outstanding_minor - card.authorized_minor),
        "issued_on": card.issued_on,
        "expires_on": card.expires_on,
    }


def lent(card: Card, amount_minor: int) -> dict[str, str] | None:
    return money(amount_minor, card.currency) if card.kind == "credit" else None


CARD: Part[Card] = Part(
    name="card",
    types={
        "cards.CardIssued.v1": CardIssued,
        "cards.CardActivated.v1": CardActivated,
        "cards.CardBlocked.v1": CardBlocked,
        "cards.CardUnblocked.v1": CardUnblocked,
        "cards.PaymentLimitsChanged.v1": PaymentLimitsChanged,
        "cards.CreditLimitChanged.v1": CreditLimitChanged,
        "cards.SpendReserved.v1": SpendReserved,
        "cards.SpendReleased.v1": SpendReleased,
        "cards.CardReplaced.v1": CardReplaced,
        "cards.CardExpired.v1": CardExpired,
        "cards.CardCancelled.v1": CardCancelled,
        "cards.CreditReserved.v1": CreditReserved,
        "cards.CreditReleased.v1": CreditReleased,
        "cards.CardCharged.v1": CardCharged,
        "cards.CardCredited.v1": CardCredited,
        "cards.CardInterestCharged.v1": CardInterestCharged,
        "cards.StatementClosed.v1": StatementClosed,
        "cards.StatementOverdue.v1": StatementOverdue,
        "cards.BillPaymentRequested.v1": BillPaymentRequested,
        "cards.BillPaymentApplied.v1": BillPaymentApplied,
        "cards.BillPaymentDeclined.v1": BillPaymentDeclined,
        "cards.BillPaymentRejected.v1": BillPaymentRejected,
        "cards.BillPaymentRefunded.v1": BillPaymentRefunded,
        "cards.CardPayoutRequested.v1": CardPayoutRequested,
        "cards.CardPayoutSettled.v1": CardPayoutSettled,
        "cards.CardPayoutDeclined.v1": CardPayoutDeclined,
    },
    blank=Card(""),
    evolve=evolve,
    document=document,
    ordered_by="issued_on",
)
