"""The relay: outbox rows become broker messages, in order per stream, at least once.

A row leaves the outbox in the transaction that saw it confirmed. Lanes are taken by advisory lock, so relays may run in
parallel: lock first, then select in a statement of its own, which sees what the lane's last holder committed. A relay
waits for its lanes: their holder may have looked before the last row was there, and will not look again.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby

import msgspec
from django.conf import settings

from bank.context import Cursor
from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.failpoints import failpoint
from bank.messaging import messages, topology
from bank.messaging.brokers import Bundle, Publisher

log = logging.getLogger(__name__)

LANES_LOCK = 0x6C616E65
SLOTS_LOCK = 0x736C6F74
BUNDLE_ROWS = 50
BUNDLE_BYTES = 1 << 20
"""No message may be larger; a bundle is closed before it gets there."""

ROUND_ROWS = 4000
LINGER_S = 0.3
LONGEST_S = 3.0
"""Then others get their turn; if there is more to do, somebody has rung."""

POLL_S = 0.015
ATTENTION_S = 0.5
"""How long a relay that attends may sleep if nobody calls."""

BACKOFF_S = 2
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Row:
    seq: int
    lane: int
    stream: str
    payload: bytes
    attempts: int


@dataclass(slots=True)
class Round:
    """What one look at the outbox found: bundles to send, and rows that cannot be sent."""

    bundles: list[Bundle] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    unfit: list[tuple[Row, str]] = field(default_factory=list)


def relay(contexts: Sequence[str], publisher: Publisher, *, linger_s: float = LINGER_S) -> int:
    """Publish what waits, and what comes until nothing has come for `linger_s`, or `LONGEST_S` have passed.

    While it lingers nobody needs to ring. It serves those of the contexts that have a free slot. Returns how many
    events were sent. Raises `BrokerLost`; the rows are kept.
    """
    with ExitStack() as slots:
        mine = [context for context in contexts if slots.enter_context(_slot(context))]
        total = _linger(mine, publisher, linger_s)
    return total + sum(drain(context, publisher) for context in mine)  # committed while we still seemed to be there


def _linger(contexts: Sequence[str], publisher: Publisher, linger_s: float) -> int:
    total, began = 0, time.monotonic()
    busy_at = began
    while contexts and (now := time.monotonic()) - busy_at <= linger_s and now - began < LONGEST_S:
        sent = sum(drain(context, publisher) for context in contexts)
        total += sent
        if sent:
            busy_at = time.monotonic()
        else:
            time.sleep(POLL_S)
    return total


def drain(context: str, publisher: Publisher) -> int:
    """One round over the lanes in which something waits; returns how many events were sent. Raises `BrokerLost`.

    What was committed before the call has then been sent, here or by another relay, unless it is set back or more than
    a round holds.
    """
    with transaction(context) as cursor:
        lanes = _take_lanes(cursor)
        if not lanes:
            return 0
        found = _prepare(context, _rows(cursor, lanes))
        if found.bundles:
            publisher.publish(found.bundles)
            failpoint("after_publish")
            cursor.execute("delete from bank_outbox where seq = any(%b)", (found.sent,))
        for row, error in found.unfit:
            _set_back(cursor, context, row, error)
    return len(found.sent)


def oldest(context: str) -> int | None:
    """The first row that waits to be sent; None when the outbox is empty."""
    with open_cursor(context) as cursor:
        cursor.execute("select seq from bank_outbox where blocked_at is null order by seq limit 1")
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else None


def attend(context: str, publisher: Publisher, stop: threading.Event) -> None:
    """Relay until stopped, woken by each call; returns at once when the context's slots are taken.

    Raises `BrokerLost`, and what a lost database raises.
    """
    with _slot(context) as free, open_cursor(context) as cursor:
        if not free:
            return
        cursor.execute(f"listen {CALL}")
        while not stop.is_set():
            while drain(context, publisher) >= BUNDLE_ROWS:
                pass
            list(cursor.connection.notifies(timeout=ATTENTION_S, stop_after=1))


def call(context: str) -> bool:
    """Wake the relay that attends or lingers at the context's outbox. False if nobody does."""
    with open_cursor(context) as cursor:
        cursor.execute(f"select pg_notify('{CALL}', ''), exists ({ACTIVE})", (SLOTS_LOCK,))
        return bool(cursor.fetchall()[0][1])


CALL = "bank_outbox"
ACTIVE = """
    select 1 from pg_locks
    where locktype = 'advisory' and objsubid = 2 and granted and classid = %s
      and database = (select oid from pg_database where datname = current_database())
"""


@contextmanager
def _slot(context: str) -> Iterator[bool]:
    """One of the context's few places for relays; whether one was free."""
    with open_cursor(context) as cursor:
        taken = next((slot for slot in range(settings.RELAYS) if _try(cursor, "pg_try_advisory_lock", slot)), None)
        try:
            yield taken is not None
        finally:
            if taken is not None and not cursor.connection.closed:
                _try(cursor, "pg_advisory_unlock", taken)


