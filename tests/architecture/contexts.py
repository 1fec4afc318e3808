"""Every context, every decider, every message: what the other tests here go through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from bank.context import Context, load
from bank.decider import Decider
from bank.runtime.databases import CONTEXTS

ALL: Mapping[str, Context] = {name: load(name) for name in CONTEXTS}

DECIDERS: tuple[tuple[str, Decider[Any, Any, Any]], ...] = tuple(
    (context.name, decider) for context in ALL.values() for decider in context.deciders
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it is stored and published."""

    context: str
    decider: Decider[Any, Any, Any]
    name: str
    shape: type

    @property
    def type(self) -> str:
        return f"{self.context}.{self.name}"


STORED: tuple[Stored, ...] = tuple(
    Stored(context, decider, name, shape) for context, decider in DECIDERS for name, shape in decider.events.items()
)
PUBLISHED: Mapping[str, type] = {one.type: one.shape for one in STORED}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that a context hears, and the class into which it restates the fields it reads."""

    by: str
    data: type
    type: str


def heard() -> Iterator[Heard]:
    for context in ALL.values():
        for type_, subscription in context.subscriptions.items():
            yield Heard(context.name, subscription.data, type_)
        for projection in context.async_projections:
            for type_, data in projection.types.items():
                yield Heard(f"{context.name} {projection.name}", data, type_)


def hints(shape: type) -> dict[str, Any]:
    """A dataclass's fields with their types, annotations resolved."""
    assert is_dataclass(shape), shape
    found = get_type_hints(shape)
    return {field.name: found[field.name] for field in fields(shape)}


def alternatives(hint: Any) -> frozenset[Any]:
    """The types a value may have: `Literal["a"]` is a str, `int | None` is two."""
    if get_origin(hint) in (Union, UnionType):
        return frozenset().union(*(alternatives(one) for one in get_args(hint)))
    if get_origin(hint) is Literal:
        return frozenset(type(value) for value in get_args(hint))
    return frozenset({hint})


def inside(hint: Any) -> Iterator[type]:
    """Every class that occurs in a type, also inside collections and other dataclasses."""
    if isinstance(hint, type):
        yield hint
        if is_dataclass(hint):
            for inner in hints(hint).values():
                yield from inside(inner)
    for argument in get_args(hint):
        yield from inside(argument)
