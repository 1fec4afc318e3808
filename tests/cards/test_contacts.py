"""Which cards keep the mobile number of their customer, and until when."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from bank.context import Unit
from bank.copies import ChangeCopy
from bank.recorded import Message
from bank.testing import given
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.facts import CardBlocked, CardCancelled, CardExpired, CardReplaced, CardUnblocked, Event
from cards.domain.cardholder.contact import (
    CARD_CONTACT,
    CardContactBarHeard,
    CardContactChanged,
    CardContactChangeDeclined,
)

TODAY = date(2026, 3, 2)
NAMES = {event: name for name, event in CARD.events.items()}

FRAUD = CardBlocked("k1", "fraud")
REPLACED = CardReplaced("k1", "c1", "tok_1", "tok_2", "1111", TODAY, TODAY)
CANCELLED = CardCancelled("k1", "c1", TODAY)
EXPIRED = CardExpired("k1", "c1", TODAY)

CHANGE = ChangeCopy("n1", "c1", "+35699123456")
CHANGED = [CardContactChanged("n1", "c1", "+35699123456")]
DECLINED = [CardContactChangeDeclined("n1", "c1", "card_blocked_for_fraud")]


def said(event: Event, version: int) -> Message[Event]:
    """What a card of c1 said, as Cards hears itself."""
    nobody = UUID(int=0)
    return Message(
        id=UUID(int=version),
        source="cards",
        type=f"cards.{NAMES[type(event)]}",
        stream=CARD.stream("k1"),
        version=version,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        on=TODAY,
        epoch=1,
        customer_id="c1",
        correlation_id=nobody,
        causation_id=nobody,
        command_id=nobody,
        actor="operator:1",
        data=event,
    )


def heard(*messages: Message[Event]) -> list[CardContactBarHeard]:
    """What the copy of c1's number makes of them, in the order in which they came."""
    history: list[CardContactBarHeard] = []
    for message in messages:
        unit = CARDS.subscriptions[message.type].react(message)
        if isinstance(unit, Unit):
            command: Any = unit.orders[0].command
            history += given(CARD_CONTACT, *history).when(command)
    return history


def test_a_card_blocked_for_fraud_bars_the_change_and_a_loss_reported_since_does_not_lift_it() -> None:
    assert given(CARD_CONTACT, *heard(said(FRAUD, 3))).when(CHANGE) == DECLINED
    both = heard(said(FRAUD, 3), said(CardBlocked("k1", "lost"), 4))
    assert given(CARD_CONTACT, *both).when(CHANGE) == DECLINED


@pytest.mark.parametrize(
    "end",
    [CardUnblocked("k1"), REPLACED, CANCELLED, EXPIRED],
    ids=["unblocked", "replaced", "cancelled", "expired"],
)
def test_it_bars_nothing_any_more_once_it_is_lifted_or_the_card_has_ended_in_any_order(end: Event) -> None:
    for messages in ([said(FRAUD, 3), said(end, 4)], [said(end, 4), said(FRAUD, 3)]):
        assert given(CARD_CONTACT, *heard(*messages)).when(CHANGE) == CHANGED


def test_a_card_blocked_again_after_it_was_replaced_bars_again() -> None:
    again = heard(said(FRAUD, 3), said(REPLACED, 4), said(FRAUD, 6))
    assert given(CARD_CONTACT, *again).when(CHANGE) == DECLINED
