"""Who borrows: how he stands with the bank, as far as Loans has heard of it, and how much is lent to him altogether.

Customers decides how he stands, and numbers what it says: it is heard in any order, and of each of the two the highest
number holds. The limit is Loans' own: what a loan reserves of it counts in full until the loan has ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, assert_never

from bank.decider import Decider, Refused

Kyc = Literal["pending", "verified", "rejected"]
Standing = Literal["active", "suspended", "closed"]

EXPOSURE_LIMIT_MINOR = 2_500_000_00
"""The most that is lent to one customer in one currency."""

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


@dataclass(frozen=True, slots=True)
class LimitReserved:
    customer_id: str
    loan_id: str
    origination_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LimitDeclined:
    customer_id: str
    loan_id: str
    origination_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class LimitReleased:
    """`amount_minor` is what this origination had reserved for the loan, and zero where it had nothing (any more).

    `origination_id` is empty when the loan has ended.
    """

    customer_id: str
    loan_id: str
    origination_id: str
    amount_minor: int
    currency: str


Event = BorrowerKycHeard | BorrowerStandingHeard | LimitReserved | LimitDeclined | LimitReleased

# State.


@dataclass(frozen=True, slots=True)
class Reservation:
    amount_minor: int
    currency: str
    origination_id: str


@dataclass(frozen=True, slots=True)
class Borrower:
    """Who was never spoken of is not verified. `reserved`: loan id → what it takes of the limit."""

    customer_id: str | None = None
    kyc: Kyc = "pending"
    kyc_sequence: int = -1
    standing: Standing = "active"
    standing_sequence: int = -1
    reserved: Mapping[str, Reservation] = field(default_factory=dict)

    def exposure_minor(self, currency: str) -> int:
        return sum(one.amount_minor for one in self.reserved.values() if one.currency == currency)


def evolve(borrower: Borrower, event: Event) -> Borrower:
    match event:
        case BorrowerKycHeard(customer_id, kyc, _, sequence):
            return replace(borrower, customer_id=customer_id, kyc=kyc, kyc_sequence=sequence)
        case BorrowerStandingHeard(customer_id, standing, _, sequence):
            return replace(borrower, customer_id=customer_id, standing=standing, standing_sequence=sequence)
        case LimitReserved(customer_id, loan_id, origination_id, amount_minor, currency):
            reserved = {**borrower.reserved, loan_id: Reservation(amount_minor, currency, origination_id)}
            return replace(borrower, customer_id=customer_id, reserved=reserved)
        case LimitDeclined(customer_id=customer_id):
            return replace(borrower, customer_id=customer_id)
        case LimitReleased(customer_id, loan_id, origination_id):
            return replace(borrower, customer_id=customer_id, reserved=without(borrower, loan_id, origination_id))
        case _:
            assert_never(event)


def without(borrower: Borrower, loan_id: str, origination_id: str) -> Mapping[str, Reservation]:
    """What stays reserved: of this loan what another origination of it reserved, and nothing once it has ended."""
    if origination_id and reserved_by(borrower, loan_id, origination_id) is None:
        return borrower.reserved
    return {id: one for id, one in borrower.reserved.items() if id != loan_id}


def reserved_by(borrower: Borrower, loan_id: str, origination_id: str) -> Reservation | None:
    found = borrower.reserved.get(loan_id)
    return found if found and found.origination_id == origination_id else None


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


@dataclass(frozen=True, slots=True)
class ReserveLimit:
    customer_id: str
    loan_id: str
    origination_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ReleaseLimit:
    """The origination is undone, which is answered whatever is reserved. Late or repeated, it leaves alone what another
    origination of the same loan has reserved since."""

    customer_id: str
    loan_id: str
    origination_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class EndLoan:
    customer_id: str
    loan_id: str


Command = HearKyc | HearStanding | RequireBorrower | ReserveLimit | ReleaseLimit | EndLoan

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
        case ReserveLimit():
            return reserve(borrower, command)
        case ReleaseLimit():
            return release(borrower, command)
        case EndLoan(customer_id, loan_id):
            ended = borrower.reserved.get(loan_id)
            return [LimitReleased(customer_id, loan_id, "", ended.amount_minor, ended.currency)] if ended else []
        case _:
            assert_never(command)


def release(borrower: Borrower, command: ReleaseLimit) -> list[Event]:
    found = reserved_by(borrower, command.loan_id, command.origination_id)
    amount_minor, currency = (found.amount_minor, found.currency) if found else (0, command.currency)
    return [LimitReleased(command.customer_id, command.loan_id, command.origination_id, amount_minor, currency)]


def require(borrower: Borrower) -> list[Event]:
    if borrower.standing != "active":
        raise Refused(f"customer_{borrower.standing}", f"This customer is {borrower.standing}: nothing is lent.")
    if borrower.kyc == "rejected":
        raise Refused("customer_rejected", "The bank could not verify who this customer is: nothing is lent.")
    if borrower.kyc == "pending":
        raise Refused("customer_not_verified", "The bank has not verified yet who this customer is.")
    return []


def reserve(borrower: Borrower, command: ReserveLimit) -> list[Event]:
    """The process hears either answer, so a refusal is an event."""
    asked = (command.customer_id, command.loan_id, command.origination_id, command.amount_minor, command.currency)
    try:
        require(borrower)
    except Refused as refused:
        return [LimitDeclined(*asked, refused.code)]
    if borrower.exposure_minor(command.currency) + command.amount_minor > EXPOSURE_LIMIT_MINOR:
        return [LimitDeclined(*asked, "exposure_limit_exceeded")]
    return [LimitReserved(*asked)]


BORROWER = Decider(
    name="borrower",
    initial=Borrower(),
    decide=decide,
    evolve=evolve,
    state_version=3,
    events={
        "BorrowerKycHeard.v1": BorrowerKycHeard,
        "BorrowerStandingHeard.v1": BorrowerStandingHeard,
        "LimitReserved.v1": LimitReserved,
        "LimitDeclined.v1": LimitDeclined,
        "LimitReleased.v1": LimitReleased,
    },
    customer=lambda borrower: borrower.customer_id,
)
