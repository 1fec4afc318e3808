"""What Loans does about a customer's mobile number: it keeps a copy, and may refuse to change it.

A change is asked for by a saga, or heard of at its request when no saga coordinates it; either way it is one command.
"""

from bank.context import Subscription, Unit
from bank.copies import Keeper
from bank.recorded import Message
from loans.domain.borrower.contact import LOAN_CONTACT
from loans.inbound import (
    ContactAsked,
    ContactRestoreAsked,
    LoanCured,
    LoanDefaulted,
    LoanRecovered,
    LoanWrittenOff,
    NumberChangeRejected,
    NumberChangeRequested,
)

KEEPER = Keeper(LOAN_CONTACT, "loans")


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


def hear_default(message: Message[LoanDefaulted]) -> Unit:
    return KEEPER.hear(message, message.stream, is_barred=True)


def hear_cure(message: Message[LoanCured]) -> Unit:
    return KEEPER.hear(message, message.stream, is_barred=False)


def hear_write_off(message: Message[LoanWrittenOff]) -> Unit:
    return KEEPER.hear(message, message.stream, is_barred=True)


def hear_recovery(message: Message[LoanRecovered]) -> Unit | None:
    return KEEPER.hear(message, message.stream, is_barred=False) if message.data.outstanding_minor == 0 else None


CONTACTS: dict[str, Subscription] = {
    "customers.LoanContactAsked.v1": Subscription(ContactAsked, change_contact, "change_contact"),
    "customers.LoanContactRestoreAsked.v1": Subscription(ContactRestoreAsked, restore_contact, "restore_contact"),
    "customers.NumberChangeRequested.v1": Subscription(NumberChangeRequested, hear_request, "hear_number_change"),
    "customers.NumberChangeRejected.v1": Subscription(NumberChangeRejected, hear_rejection, "hear_rejection"),
    "loans.LoanDefaulted.v1": Subscription(LoanDefaulted, hear_default, "hear_default", whole=True),
    "loans.LoanCured.v1": Subscription(LoanCured, hear_cure, "hear_cure", whole=True),
    "loans.LoanWrittenOff.v1": Subscription(LoanWrittenOff, hear_write_off, "hear_write_off", whole=True),
    "loans.LoanRecovered.v1": Subscription(LoanRecovered, hear_recovery, "hear_recovery", whole=True),
}
