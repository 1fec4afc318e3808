"""The bank without a database: real contexts, real reactions, real deciders; every order in which anything may happen.

A message stays in the world for ever, so it is heard late, twice, or (until the end) not at all; each transaction is
whole, so a death is a message heard again. A timer of a saga may run out at any time; asked, a participant tells the
truth or is out of reach.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from bank.context import Context, Order, Unit
from bank.decider import Refused
from bank.history import codec
from bank.recorded import Message
from bank.sagas.driving import MEANING
from bank.sagas.progress import Learned

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Said:
    """A published event."""

    id: UUID
    source: str
    type: str
    stream: str
    version: int
    customer_id: str | None
    event: Any


@dataclass(frozen=True, slots=True)
class World:
    """`streams`: state and version by context and stream; `commands`: what became of each id, by context."""

    streams: Mapping[tuple[str, str], tuple[Any, int]]
    commands: Mapping[tuple[str, UUID], str]
    said: tuple[Said, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        states = tuple(sorted((where, repr(state)) for where, (state, _) in self.streams.items()))
        return states, frozenset(self.commands.items())

    def state(self, context: Context, order_of: Any, key: str) -> Any:
        return self.streams.get((context.name, order_of.stream(key)), (order_of.initial, 0))[0]


EMPTY = World({}, {}, ())


def execute(world: World, context: Context, unit: Unit) -> World:
    """What `bank.execution` does with one unit that has an id."""
    assert unit.id is not None
    name, commands = context.name, dict(world.commands)
    if (name, unit.id) in commands:
        return world
    if unit.undoes is not None and commands.get((name, unit.undoes)) in (None, "refused", "cancelled"):
        commands.setdefault((name, unit.undoes), "cancelled")
        return replace(world, commands={**commands, (name, unit.id): "nothing"})
    try:
        return decided(world, context, unit.id, unit.orders)
    except Refused as refused:
        if unit.otherwise is not None:
            return decided(world, context, unit.id, (unit.otherwise(refused),))
        return replace(world, commands={**commands, (name, unit.id): "refused"})


def decided(world: World, context: Context, id: UUID, orders: Sequence[Order]) -> World:
    streams, said = dict(world.streams), list(world.said)
    before = len(said)
    for order in orders:
        where, decider = (context.name, order.stream), order.decider
        state, version = streams.get(where, (decider.initial, 0))
        for event in decider.decide(state, order.command):
            state, version = decider.evolve(state, event), version + 1
            type_ = f"{context.name}.{codec.names(decider)[type(event)]}"
            id_ = uuid5(id, str(len(said) - before))
            said.append(Said(id_, context.name, type_, order.stream, version, decider.customer(state), event))
        streams[where] = state, version
    outcome = "applied" if len(said) > before else "nothing"
    return World(streams, {**world.commands, (context.name, id): outcome}, tuple(said))


Move = tuple[str, World]
"""What happens, in words, and the world after it."""


def heard(world: World, contexts: Sequence[Context]) -> Iterator[Move]:
    """Each message that some context has not heard yet."""
    for context in contexts:
        for one in world.said:
            if one.type not in context.subscriptions:
                continue
            units = [unit for unit in reactions(context, one) if (context.name, unit.id) not in world.commands]
            after = world
            for unit in units:
                after = execute(after, context, unit)
            if units:
                yield f"{context.name} hears {one.event}", after


def reactions(context: Context, one: Said) -> list[Unit]:
    subscription = context.subscriptions[one.type]
    data = codec.decoder(subscription.data).decode(codec.plain(one.event))
    whole: Message[Any] = Message(
        *(one.id, one.source, one.type, one.stream, one.version, NOON, 1, one.customer_id),
        *(one.id, one.id, one.id, "model", data),
    )
    wanted = subscription.react(whole if subscription.whole else data)
    units = [wanted] if isinstance(wanted, Unit) else wanted or []
    return [
        Unit(
            *unit.orders,
            id=unit.id or uuid5(one.id, f"{subscription.name}/{n}"),
            otherwise=unit.otherwise,
            undoes=unit.undoes,
        )
        for n, unit in enumerate(units)
    ]


def timed_out(world: World, contexts: Sequence[Context]) -> Iterator[Move]:
    """Each saga whose answer has been awaited too long. Of one that is on its way nothing new is learned."""
    for context in contexts:
        for saga in context.sagas:
            for (name, stream), (progress, _) in world.streams.items():
                if name != context.name or not stream.startswith(f"{saga.name}-") or not progress.is_active:
                    continue
                for learned in outcomes(world, saga.asked(progress), progress.turn):
                    order = Order(saga.decider, progress.saga_id, learned)
                    unit = Unit(order, id=uuid5(START, f"{stream}/{learned.turn}"))
                    yield f"the timer of {stream} runs out: {learned.outcome}", execute(world, context, unit)


def outcomes(world: World, asked: tuple[str, UUID] | None, turn: int) -> list[Learned]:
    if asked is None:
        return [Learned(turn, "elapsed")]
    truth = world.commands.get(asked)
    if truth == "applied":
        return []
    return [Learned(turn, "unreachable"), Learned(turn, MEANING[truth] if truth else "not_yet")]


@dataclass(frozen=True, slots=True)
class Found:
    """How many worlds there are, how many of them are ends, and the way to the first that breaks the promise."""

    worlds: int
    ends: int
    counter_example: str = ""


def explore(start: World, contexts: Sequence[Context], promise: Callable[[World], str]) -> Found:
    """`promise` says what is broken in a world in which nothing more happens; "" where all is well."""
    ways: dict[Any, tuple[Any, str]] = {start.key: (None, "")}
    ends, queue = 0, deque([start])
    while queue:
        world = queue.popleft()
        moves = [*heard(world, contexts), *timed_out(world, contexts)]
        if not moves:
            ends += 1
            if broken := promise(world):
                return Found(len(ways), ends, told(start, ways, world, broken))
        for what, after in moves:
            if after.key not in ways:
                ways[after.key] = (world.key, what)
                queue.append(after)
    return Found(len(ways), ends)


def told(start: World, ways: Mapping[Any, tuple[Any, str]], world: World, broken: str) -> str:
    """The shortest way there, as given/when/then."""
    steps: list[str] = []
    key: Any = world.key
    while key is not None:
        key, what = ways[key]
        steps.append(what)
    given = [f"given {one.event}" for one in start.said]
    when = [f"when {what}" for what in reversed(steps) if what]
    return "\n".join([*given, *when, f"then {broken}"])
