"""What an event is about and too large to say: stored beside the history, together with the event that names it.

An attachment is a row of texts, its parts, each sealed under its customer's key. Its digest is SHA-256 over the sealed
parts, each with a newline: it can be checked without any key, says nothing of what is inside, and survives erasure.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import IO

from django.db import connections
from psycopg import ServerCursor

from bank.context import Attachment, Cursor
from bank.db import transaction
from bank.decider import ERASED
from bank.history.sealing import Keyring


def seal(context: str, customer_id: str, parts: Iterable[str], into: IO[bytes]) -> Attachment:
    """Seal the parts one after another into a file, from which they are stored when the event is. Raises `Erased`."""
    with transaction(context) as cursor:
        ring = Keyring(cursor)
        ring.make([customer_id])
    digest = hashlib.sha256()
    for number, part in enumerate(parts):
        line = f"{ring.seal(customer_id, _purpose(number), part)}\n".encode()
        digest.update(line)
        into.write(line)

    def stored() -> Iterator[str]:
        into.seek(0)
        return (line[:-1].decode() for line in into)

    return Attachment(digest.hexdigest(), stored)


def write(cursor: Cursor, attachment: Attachment) -> None:
    for number, body in enumerate(attachment.parts()):
        cursor.execute(
            "insert into bank_attachment (digest, part, body) values (%s, %s, %s)", (attachment.digest, number, body)
        )


def read(context: str, digest: str, number: int) -> str | None:
    """One part, counted from zero; None where its customer has been erased. Raises LookupError where there is none."""
    with transaction(context) as cursor:
        cursor.execute("select body from bank_attachment where digest = %s and part = %s", (digest, number))
        row = cursor.fetchone()
        if row is None:
            raise LookupError(f"{context} has no part {number} of attachment {digest}")
        plain = Keyring(cursor).open(row[0], _purpose(number))
    return None if plain == ERASED else plain


def broken(context: str) -> Iterator[str]:
    """Each attachment whose parts are not those it was stored with. Use it inside a transaction; memory is flat."""
    with ServerCursor(connections[context].connection, "attachments") as rows:
        rows.itersize = 10
        rows.execute("select digest, part, body from bank_attachment order by digest, part")
        last, found = "", hashlib.sha256()
        for digest, _, body in rows:
            if digest != last:
                yield from _compared(context, last, found)
                last, found = digest, hashlib.sha256()
            found.update(f"{body}\n".encode())
        yield from _compared(context, last, found)


def _compared(context: str, digest: str, found: "hashlib._Hash") -> Iterator[str]:
    if digest and found.hexdigest() != digest:
        yield f"{context} attachment {digest}: its parts do not match its digest"


def _purpose(number: int) -> str:
    return f"attachment/{number}"
