"""Executing files of payments: a part of 500 lines is one batch, and one transaction with the file's progress.

Each line is a transfer under a command id made of the file and its number, so it is executed once and for ever, whoever
is killed meanwhile. One process at a time works on a file; several files take turns.
"""

import logging
from collections.abc import Callable
from uuid import UUID, uuid5

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.payment_file import PAYMENT_FILE, GiveUpPaymentFile, RecordLines
from accounts.domain.transfer import halves
from accounts.payment_files.lines import PART, UNREADABLE, Line, command_id, from_part, lock, part_of
from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.history import attachments
from bank.outcomes import Result
from bank.recorded import Origin

log = logging.getLogger(__name__)

AT_A_TIME = 100
CLOCK = "service:accounts"
NOBODY = "00000000-0000-8000-8000-000000000000"
"""The account of an IBAN which this bank does not have: no account has this id, so that the line is refused as any."""


def execute_files(more: Callable[[], bool]) -> bool:
    """Execute what is left of all files, in turn, while there is `more` time; whether something may be left."""
    moved = True
    while moved:
        moved = False
        for file_id in queries.unfinished_payment_files(limit=AT_A_TIME):
            if not more():
                return True
            moved |= _tried(file_id)
    return False


def _tried(file_id: UUID) -> bool:
    """A file that cannot be read keeps nobody else's waiting, and stands unfinished until it is given up."""
    try:
        return execute_part(file_id)
    except UNREADABLE:
        log.exception("payment file %s cannot be read", file_id)
        return False


def execute_part(file_id: UUID) -> bool:
    """Execute the next part of a file. False if nothing is left, or somebody else is at it."""
    with transaction("accounts") as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", lock(file_id))
        ((alone,),) = cursor.fetchall()
        if not alone:
            return False
        file = queries.payment_file(file_id)
        if file is None or file.through == file.lines:
            return False
        lines = next_lines(file)
        results = execute(ACCOUNTS, transfers(file, lines)) if lines else []
        [recorded] = execute(ACCOUNTS, [recording(file, lines, results)])
    return recorded.outcome == "applied"


def next_lines(file: queries.PaymentFileRow) -> list[Line] | None:
    """None where the customer has been erased: nobody can read them any more."""
    part = attachments.read("accounts", file.digest, part_of(file.through + 1))
    return None if part is None else from_part(part)


def giving_up(file: queries.PaymentFileRow) -> Order:
    """Ends a file that nobody can read any more; of one that is only slow it is refused."""
    return Order(PAYMENT_FILE, str(file.pk), GiveUpPaymentFile(str(file.pk), file.through, is_readable(file)))


def is_readable(file: queries.PaymentFileRow) -> bool:
    try:
        next_lines(file)
    except UNREADABLE:
        return False
    return True


def transfers(file: queries.PaymentFileRow, lines: list[Line]) -> list[Unit]:
    accounts = queries.ids_by_iban([line.iban for line in lines])
    origin = Origin(CLOCK, correlation_id=file.pk)
    return [
        Unit(
            *halves(
                from_account_id=line.account_id,
                to_account_id=accounts.get(line.iban, NOBODY),
                amount_minor=line.amount_minor,
                currency=file.currency,
                booked_on=file.accepted_on,
                reference=line.reference,
                customer_id=str(file.customer_id),
            ),
            id=command_id(file.pk, line.number),
            origin=origin,
        )
        for line in lines
    ]


def recording(file: queries.PaymentFileRow, lines: list[Line] | None, results: list[Result]) -> Unit:
    """What nobody can read is refused."""
    took = [line.amount_minor for line, result in zip(lines or (), results, strict=True) if result.outcome == "applied"]
    size = min(PART, file.lines - file.through)
    record = RecordLines(str(file.pk), file.through, len(took), size - len(took), sum(took))
    return Unit(
        Order(PAYMENT_FILE, str(file.pk), record),
        id=uuid5(file.pk, f"after/{file.through}"),
        origin=Origin(CLOCK, correlation_id=file.pk),
    )
