"""The bank without a database: real contexts, real reactions, real deciders; every order in which anything may happen.

A message stays in the world for ever, so it is heard late, twice, or (until the end) not at all; each transaction is
whole, so a death is a message heard again. A timer of a saga may run out at any time; asked, a participant tells the
truth or is out of reach. People may ask for something at any time, or never.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid5

import msgspec

from bank.context import Context, Order, Unit
from bank.decider import Decider, Refused
from bank.history import codec
from bank.sagas.progress import FACTS

ORDERED = msgspec.json.Encoder(order="deterministic")


@cache
def mark(*parts: object) -> int:
    """A number for a part of a world. The marks of all its parts together tell it from every other world."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True)
class Standing:
    """A stream's state; `mark` is None of one that does not exist."""

    state: Any
    version: int
    mark: int | None = None


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
    mark: int


@dataclass(frozen=True, slots=True)
class World:
    """`streams`: how each stands, by context and name; `commands`: what became of each id, by context."""

    streams: Mapping[tuple[str, str], Standing]
    commands: Mapping[tuple[str, UUID], str]
    said: tuple[Said, ...]
    key: int = 0

    def state(self, context: Context, decider: Decider[Any, Any, Any], key: str) -> Any:
        return self.streams.get((context.name, decider.stream(key)), Standing(decider.initial, 0)).state

    def states(self, context: Context, decider: Decider[Any, Any, Any]) -> list[Any]:
        """Of every stream of one kind."""
        return [
            standing.state
            for (name, stream), standing in self.streams.items()
            if name == context.name and stream.startswith(f"{decider.name}-")
        ]

    def forgotten(self, context: str) -> set[str]:
        """The customers whose key the context has destroyed."""
        return {one.event.customer_id for one in self.said if one.type in ERASED and one.source == context}


EMPTY = World({}, {}, ())
ERASED = (
    "accounts.AccountHolderErased.v1",
    "cards.CardholderErased.v1",
    "loans.BorrowerErased.v1",
    "customers.ErasureCertified.v1",
)
TO_ITSELF = tuple(FACTS.values())
"""What a saga writes down about itself: nobody hears it, and its state says what follows from it."""


def execute(world: World, context: Context, unit: Unit) -> World:
    """What `bank.execution` does with one unit that has an id."""
    assert unit.id is not None
    name = context.name
    if (name, unit.id) in world.commands:
        return world
    if unit.undoes is not None and world.commands.get((name, unit.undoes)) in (None, "refused", "cancelled"):
        if (name, unit.undoes) not in world.commands:
            world = remembered(world, name, unit.undoes, "cancelled")
        return remembered(world, name, unit.id, "nothing")
    try:
        return decided(world, context, unit.id, unit.orders)
    except Refused as refused:
        if unit.otherwise is None:
            return remembered(world, name, unit.id, "refused")
        instead = unit.otherwise(refused)
    try:
        return decided(world, context, unit.id, (instead,))
    except Refused:
        return remembered(world, name, unit.id, "refused")


def remembered(world: World, context: str, id: UUID, outcome: str) -> World:
    commands = {**world.commands, (context, id): outcome}
    return replace(world, commands=commands, key=world.key ^ mark(context, id, outcome))


def decided(world: World, context: Context, id: UUID, orders: Sequence[Order]) -> World:
    streams, said, key = dict(world.streams), list(world.said), world.key
    before, happened = len(said), False
    for order in orders:
        where, decider = (context.name, order.stream), order.decider
        stand = streams.get(where) or Standing(decider.initial, 0)
        state, version = stand.state, stand.version
        for event in decider.decide(state, order.command):
            state, version, happened = decider.evolve(state, event), version + 1, True
            customer_id = decider.customer(state)
            if codec.says_personal(event) and customer_id in world.forgotten(context.name):
                raise Refused("customer_erased", "The customer has been erased: nothing more is written about him.")
            one = published(context, order, uuid5(id, str(len(said) - before)), version, customer_id, event)
            if one.mark and any(one.mark == other.mark for other in said):
                continue
            said.append(one)
            key ^= one.mark
        if version > stand.version:
            streams[where] = Standing(state, version, mark(*where, ORDERED.encode(state)))
            key ^= (stand.mark or 0) ^ (streams[where].mark or 0)
    outcome = "applied" if happened else "nothing"
    return remembered(World(streams, world.commands, tuple(said), key), context.name, id, outcome)


def published(context: Context, order: Order, id: UUID, version: int, customer_id: str | None, event: Any) -> Said:
    """What a saga asks for again is told by what it says: whoever does it, does it under an id made of that."""
    type_ = f"{context.name}.{codec.names(order.decider)[type(event)]}"
    is_asked = any(type(event) in saga.places for saga in context.sagas)
    marked = 0 if isinstance(event, TO_ITSELF) else mark(type_, None if is_asked else id, ORDERED.encode(event))
    return Said(id, context.name, type_, order.stream, version, customer_id, event, marked)
