"""The event store: appending, reading streams, and the feed that never misses or reorders.

Each stream is a hash chain over its stored bytes. Heads and snapshots are caches of the fold, never truth.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from bank.context import Context, Cursor
from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.decider import Decider
from bank.history import codec
from bank.history.sealing import Keyring
from bank.messaging import messages
from bank.recorded import Metadata, Recorded

GENESIS = bytes(32)
SNAPSHOT_EVERY = 100
READ_CHUNK = 1000

_metadata = msgspec.json.Decoder(Metadata)


def chain(previous: bytes, stream: str, version: int, type: str, time: str, metadata: bytes, data: bytes) -> bytes:
    """The hash of one event: SHA-256 over the hash before it and its own stored bytes. None of them holds a newline.

    `time` is `messages.timestamp(recorded_at)`.
    """
    head = f"\n{stream}\n{version}\n{type}\n{time}\n"
    return hashlib.sha256(b"".join((previous, head.encode(), metadata, b"\n", data))).digest()


@dataclass(slots=True)
class Standing:
    """A stream as it stands: version 0 before its first event."""

    version: int
    hash: bytes
    state: Any


@dataclass(slots=True)
class Rows:
    """What one batch writes, by column: ready for `unnest`."""

    streams: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    lanes: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)


def standing(cursor: Cursor, context: Context, stream: str) -> Standing:
    """Fold a stream from its latest usable snapshot: what a head should say, found without it."""
    decider = context.decider(stream)
    ring = Keyring(cursor)
    state, version = snapshot(cursor, decider, stream, ring=ring)
    digest = GENESIS
    if version:
        cursor.execute("select hash from bank_event where stream = %s and version = %s", (stream, version))
        digest = bytes(cursor.fetchone()[0])
    stand = Standing(version, digest, state)
    for recorded, digest in _rows(cursor, context, stream, version, None, ring):
        stand = Standing(recorded.version, digest, decider.evolve(stand.state, recorded.event))
    return stand


def snapshot(
    cursor: Cursor, decider: Decider[Any, Any, Any], stream: str, *, at_version: int | None = None, ring: Keyring
) -> tuple[Any, int]:
    """The latest state kept for a stream, at or below a version, and its version; `(initial, 0)` if there is none."""
    cursor.execute(
        "select version, state from bank_snapshot where stream = %s and version <= %s and state_version = %s"
        " order by version desc limit 1",
        (stream, at_version if at_version is not None else 2**31 - 1, decider.state_version),
    )
    row = cursor.fetchone()
    if row is None:
        return decider.initial, 0
    return codec.load(row[1], f"{decider.name}.state", type(decider.initial), ring), row[0]


def read_stream(context: Context, stream: str, *, after_version: int = 0) -> list[Recorded]:
    """The events of one stream in order."""
    with transaction(context.name) as cursor:
        return [event for event, _ in _rows(cursor, context, stream, after_version, None, Keyring(cursor))]


def load(
    context: Context,
    decider: Decider[Any, Any, Any],
    key: str,
    *,
    at_version: int | None = None,
    as_of: datetime | None = None,
    snapshots: bool = True,
) -> tuple[Any, int]:
    """The state of an aggregate and its version: now, as of a version, or as of an instant.

    Starts from a snapshot unless told not to; an unknown stream is `(initial, 0)`.
    """
    stream = decider.stream(key)
    with transaction(context.name) as cursor:
        if as_of is not None:
            cursor.execute(
                "select coalesce(max(version), 0) from bank_event where stream = %s and recorded_at <= %s",
                (stream, as_of),
            )
            ((at_version,),) = cursor.fetchall()
        ring = Keyring(cursor)
        state, version = decider.initial, 0
        if snapshots:
            state, version = snapshot(cursor, decider, stream, at_version=at_version, ring=ring)
        for recorded, _ in _rows(cursor, context, stream, version, at_version, ring):
            state, version = decider.evolve(state, recorded.event), recorded.version
    return state, version


def _rows(
    cursor: Cursor, context: Context, stream: str, after: int, up_to: int | None, ring: Keyring
) -> Iterator[tuple[Recorded, bytes]]:
    decider = context.decider(stream)
    last = up_to if up_to is not None else 2**31 - 1
    while True:
        cursor.execute(
            "select version, type, data, metadata, recorded_at, hash from bank_event"
            " where stream = %s and version > %s and version <= %s order by version limit %s",
            (stream, after, last, READ_CHUNK),
        )
        rows = cursor.fetchall()
        for version, type_, data, metadata, recorded_at, digest in rows:
            event = codec.load_event(decider, type_, data, ring)
            yield (
                Recorded(stream, version, type_, event, _metadata.decode(metadata), recorded_at),
                bytes(digest),
            )
            after = version
        if len(rows) < READ_CHUNK:
            return


# The feed.


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One event of the feed: where it stands in its source, and its message as the outbox published it."""

    position: int
    message: bytes


def watermark(context: str) -> int:
    """The highest position below which nothing can appear any more. Read events in a later statement than this one."""
    return _marks(context)[1]


def _marks(context: str) -> tuple[int, int]:
    """The last position that was drawn, and the watermark."""
    with open_cursor(context) as cursor:
        cursor.execute("select case when is_called then last_value else 0 end from bank_position")
        ((drawn,),) = cursor.fetchall()
        cursor.execute(LOWEST_LOCK)
        ((lowest,),) = cursor.fetchall()
    return int(drawn), int(drawn) if lowest is None else min(int(drawn), int(lowest))


LOWEST_LOCK = """
    select min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 48) - 1))
    from pg_locks
    where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = 1
      and database = (select oid from pg_database where datname = current_database())
"""


