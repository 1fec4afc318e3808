"""A customer's change of mobile number, on its way through everybody who keeps a copy: one at a time.

    (requested) → accepted → changed        every context agreed; then the former number is free
                ↘ rejected → undone         one refused; then everything is as it was, and the new number is free

When it is coordinated, a saga asks the contexts one after the other, and nobody else does; only the beginning and the
end are said here. Else each context hears the request, answers, and the answers are counted here.
"""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from bank.decider import Decider, Personal, Refused

COPIES = ("accounts", "cards", "loans")
"""Who keeps a copy of the number, and has to agree."""

# Facts.


@dataclass(frozen=True, slots=True)
class NumberChangeRequested:
    process_id: str
    customer_id: str
    mobile_number: Personal
    mobile_key: str
    former_number: Personal
    former_key: str
    is_coordinated: bool


@dataclass(frozen=True, slots=True)
class NumberChangeAgreed:
    process_id: str
    customer_id: str
    by: str


@dataclass(frozen=True, slots=True)
class NumberChangeAccepted:
    process_id: str
    customer_id: str
    former_key: str


@dataclass(frozen=True, slots=True)
class NumberChangeRejected:
    process_id: str
    customer_id: str
    code: str
    mobile_key: str
    former_number: Personal
    former_key: str


@dataclass(frozen=True, slots=True)
class NumberChanged:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class NumberChangeUndone:
    process_id: str
    customer_id: str


Event = (
    NumberChangeRequested
    | NumberChangeAgreed
    | NumberChangeAccepted
    | NumberChangeRejected
    | NumberChanged
    | NumberChangeUndone
)

# State.

Status = Literal["", "requested", "coordinated", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class NumberChange:
    """The change under way, if `status` says that there is one."""

    customer_id: str | None = None
    process_id: str = ""
    status: Status = ""
    mobile_key: str = ""
    former_number: Personal = ""
    former_key: str = ""
    agreed: tuple[str, ...] = ()


def evolve(change: NumberChange, event: Event) -> NumberChange:
    match event:
        case NumberChangeRequested():
            return NumberChange(
                customer_id=event.customer_id,
                process_id=event.process_id,
                status="coordinated" if event.is_coordinated else "requested",
                mobile_key=event.mobile_key,
                former_number=event.former_number,
                former_key=event.former_key,
            )
        case NumberChangeAgreed(by=by):
            return replace(change, agreed=(*change.agreed, by))
        case NumberChangeAccepted():
            return replace(change, status="accepted")
        case NumberChangeRejected():
            return replace(change, status="rejected")
        case NumberChanged() | NumberChangeUndone():
            return NumberChange(event.customer_id, event.process_id)
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class RequestNumberChange:
    """One unit with the change of the profile and the claim of the new number."""

    process_id: str
    customer_id: str
    mobile_number: str
    mobile_key: str
    former_number: str
    former_key: str
    is_coordinated: bool


@dataclass(frozen=True, slots=True)
class AgreeToNumberChange:
    process_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RejectNumberChange:
    process_id: str
    code: str


@dataclass(frozen=True, slots=True)
class FinishNumberChange:
    """One unit with the release of the former number."""

    process_id: str


@dataclass(frozen=True, slots=True)
class UndoNumberChange:
    """One unit with the return of the former number and the release of the new one."""

    process_id: str


@dataclass(frozen=True, slots=True)
class RequireNoNumberChange:
    """Refused while a change is under way, which may still give the former number back."""


Command = (
    RequestNumberChange
    | AgreeToNumberChange
    | RejectNumberChange
    | FinishNumberChange
    | UndoNumberChange
    | RequireNoNumberChange
)

# Decisions.


def decide(change: NumberChange, command: Command) -> list[Event]:
    """An answer about another process than the one under way is nothing, and so is one that a saga awaits."""
    match command:
        case RequestNumberChange():
            return request(change, command)
        case RequireNoNumberChange():
            require_none(change)
            return []
        case _ if not change.status or change.process_id != command.process_id or change.customer_id is None:
            return []
        case AgreeToNumberChange(by=by):
            return agree(change, change.customer_id, by)
        case RejectNumberChange(code=code):
            return reject(change, change.customer_id, code)
        case FinishNumberChange():
            return [NumberChanged(change.process_id, change.customer_id)]
        case UndoNumberChange():
            return [NumberChangeUndone(change.process_id, change.customer_id)]
        case _:
            assert_never(command)


def request(change: NumberChange, command: RequestNumberChange) -> list[Event]:
    require_none(change)
    return [
        NumberChangeRequested(
            process_id=command.process_id,
            customer_id=command.customer_id,
            mobile_number=command.mobile_number,
            mobile_key=command.mobile_key,
            former_number=command.former_number,
            former_key=command.former_key,
            is_coordinated=command.is_coordinated,
        )
    ]


def agree(change: NumberChange, customer_id: str, by: str) -> list[Event]:
    if change.status != "requested" or by in change.agreed:
        return []
    agreed = NumberChangeAgreed(change.process_id, customer_id, by)
    if {*change.agreed, by} != set(COPIES):
        return [agreed]
    return [agreed, NumberChangeAccepted(change.process_id, customer_id, change.former_key)]


def reject(change: NumberChange, customer_id: str, code: str) -> list[Event]:
    if change.status != "requested":
        return []
    return [
        NumberChangeRejected(
            process_id=change.process_id,
            customer_id=customer_id,
            code=code,
            mobile_key=change.mobile_key,
            former_number=change.former_number,
            former_key=change.former_key,
        )
    ]


def require_none(change: NumberChange) -> None:
    if change.status:
        raise Refused("number_change_under_way", "The mobile number is being changed. Try again when that has ended.")


NUMBER_CHANGE = Decider(
    name="number_change",
    initial=NumberChange(),
    decide=decide,
    evolve=evolve,
    events={
        "NumberChangeRequested.v1": NumberChangeRequested,
        "NumberChangeAgreed.v1": NumberChangeAgreed,
        "NumberChangeAccepted.v1": NumberChangeAccepted,
        "NumberChangeRejected.v1": NumberChangeRejected,
        "NumberChanged.v1": NumberChanged,
        "NumberChangeUndone.v1": NumberChangeUndone,
    },
    customer=lambda change: change.customer_id,
)
