"""A copy of what another context decides, kept beside one's own: it follows a process that changes it everywhere or
nowhere, and may refuse to.

A refusal is an event, because the process waits for it, and so is an undo that finds nothing to undo. What bars a
change is heard in any order: of each `subject` the highest version holds. Contexts name the four events, because they
are published, and the field whose copy it is (`eraser` in `bank.erasure` is made the same way).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, assert_never

from bank.context import Order, Unit
from bank.decider import Decider, Personal
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id

# State.


@dataclass(frozen=True, slots=True)
class Copy:
    """`former` is what `process_id` changed. `bars`: of each subject the version heard, negative once freed."""

    customer_id: str | None = None
    value: Personal = ""
    former: Personal = ""
    process_id: str = ""
    bars: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_barred(self) -> bool:
        return any(version > 0 for version in self.bars.values())


# Commands.


@dataclass(frozen=True, slots=True)
class ChangeCopy:
    process_id: str
    customer_id: str
    value: str


@dataclass(frozen=True, slots=True)
class RestoreCopy:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class HearBar:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


Command = ChangeCopy | RestoreCopy | HearBar


@dataclass(frozen=True, slots=True)
class CopyEvents:
    """The published events: changed and restored `(process_id, customer_id, <the field>)`, declined `(process_id,
    customer_id, code)`, bar heard `(customer_id, subject, version, is_barred)`."""

    changed: type[Any]
    declined: type[Any]
    restored: type[Any]
    bar_heard: type[Any]


def copier(name: str, of: str, events: CopyEvents, *, code: str) -> Decider[Copy, Command, Any]:
    """The decider of a context's copies of the field `of`, a stream per customer; `code` says what bars a change."""
    value_of = attrgetter(of)

    def decide(copy: Copy, command: Command) -> list[Any]:
        match command:
            case ChangeCopy(process_id=process_id, customer_id=customer_id, value=value):
                if copy.is_barred:
                    return [events.declined(process_id, customer_id, code)]
                return [events.changed(process_id, customer_id, value)]
            case RestoreCopy(process_id=process_id, customer_id=customer_id):
                value = copy.former if copy.process_id == process_id else copy.value
                return [events.restored(process_id, customer_id, value)]
            case HearBar(customer_id=customer_id, subject=subject, version=version, is_barred=is_barred):
                if abs(copy.bars.get(subject, 0)) >= version:
                    return []
                return [events.bar_heard(customer_id, subject, version, is_barred)]
            case _:
                assert_never(command)

    def evolve(copy: Copy, event: Any) -> Copy:
        known = replace(copy, customer_id=event.customer_id)
        if isinstance(event, events.changed):
            return replace(known, value=value_of(event), former=copy.value, process_id=event.process_id)
        if isinstance(event, events.restored):
            return replace(known, value=value_of(event), former="", process_id="")
        if isinstance(event, events.bar_heard):
            version = event.version if event.is_barred else -event.version
            return replace(known, bars={**copy.bars, event.subject: version})
        return known

    said = (events.changed, events.declined, events.restored, events.bar_heard)
    return Decider(
        name=name,
        initial=Copy(),
        decide=decide,
        evolve=evolve,
        events={f"{event.__name__}.v1": event for event in said},
        state_version=2,
        customer=lambda copy: copy.customer_id,
    )


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps the copies is a participant of the processes that change them: `step` is his, there."""

    decider: Decider[Copy, Command, Any]
    step: str

    def change(self, process_id: str, customer_id: str, value: str) -> Unit:
        order = Order(self.decider, customer_id, ChangeCopy(process_id, customer_id, value))
        return Unit(order, id=do_id(process_id, self.step))

    def restore(self, process_id: str, customer_id: str, attempt: int = 1) -> Unit:
        """Takes the change back, or forbids it if it was not asked for yet."""
        order = Order(self.decider, customer_id, RestoreCopy(process_id, customer_id))
        return Unit(order, id=undo_id(process_id, self.step, attempt), undoes=do_id(process_id, self.step))

    def hear(self, message: Message[Any], subject: str, *, is_barred: bool) -> Unit:
        """The version of the message says which of two about the same subject is later."""
        customer_id = str(message.customer_id)
        return Unit(Order(self.decider, customer_id, HearBar(customer_id, subject, message.version, is_barred)))
