"""What is said of every orchestrated saga, how far one is, and what can be said to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bank.decider import Personal

# Facts, the same for every saga. What one asks of its participants are facts of its own.


@dataclass(frozen=True, slots=True)
class StepDone:
    saga_id: str
    step: str


@dataclass(frozen=True, slots=True)
class StepDeclined:
    saga_id: str
    step: str
    code: str


@dataclass(frozen=True, slots=True)
class StepUndone:
    saga_id: str
    step: str


@dataclass(frozen=True, slots=True)
class UndoDeclined:
    saga_id: str
    step: str
    code: str


@dataclass(frozen=True, slots=True)
class AnswerAwaited:
    """The participant was asked whether the step happened: it did and its answer is on its way, or he is silent."""

    saga_id: str
    step: str


@dataclass(frozen=True, slots=True)
class CompensationBegun:
    """Not because a step was declined: it was never done, or an operator said so."""

    saga_id: str
    step: str
    code: str


@dataclass(frozen=True, slots=True)
class CompensationFailed:
    """An undo was declined, or not answered, as often as it may be. People must look at it."""

    saga_id: str
    step: str
    code: str


@dataclass(frozen=True, slots=True)
class SagaStuck:
    """The same beyond the pivot, from where it only goes forward."""

    saga_id: str
    step: str
    code: str


@dataclass(frozen=True, slots=True)
class RetryOrdered:
    saga_id: str
    operator: str


@dataclass(frozen=True, slots=True)
class ResolutionAsked:
    saga_id: str
    step: str
    operator: str


@dataclass(frozen=True, slots=True)
class StepResolved:
    """Two people say that what the step asks for, or its undo, has been seen to by hand. The saga goes on after it."""

    saga_id: str
    step: str
    asked_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class SagaCompleted:
    saga_id: str


@dataclass(frozen=True, slots=True)
class SagaCompensated:
    saga_id: str
    code: str


FACTS: Mapping[str, type] = {
    f"{shape.__name__}.v1": shape
    for shape in (
        *(StepDone, StepDeclined, StepUndone, UndoDeclined, AnswerAwaited, CompensationBegun, CompensationFailed),
        *(SagaStuck, RetryOrdered, ResolutionAsked, StepResolved, SagaCompleted, SagaCompensated),
    )
}

# State.

Status = Literal["", "running", "compensating", "stuck", "compensation_failed", "completed", "compensated"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a saga is. `at` is the place of the step that is done or, when compensating, undone.

    `attempt` counts what its participant declined, `tries` what was asked in vain since; `turn` counts what happened,
    so that a timer that is late is known by it. `data` is the JSON of the fact it began with.
    """

    saga_id: str = ""
    customer_id: str | None = None
    data: Personal = ""
    status: Status = ""
    at: int = 0
    awaited: bool = False
    attempt: int = 1
    tries: int = 0
    turn: int = 0
    code: str = ""
    proposed: str = ""
    proposed_by: str = ""

    @property
    def is_active(self) -> bool:
        return self.status in ("running", "compensating")

    @property
    def needs_people(self) -> bool:
        return self.status in ("stuck", "compensation_failed")


# Commands.


@dataclass(frozen=True, slots=True)
class Begin:
    """`fact` is an instance of the class that the saga `begins` with."""

    fact: Any


@dataclass(frozen=True, slots=True)
class StepAnswered:
    """A participant's answer; `code` says why he declined, and is empty when he did as asked.

    `attempt` is the one he was asked for; None where his answer does not say.
    """

    step: str
    code: str = ""
    is_undo: bool = False
    attempt: int | None = None


Outcome = Literal["done", "declined", "answered", "not_yet", "unreachable", "elapsed"]


@dataclass(frozen=True, slots=True)
class Learned:
    """What asking the participant told, when his answer was awaited too long at `turn`.

    `answered`: it happened, his answer is on its way. `not_yet`: he has not seen it. `elapsed`: nobody was to be asked,
    the pause before another attempt is over.
    """

    turn: int
    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    operator: str


@dataclass(frozen=True, slots=True)
class Compensate:
    operator: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """The first person asks for it, a second one approves by ordering the same."""

    operator: str


Command = Begin | StepAnswered | Learned | Retry | Compensate | Resolve
