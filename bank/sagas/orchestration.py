"""Processes with a coordinator: a `Saga` asks its participants step by step, and undoes all if one declines.

    NUMBER_CHANGE = Saga(
        name="number_change",
        begins=("NumberChangeBegun.v1", NumberChangeBegun),
        steps=(
            SagaStep("profile", at="customers", undo=("ProfileRestoreAsked.v1", ProfileRestoreAsked)),
            SagaStep(
                "accounts",
                at="accounts",
                do=("AccountsCopyAsked.v1", AccountsCopyAsked),
                undo=("AccountsRestoreAsked.v1", AccountsRestoreAsked),
            ),
            SagaStep("old_number", at="customers", do=("OldNumberReleaseAsked.v1", OldNumberReleaseAsked)),
        ),
        pivot="accounts",
        deadline=timedelta(minutes=10),
    )

The saga is a stream of its own, decided here, so its messages lie in the outbox of the transaction that moves it on:

- `begins` is the fact with which it begins (`Begin`), in one unit with whatever is decided at once. It has the fields
  `saga_id` and `customer_id`, and everything that the messages below say.
- `do` and `undo` are messages to the participant: published events of this context, which he hears as reactions. Their
  fields are filled by name from `begins`; an `attempt: int` and a `code: str`, why it is undone, are the kernel's. A
  step without `do` is done at once.
- The participant executes the unit under `do_id` or `undo_id` (an undo also says `undoes=do_id(…)`) and answers with an
  event of his own, which this context hears and turns into `StepAnswered`. An undo answers whatever it finds.

What happens when no answer comes is decided by `patience`: the sweep asks the participant whether the command happened
(`Learned`), and only then is it asked for again or given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, assert_never
from uuid import UUID, uuid5

import msgspec

from bank.decider import ERASED, Decider, Refused, Upcast
from bank.sagas.progress import (
    FACTS,
    AnswerAwaited,
    Begin,
    Command,
    Compensate,
    CompensationBegun,
    CompensationFailed,
    Learned,
    Progress,
    ResolutionAsked,
    Resolve,
    Retry,
    RetryOrdered,
    SagaCompensated,
    SagaCompleted,
    SagaStuck,
    Status,
    StepAnswered,
    StepDeclined,
    StepDone,
    StepResolved,
    StepUndone,
    UndoDeclined,
)

STEPS = UUID("6f6c1c0e-6a0b-5d0e-9a49-0d2f2f0f6f10")

STATE_VERSION = 2
"""Of `Progress`. A saga adds one for each upcast: what it began with lies in its state, in the shape it had then, so
the state is folded again from the events, which are upcast."""

MEND = "Mend what keeps it from being done, which its parked message says: tried again, it moves the process on."

Said = tuple[str, type]
"""A message: its stored, published name and its class."""


@dataclass(frozen=True, slots=True)
class SagaStep:
    """One participant's part, its undo beside it.

    `at` is the participant's context. Without `do` it is done in the unit that begins the saga; without `undo` there is
    nothing to take back, or it cannot be. What is not `by_hand` only the participant can do, so people never say that
    it was seen to.
    """

    name: str
    at: str
    do: Said | None = None
    undo: Said | None = None
    by_hand: bool = True


def step_id(process_id: str, step: str) -> UUID:
    """The command id of one step of a process; a compensation's step is `"<step>/undo"`."""
    return uuid5(STEPS, f"{process_id}/{step}")


def do_id(saga_id: str, step: str, attempt: int = 1) -> UUID:
    """The command id of a step. Asked for again because no answer came, it is the same; after a refusal it is not."""
    return step_id(saga_id, step if attempt == 1 else f"{step}/{attempt}")


def undo_id(saga_id: str, step: str, attempt: int = 1) -> UUID:
    return do_id(saga_id, f"{step}/undo", attempt)


