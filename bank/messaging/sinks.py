"""What a consumer does with messages: reactions execute units, projections fold; a batch is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID, uuid5

from django.conf import settings

from bank.context import AsyncProjection, Context, Cursor, Unit
from bank.db import cursor as open_cursor
from bank.execution import execute
from bank.messaging import topology
from bank.messaging.messages import Envelope, typed
from bank.projections.projecting import Stream, fold_new, folded_versions, hold_live, key
from bank.recorded import Message, Origin


class Sink(Protocol):
    @property
    def name(self) -> str:
        """The consumer's name in the tables of cursors and parked messages."""

    @property
    def context(self) -> str: ...

    @property
    def sources(self) -> tuple[str, ...]: ...

    def wants(self, type: str) -> bool: ...

    def types(self, source: str) -> tuple[str, ...] | None:
        """The stored names it reads of a source's feed; None means all."""

    def apply(self, cursor: Cursor, batch: Sequence[Envelope]) -> None:
        """In the caller's transaction, whole or not at all."""

    def missing(self, batch: Sequence[Envelope]) -> list[Envelope]:
        """Those which may not have been applied yet: what the feed brings is mostly known."""


class ReactionRefused(Exception):
    """A reaction's unit was refused. Who answers a message must answer with an event: this is a defect."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reactions:
    """Hear a few types, tolerate any order, and execute what the handlers return."""

    of: Context

    @property
    def name(self) -> str:
        return f"{self.of.name}.reactions"

    @property
    def context(self) -> str:
        return self.of.name

    @property
    def sources(self) -> tuple[str, ...]:
        return topology.sources(self.of)

    def wants(self, type: str) -> bool:
        return type in self.of.subscriptions

    def types(self, source: str) -> tuple[str, ...]:
        prefix = f"{source}."
        return tuple(name.removeprefix(prefix) for name in self.of.subscriptions if name.startswith(prefix))

    def apply(self, cursor: Cursor, batch: Sequence[Envelope]) -> None:
        units = [unit for envelope in batch for unit in self.units(envelope)]
        if not units:
            return
        for result in execute(self.of, units):
            if result.outcome == "refused" and not result.replayed:
                raise ReactionRefused(result.code)

    def units(self, envelope: Envelope) -> list[Unit]:
        """What the handler wants executed. The same message gives the same command ids, for ever."""
        subscription = self.of.subscriptions[envelope.type]
        message: Message[Any] = typed(envelope, subscription.data)
        wanted = subscription.react(message if subscription.whole else message.data)
        if wanted is None:
            return []
        units = [wanted] if isinstance(wanted, Unit) else wanted
        return [self._identified(unit, envelope, f"{subscription.name}/{n}") for n, unit in enumerate(units)]

    def _identified(self, unit: Unit, envelope: Envelope, name: str) -> Unit:
        origin = unit.origin or Origin(
            actor=f"context:{self.of.name}",
            correlation_id=envelope.correlation_id,
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
        )
        return Unit(
            *unit.orders,
            id=unit.id or uuid5(envelope.id, name),
            otherwise=unit.otherwise,
            undoes=unit.undoes,
            origin=origin,
            fingerprint=unit.fingerprint,
        )

    def missing(self, batch: Sequence[Envelope]) -> list[Envelope]:
        """Those with a unit whose id the command table does not know. One that cannot be asked is taken for missing."""
        ids: dict[UUID, Envelope] = {}
        unclear = []
        for envelope in batch:
            try:
                ids.update((unit.id, envelope) for unit in self.units(envelope) if unit.id is not None)
            except Exception:  # noqa: BLE001 - applying it will fail in the same way, and park it
                unclear.append(envelope)
        known = self._known(list(ids))
        missing = {envelope.id for id, envelope in ids.items() if id not in known} | {e.id for e in unclear}
        return [envelope for envelope in batch if envelope.id in missing]

    def _known(self, ids: list[UUID]) -> set[UUID]:
        with open_cursor(self.context) as cursor:
            cursor.execute("select id from bank_command where id = any(%b)", (ids,))
            return {id for (id,) in cursor.fetchall()}


@dataclass(slots=True)
class Projector:
    """Hear everything, in order per stream, and fold it into the live generation of one projection."""

    context: str
    projection: AsyncProjection
    sources: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = tuple(sorted({name.partition(".")[0] for name in self.projection.types}))

    @property
    def name(self) -> str:
        return f"projection.{self.projection.name}"

    def wants(self, type: str) -> bool:
        return type.partition(".")[0] in self.sources

    def types(self, source: str) -> None:
        return None

    def apply(self, cursor: Cursor, batch: Sequence[Envelope]) -> None:
        fold_new(cursor, self.projection, hold_live(cursor, self.projection.name), batch)

    def missing(self, batch: Sequence[Envelope]) -> list[Envelope]:
        """Those beyond what the live generation has folded. Nothing is locked: who folds them looks again."""
        folded = folded_versions(self.context, self.projection.name, {key(envelope) for envelope in batch})
        return [envelope for envelope in batch if envelope.version > folded.get(key(envelope), 0)]

    def behind(self, source: str, versions: Mapping[str, int]) -> dict[Stream, range]:
        """What is missing up to these versions, per stream: it hears every event, so the last version tells."""
        folded = folded_versions(self.context, self.projection.name, {(source, stream) for stream in versions})
        last = {stream: folded.get((source, stream), 0) for stream in versions}
        return {(source, s): range(last[s] + 1, v + 1) for s, v in versions.items() if v > last[s]}


def projectors(context: Context) -> list[Projector]:
    return [Projector(context.name, projection) for projection in context.async_projections]


def of(context: Context) -> list[Sink]:
    """Everything that consumes messages in a context."""
    reactions: list[Sink] = [Reactions(context)] if context.subscriptions else []
    return [*reactions, *projectors(context)]


def served() -> list[Sink]:
    """Everything that consumes messages in the contexts of this process."""
    from bank.context import load

    return [sink for name in settings.CONTEXTS for sink in of(load(name))]
