"""A mobile number, held by one active customer at most.

Each number has a stream of its own, named by a keyed hash of it. Claiming it is one unit with what it is claimed for,
so of two customers who ask at the same time one is refused whole.
"""

from dataclasses import dataclass
from typing import assert_never

from bank.decider import Decider, Refused

# Facts.


@dataclass(frozen=True, slots=True)
class MobileNumberClaimed:
    customer_id: str


@dataclass(frozen=True, slots=True)
class MobileNumberReleased:
    customer_id: str


Event = MobileNumberClaimed | MobileNumberReleased

# State.


@dataclass(frozen=True, slots=True)
class MobileNumber:
    holder: str | None = None


def evolve(_number: MobileNumber, event: Event) -> MobileNumber:
    match event:
        case MobileNumberClaimed(customer_id=holder):
            return MobileNumber(holder)
        case MobileNumberReleased():
            return MobileNumber()
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class ClaimMobileNumber:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ReleaseMobileNumber:
    customer_id: str


Command = ClaimMobileNumber | ReleaseMobileNumber

# Decisions.


def decide(number: MobileNumber, command: Command) -> list[Event]:
    match command:
        case ClaimMobileNumber():
            return claim(number, command)
        case ReleaseMobileNumber():
            return release(number, command)
        case _:
            assert_never(command)


def claim(number: MobileNumber, command: ClaimMobileNumber) -> list[Event]:
    if number.holder == command.customer_id:
        return []
    if number.holder is not None:
        raise Refused("mobile_number_taken", "This mobile number belongs to another customer.")
    return [MobileNumberClaimed(command.customer_id)]


def release(number: MobileNumber, command: ReleaseMobileNumber) -> list[Event]:
    """Only its holder gives a number up; for anybody else there is nothing to release."""
    if number.holder != command.customer_id:
        return []
    return [MobileNumberReleased(command.customer_id)]


MOBILE = Decider(
    name="mobile",
    initial=MobileNumber(),
    decide=decide,
    evolve=evolve,
    events={
        "MobileNumberClaimed.v1": MobileNumberClaimed,
        "MobileNumberReleased.v1": MobileNumberReleased,
    },
    customer=lambda number: number.holder,
)
