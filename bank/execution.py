"""The one road: HTTP commands, messages and bulk imports all enter here, in batches, and take effect exactly once.

One statement locks the heads of all streams concerned and finds known command ids; deciding happens in memory; command
rows, events, outbox, heads and inline projections follow in one pipeline; one commit.
"""

import logging
import random
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
from psycopg import errors

from bank.context import Attachment, Changed, Context, Cursor, Order, Unit
from bank.db import after_commit, pipelined, transaction
from bank.decider import Decider, Refused
from bank.failpoints import failpoint
from bank.history import attachments, codec, eventstore
from bank.history.eventstore import GENESIS, SNAPSHOT_EVERY, Rows, Standing
from bank.history.sealing import Erased, Keyring
from bank.messaging import doorbell, messages
from bank.outcomes import COLUMNS, Result, outcome
from bank.recorded import Metadata, Origin, Recorded

log = logging.getLogger(__name__)

TRIES = 8
SYSTEM = Origin(actor="service:bank")


class IdReused(Exception):
    """The id is known with another request's fingerprint. Nothing was executed."""


class StaleVersion(Exception):
    """The stream is not at the version which the caller expected. Nothing was executed, and nothing remembered."""


class NotApplied(Exception):
    """Of a batch that is executed whole or not at all a unit did not take effect. Nothing was executed."""

    def __init__(self, unit: Unit, result: Result) -> None:
        super().__init__(result.code)
        self.unit = unit
        self.result = result


class Running(Exception):
    """Another transaction holds this command id at this moment (`wait=False` only). Try again shortly."""


class Contended(Exception):
    """The batch lost the race for its streams too often. Nothing was executed; try again."""


def execute(context: Context, units: Sequence[Unit], *, wait: bool = True, whole: bool = False) -> list[Result]:
    """Execute a batch of units in one transaction on the context's database; one result each, in order.

    Each unit is accepted or refused whole and does not spoil its batch; later units see what earlier ones did. A unit
    without an id gets a random one. What would say something personal of an erased customer is refused
    (`customer_erased`). With `wait=False` (a single unit) a unit that is being executed elsewhere raises
    `Running` instead of waiting for it. With `whole` a unit that does not take effect raises `NotApplied`, so that its
    refusal is not remembered. Raises `IdReused`, `StaleVersion` and `Contended`, and whatever else a decider raises;
    then nothing was written.
    """
    erased: frozenset[str] = frozenset()
    for attempt in range(TRIES):
        try:
            with transaction(context.name) as cursor:
                batch = _Batch(context, cursor, erased)
                batch.read(units, wait=wait, rebuild=attempt > 0)
                results = [batch.execute(unit) for unit in units]
                if whole:
                    require_applied(units, results)
                batch.write()
                failpoint("before_commit")
            failpoint("after_commit")
            return results
        except StaleVersion:
            if attempt:
                raise  # else it may have been this very command, sent twice, that changed the version
        except Erased as error:  # known only once keys are asked for, which a batch does at its end and at once
            erased |= error.customer_ids
        except (errors.UniqueViolation, errors.DeadlockDetected):
            clock.sleep(random.uniform(0, 0.002 * 2**attempt))
    raise Contended(f"{context.name}: lost the race for {len(units)} units {TRIES} times")


def require_applied(units: Sequence[Unit], results: Sequence[Result]) -> None:
    for unit, result in zip(units, results, strict=True):
        if result.outcome != "applied":
            raise NotApplied(unit, result)


def recall(context: Context, id: UUID, fingerprint: bytes) -> Result | None:
    """The remembered result of a command that is asked for again, if it is known. Raises `IdReused`, and `Running`
    while somebody executes it who does not wait."""
    with transaction(context.name) as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", _lock_key(id))
        if cursor.fetchall() != [(True,)]:
            raise Running(str(id))
        cursor.execute(f"select {COLUMNS} from bank_command where id = %s", (id,))  # noqa: S608
        rows = cursor.fetchall()
    if not rows:
        return None
    noted, result = outcome(rows[0])
    if noted != fingerprint:
        raise IdReused(str(id))
    return result


