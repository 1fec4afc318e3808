"""Where messages go: exchange, routing keys and queues, the same on every broker."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from bank.context import Context

EXCHANGE = "bank.events"


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue with one active consumer, and the routing keys it hears."""

    name: str
    bindings: tuple[str, ...]

    @property
    def canary(self) -> str:
        """A routing key of its own: what proves that its messages get through is for nobody else."""
        return f"canary.{self.name}"

    @property
    def patterns(self) -> tuple[str, ...]:
        return (*self.bindings, self.canary)


def groups() -> range:
    """Lane groups: each has queues of its own, so that consumers may be added without losing order."""
    return range(settings.LANE_GROUPS)


def routing_key(context: str, lane: int) -> str:
    return f"{lane % settings.LANE_GROUPS}.{context}"


def sources(context: Context) -> tuple[str, ...]:
    """The contexts whose messages a context reacts to."""
    return tuple(sorted({name.partition(".")[0] for name in context.subscriptions}))


def reactions(context: Context, group: int) -> Queue:
    return Queue(f"{context.name}.reactions.{group}", tuple(f"{group}.{source}" for source in sources(context)))


def views(context: str, group: int) -> Queue:
    """What asynchronous projections hear: everything."""
    return Queue(f"{context}.views.{group}", (f"{group}.*",))


def catch_alls() -> Iterable[Queue]:
    """Declared by every publisher before it publishes: nothing is without a place to go to."""
    return [views(context, group) for context in settings.CATCH_ALL_CONTEXTS for group in groups()]
