"""Whether the bank goes ahead with a customer, asked by a process and answered at that instant.

It stands under the process's id: given, declined, or withdrawn when nothing came of what it was asked for.
"""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from bank.decider import Decider

# Facts.


@dataclass(frozen=True, slots=True)
class CustomerCleared:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class ClearanceDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ClearanceWithdrawn:
    process_id: str
    customer_id: str


Event = CustomerCleared | ClearanceDeclined | ClearanceWithdrawn

# State.


@dataclass(frozen=True, slots=True)
class Clearance:
    customer_id: str | None = None
    status: Literal["", "given", "declined", "withdrawn"] = ""


def evolve(clearance: Clearance, event: Event) -> Clearance:
    known = replace(clearance, customer_id=event.customer_id)
    match event:
        case CustomerCleared():
            return replace(known, status="given")
        case ClearanceDeclined():
            return replace(known, status="declined")
        case ClearanceWithdrawn():
            return replace(known, status="withdrawn")
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class GiveClearance:
    """In one unit with what the customer must meet."""

    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class DeclineClearance:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class WithdrawClearance:
    process_id: str
    customer_id: str


Command = GiveClearance | DeclineClearance | WithdrawClearance

# Decisions.


def decide(clearance: Clearance, command: Command) -> list[Event]:
    """The process awaits an answer to each, whatever it finds."""
    match command:
        case GiveClearance():
            return [CustomerCleared(command.process_id, command.customer_id)]
        case DeclineClearance(code=code):
            return [ClearanceDeclined(command.process_id, command.customer_id, code)]
        case WithdrawClearance():
            return [ClearanceWithdrawn(command.process_id, command.customer_id)]
        case _:
            assert_never(command)


CLEARANCE = Decider(
    name="clearance",
    initial=Clearance(),
    decide=decide,
    evolve=evolve,
    events={
        "CustomerCleared.v1": CustomerCleared,
        "ClearanceDeclined.v1": ClearanceDeclined,
        "ClearanceWithdrawn.v1": ClearanceWithdrawn,
    },
    customer=lambda clearance: clearance.customer_id,
)
