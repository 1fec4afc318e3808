"""Asynchronous projections: messages in, in order per stream and each once, whatever the broker does.

`bank_seen` keeps the last version folded per stream and generation. At or below it a message is a duplicate, the next
one is folded, beyond it lies a gap, which the caller fetches from the source's feed, outside the transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bank.context import AsyncProjection, Cursor
from bank.db import cursor as open_cursor
from bank.db import pipelined
from bank.messaging.messages import Envelope, typed
from bank.recorded import Message

Stream = tuple[str, str]
"""Source and stream."""


class Gap(Exception):
    """Messages are missing: per stream the versions after the last one folded and before the last one at hand, of which
    some may be at hand too. Nothing was folded."""

    def __init__(self, missing: dict[Stream, range]) -> None:
        super().__init__(f"{len(missing)} streams")
        self.missing = missing


class Overtaken(Exception):
    """Another process folded the first message of the same stream at the same time. Roll back and try again."""


@dataclass(slots=True)
class Progress:
    """How far the streams of a batch have been folded, before and after it."""

    before: dict[Stream, int]
    after: dict[Stream, int]
    fresh: list[Envelope] = field(default_factory=list)
    gaps: dict[Stream, range] = field(default_factory=dict)


def key(envelope: Envelope) -> Stream:
    return envelope.context, envelope.stream


def live_generation(context: str, projection: str) -> int:
    """Which generation readers should read; 1 for a projection that has never been folded."""
    with open_cursor(context) as cursor:
        cursor.execute("select live from bank_projection where name = %s", (projection,))
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 1


def hold_live(cursor: Cursor, projection: str) -> int:
    """The live generation, which cannot be switched until this transaction ends."""
    cursor.execute("select live from bank_projection where name = %s for share", (projection,))
    rows = cursor.fetchall()
    if not rows:
        cursor.execute("insert into bank_projection (name) values (%s) on conflict do nothing", (projection,))
        return hold_live(cursor, projection)
    return int(rows[0][0])


def fold_new(cursor: Cursor, projection: AsyncProjection, generation: int, batch: Sequence[Envelope]) -> int:
    """Fold what is new in a batch; returns how many messages that were. Raises `Gap`, `Overtaken`, `Unreadable`."""
    progress = classify(batch, _seen(cursor, projection.name, generation, {key(envelope) for envelope in batch}))
    if progress.gaps:
        raise Gap(progress.gaps)
    if progress.fresh:
        with pipelined(cursor):
            projection.fold(cursor, generation, readable(projection, progress.fresh))
            _save_seen(cursor, projection.name, generation, progress)
    return len(progress.fresh)


def classify(batch: Iterable[Envelope], seen: dict[Stream, int]) -> Progress:
    progress = Progress(before=seen, after=dict(seen))
    after = progress.after
    for envelope in batch:
        stream = (envelope.context, envelope.stream)
        last = after.get(stream, 0)
        gap = progress.gaps.get(stream)
        if gap is None and envelope.version == last + 1:
            after[stream] = envelope.version
            progress.fresh.append(envelope)
        elif envelope.version > last:
            progress.gaps[stream] = range(seen.get(stream, 0) + 1, max(envelope.version, gap.stop if gap else 0))
    return progress


def readable(projection: AsyncProjection, batch: Iterable[Envelope]) -> list[Message[Any]]:
    """The messages whose type the projection reads, decoded into its classes."""
    types = projection.types
    return [typed(envelope, types[envelope.type]) for envelope in batch if envelope.type in types]


LOOK = """
    select s.source, s.stream, s.version
    from (select * from unnest(%b::text[], %b::text[]) w(source, stream) order by 1, 2) w
    cross join lateral (
        select * from bank_seen s
        where s.projection = %s and s.generation = %s and s.source = w.source and s.stream = w.stream
        limit 1
    ) s
"""
"""One look into the index per stream: a join planned while the table was small would read all of it, for ever."""

SEEN = LOOK.replace("limit 1", "limit 1 for update")


def folded_versions(context: str, projection: str, streams: set[Stream]) -> dict[Stream, int]:
    """The last version of each stream that readers of the live generation can see."""
    generation = live_generation(context, projection)
    with open_cursor(context) as cursor:
        return _look(cursor, LOOK, projection, generation, streams)


def _seen(cursor: Cursor, projection: str, generation: int, streams: set[Stream]) -> dict[Stream, int]:
    """The last version folded of each stream, locked: whoever folds the same streams waits."""
    return _look(cursor, SEEN, projection, generation, streams)


def _look(cursor: Cursor, statement: str, projection: str, generation: int, streams: set[Stream]) -> dict[Stream, int]:
    cursor.execute(statement, ([s for s, _ in streams], [s for _, s in streams], projection, generation))
    return {(source, stream): version for source, stream, version in cursor.fetchall()}


SAVE_SEEN = """
    with saved as (
        insert into bank_seen (projection, generation, source, stream, version)
        select %s, %s, * from unnest(%b::text[], %b::text[], %b::int[])
        on conflict (projection, generation, source, stream) do update set version = excluded.version
        returning xmax = 0 as is_new
    )
    select count(*) from saved where is_new
"""


def _save_seen(cursor: Cursor, projection: str, generation: int, progress: Progress) -> None:
    moved = sorted((s, v) for s, v in progress.after.items() if progress.before.get(s) != v)
    new = sum(1 for stream, _ in moved if stream not in progress.before)
    if save_seen(cursor, projection, generation, moved) != new:
        raise Overtaken(projection)


def save_seen(cursor: Cursor, projection: str, generation: int, moved: Sequence[tuple[Stream, int]]) -> int:
    """Returns how many of the streams were seen for the first time."""
    columns = ([s for (s, _), _ in moved], [s for (_, s), _ in moved], [version for _, version in moved])
    cursor.execute(SAVE_SEEN, (projection, generation, *columns))
    return int(cursor.fetchall()[0][0])
