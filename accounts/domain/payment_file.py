"""A file of payments: accepted whole, executed line by line, and how far that has come.

Amounts are minor units of the file's one currency. The lines themselves are an attachment: the event names its digest.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from accounts.domain.account.money import MAX_BALANCE_MINOR
from bank.decider import Decider, Personal, Refused

MAX_LINES = 100_000

FileFormat = Literal["pain001", "csv"]

# Facts.


@dataclass(frozen=True, slots=True)
class PaymentFileAccepted:
    """`message_id` is the customer's name for the file; `amount_minor` is the sum of its lines."""

    file_id: str
    customer_id: str
    message_id: Personal
    format: FileFormat
    lines: int
    amount_minor: int
    currency: str
    digest: str
    accepted_on: date


@dataclass(frozen=True, slots=True)
class PaymentLinesExecuted:
    """Lines up to and including `through` have been executed; `accepted` and `refused` count those new since before."""

    file_id: str
    through: int
    accepted: int
    refused: int
    accepted_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentFileGivenUp:
    """What follows line `after` can no longer be read: these lines are refused, never having been executed."""

    file_id: str
    after: int
    refused: int


@dataclass(frozen=True, slots=True)
class PaymentFileCompleted:
    """The totals of the whole file."""

    file_id: str
    customer_id: str
    accepted: int
    refused: int
    accepted_minor: int
    currency: str


Event = PaymentFileAccepted | PaymentLinesExecuted | PaymentFileGivenUp | PaymentFileCompleted

# State.


@dataclass(frozen=True, slots=True)
class PaymentFile:
    customer_id: str | None = None
    format: FileFormat = "pain001"
    lines: int = 0
    amount_minor: int = 0
    currency: str = ""
    digest: str = ""
    accepted_on: date = date.min
    through: int = 0
    accepted: int = 0
    refused: int = 0
    accepted_minor: int = 0


def evolve(file: PaymentFile, event: Event) -> PaymentFile:
    match event:
        case PaymentFileAccepted():
            return PaymentFile(
                customer_id=event.customer_id,
                format=event.format,
                lines=event.lines,
                amount_minor=event.amount_minor,
                currency=event.currency,
                digest=event.digest,
                accepted_on=event.accepted_on,
            )
        case PaymentLinesExecuted():
            return replace(
                file,
                through=event.through,
                accepted=file.accepted + event.accepted,
                refused=file.refused + event.refused,
                accepted_minor=file.accepted_minor + event.accepted_minor,
            )
        case PaymentFileGivenUp(refused=refused):
            return replace(file, through=file.lines, refused=file.refused + refused)
        case PaymentFileCompleted():
            return file
        case _:
            assert_never(event)


# Orders and decisions.


@dataclass(frozen=True, slots=True)
class AcceptPaymentFile:
    file_id: str
    customer_id: str
    message_id: str
    format: FileFormat
    lines: int
    amount_minor: int
    currency: str
    digest: str
    accepted_on: date


@dataclass(frozen=True, slots=True)
class RecordLines:
    """The next `accepted + refused` lines have been executed; `accepted_minor` is the sum of the accepted ones."""

    file_id: str
    after: int
    accepted: int
    refused: int
    accepted_minor: int


@dataclass(frozen=True, slots=True)
class GiveUpPaymentFile:
    """`is_readable`: whether the line after `after` can be read, as was found when the order was given."""

    file_id: str
    after: int
    is_readable: bool


Command = AcceptPaymentFile | RecordLines | GiveUpPaymentFile


def decide(file: PaymentFile, command: Command) -> list[Event]:
    match command:
        case AcceptPaymentFile():
            return accept_file(file, command)
        case RecordLines():
            return record_lines(file, command)
        case GiveUpPaymentFile():
            return give_up(file, command)
        case _:
            assert_never(command)


def accept_file(file: PaymentFile, command: AcceptPaymentFile) -> list[Event]:
    if file.customer_id is not None:
        raise Refused("payment_file_exists", "A file with this message id has been accepted before.")
    if not 0 < command.lines <= MAX_LINES:
        raise Refused("invalid_lines", f"A file has 1 to {MAX_LINES} lines.")
    if not 0 < command.amount_minor <= MAX_BALANCE_MINOR:
        raise Refused("invalid_amount", "The sum is positive and not larger than the bank books.")
    return [
        PaymentFileAccepted(
            file_id=command.file_id,
            customer_id=command.customer_id,
            message_id=command.message_id,
            format=command.format,
            lines=command.lines,
            amount_minor=command.amount_minor,
            currency=command.currency,
            digest=command.digest,
            accepted_on=command.accepted_on,
        )
    ]


def record_lines(file: PaymentFile, command: RecordLines) -> list[Event]:
    """Each line counts once, in order, and never more than there are. The last one completes the file."""
    through = command.after + command.accepted + command.refused
    if file.customer_id is None or command.after != file.through or not file.through < through <= file.lines:
        raise Refused("other_lines", "These are not the lines which are next.")
    executed = PaymentLinesExecuted(
        command.file_id, through, command.accepted, command.refused, command.accepted_minor, file.currency
    )
    if through < file.lines:
        return [executed]
    return [executed, completed(command.file_id, evolve(file, executed), file.customer_id)]


def give_up(file: PaymentFile, command: GiveUpPaymentFile) -> list[Event]:
    if file.customer_id is None:
        raise Refused("payment_file_not_found", "There is no such file.")
    if file.through == file.lines:
        raise Refused("payment_file_completed", "Nothing of this file is left to execute.")
    if command.after != file.through:
        raise Refused("other_lines", "The file has moved on meanwhile.")
    if command.is_readable:
        raise Refused("payment_file_readable", "This file can be read, and will be executed.")
    given_up = PaymentFileGivenUp(command.file_id, file.through, file.lines - file.through)
    return [given_up, completed(command.file_id, evolve(file, given_up), file.customer_id)]


def completed(file_id: str, file: PaymentFile, customer_id: str) -> PaymentFileCompleted:
    return PaymentFileCompleted(file_id, customer_id, file.accepted, file.refused, file.accepted_minor, file.currency)


PAYMENT_FILE = Decider(
    name="paymentfile",
    initial=PaymentFile(),
    decide=decide,
    evolve=evolve,
    events={
        "PaymentFileAccepted.v1": PaymentFileAccepted,
        "PaymentLinesExecuted.v1": PaymentLinesExecuted,
        "PaymentFileGivenUp.v1": PaymentFileGivenUp,
        "PaymentFileCompleted.v1": PaymentFileCompleted,
    },
    customer=lambda file: file.customer_id,
)
