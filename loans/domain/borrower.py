"""Who borrows, as far as Loans has heard of him: whether the bank knows who he is, and begins anything new with him.

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
class BorrowerKycHeard:
    customer_id: str
    kyc: Kyc
    since: date
    sequence: int


@dataclass(frozen=True, slots=True)
class BorrowerStandingHeard:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


Event = BorrowerKycHeard | BorrowerStandingHeard

# State.


@dataclass(frozen=True, slots=True)
class Borrower:
    """Who was never spoken of is not verified."""

    customer_id: str | None = None
    kyc: Kyc = "pending"
    kyc_sequence: int = -1
    standing: Standing = "active"
    standing_sequence: int = -1


def evolve(borrower: Borrower, event: Event) -> Borrower:
    match event:
        case BorrowerKycHeard(customer_id, kyc, _, sequence):
            return replace(borrower, customer_id=customer_id, kyc=kyc, kyc_sequence=sequence)
        case BorrowerStandingHeard(customer_id, standing, _, sequence):
            return replace(borrower, customer_id=customer_id, standing=standing, standing_sequence=sequence)
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


def decide(borrower: Borrower, command: Command) -> list[Event]:
    match command:
        case HearKyc(customer_id, kyc, since, sequence):
            return [BorrowerKycHeard(customer_id, kyc, since, sequence)] if sequence > borrower.kyc_sequence else []
        case HearStanding(customer_id, standing, since, sequence):
            heard = BorrowerStandingHeard(customer_id, standing, since, sequence)
            return [heard] if sequence > borrower.standing_sequence else []
        case RequireBorrower():
            return require(borrower)
        case _:
            assert_never(command)


def require(borrower: Borrower) -> list[Event]:
    if borrower.standing != "active":
        raise Refused(f"customer_{borrower.standing}", f"This customer is {borrower.standing}: nothing is lent.")
    if borrower.kyc == "rejected":
        raise Refused("customer_rejected", "The bank could not verify who this customer is: nothing is lent.")
    if borrower.kyc == "pending":
        raise Refused("customer_not_verified", "The bank has not verified yet who this customer is.")
    return []


BORROWER = Decider(
    name="borrower",
    initial=Borrower(),
    decide=decide,
    evolve=evolve,
    events={
        "BorrowerKycHeard.v1": BorrowerKycHeard,
        "BorrowerStandingHeard.v1": BorrowerStandingHeard,
    },
    customer=lambda borrower: borrower.customer_id,
)
