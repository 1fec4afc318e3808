"""What Loans does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from typing import Any

from bank.context import Order, Subscription, Unit
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id
from loans.domain.contact import LOAN_CONTACT, ChangeContact, HearBar, RestoreContact
from loans.inbound import (
    ContactAsked,
    ContactRestoreAsked,
    LoanRecovered,
    LoanWrittenOff,
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
    return Unit(Order(LOAN_CONTACT, customer_id, command), id=do_id(process_id, "loans"))


def restore(process_id: str, customer_id: str, attempt: int = 1) -> Unit:
    """Takes the change back, or forbids it if it was not asked for yet."""
    return Unit(
        Order(LOAN_CONTACT, customer_id, RestoreContact(process_id, customer_id)),
        id=undo_id(process_id, "loans", attempt),
        undoes=do_id(process_id, "loans"),
    )


def hear_write_off(message: Message[LoanWrittenOff]) -> Unit:
    return bar(message, True)


def hear_recovery(message: Message[LoanRecovered]) -> Unit | None:
    return bar(message, False) if message.data.outstanding_minor == 0 else None


def bar(message: Message[Any], is_barred: bool) -> Unit:
    customer_id = message.data.customer_id
    return Unit(Order(LOAN_CONTACT, customer_id, HearBar(customer_id, message.stream, message.version, is_barred)))


CONTACTS: dict[str, Subscription] = {
    "customers.LoanContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.LoanContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "loans.LoanWrittenOff.v1": Subscription(LoanWrittenOff, hear_write_off, "hear_write_off", whole=True),
    "loans.LoanRecovered.v1": Subscription(LoanRecovered, hear_recovery, "hear_recovery", whole=True),
}
