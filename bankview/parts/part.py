"""One part of a customer's view: how it is folded from its own context's events, and how it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from bank.money import to_decimal

State = TypeVar("State")


class Said(Protocol):
    """What a part sees of a message."""

    @property
    def stream(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def data(self) -> Any: ...


def as_it_is(state: State) -> State:
    return state


@dataclass(frozen=True, slots=True)
class Part(Generic[State]):
    """`types` maps each published type to the class we read it with; all of them stand on streams of one kind.

    `blank` is a state of which nothing is known; its class is what is stored between batches, so whoever changes it
    rebuilds the projection. `ordered_by` names the field of the document by which parts of one
    kind are ordered, which never changes while a part lives. `erased` takes out of a state what is personal, as its
    own context does.
    """

    name: str
    types: Mapping[str, type]
    blank: State
    evolve: Callable[[State | None, Said], State]
    document: Callable[[State], dict[str, Any]]
    ordered_by: str
    erased: Callable[[State], State] = as_it_is

    @property
    def state(self) -> type[State]:
        return type(self.blank)

    @property
    def fields(self) -> tuple[str, ...]:
        """The document's, which are the same whether it was folded here or asked of the part's own context."""
        return tuple(self.document(self.blank))


def key(stream: str) -> str:
    """`account-4711` → `4711`."""
    return stream.partition("-")[2]


def money(minor: int, currency: str) -> dict[str, str]:
    """An amount as the API shows it."""
    return {"amount": to_decimal(minor, currency), "currency": currency}