def read_feed(
    context: Context,
    *,
    after: int = 0,
    limit: int = 1000,
    types: Sequence[str] | None = None,
    shard: tuple[int, int] | None = None,
    stream: str | None = None,
    after_version: int | None = None,
    until: int | None = None,
) -> tuple[list[FeedRow], int]:
    """Events in the order of their positions, and the position up to which this answer is complete.

    `types` are stored names (`FundsHeld.v1`); `shard=(i, n)` takes the streams whose hash is i modulo n; `stream` with
    `after_version` reads one stream instead, for repair. A full page is complete up to its last event; a shorter one
    up to the watermark, or to `until`, if that is lower.
    """
    if stream is not None:
        return _select(context, "stream = %s and version > %s", (stream, after_version or 0), "version", limit), 0
    mark = _until(context, after, until)
    where, params = "position > %s and position <= %s", [after, mark]
    arguments: list[Any] = list(params)
    if types is not None:
        where += " and type = any(%b)"
        arguments.append(list(types))
    if shard is not None:
        where += " and mod(hashtext(stream)::bigint + 2147483648, %s) = %s"
        arguments += [shard[1], shard[0]]
    rows = _select(context, where, tuple(arguments), "position", limit)
    return rows, rows[-1].position if len(rows) == limit else mark


def _until(context: Context, after: int, until: int | None) -> int:
    """Never below a position that was complete once: a writer may take a lower lock than that, late, and draws his own
    position above it all the same. What nobody has drawn yet was never complete."""
    drawn, mark = _marks(context.name)
    if until is not None:
        mark = min(mark, until)
    return max(mark, after) if after <= drawn else mark


@dataclass(frozen=True, slots=True)
class Heads:
    """The last version of each stream among some consecutive events, complete up to `watermark`."""

    epoch: int
    watermark: int
    versions: dict[str, int]


HEADS = """
    with page as materialized (
        select stream, version, position from bank_event where position > %s and position <= %s
        order by position limit %s
    )
    select stream, max(version), (select max(position) from page), (select count(*) from page) from page group by stream
"""


def read_heads(context: Context, *, after: int = 0, until: int | None = None, limit: int = 1000) -> Heads:
    """What `limit` events after a position come to, without the events: a hundredth of the work of reading them."""
    mark = _until(context, after, until)
    with open_cursor(context.name) as cursor:
        cursor.execute("select coalesce((select epoch from bank_epoch), 1)")
        ((epoch,),) = cursor.fetchall()
        cursor.execute(HEADS, (after, mark, limit))
        rows = cursor.fetchall()
    reached = rows[0][2] if rows and rows[0][3] == limit else mark
    return Heads(epoch, reached, {stream: version for stream, version, *_ in rows})


def _select(context: Context, where: str, arguments: tuple[Any, ...], order: str, limit: int) -> list[FeedRow]:
    with transaction(context.name) as cursor:
        cursor.execute(
            "select stream, version, type, data, metadata, recorded_at, position from bank_event"  # noqa: S608
            f" where {where} order by {order} limit %s",
            (*arguments, limit),
        )
        rows = cursor.fetchall()
        ring = Keyring(cursor)
        ring.load(_customers(context, rows))
        return [FeedRow(row[6], _message(context, row, ring)) for row in rows]


def _customers(context: Context, rows: list[Any]) -> list[str]:
    """Whose keys these rows need."""
    wanted = []
    for stream, _, type_, data, metadata, *_ in rows:
        if codec.holds_sealed(data, codec.event_class(context.decider(stream), type_)):
            customer = _metadata.decode(metadata).customer_id
            if customer is not None:
                wanted.append(customer)
    return wanted


def _message(context: Context, row: Any, ring: Keyring) -> bytes:
    stream, version, type_, data, metadata, recorded_at, _ = row
    shape = codec.event_class(context.decider(stream), type_)
    return messages.encode(
        context.name,
        stream,
        version,
        type_,
        messages.timestamp(recorded_at),
        metadata.encode(),
        codec.opened(data, type_, shape, ring),
    )


# Appending.

REMEMBER = """
    insert into bank_command (recorded_at, id, fingerprint, outcome, code, reason, streams, versions)
    select %s, u.id, u.fingerprint, u.outcome, u.code, u.reason,
           string_to_array(u.streams, ','), string_to_array(u.versions, ',')::int[]
    from unnest(%b::uuid[], %b::bytea[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[])
        u(id, fingerprint, outcome, code, reason, streams, versions)
    order by u.id
"""
"""A command id that somebody else has written meanwhile is a unique violation: nothing is written, read again."""

APPEND = """
    with events as (
        insert into bank_event (stream, version, type, data, metadata, recorded_at, hash)
        select u.stream, u.version, u.type, u.data, u.metadata, %s, u.hash
        from unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::bytea[])
            with ordinality u(stream, version, type, data, metadata, hash, n)
        order by u.n
    ),
    outbox as (
        insert into bank_outbox (id, lane, aggregatetype, aggregateid, type, payload)
        select u.id, u.lane, u.kind, u.stream, u.type, u.payload
        from unnest(%b::uuid[], %b::smallint[], %b::text[], %b::text[], %b::text[], %b::text[])
            with ordinality u(id, lane, kind, stream, type, payload, n)
        order by u.n
    )
    insert into bank_head (stream, version, hash, state, state_version)
    select * from unnest(%b::text[], %b::int[], %b::bytea[], %b::text[], %b::int[])
    on conflict (stream) do update set
        version = excluded.version, hash = excluded.hash, state = excluded.state,
        state_version = excluded.state_version
"""

SNAPSHOTS = """
    insert into bank_snapshot (stream, version, state, state_version)
    select * from unnest(%b::text[], %b::int[], %b::text[], %b::int[])
    on conflict (stream, version) do update set state = excluded.state, state_version = excluded.state_version
"""