def _try(cursor: Cursor, function: str, slot: int) -> bool:
    cursor.execute(f"select {function}(%s, %s)", (SLOTS_LOCK, slot))
    return bool(cursor.fetchall()[0][0])


TAKE_LANES = """
    with waiting as materialized (
        select lane from generate_series(0, %s) lane
        where exists (select 1 from bank_outbox o where o.lane = lane.lane)
        order by lane
    )
    select lane::int from waiting where pg_advisory_xact_lock(%s, lane) is not null
"""
"""In one order, so that relays which wait for one another never do so in a circle."""


def _take_lanes(cursor: Cursor) -> list[int]:
    cursor.execute(TAKE_LANES, (messages.LANES - 1, LANES_LOCK))
    return [lane for (lane,) in cursor.fetchall()]


ROWS = """
    select o.seq, o.lane, o.aggregateid, o.payload, o.attempts
    from unnest(%b::int[]) taken(lane)
    cross join lateral (
        select seq, lane, aggregateid, payload, attempts from bank_outbox o
        where o.lane = taken.lane and not exists (
            select 1 from bank_outbox held
            where held.aggregateid = o.aggregateid and held.seq <= o.seq
              and (held.retry_at is not null or held.blocked_at is not null)
              and (held.blocked_at is not null or held.retry_at > now())
        )
        order by seq limit %s
    ) o
    order by o.lane, o.seq
"""


def _rows(cursor: Cursor, lanes: Sequence[int]) -> list[Row]:
    """The oldest rows of each lane, without streams that are blocked or wait for another try."""
    cursor.execute(ROWS, (list(lanes), max(BUNDLE_ROWS, ROUND_ROWS // len(lanes))))
    return [
        Row(seq, lane, stream, payload.encode(), attempts) for seq, lane, stream, payload, attempts in cursor.fetchall()
    ]


def _prepare(context: str, rows: Sequence[Row]) -> Round:
    """Whole runs of lanes go into one message where they take the same way: a stream has one lane and a lane one way,
    so what is in order in its lane stays so."""
    found = Round()

    def way(row: Row) -> str:
        return topology.routing_key(context, row.lane)

    for key, run in groupby(sorted(rows, key=way), key=way):
        for part in _parts(list(run)):
            _bundle(context, key, part, found)
    return found


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows as they come, few enough and small enough for one message."""
    part: list[Row] = []
    size = 0
    for row in rows:
        if part and (len(part) == BUNDLE_ROWS or size + len(row.payload) > BUNDLE_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row.payload) + 1
    if part:
        yield part


def _bundle(context: str, routing_key: str, rows: list[Row], found: Round) -> None:
    fit = _without_unfit(rows, found)
    if not fit:
        return
    body = messages.bundle([row.payload for row in fit])
    signature = messages.sign(settings.MESSAGE_KEYS[context], body)
    found.bundles.append(Bundle(routing_key, context, signature, body))
    found.sent += [row.seq for row in fit]


def _without_unfit(rows: list[Row], found: Round) -> list[Row]:
    """Leave out what no broker should be given, and what follows it in its stream."""
    held = {row.stream for row, _ in found.unfit}
    if not held and _is_json(messages.bundle([row.payload for row in rows])) and len(rows[0].payload) <= BUNDLE_BYTES:
        return rows
    fit = []
    for row in rows:
        if row.stream in held:
            continue
        if error := _unfit(row):
            held.add(row.stream)
            found.unfit.append((row, error))
        else:
            fit.append(row)
    return fit


def _unfit(row: Row) -> str:
    if len(row.payload) > BUNDLE_BYTES:
        return f"{len(row.payload)} bytes, more than {BUNDLE_BYTES}"
    return "" if _is_json(row.payload) else "not JSON"


def _is_json(body: bytes) -> bool:
    try:
        _raw.decode(body)
    except msgspec.DecodeError:
        return False
    return True


_raw = msgspec.json.Decoder(msgspec.Raw)


def _set_back(cursor: Cursor, context: str, row: Row, error: str) -> None:
    """Try again later; after some tries the row's stream is blocked, for operators to see, while its lane goes on."""
    attempts = row.attempts + 1
    blocked = attempts >= ATTEMPTS
    cursor.execute(
        "update bank_outbox set attempts = %s, error = %s, retry_at = now() + %s * interval '1 second',"
        " blocked_at = case when %s then now() end where seq = %s",
        (attempts, error, BACKOFF_S**attempts, blocked, row.seq),
    )
    log.error("%s: outbox row %s of %s cannot be published: %s", context, row.seq, row.stream, error)


def unblock(context: str, stream: str) -> int:
    """An operator's doing: let a blocked stream be tried again. Returns how many rows were freed."""
    with transaction(context) as cursor:
        cursor.execute(
            "update bank_outbox set attempts = 0, error = '', retry_at = null, blocked_at = null"
            " where aggregateid = %s and (retry_at is not null or blocked_at is not null)",
            (stream,),
        )
        return int(cursor.rowcount)
