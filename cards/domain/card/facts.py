"""What has happened to a card, and how it stands after it. Amounts are minor units of the card's currency.

A card is the agreement; what the customer carries is named by its token and may be replaced, while the id, the limits
and what was spent stay.

The daily limit is kept by a counter of one day only, so the state stays small however long the card lives: a later day
starts it again, and a payment dated before the day counted is counted within it.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from cards.domain.card import credit_facts
from cards.domain.card.credit_facts import Credit

BANK_CAUSES = ("operator", "fraud")
"""Only the bank blocks a card for these, and only the bank unblocks it."""

# Facts.


@dataclass(frozen=True, slots=True)
class CardIssued:
    """A debit card draws on an account. A credit card has none: the last four fields are its own."""

    card_id: str
    kind: str
    customer_id: str
    account_id: str
    currency: str
    token: str
    last_four: str
    per_payment_limit_minor: int
    per_day_limit_minor: int
    issued_on: date
    expires_on: date
    credit_limit_minor: int = 0
    rate_bps: int = 0
    statement_day: int = 0
    first_closing_on: date | None = None


@dataclass(frozen=True, slots=True)
class CardActivated:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardBlocked:
    card_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class CardUnblocked:
    card_id: str


@dataclass(frozen=True, slots=True)
class PaymentLimitsChanged:
    card_id: str
    per_payment_limit_minor: int
    per_day_limit_minor: int


@dataclass(frozen=True, slots=True)
class CreditLimitChanged:
    """It may lie below what is owed; then nothing is lent until enough of it is paid."""

    card_id: str
    customer_id: str
    credit_limit_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SpendReserved:
    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date


@dataclass(frozen=True, slots=True)
class SpendReleased:
    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date


@dataclass(frozen=True, slots=True)
class CardReplaced:
    """From now on `replaced_token` is dead. The new one has to be activated."""

    card_id: str
    customer_id: str
    replaced_token: str
    token: str
    last_four: str
    replaced_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class CardExpired:
    card_id: str
    customer_id: str
    expired_on: date


@dataclass(frozen=True, slots=True)
class CardCancelled:
    card_id: str
    customer_id: str
    cancelled_on: date


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
    | credit_facts.Event
)

# State.


@dataclass(frozen=True, slots=True)
class Card:
    """`blocked_for` is the gravest cause, `blocked_by_bank_for` the bank's own: that stays, whatever the customer
    reports, until the bank lifts it."""

    customer_id: str = ""
    currency: str = ""
    token: str = ""
    expires_on: date = date.min
    is_active: bool = False
    is_expired: bool = False
    is_cancelled: bool = False
    blocked_for: str = ""
    blocked_by_bank_for: str = ""
    per_payment_limit_minor: int = 0
    per_day_limit_minor: int = 0
    counted_on: date = date.min
    spent_minor: int = 0
    credit: Credit | None = None

    @property
    def is_issued(self) -> bool:
        return self.customer_id != ""

    @property
    def status(self) -> str:
        if self.is_cancelled:
            return "cancelled"
        if self.is_expired:
            return "expired"
        if self.blocked_for:
            return "blocked"
        return "active" if self.is_active else "issued"

    def spent_by(self, day: date) -> int:
        """What counts against the daily limit of a payment made on `day`."""
        return 0 if day > self.counted_on else self.spent_minor


def evolve(card: Card, event: Event) -> Card:
    match event:
        case CardIssued():
            return Card(
                customer_id=event.customer_id,
                currency=event.currency,
                token=event.token,
                expires_on=event.expires_on,
                per_payment_limit_minor=event.per_payment_limit_minor,
                per_day_limit_minor=event.per_day_limit_minor,
                credit=credit_of(event),
            )
        case CardActivated():
            return replace(card, is_active=True)
        case CardBlocked(cause=cause):
            by_bank = cause if cause in BANK_CAUSES else card.blocked_by_bank_for
            return replace(card, blocked_for=cause, blocked_by_bank_for=by_bank)
        case CardUnblocked():
            return replace(card, blocked_for="", blocked_by_bank_for="")
        case PaymentLimitsChanged(per_payment_limit_minor=payment, per_day_limit_minor=day):
            return replace(card, per_payment_limit_minor=payment, per_day_limit_minor=day)
        case CreditLimitChanged(credit_limit_minor=limit):
            return card if card.credit is None else replace(card, credit=replace(card.credit, limit_minor=limit))
        case SpendReserved():
            return spent(card, event.amount_minor, event.spent_on)
        case SpendReleased():
            return given_back(card, event.amount_minor, event.spent_on)
        case CardReplaced(token=token, expires_on=expires_on):
            fresh = replace(card, token=token, expires_on=expires_on)
            return replace(fresh, is_active=False, is_expired=False, blocked_for="", blocked_by_bank_for="")
        case CardExpired():
            return replace(card, is_expired=True)
        case CardCancelled():
            return replace(card, is_cancelled=True)
        case credit_facts.CreditReserved():
            return on_credit(spent(card, event.amount_minor, event.spent_on), event)
        case credit_facts.CreditReleased():
            return on_credit(given_back(card, event.amount_minor, event.spent_on), event)
        case (
            credit_facts.CardCharged()
            | credit_facts.CardCredited()
            | credit_facts.CardInterestCharged()
            | credit_facts.StatementClosed()
            | credit_facts.StatementOverdue()
            | credit_facts.BillPaymentRequested()
            | credit_facts.BillPaymentApplied()
            | credit_facts.BillPaymentDeclined()
            | credit_facts.BillPaymentRejected()
            | credit_facts.BillPaymentRefunded()
            | credit_facts.CardPayoutRequested()
            | credit_facts.CardPayoutSettled()
            | credit_facts.CardPayoutDeclined()
        ):
            return on_credit(card, event)
        case _:
            assert_never(event)


def spent(card: Card, amount_minor: int, day: date) -> Card:
    return replace(card, counted_on=max(day, card.counted_on), spent_minor=card.spent_by(day) + amount_minor)


def given_back(card: Card, amount_minor: int, day: date) -> Card:
    return replace(card, spent_minor=max(0, card.spent_minor - amount_minor)) if day == card.counted_on else card


def credit_of(issued: CardIssued) -> Credit | None:
    if issued.first_closing_on is None:
        return None
    return Credit(issued.credit_limit_minor, issued.rate_bps, issued.first_closing_on, issued.issued_on)


def on_credit(card: Card, event: credit_facts.Event) -> Card:
    return card if card.credit is None else replace(card, credit=credit_facts.evolve(card.credit, event))
