"""Who asks for a card, as far as Cards has heard of him: whether the bank knows who he is and begins anything
new with him.

Customers decides both, and numbers what it says of each: it is heard in any order, and the highest number holds.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from bank.decider import Decider, Refused

Kyc = Literal["pending", "verified", "rejected"]
Standing = Literal["active", "suspended", "closed"]

# Facts.


@dataclass(frozen=True, slots=True)
class CardholderKycHeard:
    customer_id: str
    kyc: Kyc
    since: date
    sequence: int


@dataclass(frozen=True, slots=True)
class CardholderStandingHeard:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


Event = CardholderKycHeard | CardholderStandingHeard

# State.


@dataclass(frozen=True, slots=True)
class Cardholder:
    """Who was never spoken of is active, and not verified."""

    customer_id: str | None = None
    kyc: Kyc = "pending"
    kyc_sequence: int = -1
    standing: Standing = "active"
    standing_sequence: int = -1


def evolve(holder: Cardholder, event: Event) -> Cardholder:
    known = replace(holder, customer_id=event.customer_id)
    match event:
        case CardholderKycHeard(kyc=kyc, sequence=sequence):
            return replace(known, kyc=kyc, kyc_sequence=sequence)
        case CardholderStandingHeard(standing=standing, sequence=sequence):
            return replace(known, standing=standing, standing_sequence=sequence)
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class HearKyc:
    customer_id: str
    kyc: Kyc
    since: date
    sequence: int


@dataclass(frozen=True, slots=True)
class HearStanding:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


@dataclass(frozen=True, slots=True)
class RequireCardholder:
    """In one unit with a card that is issued to him, or lends him more: it says nothing, or refuses the whole. Credit
    needs more."""

    customer_id: str
    on_credit: bool


Command = HearKyc | HearStanding | RequireCardholder

# Decisions.


def decide(holder: Cardholder, command: Command) -> list[Event]:
    match command:
        case HearKyc():
            if command.sequence <= holder.kyc_sequence:
                return []
            return [CardholderKycHeard(command.customer_id, command.kyc, command.since, command.sequence)]
        case HearStanding():
            if command.sequence <= holder.standing_sequence:
                return []
            return [CardholderStandingHeard(command.customer_id, command.standing, command.since, command.sequence)]
        case RequireCardholder(on_credit=on_credit):
            return require(holder, on_credit=on_credit)
        case _:
            assert_never(command)


def require(holder: Cardholder, *, on_credit: bool) -> list[Event]:
    if holder.standing != "active":
        raise Refused(f"customer_{holder.standing}", f"This customer is {holder.standing}: nothing new begins.")
    if on_credit and holder.kyc != "verified":
        raise Refused("customer_not_verified", "The bank does not know yet who this customer is.")
    return []


CARDHOLDER = Decider(
    name="cardholder",
    initial=Cardholder(),
    decide=decide,
    evolve=evolve,
    events={
        "CardholderKycHeard.v1": CardholderKycHeard,
        "CardholderStandingHeard.v1": CardholderStandingHeard,
    },
    customer=lambda holder: holder.customer_id,
)
