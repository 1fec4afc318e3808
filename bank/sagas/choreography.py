"""Processes across contexts, declared.

A choreography has no coordinator: handlers alone move it on. Its declaration says what may happen, so that the
tracker can show each running process, the tests can prove that every step has a handler and an undo, and a diagram
can be drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Step:
    """`event` (`context.Name.vN`) completes the step; `undone_by` is the event that takes it back, if it can be."""

    event: str
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Choreography:
    """`starts` opens the process; each of `ends` closes it with the outcome it maps to; each of `turns` calls for the
    undo of what was done. Those of `by_hand` may say that people have seen to it instead: the outcome is `BY_HAND`.

    A process that has not ended by `deadline` is overdue: operators see it.
    """

    name: str
    starts: str
    steps: tuple[Step, ...]
    ends: Mapping[str, str]
    deadline: timedelta
    turns: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.ends.values(), *((BY_HAND,) if self.by_hand else ())]))

    @property
    def events(self) -> tuple[str, ...]:
        named = [self.starts, *(s.event for s in self.steps), *self.turns, *self.ends]
        named += [s.undone_by for s in self.steps if s.undone_by]
        return tuple(dict.fromkeys(named))
