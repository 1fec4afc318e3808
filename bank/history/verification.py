"""Trust that can be checked: walk every hash chain again, fold every state again, compare what was kept.

Memory is flat: events stream from the database, and only a chunk of stream ends is held.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from django.db import connections
from psycopg import ServerCursor

from bank.context import Context, Cursor
from bank.db import take_time, transaction
from bank.history import attachments, codec
from bank.history.eventstore import GENESIS, chain
from bank.history.sealing import Keyring
from bank.messaging.messages import timestamp
from bank.recorded import Metadata

CHUNK = 500

UNREADABLE = (codec.Unreadable, msgspec.MsgspecError, InvalidTag, LookupError, ValueError)
"""JSON that does not fit, a seal that was tampered with or is none, and a master key that nobody knows any more."""


@dataclass(slots=True)
class Findings:
    """What a verification saw: `checks` of the books, and in `broken` each fault, the first one first."""

    events: int = 0
    streams: int = 0
    snapshots: int = 0
    checks: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _End:
    """Where the walk of one stream ended."""

    stream: str
    version: int = 0
    hash: bytes = GENESIS
    state: Any = None
    sound: bool = True


def verify(context: Context, progress: Callable[[int], object] = lambda _n: None) -> Findings:
    """Verify one context's ledger. `progress` is told how many events have been walked since it was last told."""
    walk = _Walk(context, progress)
    with transaction(context.name) as cursor:
        walk.run(cursor)
    with transaction(context.name) as cursor:
        take_time(cursor)
        checks = context.books()
    walk.findings.checks = len(checks)
    walk.findings.broken += [
        f"{context.name} books: {check.name} is off by {check.off_minor} {check.currency}".rstrip()
        for check in checks
        if check.off_minor
    ]
    return walk.findings


def count_events(context: Context) -> int:
    with transaction(context.name) as cursor:
        take_time(cursor)
        cursor.execute("select count(*) from bank_event")
        ((count,),) = cursor.fetchall()
    return int(count)


@dataclass(slots=True)
class _Walk:
    context: Context
    progress: Callable[[int], object]
    findings: Findings = field(default_factory=Findings)
    ends: list[_End] = field(default_factory=list)
    snapshots: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)

    def run(self, cursor: Cursor) -> None:
        cursor.execute("set transaction isolation level repeatable read, read only")
        take_time(cursor)
        end: _End | None = None
        ring = Keyring(cursor)
        for rows in self._chunks():
            self._expect_snapshots(cursor, rows)
            for row in rows:
                if end is None or end.stream != row[0]:
                    end = self._begin(end, cursor, row[0])
                self._event(end, row, ring)
            self.findings.events += len(rows)
            self.progress(len(rows))
            ring = Keyring(cursor)
        self._finish(end)
        self._compare_heads(cursor)
        self._heads_without_events(cursor)
        self.findings.broken += attachments.broken(self.context.name)

    def _chunks(self) -> Iterator[list[Any]]:
        raw = connections[self.context.name].connection
        with ServerCursor(raw, "verify_ledger") as rows:
            rows.itersize = CHUNK
            rows.execute(
                "select stream, version, type, data, metadata, recorded_at, hash from bank_event"
                " order by stream, version"
            )
            while chunk := rows.fetchmany(CHUNK):
                yield chunk

    def _expect_snapshots(self, cursor: Cursor, rows: list[Any]) -> None:
        """Those of this chunk's own versions: a long stream has as many snapshots as others have events."""
        cursor.execute(
            "select stream, version, state, state_version from bank_snapshot"
            " join unnest(%b::text[], %b::int[]) walked(stream, version) using (stream, version)",
            ([row[0] for row in rows], [row[1] for row in rows]),
        )
        self.snapshots = {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}

    def _begin(self, before: _End | None, cursor: Cursor, stream: str) -> _End:
        self._finish(before)
        if len(self.ends) >= CHUNK:
            self._compare_heads(cursor)
        end = _End(stream)
        try:
            end.state = self.context.decider(stream).initial
        except LookupError as error:
            self._broken(end, f"{self.context.name} {stream}: {error}")
        return end

    def _finish(self, end: _End | None) -> None:
        if end is not None:
            self.ends.append(end)
            self.findings.streams += 1

    def _event(self, end: _End, row: Any, ring: Keyring) -> None:
        stream, version, type_, data, metadata, recorded_at, digest = row
        if not end.sound:
            return
        where = f"{self.context.name} {stream}@{version} ({type_})"
        if version != end.version + 1:
            self._broken(end, f"{where}: follows version {end.version}")
            return
        time = timestamp(recorded_at)
        if chain(end.hash, stream, version, type_, time, metadata.encode(), data.encode()) != bytes(digest):
            self._broken(end, f"{where}: its bytes do not match its hash")
            return
        decider = self.context.decider(stream)
        try:
            msgspec.json.decode(metadata, type=Metadata)
            event = codec.load_event(decider, type_, data, ring)
        except UNREADABLE as error:
            self._broken(end, f"{where}: cannot be read: {type(error).__name__}: {error}")
            return
        end.state, end.version, end.hash = decider.evolve(end.state, event), version, bytes(digest)
        self._compare_snapshot(end, ring)

    def _compare_snapshot(self, end: _End, ring: Keyring) -> None:
        kept = self.snapshots.get((end.stream, end.version))
        decider = self.context.decider(end.stream)
        if kept is None or kept[1] != decider.state_version:
            return
        self.findings.snapshots += 1
        if not self._same(kept[0], end, ring):
            self.findings.broken.append(f"{self.context.name} {end.stream}@{end.version}: snapshot differs from replay")

    def _same(self, kept: str, end: _End, ring: Keyring) -> bool:
        decider = self.context.decider(end.stream)
        try:
            return bool(codec.load(kept, f"{decider.name}.state", type(decider.initial), ring) == end.state)
        except UNREADABLE:
            return False

    def _broken(self, end: _End, fault: str) -> None:
        self.findings.broken.append(fault)
        end.sound = False

    def _compare_heads(self, cursor: Cursor) -> None:
        ends, self.ends = self.ends, []
        cursor.execute(
            "select stream, version, hash, state, state_version from bank_head where stream = any(%b)",
            ([end.stream for end in ends],),
        )
        heads = {row[0]: row[1:] for row in cursor.fetchall()}
        ring = Keyring(cursor)
        for end in ends:
            if end.sound:
                self._compare_head(end, heads.get(end.stream), ring)

    def _compare_head(self, end: _End, head: Any, ring: Keyring) -> None:
        name = f"{self.context.name} {end.stream}"
        if head is None:
            self.findings.broken.append(f"{name}: has events up to {end.version} but no head")
            return
        version, digest, state, state_version = head
        if (version, bytes(digest)) != (end.version, end.hash):
            self.findings.broken.append(f"{name}: its head is at {version}, its last event at {end.version}")
        elif state_version == self.context.decider(end.stream).state_version and not self._same(state, end, ring):
            self.findings.broken.append(f"{name}@{version}: its head differs from a replay")

    def _heads_without_events(self, cursor: Cursor) -> None:
        cursor.execute(
            "select stream, version from bank_head h"
            " where not exists (select from bank_event e where e.stream = h.stream) order by stream limit 10"
        )
        for stream, version in cursor.fetchall():
            self.findings.broken.append(f"{self.context.name} {stream}: its head is at {version}, it has no events")