_READ = f"""
    with gate as materialized (select {{gate}} as open),
    heads as materialized (
        select stream, version, hash, state, state_version from bank_head
        where stream = any(%b::text[]) and (select open from gate)
        order by stream for update
    )
    select 0, null::uuid, null::bytea, null, null, null, null::text[], null::int[],
           null, coalesce((select epoch from bank_epoch), 1), null::bytea, null, (select open::int from gate)
    union all
    select 1, {COLUMNS}, null, null, null, null, null from bank_command where id = any(%b::uuid[])
    union all
    select 2, null, null, null, null, null, null, null, heads.* from heads
"""  # noqa: S608
READ = _READ.format(gate="true")
READ_OR_LEAVE = _READ.format(gate="pg_try_advisory_xact_lock(%s, %s)")


@dataclass(slots=True)
class _Decided:
    """One event on its way into the store."""

    order: Order
    version: int
    event: Any
    metadata: Metadata


@dataclass(slots=True)
class _Batch:
    context: Context
    cursor: Cursor
    erased: frozenset[str]
    epoch: int = 1
    now: datetime = field(init=False)
    ring: Keyring = field(init=False)
    known: dict[UUID, tuple[bytes, Result]] = field(default_factory=dict)
    streams: dict[str, Standing] = field(default_factory=dict)
    deciders: dict[str, tuple[Decider[Any, Any, Any], str]] = field(default_factory=dict)
    decided: list[_Decided] = field(default_factory=list)
    new: list[tuple[bytes, Result]] = field(default_factory=list)
    snapshots: list[tuple[str, int, Any]] = field(default_factory=list)
    attached: list[Attachment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ring = Keyring(self.cursor)

    # Read.

    def read(self, units: Sequence[Unit], *, wait: bool, rebuild: bool) -> None:
        names = sorted({order.stream for unit in units for order in _all_orders(unit)})
        ids = [id for unit in units for id in (unit.id, unit.undoes) if id is not None]
        if wait:
            self.cursor.execute(READ, (names, ids))
        else:
            high, low = _lock_key(ids[0])
            self.cursor.execute(READ_OR_LEAVE, (high, low, names, ids))
        heads = []
        for row in self.cursor.fetchall():
            if row[0] == 0:
                self.epoch = row[9]
                if not row[12]:
                    raise Running(str(ids[0]))
            elif row[0] == 1:
                self.known[row[1]] = outcome(row[1:8])
            else:
                heads.append(row[8:])
        for head in heads:
            self._stand(*head)
        if rebuild:
            for stream in set(names) - self.streams.keys():
                self.streams[stream] = eventstore.standing(self.cursor, self.context, stream)
        self.now = datetime.now(UTC)  # with the heads locked, so that a stream's times follow its versions

    def _stand(self, stream: str, version: int, digest: bytes, state: str, state_version: int) -> None:
        decider = self.context.decider(stream)
        if state_version != decider.state_version:
            self.streams[stream] = eventstore.standing(self.cursor, self.context, stream)
            return
        value = codec.load(state, f"{decider.name}.state", type(decider.initial), self.ring)
        self.streams[stream] = Standing(version, bytes(digest), value)

    # Decide.

    def execute(self, unit: Unit) -> Result:
        id = unit.id or uuid4()
        if id in self.known:
            fingerprint, result = self.known[id]
            if fingerprint != unit.fingerprint:
                raise IdReused(str(id))
            return replace(result, replayed=True)
        result = self._nothing_to_undo(id, unit) or self._decide(id, unit)
        self._remember(unit.fingerprint, result)
        if result.outcome == "applied":
            self.attached += unit.attachments
        return result

    def _nothing_to_undo(self, id: UUID, unit: Unit) -> Result | None:
        """Undoing what was never seen forbids it for ever; undoing what did not take effect is nothing."""
        if unit.undoes is None:
            return None
        if unit.undoes not in self.known:
            self._remember(b"", Result(unit.undoes, "cancelled", "cancelled", "Its undoing came first."))
            return Result(id, "nothing")
        if self.known[unit.undoes][1].outcome in ("refused", "cancelled"):
            return Result(id, "nothing")
        return None

    def _remember(self, fingerprint: bytes, result: Result) -> None:
        self.new.append((fingerprint, result))
        self.known[result.id] = (fingerprint, result)

    def _decide(self, id: UUID, unit: Unit) -> Result:
        origin = unit.origin or SYSTEM
        try:
            result = self._orders(id, origin, unit.orders)
            if result.outcome == "nothing" and self._found_without_head(unit.orders):
                return self._decide(id, unit)
            return result
        except Refused as refused:
            if self._found_without_head(unit.orders):
                return self._decide(id, unit)
            _log_cause(id, unit, refused)
            if unit.otherwise is None:
                return Result(id, "refused", refused.code, refused.reason)
            instead = unit.otherwise(refused)
        try:
            return self._orders(id, origin, (instead,))
        except Refused as refused:
            return Result(id, "refused", refused.code, refused.reason)

    def _found_without_head(self, orders: Sequence[Order]) -> bool:
        """Whether a stream that seemed not to exist has lost its head, which is only a cache: nobody may be refused for
        that, and nothing left undone."""
        missing = {order.stream for order in orders} - self.streams.keys()
        self.streams |= {stream: eventstore.standing(self.cursor, self.context, stream) for stream in missing}
        return any(self.streams[stream].version for stream in missing)

    def _orders(self, id: UUID, origin: Origin, orders: Sequence[Order]) -> Result:
        """All orders of a unit, or none: they work on a copy of what they touch."""
        after: dict[str, Standing] = {}
        decided: list[_Decided] = []
        snapshots: list[tuple[str, int, Any]] = []
        for order in orders:
            stream = order.stream
            stand = after.get(stream) or self.streams.get(stream) or Standing(0, GENESIS, order.decider.initial)
            if order.expected_version is not None and order.expected_version != stand.version:
                raise StaleVersion(f"{stream} is at version {stand.version}, not {order.expected_version}")
            state, version = stand.state, stand.version
            for event in order.decider.decide(state, order.command):
                state, version = order.decider.evolve(state, event), version + 1
                metadata = self._metadata(id, origin, len(decided), order.decider.customer(state))
                if metadata.customer_id in self.erased and codec.says_personal(event):
                    raise Refused("customer_erased", "The customer has been erased: nothing more is written about him.")
                decided.append(_Decided(order, version, event, metadata))
                if version % SNAPSHOT_EVERY == 0:
                    snapshots.append((stream, version, state))
            after[stream] = Standing(version, stand.hash, state)
        if not decided:
            stood = {stream: stand.version for stream, stand in after.items() if stand.version}
            return Result(id, "nothing", "", "", tuple(stood), tuple(stood.values()))
        self.streams.update(after)
        self.decided += decided
        self.snapshots += snapshots
        for order in orders:
            if after[order.stream].version:  # what only looked at a stream that does not exist makes no head for it
                self.deciders[order.stream] = (order.decider, order.key)
        return Result(id, "applied", "", "", tuple(after), tuple(stand.version for stand in after.values()))

    def _metadata(self, id: UUID, origin: Origin, ordinal: int, customer_id: str | None) -> Metadata:
        return Metadata(
            event_id=uuid5(id, str(ordinal)),
            command_id=id,
            correlation_id=origin.correlation_id or id,
            causation_id=origin.causation_id or id,
            actor=origin.actor,
            epoch=self.epoch,
            customer_id=customer_id,
            traceparent=origin.traceparent,
        )

    # Write.

    def write(self) -> None:
        if not self.new:
            return
        self.ring.make(self._sealed_for())
        for attachment in self.attached:
            attachments.write(self.cursor, attachment)
        with pipelined(self.cursor):
            self.cursor.execute(eventstore.REMEMBER, (self.now, *self._commands()))
            if self.decided:
                self._append()
        if self.decided:
            name = self.context.name
            after_commit(name, lambda: doorbell.ring(name))

    def _append(self) -> None:
        rows, recorded = self._rows()
        self.cursor.execute(
            eventstore.APPEND,
            (
                self.now,
                *(rows.streams, rows.versions, rows.types, rows.data, rows.metadata, rows.hashes),
                *(rows.ids, rows.lanes, rows.kinds, rows.streams, rows.types, rows.published),
                *self._heads(),
            ),
        )
        self._keep_snapshots()
        self._project(recorded)

    def _rows(self) -> tuple[Rows, list[Recorded]]:
        rows, recorded, time = Rows(), [], messages.timestamp(self.now)
        for one in self.decided:
            decider, stream = one.order.decider, one.order.stream
            name = codec.names(decider)[type(one.event)]
            metadata = _encode(one.metadata)
            published = codec.plain(one.event)
            data = published
            if codec.says_personal(one.event):
                data = codec.sealed(one.event, name, one.metadata.customer_id, self.ring)
            stand = self.streams[stream]
            stand.hash = eventstore.chain(stand.hash, stream, one.version, name, time, metadata, data)
            message = messages.encode(self.context.name, stream, one.version, name, time, metadata, published)
            rows.streams.append(stream)
            rows.versions.append(one.version)
            rows.types.append(name)
            rows.data.append(data.decode())
            rows.metadata.append(metadata.decode())
            rows.hashes.append(stand.hash)
            rows.ids.append(one.metadata.event_id)
            rows.lanes.append(messages.lane(stream))
            rows.kinds.append(decider.name)
            rows.published.append(message.decode())
            recorded.append(Recorded(stream, one.version, name, one.event, one.metadata, self.now))
        return rows, recorded

    def _sealed_for(self) -> list[str]:
        """Whose keys this batch needs, so that they are fetched or made at once."""
        return [
            one.metadata.customer_id
            for one in self.decided
            if one.metadata.customer_id and codec.says_personal(one.event)
        ]

    def _heads(self) -> tuple[list[Any], ...]:
        heads: tuple[list[Any], ...] = ([], [], [], [], [])
        for stream in sorted(self.deciders):
            decider, _ = self.deciders[stream]
            stand = self.streams[stream]
            row = (stream, stand.version, stand.hash, self._state(decider, stand.state), decider.state_version)
            for column, value in zip(heads, row, strict=True):
                column.append(value)
        return heads

    def _state(self, decider: Decider[Any, Any, Any], state: Any) -> str:
        return codec.sealed(state, f"{decider.name}.state", decider.customer(state), self.ring).decode()

    def _commands(self) -> tuple[list[Any], ...]:
        return (
            [result.id for _, result in self.new],
            [fingerprint for fingerprint, _ in self.new],
            [result.outcome for _, result in self.new],
            [result.code for _, result in self.new],
            [result.reason for _, result in self.new],
            [",".join(result.streams) for _, result in self.new],
            [",".join(map(str, result.versions)) for _, result in self.new],
        )

    def _keep_snapshots(self) -> None:
        if not self.snapshots:
            return
        columns: tuple[list[Any], ...] = ([], [], [], [])
        for stream, version, state in self.snapshots:
            decider, _ = self.deciders[stream]
            row = (stream, version, self._state(decider, state), decider.state_version)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
        self.cursor.execute(eventstore.SNAPSHOTS, columns)

    def _project(self, recorded: list[Recorded]) -> None:
        changed = [
            Changed(decider, stream, key, self.streams[stream].version, self.streams[stream].state)
            for stream, (decider, key) in self.deciders.items()
        ]
        for projection in self.context.inline_projections:
            projection.project(self.cursor, recorded, changed)


_encode = msgspec.json.Encoder().encode


def _all_orders(unit: Unit) -> tuple[Order, ...]:
    """Every order the unit may come to execute; what it does when refused does not depend on why."""
    if unit.otherwise is None:
        return unit.orders
    return (*unit.orders, unit.otherwise(Refused("", "")))


def _log_cause(id: UUID, unit: Unit, refused: Refused) -> None:
    """What who asked is not told stands in the log, for the bank's people."""
    if isinstance(refused.__cause__, Refused):
        streams = ", ".join(order.stream for order in unit.orders)
        log.info("%s (%s) was refused as %s, because of %s", id, streams, refused.code, refused.__cause__.code)


def _lock_key(id: UUID) -> tuple[int, int]:
    """Two signed 32-bit numbers: the two-number space of advisory locks, apart from the watermark's."""
    return (
        int.from_bytes(id.bytes[:4], signed=True),
        int.from_bytes(id.bytes[4:8], signed=True),
    )
