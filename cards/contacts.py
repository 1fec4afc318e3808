"""What Cards does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from typing import Any

from bank.context import Order, Subscription, Unit
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id
from cards.domain.contact import CARD_CONTACT, ChangeContact, HearBar, RestoreContact
from cards.inbound import (
    CardBlocked,
    CardUnblocked,
    ContactAsked,
    ContactRestoreAsked,
    NumberChangeRejected,
    NumberChangeRequested,
)


def change_contact(asked: ContactAsked) -> Unit:
    return change(asked.saga_id, asked.customer_id, asked.mobile_number)


def restore_contact(asked: ContactRestoreAsked) -> Unit:
    return restore(asked.saga_id, asked.customer_id, asked.attempt)


def hear_request(requested: NumberChangeRequested) -> Unit | None:
    if requested.is_coordinated:
        return None
    return change(requested.process_id, requested.customer_id, requested.mobile_number)


def hear_rejection(rejected: NumberChangeRejected) -> Unit:
    return restore(rejected.process_id, rejected.customer_id)


def change(process_id: str, customer_id: str, mobile_number: str) -> Unit:
    command = ChangeContact(process_id, customer_id, mobile_number)
    return Unit(Order(CARD_CONTACT, customer_id, command), id=do_id(process_id, "cards"))


def restore(process_id: str, customer_id: str, attempt: int = 1) -> Unit:
    """Takes the change back, or forbids it if it was not asked for yet."""
    return Unit(
        Order(CARD_CONTACT, customer_id, RestoreContact(process_id, customer_id)),
        id=undo_id(process_id, "cards", attempt),
        undoes=do_id(process_id, "cards"),
    )


def hear_block(message: Message[CardBlocked]) -> Unit | None:
    return bar(message, message.stream, True) if message.data.cause == "fraud" else None


def hear_unblock(message: Message[CardUnblocked]) -> Unit:
    return bar(message, message.stream, False)


def bar(message: Message[Any], subject: str, is_barred: bool) -> Unit:
    customer_id = str(message.customer_id)
    return Unit(Order(CARD_CONTACT, customer_id, HearBar(customer_id, subject, message.version, is_barred)))


CONTACTS: dict[str, Subscription] = {
    "customers.CardContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.CardContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "cards.CardBlocked.v1": Subscription(CardBlocked, hear_block, "hear_block", whole=True),
    "cards.CardUnblocked.v1": Subscription(CardUnblocked, hear_unblock, "hear_unblock", whole=True),
}
