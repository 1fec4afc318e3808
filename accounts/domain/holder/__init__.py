"""Who holds accounts, as far as Accounts has heard of it: whether the bank knows who he is, and begins anything new.

Customers decides both, and numbers what it says: it is heard in any order, and of each of the two the highest number
holds.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from bank.decider import Decider, Refused

Kyc = Literal["pending", "verified", "rejected"]
Standing = Literal["active", "suspended", "closed"]

# Facts.


@dataclass(frozen=True, slots=True)
class HolderKycHeard:
    customer_id: str
    kyc: Kyc
    since: date
    sequence: int


@dataclass(frozen=True, slots=True)
class HolderStandingHeard:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


Event = HolderKycHeard | HolderStandingHeard

# State.


@dataclass(frozen=True, slots=True)
class Holder:
    """Who was never spoken of is active, and not verified."""

    customer_id: str | None = None
    kyc: Kyc = "pending"
    kyc_sequence: int = -1
    standing: Standing = "active"
    standing_sequence: int = -1


def evolve(holder: Holder, event: Event) -> Holder:
    known = replace(holder, customer_id=event.customer_id)
    match event:
        case HolderKycHeard(kyc=kyc, sequence=sequence):
            return replace(known, kyc=kyc, kyc_sequence=sequence)
        case HolderStandingHeard(standing=standing, sequence=sequence):
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
class RequireBorrower:
    """In one unit with whatever lends to him: it says nothing, or refuses the whole."""

    customer_id: str


Command = HearKyc | HearStanding | RequireBorrower

# Decisions.


def decide(holder: Holder, command: Command) -> list[Event]:
    match command:
        case HearKyc(customer_id, kyc, since, sequence):
            return [HolderKycHeard(customer_id, kyc, since, sequence)] if sequence > holder.kyc_sequence else []
        case HearStanding(customer_id, standing, since, sequence):
            heard = HolderStandingHeard(customer_id, standing, since, sequence)
            return [heard] if sequence > holder.standing_sequence else []
        case RequireBorrower():
            return require_borrower(holder)
        case _:
            assert_never(command)


def require_borrower(holder: Holder) -> list[Event]:
    if holder.standing != "active":
        raise Refused(f"customer_{holder.standing}", f"This customer is {holder.standing}: nothing is lent.")
    if holder.kyc == "rejected":
        raise Refused("customer_rejected", "The bank could not verify who this customer is: nothing is lent.")
    if holder.kyc == "pending":
        raise Refused("customer_not_verified", "The bank has not verified yet who this customer is.")
    return []


HOLDER = Decider(
    name="holder",
    initial=Holder(),
    decide=decide,
    evolve=evolve,
    events={"HolderKycHeard.v1": HolderKycHeard, "HolderStandingHeard.v1": HolderStandingHeard},
    state_version=2,
    customer=lambda holder: holder.customer_id,
)
