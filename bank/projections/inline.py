"""Rebuilding inline projections. They have no generations: their tables are locked against commands (not against
readers) and refilled in one transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.db import connections
from psycopg import ServerCursor, sql

from bank.context import Changed, Context, Cursor, InlineProjection
from bank.db import take_time, transaction
from bank.history import codec
from bank.history.sealing import Keyring
from bank.projections.rebuilding import PAGE, Progress, Report, silent
from bank.recorded import Metadata, Recorded


def rebuild_inline(context: Context, projection: InlineProjection, *, report: Report = silent) -> int:
    """Empty the projection's tables and project all of history again; returns the number of events.

    Commands that write to these tables wait meanwhile; readers see the old rows until the end.
    """
    if not projection.tables:
        return 0
    tables = sql.SQL(", ").join(sql.Identifier(table) for table in projection.tables)
    done = 0
    with transaction(context.name) as cursor:
        take_time(cursor)
        cursor.execute(sql.SQL("lock table {} in share row exclusive mode").format(tables))
        for table in projection.tables:
            cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        cursor.execute("select count(*) from bank_event")
        total = int(cursor.fetchall()[0][0])
        for events, changed in _replayed(context, cursor):
            projection.project(cursor, events, changed)
            done += len(events)
            report(Progress(done, total, done))
    return done


def _replayed(context: Context, cursor: Cursor) -> Iterator[tuple[list[Recorded], list[Changed]]]:
    """All events in batches, stream after stream, with the state of each stream after the batch."""
    state: Any = None
    last = ""
    for rows in _history(context.name):
        ring = Keyring(cursor)
        events: list[Recorded] = []
        changed: dict[str, Changed] = {}
        for stream, version, type_, data, metadata, recorded_at in rows:
            decider = context.decider(stream)
            if stream != last:
                state, last = decider.initial, stream
            event = codec.load_event(decider, type_, data, ring)
            state = decider.evolve(state, event)
            events.append(Recorded(stream, version, type_, event, _metadata.decode(metadata), recorded_at))
            changed[stream] = Changed(decider, stream, stream.partition("-")[2], version, state)
        yield events, list(changed.values())


def _history(context: str) -> Iterator[Sequence[Any]]:
    with ServerCursor(connections[context].connection, "rebuild") as rows:
        rows.execute(
            "select stream, version, type, data, metadata, recorded_at from bank_event order by stream, version"
        )
        while chunk := rows.fetchmany(PAGE):
            yield chunk


_metadata = msgspec.json.Decoder(Metadata)
