"""What Cards does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from bank.context import Subscription, Unit
from bank.copies import Keeper
from bank.recorded import Message
from cards.domain.cardholder.contact import CARD_CONTACT
from cards.inbound import (
    BlockLifted,
    CardBlocked,
    ContactAsked,
    ContactRestoreAsked,
    NumberChangeRejected,
    NumberChangeRequested,
)

KEEPER = Keeper(CARD_CONTACT, "cards")


def change_contact(asked: ContactAsked) -> Unit:
    return KEEPER.change(asked.saga_id, asked.customer_id, asked.mobile_number)


def restore_contact(asked: ContactRestoreAsked) -> Unit:
    return KEEPER.restore(asked.saga_id, asked.customer_id, asked.attempt)


def hear_request(requested: NumberChangeRequested) -> Unit | None:
    if requested.is_coordinated:
        return None
    return KEEPER.change(requested.process_id, requested.customer_id, requested.mobile_number)


def hear_rejection(rejected: NumberChangeRejected) -> Unit:
    return KEEPER.restore(rejected.process_id, rejected.customer_id)


def hear_block(message: Message[CardBlocked]) -> Unit | None:
    return KEEPER.hear(message, message.stream, is_barred=True) if message.data.cause == "fraud" else None


def hear_unblock(message: Message[BlockLifted]) -> Unit:
    return KEEPER.hear(message, message.stream, is_barred=False)


CONTACTS: dict[str, Subscription] = {
    "customers.CardContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.CardContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "cards.CardBlocked.v1": Subscription(CardBlocked, hear_block, "hear_block", whole=True),
    "cards.CardUnblocked.v1": Subscription(BlockLifted, hear_unblock, "hear_unblock", whole=True),
    "cards.CardReplaced.v1": Subscription(BlockLifted, hear_unblock, "hear_replacement", whole=True),
    "cards.CardCancelled.v1": Subscription(BlockLifted, hear_unblock, "hear_cancellation", whole=True),
    "cards.CardExpired.v1": Subscription(BlockLifted, hear_unblock, "hear_expiry", whole=True),
}
