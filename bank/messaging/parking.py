"""Messages that could not be applied, and those of their streams that wait behind them, sealed until they can be."""

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from django.conf import settings

from bank.context import Cursor
from bank.decider import ERASED
from bank.history.codec import Unreadable
from bank.history.sealing import Erased, Keyring
from bank.messaging.messages import Envelope
from bank.projections.projecting import Stream

BACKOFF_S: Final = 2
LONGEST_S: Final = 3600
BEHIND: Final = "waits behind an earlier message of its stream"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Parked:
    id: int
    version: int
    message_id: UUID
    customer_id: str | None
    message: str
    attempts: int
    deadly: bool


def blocked(cursor: Cursor, consumer: str, streams: set[Stream]) -> dict[Stream, int]:
    """Which of these streams have something parked, and from which version on."""
    cursor.execute(
        "select p.source, p.stream, min(p.version) from unnest(%b::text[], %b::text[]) w(source, stream)"
        " join bank_parked p on p.consumer = %s and p.source = w.source and p.stream = w.stream"
        " group by p.source, p.stream",
        ([source for source, _ in streams], [stream for _, stream in streams], consumer),
    )
    return {(source, stream): version for source, stream, version in cursor.fetchall()}


def park(cursor: Cursor, consumer: str, envelopes: Iterable[Envelope], error: str, *, deadly: bool = False) -> None:
    """Once per message, however often it is delivered. What is deadly is tried again when somebody asks for it."""
    ring = Keyring(cursor)
    for envelope in envelopes:
        text = _sealed(ring, envelope)
        cursor.execute(
            "insert into bank_parked (consumer, source, stream, version, message_id, type, customer_id, message, error,"
            " deadly, retry_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " case when %s then 'infinity' else now() end) on conflict do nothing",
            (
                *(consumer, envelope.context, envelope.stream, envelope.version, envelope.id, envelope.type),
                *(envelope.customer_id, text, error, deadly, deadly),
            ),
        )


def _sealed(ring: Keyring, envelope: Envelope) -> str:
    """What may not be sealed, its customer being erased, keeps its place in its stream, empty, until it is dropped."""
    text = _encode(envelope).decode()
    if envelope.customer_id is None:
        return text
    try:
        return ring.seal(envelope.customer_id, _purpose(envelope.id), text)
    except Erased:
        return ERASED


def note_untrusted(cursor: Cursor, consumer: str, source: str, body: bytes, error: str) -> None:
    """What cannot be read or is not signed is noted, not kept, and never retried: the feed has what it should be.

    Nor is the name of a source that nobody knows: it may be no text that a database can hold.
    """
    digest = sha256(body).hexdigest()
    known = source if source in settings.MESSAGE_KEYS else "unknown"
    cursor.execute(
        "insert into bank_parked (consumer, source, stream, version, message_id, type, message, error, retry_at)"
        " values (%s, %s, %s, 0, %s, 'untrusted', '', %s, 'infinity') on conflict do nothing",
        (consumer, known, f"sha256:{digest}", uuid5(NAMESPACE_OID, digest), f"{error}; {len(body)} bytes"),
    )


DUE = """
    select source, stream from (
        select distinct on (source, stream) source, stream, retry_at from bank_parked
        where consumer = %s order by source, stream, version
    ) heads
    where retry_at <= now() order by retry_at limit 1000
"""


def due(cursor: Cursor, consumer: str) -> list[Stream]:
    """The streams whose first parked message may be tried again."""
    cursor.execute(DUE, (consumer,))
    return [(source, stream) for source, stream in cursor.fetchall()]


def head(cursor: Cursor, consumer: str, stream: Stream) -> Parked | None:
    """A stream's first parked message, locked; None when there is none, or another process has just dealt with it."""
    cursor.execute(
        "select id, version, message_id, customer_id, message, attempts, deadly from bank_parked"
        " where consumer = %s and source = %s and stream = %s order by version limit 1 for update",
        (consumer, *stream),
    )
    rows = cursor.fetchall()
    return Parked(*rows[0]) if rows else None


def opened(cursor: Cursor, parked: Parked) -> bytes | None:
    """The message, or None where its customer has been erased meanwhile."""
    if parked.customer_id is None:
        return parked.message.encode()
    text = Keyring(cursor).open(parked.message, _purpose(parked.message_id))
    return None if text == ERASED else text.encode()


def release(cursor: Cursor, parked: Parked) -> None:
    cursor.execute("delete from bank_parked where id = %s", (parked.id,))


def set_back(cursor: Cursor, parked: Parked, error: str, *, deadly: bool = False) -> None:
    """Try again later, each time twice as late, but at least every hour; what is deadly, when it is asked for."""
    delay_s = min(BACKOFF_S ** (parked.attempts + 1), LONGEST_S)
    cursor.execute(
        "update bank_parked set attempts = attempts + 1, error = %s, deadly = %s,"
        " retry_at = case when %s then 'infinity' else now() + %s * interval '1 second' end where id = %s",
        (error, deadly, deadly, delay_s, parked.id),
    )


def describe(error: BaseException) -> str:
    """An error for operators: its kind and place, and no text that might quote what the message says about a person."""
    text = type(error).__name__
    if isinstance(error, Unreadable):
        return f"{text}: {error}"
    code = getattr(error, "code", None)
    if isinstance(code, str):
        text += f" {code}"
    frames: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    if frames:
        text += f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}"
    return text


def _purpose(message_id: UUID) -> str:
    return f"parked.{message_id}"
