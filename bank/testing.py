"""Given/when/then for deciders: no database, no mocks."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bank.decider import Decider, Refused

State = TypeVar("State")
Command = TypeVar("Command")
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Given(Generic[State, Command, Event]):
    decider: Decider[State, Command, Event]
    state: State

    def when(self, command: Command) -> list[Event]:
        """The events decided; raises `Refused` as the decider does."""
        events = self.decider.decide(self.state, command)
        self.decider.fold(self.state, events)
        return events

    def refuses(self, command: Command) -> str:
        """The code of the refusal; fails when the command is accepted."""
        try:
            events: list[Any] = list(self.decider.decide(self.state, command))
        except Refused as refused:
            return refused.code
        raise AssertionError(f"accepted: {events}")


def given(decider: Decider[State, Command, Event], *history: Event) -> Given[State, Command, Event]:
    return Given(decider, decider.fold(decider.initial, list(history)))
