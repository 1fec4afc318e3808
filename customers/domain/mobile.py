"""A mobile number, held by one active customer at most.

Each number has a stream of its own, named by a keyed hash of it. Claiming it is one unit with what it is claimed for,
so of two customers who ask at the same time one is refused whole.

Here is counted, too, how many codes were to be sent to it, whoever asked: the number may be a stranger's. Instants are
whole seconds since 1970, UTC.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from bank.decider import Decider, Refused
from customers.domain.confirmation import CODES_PER_HOUR, within_the_hour

# Facts.


@dataclass(frozen=True, slots=True)
class MobileNumberClaimed:
    customer_id: str


@dataclass(frozen=True, slots=True)
class MobileNumberReleased:
    customer_id: str


@dataclass(frozen=True, slots=True)
class TextRequested:
    """A code was to be sent to this number, for whichever customer."""

    requested_at_s: int


Event = MobileNumberClaimed | MobileNumberReleased | TextRequested

# State.


@dataclass(frozen=True, slots=True)
class MobileNumber:
    """`recent`: when texts to it were asked for, within the hour before the last one."""

    holder: str | None = None
    recent: tuple[int, ...] = ()


def evolve(number: MobileNumber, event: Event) -> MobileNumber:
    match event:
        case MobileNumberClaimed(customer_id=holder):
            return replace(number, holder=holder)
        case MobileNumberReleased():
            return replace(number, holder=None)
        case TextRequested(requested_at_s=now_s):
            return replace(number, recent=(*within_the_hour(number.recent, now_s), now_s))
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class ClaimMobileNumber:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ReleaseMobileNumber:
    customer_id: str


@dataclass(frozen=True, slots=True)
class RequestText:
    """In one unit with the code that is asked for."""

    requested_at_s: int


Command = ClaimMobileNumber | ReleaseMobileNumber | RequestText

# Decisions.


def decide(number: MobileNumber, command: Command) -> list[Event]:
    match command:
        case ClaimMobileNumber():
            return claim(number, command)
        case ReleaseMobileNumber():
            return release(number, command)
        case RequestText():
            return request_text(number, command)
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


def request_text(number: MobileNumber, command: RequestText) -> list[Event]:
    if len(within_the_hour(number.recent, command.requested_at_s)) >= CODES_PER_HOUR:
        few = f"At most {CODES_PER_HOUR} codes are sent to one number in an hour. Try again later."
        raise Refused("too_many_codes", few)
    return [TextRequested(command.requested_at_s)]


MOBILE = Decider(
    name="mobile",
    initial=MobileNumber(),
    decide=decide,
    evolve=evolve,
    events={
        "MobileNumberClaimed.v1": MobileNumberClaimed,
        "MobileNumberReleased.v1": MobileNumberReleased,
        "TextRequested.v1": TextRequested,
    },
    state_version=2,
    customer=lambda number: number.holder,
)
