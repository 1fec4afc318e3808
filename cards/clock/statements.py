"""What happens to credit cards by a date: statements are closed, and minimums not paid in time are marked late."""

from datetime import date
from uuid import UUID

from bank.context import Order, Unit, step_id
from bank.recorded import Origin
from bank.sweeping import sweep
from cards import queries
from cards.clock.expiry import BATCH, CLOCK
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.credit import CloseStatement, MarkLate


def close_statements(today: date) -> int:
    """Close every statement whose day has come by `today`, those of missed months too; how many there were.

    Repeating it, for the same date or after a kill, closes nothing twice.
    """
    return sweep(
        CARDS,
        lambda after: queries.statements_to_close(today, after=after, limit=BATCH),
        lambda card: closing(card, today),
        lambda card: card.card_id,
        again=True,
    )


def mark_late(today: date) -> int:
    """Mark the cards whose minimum due was not paid in time; how many there were."""
    return sweep(
        CARDS,
        lambda after: queries.minimums_missed(today, after=after, limit=BATCH),
        lambda card: lateness(card, today),
        lambda card: card.card_id,
    )


def closing(card: queries.Card, today: date) -> Unit:
    return Unit(
        Order(CARD, card.card_id, CloseStatement(card.card_id, today)),
        id=step_id(card.card_id, f"statement/{card.next_closing_on}"),
        origin=Origin(CLOCK, correlation_id=UUID(card.card_id)),
    )


def lateness(card: queries.Card, today: date) -> Unit:
    return Unit(
        Order(CARD, card.card_id, MarkLate(card.card_id, today)),
        id=step_id(card.card_id, f"late/{card.payment_due_on}"),
        origin=Origin(CLOCK, correlation_id=UUID(card.card_id)),
    )
