"""Every interleaving: each world that can be reached from one, and the shortest way to the first that is broken."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from bank.context import Context, Order, Unit
from bank.history import codec
from bank.recorded import Message
from bank.sagas.driving import MEANING
from bank.sagas.progress import Learned
from tests.model.world import Said, World, execute

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
START = UUID(int=0)

Move = tuple[str, World]
"""What happens, in words, and the world after it."""

Promise = Callable[[World], str]
"""What is broken in a world; "" where all is well."""


def fine(_world: World) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody may ask for, once, at any time. The clock asks without fail, people only perhaps.

    What is refused or changes nothing is not remembered: he may ask again.
    """

    what: str
    context: Context
    unit: Unit
    by_clock: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """The contexts that take part, as far as they do, and what may be asked of them."""

    contexts: Sequence[Context]
    asked: Sequence[Asked] = ()
    reactions: dict[tuple[str, int], tuple[Unit, ...]] = field(default_factory=dict)

    def certain(self, world: World) -> list[Move]:
        """What happens sooner or later."""
        by_clock = [one for one in self.asked if one.by_clock]
        return [*self.heard(world), *self.timed_out(world), *self.wishes(world, by_clock)]

    def possible(self, world: World) -> list[Move]:
        return list(self.wishes(world, [one for one in self.asked if not one.by_clock]))

    def wishes(self, world: World, asked: Sequence[Asked]) -> Iterator[Move]:
        for one in asked:
            assert one.unit.id is not None
            if (one.context.name, one.unit.id) not in world.commands:
                after = execute(world, one.context, one.unit)
                if len(after.said) > len(world.said):
                    yield one.what, after

    def heard(self, world: World) -> Iterator[Move]:
        """Each message that some context has not heard yet."""
        for context in self.contexts:
            for one in world.said:
                if one.type not in context.subscriptions:
                    continue
                after = world
                for unit in self.reaction(context, one):
                    after = execute(after, context, unit)
                if after is not world:
                    yield f"{context.name} hears {one.event}", after

    def reaction(self, context: Context, one: Said) -> tuple[Unit, ...]:
        """Reactions are pure, so each is asked for once."""
        known = (context.name, one.mark)
        if known not in self.reactions:
            self.reactions[known] = tuple(reaction(context, one))
        return self.reactions[known]

    def timed_out(self, world: World) -> Iterator[Move]:
        """Each saga whose answer has been awaited too long. Of one that is on its way nothing new is learned."""
        for context in self.contexts:
            for saga in context.sagas:
                for progress in world.states(context, saga.decider):
                    if not progress.is_active:
                        continue
                    for learned in outcomes(world, saga.asked(progress), progress.turn):
                        order = Order(saga.decider, progress.saga_id, learned)
                        unit = Unit(order, id=uuid5(START, f"{order.stream}/{learned.turn}"))
                        yield (
                            f"the timer of {order.stream} runs out: {learned.outcome}",
                            execute(world, context, unit),
                        )

    def quiet(self, world: World) -> World:
        """After everybody has heard everything."""
        while after := next(self.heard(world), None):
            world = after[1]
        return world


def reaction(context: Context, one: Said) -> Iterator[Unit]:
    subscription = context.subscriptions[one.type]
    data = codec.decoder(subscription.data).decode(codec.plain(one.event))
    whole: Message[Any] = Message(
        *(one.id, one.source, one.type, one.stream, one.version, NOON, NOON.date(), 1, one.customer_id),
        *(one.id, one.id, one.id, "model", data),
    )
    wanted = subscription.react(whole if subscription.whole else data)
    for n, unit in enumerate([wanted] if isinstance(wanted, Unit) else wanted or []):
        id = unit.id or uuid5(one.id, f"{subscription.name}/{n}")
        yield Unit(*unit.orders, id=id, otherwise=unit.otherwise, undoes=unit.undoes)


def outcomes(world: World, asked: tuple[str, UUID] | None, turn: int) -> list[Learned]:
    if asked is None:
        return [Learned(turn, "elapsed")]
    truth = world.commands.get(asked)
    if truth == "applied":
        return []
    return [Learned(turn, "unreachable"), Learned(turn, MEANING[truth] if truth else "not_yet")]


@dataclass(frozen=True, slots=True)
class Found:
    """How many worlds there are, how many of them are ends, and the way to the first that breaks a promise."""

    worlds: int
    ends: int
    counter_example: str = ""


def explore(start: World, model: Model, promise: Promise, always: Promise = fine) -> Found:
    """`promise` must be kept in each world in which nothing more happens by itself, `always` in every one."""
    ways: dict[int, tuple[int | None, str]] = {start.key: (None, "")}
    ends, queue = 0, deque([start])
    while queue:
        world = queue.popleft()
        certain = model.certain(world)
        ends += not certain
        if broken := always(world) or ("" if certain else promise(world)):
            return Found(len(ways), ends, told(start, ways, world, broken))
        for what, after in (*certain, *model.possible(world)):
            if after.key not in ways:
                ways[after.key] = (world.key, what)
                queue.append(after)
    return Found(len(ways), ends)


def told(start: World, ways: dict[int, tuple[int | None, str]], world: World, broken: str) -> str:
    """The shortest way there, as given/when/then."""
    steps: list[str] = []
    key: int | None = world.key
    while key is not None:
        key, what = ways[key]
        steps.append(what)
    given = [f"given {one.event}" for one in start.said]
    when = [f"when {what}" for what in reversed(steps) if what]
    return "\n".join([*given, *when, f"then {broken}"])
