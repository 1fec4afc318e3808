"""How a card goes on and how it ends: replaced, expired, cancelled."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from cards.domain.card.credit import is_in_use, require_nothing_owed
from cards.domain.card.facts import Card, CardCancelled, CardExpired, CardReplaced, Event
from cards.domain.card.rules import require_not_blocked_by_bank, require_not_cancelled

# Commands.


@dataclass(frozen=True, slots=True)
class ReplaceCard:
    """The card is lost, stolen, worn or about to expire: the customer gets another with the same limits."""

    card_id: str
    token: str
    last_four: str
    replaced_on: date
    expires_on: date
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class ExpireCard:
    """Asked for by the bank's clock; takes effect only after the card's last day, and when nothing is owed on it."""

    card_id: str
    today: date


@dataclass(frozen=True, slots=True)
class CancelCard:
    card_id: str
    cancelled_on: date
    by_operator: bool = False


# Decisions.


def replace_card(card: Card, command: ReplaceCard) -> list[Event]:
    require_not_cancelled(card)
    if card.is_expired:
        raise Refused("card_expired", "This card has expired; only a new one can be issued.")
    require_not_blocked_by_bank(card, "replaces it", by_operator=command.by_operator)
    if command.token == card.token:
        raise Refused("same_token", "A replacement has a token of its own.")
    return [
        CardReplaced(
            card_id=command.card_id,
            customer_id=card.customer_id,
            replaced_token=card.token,
            token=command.token,
            last_four=command.last_four,
            replaced_on=command.replaced_on,
            expires_on=command.expires_on,
        )
    ]


def expire_card(card: Card, command: ExpireCard) -> list[Event]:
    if card.is_cancelled or card.is_expired or command.today <= card.expires_on or is_in_use(card, command.today):
        return []
    return [CardExpired(command.card_id, card.customer_id, command.today)]


def cancel_card(card: Card, command: CancelCard) -> list[Event]:
    if card.is_cancelled:
        return []
    require_not_blocked_by_bank(card, "cancels it", by_operator=command.by_operator)
    require_nothing_owed(card, command.cancelled_on)
    return [CardCancelled(command.card_id, card.customer_id, command.cancelled_on)]
