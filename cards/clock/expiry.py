"""What ends by a date. Authorizations which nobody captured in time: Cards alone ends them, and Accounts hears it by
message. Cards whose last day is over. Bill payments which nobody answered: Accounts hears that they are taken back."""

from datetime import date, datetime
from uuid import UUID

from bank.context import Order, Unit, step_id
from bank.recorded import Origin
from bank.sweeping import sweep
from cards import queries
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.bill import GiveUpBillPayment
from cards.domain.card.life import ExpireCard
from cards.domain.payment import PAYMENT, ExpirePayment

BATCH = 500
CLOCK = "service:cards"


def expire_authorizations(today: date) -> int:
    """Expire what has outlived its last day, in batches; how many did. Repeating it does no harm."""
    return sweep(
        CARDS,
        lambda after: queries.due_to_expire(today, after=after, limit=BATCH),
        lambda payment_id: expiry(payment_id, today),
        str,
    )


def expire_cards(today: date) -> int:
    """Expire the cards whose last day is before `today`, in batches; how many did. Repeating it does no harm."""
    return sweep(
        CARDS,
        lambda after: queries.cards_past_their_last_day(today, after=after, limit=BATCH),
        lambda card_id: card_expiry(card_id, today),
        str,
    )


def give_up_bill_payments(now: datetime, today: date) -> int:
    """Take back, in batches, what Accounts has not answered in time; how many there were."""
    return sweep(
        CARDS,
        lambda after: queries.bill_payments_unanswered(now, after=after, limit=BATCH),
        lambda payment: giving_up(payment, today),
        lambda payment: payment.payment_id,
    )


def giving_up(payment: queries.BillPayment, today: date) -> Unit:
    return Unit(
        Order(CARD, payment.card_id, GiveUpBillPayment(payment.payment_id, payment.card_id, today)),
        id=step_id(payment.payment_id, "give-up"),
        origin=Origin(CLOCK, correlation_id=UUID(payment.payment_id)),
    )


def expiry(payment_id: str, today: date) -> Unit:
    return Unit(
        Order(PAYMENT, payment_id, ExpirePayment(payment_id, today)),
        id=step_id(payment_id, f"expire/{today}"),
        origin=Origin(CLOCK, correlation_id=UUID(payment_id)),
    )


def card_expiry(card_id: str, today: date) -> Unit:
    return Unit(
        Order(CARD, card_id, ExpireCard(card_id, today)),
        id=step_id(card_id, f"expire/{today}"),
        origin=Origin(CLOCK, correlation_id=UUID(card_id)),
    )