@dataclass(frozen=True, eq=False)
class Saga:
    """A declared process, and the decider of its streams. Raises TypeError for messages that `begins` cannot fill.

    After step `pivot` is done it only goes forward; steps beyond it have no undo. A step is asked for at most `limit`
    times, `timeout` after the first time, twice as long after each further one. A saga not ended by `deadline` is
    overdue. `upcasts` lets the open ones go on after what they begin with, or what they say, has a new version.
    """

    name: str
    begins: Said
    steps: tuple[SagaStep, ...]
    pivot: str
    deadline: timedelta
    timeout: timedelta = timedelta(seconds=10)
    limit: int = 6
    upcasts: Mapping[str, Upcast] = field(default_factory=dict)
    places: Mapping[type, tuple[int, bool]] = field(init=False)

    def __post_init__(self) -> None:
        known = {one.name for one in fields(self.begins[1])} | {"attempt", "code"}
        places: dict[type, tuple[int, bool]] = {}
        for place, step in enumerate(self.steps):
            for said, is_undo in ((step.do, False), (step.undo, True)):
                if said is None:
                    continue
                if missing := {one.name for one in fields(said[1])} - known:
                    raise TypeError(f"{self.name}: {said[0]} has fields that {self.begins[0]} has not: {missing}")
                if said[1] in places:
                    raise TypeError(f"{self.name}: {said[0]} is said twice")
                places[said[1]] = (place, is_undo)
        if late := [step.name for step in self.steps[self._pivot_at + 1 :] if step.undo is not None]:
            raise TypeError(f"{self.name}: beyond the pivot nothing is undone, yet {late} would be")
        object.__setattr__(self, "places", places)

    @property
    def _pivot_at(self) -> int:
        return self.place(self.pivot)

    def place(self, name: str) -> int:
        return [step.name for step in self.steps].index(name)

    @cached_property
    def decider(self) -> Decider[Progress, Command, Any]:
        messages = [said for step in self.steps for said in (step.do, step.undo) if said is not None]
        return Decider(
            name=self.name,
            initial=Progress(),
            decide=self.decide,
            evolve=self.evolve,
            events=dict((self.begins, *messages)) | dict(FACTS),
            state_version=STATE_VERSION + len(self.upcasts),
            upcasts=self.upcasts,
            customer=lambda progress: progress.customer_id,
        )

    # What the sweep needs to know.

    def patience(self, progress: Progress) -> timedelta | None:
        """How long nothing may happen until the sweep looks at it; None when it waits for nobody."""
        if not progress.is_active:
            return None
        doubled = min(max(progress.tries, progress.attempt) - 1, 10)
        return self.timeout * (1 << doubled)

    def asked(self, progress: Progress) -> tuple[str, UUID] | None:
        """The participant whose answer is awaited, and the command he was asked to execute."""
        if not (progress.is_active and progress.awaited):
            return None
        step = self.steps[progress.at]
        name = undo_id if progress.status == "compensating" else do_id
        return step.at, name(progress.saga_id, step.name, progress.attempt)

    # State.

    def evolve(self, progress: Progress, event: Any) -> Progress:
        turned = replace(progress, turn=progress.turn + 1)
        if isinstance(event, self.begins[1]):
            return self._begun(turned, event)
        if type(event) in self.places:
            place, _ = self.places[type(event)]
            return replace(turned, at=place, awaited=True, tries=progress.tries + 1)
        match event:
            case StepDone():
                return replace(self._resumed(turned), at=progress.at + 1, awaited=False, attempt=1, tries=0)
            case StepUndone():
                return replace(self._resumed(turned), at=progress.at - 1, awaited=False, attempt=1, tries=0)
            case StepDeclined() if self._is_past_pivot(progress):
                return replace(turned, awaited=False, attempt=progress.attempt + 1, tries=0)
            case StepDeclined(code=code):
                return replace(
                    turned, status="compensating", at=progress.at - 1, awaited=False, attempt=1, tries=0, code=code
                )
            case UndoDeclined():
                return replace(turned, awaited=False, attempt=progress.attempt + 1, tries=0)
            case AnswerAwaited():
                return replace(turned, tries=progress.tries + 1)
            case CompensationBegun(code=code):
                return replace(turned, status="compensating", awaited=False, attempt=1, tries=0, code=code)
            case CompensationFailed():
                return replace(turned, status="compensation_failed")
            case SagaStuck():
                return replace(turned, status="stuck")
            case RetryOrdered():
                return replace(self._resumed(turned), tries=0)
            case ResolutionAsked(step=step, operator=operator):
                return replace(turned, proposed=step, proposed_by=operator)
            case StepResolved():
                on = 1 if progress.status == "stuck" else -1
                return replace(self._resumed(turned), at=progress.at + on, awaited=False, attempt=1, tries=0)
            case SagaCompleted():
                return replace(turned, status="completed", awaited=False)
            case SagaCompensated():
                return replace(turned, status="compensated", awaited=False)
            case _:
                raise TypeError(f"{self.name} knows no {type(event).__name__}")

    def _begun(self, progress: Progress, fact: Any) -> Progress:
        done = next((place for place, step in enumerate(self.steps) if step.do is not None), len(self.steps))
        erased = ERASED in (getattr(fact, one.name) for one in fields(fact))  # folded again after its key was destroyed
        data = ERASED if erased else msgspec.json.encode(fact).decode()
        return replace(
            progress, saga_id=fact.saga_id, customer_id=fact.customer_id, data=data, status="running", at=done
        )

    def _resumed(self, progress: Progress) -> Progress:
        status: Status = "running" if progress.status in ("running", "stuck") else "compensating"
        return replace(progress, status=status, proposed="", proposed_by="")

    def _is_past_pivot(self, progress: Progress) -> bool:
        return progress.at > self._pivot_at

    # Decisions.

    def decide(self, progress: Progress, command: Command) -> list[Any]:
        match command:
            case Begin(fact=fact):
                if progress.status:
                    raise Refused("process_exists", "There is already a process with this id.")
                return self._and_on(progress, fact)
            case StepAnswered():
                return self._answered(progress, command)
            case Learned():
                return self._learned_or_given_up(progress, command)
            case Retry(operator=operator):
                if not (progress.is_active or progress.needs_people):
                    raise Refused("process_ended", "This process is not under way.")
                return self._and_on(progress, RetryOrdered(progress.saga_id, operator))
            case Compensate():
                return self._compensate(progress)
            case Resolve():
                return self._resolve(progress, command)
            case _:
                assert_never(command)

    def _answered(self, progress: Progress, answer: StepAnswered) -> list[Any]:
        """An answer that nobody awaits, given twice or too late, is nothing: the undo covers what it told."""
        is_undoing = progress.status in ("compensating", "compensation_failed")
        is_going = is_undoing or progress.status in ("running", "stuck")
        is_awaited = is_going and progress.awaited and is_undoing == answer.is_undo
        if not is_awaited or self.place(answer.step) != progress.at:
            return []
        if answer.attempt not in (None, progress.attempt):
            return []
        return self._done(progress) if not answer.code else self._declined(progress, answer.code)

    def _done(self, progress: Progress) -> list[Any]:
        step = self.steps[progress.at].name
        if progress.status in ("running", "stuck"):
            return self._and_on(progress, StepDone(progress.saga_id, step))
        return self._and_on(progress, StepUndone(progress.saga_id, step))

    def _declined(self, progress: Progress, code: str) -> list[Any]:
        step = self.steps[progress.at].name
        if progress.status in ("running", "stuck") and not self._is_past_pivot(progress):
            return self._and_on(progress, StepDeclined(progress.saga_id, step, code))
        declined: Any = StepDeclined if progress.status in ("running", "stuck") else UndoDeclined
        events = [declined(progress.saga_id, step, code)]
        if progress.is_active and progress.attempt >= self.limit:
            events.append(self._given_up(progress, code))
        return events

    def _learned(self, progress: Progress, learned: Learned) -> list[Any]:
        if not progress.is_active or learned.turn != progress.turn:
            return []
        match learned.outcome:
            case "elapsed":
                return [self._message(progress)]
            case "done":
                return self._done(progress)
            case "declined":
                return self._declined(progress, learned.code)
            case "answered":
                return [self._waits(progress)]
            case "not_yet" | "unreachable" if progress.tries >= self.limit:
                return self._gives_up(progress)
            case "not_yet":
                return [self._message(progress)]
            case "unreachable":
                return [self._waits(progress)]
            case _:
                assert_never(learned.outcome)

    def _learned_or_given_up(self, progress: Progress, learned: Learned) -> list[Any]:
        """Who has been erased can be told nothing more: that is for people, and not for the next sweep again."""
        try:
            return self._learned(progress, learned)
        except Refused as refused:
            return [self._given_up(progress, refused.code)]

    def _waits(self, progress: Progress) -> AnswerAwaited:
        return AnswerAwaited(progress.saga_id, self.steps[progress.at].name)

    def _gives_up(self, progress: Progress) -> list[Any]:
        """Whether the step happened is not known, so it is undone too: never seen, it is forbidden."""
        if progress.status == "running" and not self._is_past_pivot(progress):
            return self._turn_back(progress, "timeout")
        return [self._given_up(progress, "timeout")]

    def _given_up(self, progress: Progress, code: str) -> SagaStuck | CompensationFailed:
        failed = SagaStuck if progress.status == "running" else CompensationFailed
        return failed(progress.saga_id, self.steps[progress.at].name, code)

    def _compensate(self, progress: Progress) -> list[Any]:
        if progress.status != "running":
            raise Refused("process_not_running", "Only a process under way can be turned back.")
        if self._is_past_pivot(progress):
            raise Refused("past_point_of_no_return", "From here this process only goes forward.")
        return self._turn_back(progress, "operator")

    def _resolve(self, progress: Progress, command: Resolve) -> list[Any]:
        if not progress.needs_people:
            raise Refused("process_not_stuck", "Only a process that cannot go on by itself is resolved by people.")
        step, at = self.steps[progress.at].name, self.steps[progress.at].at
        if not self.steps[progress.at].by_hand:
            what = f"the undoing of {step}" if progress.status == "compensation_failed" else step
            raise Refused("not_by_hand", f"Nobody can do this by hand: {what} at {at}. {MEND}")
        if not progress.proposed_by or progress.proposed != step:
            return [ResolutionAsked(progress.saga_id, step, command.operator)]
        if progress.proposed_by == command.operator:
            raise Refused("four_eyes", "Who asked for it does not approve it: a second person does.")
        resolved = StepResolved(progress.saga_id, step, progress.proposed_by, command.operator)
        return self._and_on(progress, resolved)

    def _turn_back(self, progress: Progress, code: str) -> list[Any]:
        return self._and_on(progress, CompensationBegun(progress.saga_id, self.steps[progress.at].name, code))

    # What comes next.

    def _and_on(self, progress: Progress, event: Any) -> list[Any]:
        """The event, and what is asked for after it."""
        after = self.evolve(progress, event)
        return [event, self._next(after)]

    def _next(self, progress: Progress) -> Any:
        if progress.status == "running":
            return SagaCompleted(progress.saga_id) if progress.at == len(self.steps) else self._message(progress)
        back = [place for place in range(progress.at + 1) if self.steps[place].undo is not None]
        if not back:
            return SagaCompensated(progress.saga_id, progress.code)
        return self._message(replace(progress, at=back[-1]))

    def _message(self, progress: Progress) -> Any:
        """What is asked of the participant now. Raises Refused when what it would say has been erased."""
        step = self.steps[progress.at]
        said = step.do if progress.status == "running" else step.undo
        if said is None:
            raise LookupError(f"{self.name}: there is nothing to ask for at {step.name}")
        if progress.data == ERASED:
            raise Refused("customer_erased", "The customer has been erased: nobody can be told about him.")
        return msgspec.convert(self._known(progress), said[1])

    def _known(self, progress: Progress) -> dict[str, Any]:
        """What messages are filled from. Read as the fact it is, a field that came later has its default."""
        begun = msgspec.to_builtins(msgspec.json.decode(progress.data, type=self.begins[1]))
        return {**begun, "attempt": progress.attempt, "code": progress.code}
