"""What Accounts does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from typing import Any

from accounts.domain.contact import ACCOUNT_CONTACT, ChangeContact, HearBar, RestoreContact
from accounts.inbound import (
    AccountFrozen,
    AccountUnfrozen,
    ContactAsked,
    ContactRestoreAsked,
    NumberChangeRejected,
    NumberChangeRequested,
)
from bank.context import Order, Subscription, Unit
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id


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
    return Unit(Order(ACCOUNT_CONTACT, customer_id, command), id=do_id(process_id, "accounts"))


def restore(process_id: str, customer_id: str, attempt: int = 1) -> Unit:
    """Takes the change back, or forbids it if it was not asked for yet."""
    return Unit(
        Order(ACCOUNT_CONTACT, customer_id, RestoreContact(process_id, customer_id)),
        id=undo_id(process_id, "accounts", attempt),
        undoes=do_id(process_id, "accounts"),
    )


def hear_freeze(message: Message[AccountFrozen]) -> list[Unit]:
    """A legal order bars it for each side that it freezes; other reasons neither bar nor free."""
    return hear_bar(message, message.data.side, True) if message.data.because == "legal_order" else []


def hear_unfreeze(message: Message[AccountUnfrozen]) -> list[Unit]:
    return hear_bar(message, message.data.side, False)


def hear_bar(message: Message[Any], side: str, is_barred: bool) -> list[Unit]:
    sides = ("debit", "credit") if side == "both" else (side,)
    return [bar(message, f"{message.stream}/{side}", is_barred) for side in sides]


def bar(message: Message[Any], subject: str, is_barred: bool) -> Unit:
    customer_id = str(message.customer_id)
    return Unit(Order(ACCOUNT_CONTACT, customer_id, HearBar(customer_id, subject, message.version, is_barred)))


CONTACTS: dict[str, Subscription] = {
    "customers.AccountContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.AccountContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "accounts.AccountFrozen.v1": Subscription(AccountFrozen, hear_freeze, "hear_freeze", whole=True),
    "accounts.AccountUnfrozen.v1": Subscription(AccountUnfrozen, hear_unfreeze, "hear_unfreeze", whole=True),
}
