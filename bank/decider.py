"""What decides: pure functions over frozen values.

`decide(state, command) -> events` and `evolve(state, event) -> state` know no clock, no random number and no
database; whatever varies arrives in the command.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

State = TypeVar("State")
Command = TypeVar("Command")
Event = TypeVar("Event")

Personal = Annotated[str, "personal"]
"""A field that holds personal data: the kernel seals it wherever it is stored, under the key of its customer."""

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,119}")

ERASED = "[erased]"
"""What a personal field reads once the customer's key has been destroyed."""


class Refused(Exception):
    """The business says no. Nothing happened.

    `code` is stable and meant for programs; `reason` is a sentence for people and holds nothing personal. One that is
    raised `from` another says less than it: the other's code is logged with the command and told to nobody.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Upcast:
    """How an event stored under an old versioned name becomes the next one: `data` is the decoded JSON object."""

    to: str
    data: Callable[[dict[str, Any]], dict[str, Any]]


def _nobody(_state: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Decider(Generic[State, Command, Event]):
    """One kind of aggregate.

    `events` gives every event class its stored and published name, which never changes; renaming a class is free.
    `state_version` is raised by hand whenever the shape or meaning of the state changes, so that heads and snapshots
    of the old shape are rebuilt. `customer` names the customer a state belongs to, for metadata and sealing.
    """

    name: str
    initial: State
    decide: Callable[[State, Command], list[Event]]
    evolve: Callable[[State, Event], State]
    events: Mapping[str, type]
    state_version: int = 1
    upcasts: Mapping[str, Upcast] = field(default_factory=dict)
    customer: Callable[[State], str | None] = _nobody

    def stream(self, key: str) -> str:
        """The name of one aggregate's stream: `account-4711`. Raises ValueError for a key that is no plain word."""
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} cannot name an aggregate: letters, digits and ._:- only, at most 120 of them.")
        return f"{self.name}-{key}"

    def fold(self, state: State, events: list[Event]) -> State:
        for event in events:
            state = self.evolve(state, event)
        return state
