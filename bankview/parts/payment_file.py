"""A file of payments, from the events of Accounts: how far it has come and what became of its lines."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, assert_never

from bank.decider import ERASED
from bankview.inbound.accounts import (
    PaymentFileAccepted,
    PaymentFileCompleted,
    PaymentFileGivenUp,
    PaymentLinesExecuted,
)
from bankview.parts.part import Part, Said, key, money

RECENT_FILES = 20
"""So many are shown with the customer."""

Event = PaymentFileAccepted | PaymentLinesExecuted | PaymentFileGivenUp | PaymentFileCompleted


@dataclass(frozen=True, slots=True)
class PaymentFile:
    id: str
    received_at: datetime
    message_id: str = ""
    format: str = ""
    lines: int = 0
    executed: int = 0
    accepted: int = 0
    refused: int = 0
    amount_minor: int = 0
    accepted_minor: int = 0
    currency: str = "EUR"
    status: str = ""
    booked_on: date | None = None


def evolve(file: PaymentFile | None, said: Said) -> PaymentFile:
    return fold(file or PaymentFile(key(said.stream), said.time), said.data)


def fold(file: PaymentFile, event: Event) -> PaymentFile:
    match event:
        case PaymentFileAccepted():
            return replace(
                file,
                message_id=event.message_id,
                format=event.format,
                lines=event.lines,
                amount_minor=event.amount_minor,
                currency=event.currency,
                status="accepted",
                booked_on=event.accepted_on,
            )
        case PaymentLinesExecuted(through=through):
            return replace(
                file,
                executed=through,
                accepted=file.accepted + event.accepted,
                refused=file.refused + event.refused,
                accepted_minor=file.accepted_minor + event.accepted_minor,
                status="completed" if through == file.lines else "executing",
            )
        case PaymentFileGivenUp(refused=refused):
            return replace(file, executed=file.lines, refused=file.refused + refused, status="given_up")
        case PaymentFileCompleted():
            return file
        case _:
            assert_never(event)


def erased(file: PaymentFile) -> PaymentFile:
    return replace(file, message_id=file.message_id and ERASED)


def document(file: PaymentFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "message_id": file.message_id,
        "format": file.format,
        "status": file.status,
        "lines": file.lines,
        "executed": file.executed,
        "accepted": file.accepted,
        "refused": file.refused,
        "amount": money(file.amount_minor, file.currency),
        "accepted_amount": money(file.accepted_minor, file.currency),
        "booked_on": file.booked_on,
        "received_at": file.received_at,
    }


PAYMENT_FILE: Part[PaymentFile] = Part(
    name="payment_file",
    types={
        "accounts.PaymentFileAccepted.v1": PaymentFileAccepted,
        "accounts.PaymentLinesExecuted.v1": PaymentLinesExecuted,
        "accounts.PaymentFileGivenUp.v1": PaymentFileGivenUp,
        "accounts.PaymentFileCompleted.v1": PaymentFileCompleted,
    },
    blank=PaymentFile("", datetime.fromtimestamp(0, UTC)),
    evolve=evolve,
    document=document,
    ordered_by="received_at",
    erased=erased,
)
