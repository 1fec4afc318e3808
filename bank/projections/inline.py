"""Rebuilding inline projections. They have no generations: their tables are locked against commands (not against
readers) and refilled in one transaction."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from django.db import connections
from psycopg import ServerCursor, errors, sql

from bank.context import Changed, Context, Cursor, InlineProjection
from bank.db import take_time, transaction
from bank.history import codec
from bank.history.sealing import Keyring
from bank.projections.rebuilding import PAGE, Progress, RebuildFailed, Report, silent
from bank.recorded import Metadata, Recorded

log = logging.getLogger("bank.projections")

LOCK_TRIES: Final = 30
LOCK_WAIT_MS: Final = 2000
REST_S: Final = 1.0
"""Commands stand in line behind a lock that is waited for, so it is given up after a moment and tried again."""


def rebuild_inline(context: Context, projection: InlineProjection, *, report: Report = silent) -> int:
    """Empty the projection's tables and project all of history again; returns the number of events.

    Readers see the old rows until the end. Commands that write to these tables wait meanwhile, but no longer than their
    connection's `lock_timeout` (BANK_LOCK_TIMEOUT_MS, ten seconds): then they are answered 503 and may come again with
    the same key, and consumers try their batch again until the rebuild is done. Raises `RebuildFailed` when the tables
    are never free.
    """
    if not projection.tables:
        return 0
    done = 0
    with transaction(context.name) as cursor:
        take_time(cursor)
        _lock(context, projection)
        for table in projection.tables:
            cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        cursor.execute("select count(*) from bank_event")
        total = int(cursor.fetchall()[0][0])
        for events, changed in _replayed(context, cursor):
            projection.project(cursor, events, changed)
            done += len(events)
            report(Progress(done, total, done))
    return done


def _lock(context: Context, projection: InlineProjection) -> None:
    """Keep commands from the tables until the end of the transaction."""
    tables = sql.SQL(", ").join(sql.Identifier(table) for table in projection.tables)
    for _ in range(LOCK_TRIES):
        try:
            with transaction(context.name) as inner:
                inner.execute("select set_config('lock_timeout', %s, true)", (str(LOCK_WAIT_MS),))
                inner.execute(sql.SQL("lock table {} in share row exclusive mode").format(tables))
            return
        except errors.LockNotAvailable:
            log.warning("%s.%s: its tables are being written to; waiting for them", context.name, projection.name)
            time.sleep(REST_S)
    raise RebuildFailed(f"{context.name}.{projection.name}: its tables were never free; nothing was changed")


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
