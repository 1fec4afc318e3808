"""What Accounts does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from typing import Any

from accounts.domain.holder.contact import ACCOUNT_CONTACT
from accounts.inbound import (
    AccountFrozen,
    AccountUnfrozen,
    ContactAsked,
    ContactRestoreAsked,
    NumberChangeRejected,
    NumberChangeRequested,
)
from bank.context import Subscription, Unit
from bank.copies import Keeper
from bank.recorded import Message

KEEPER = Keeper(ACCOUNT_CONTACT, "accounts")


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


def hear_freeze(message: Message[AccountFrozen]) -> list[Unit]:
    """A legal order bars it for each side that it freezes; other reasons neither bar nor free."""
    return hear_bar(message, message.data.side, is_barred=True) if message.data.because == "legal_order" else []


def hear_unfreeze(message: Message[AccountUnfrozen]) -> list[Unit]:
    """Lifted as a legal order, or before freezes were lifted by their reason, when all were."""
    lifts = message.data.because in ("legal_order", None)
    return hear_bar(message, message.data.side, is_barred=False) if lifts else []


def hear_bar(message: Message[Any], side: str, *, is_barred: bool) -> list[Unit]:
    sides = ("debit", "credit") if side == "both" else (side,)
    return [KEEPER.hear(message, f"{message.stream}/{side}", is_barred=is_barred) for side in sides]


CONTACTS: dict[str, Subscription] = {
    "customers.AccountContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.AccountContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "accounts.AccountFrozen.v1": Subscription(AccountFrozen, hear_freeze, "hear_freeze", whole=True),
    "accounts.AccountUnfrozen.v1": Subscription(AccountUnfrozen, hear_unfreeze, "hear_unfreeze", whole=True),
}
