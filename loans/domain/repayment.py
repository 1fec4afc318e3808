"""A repayment on its way between an account and a loan: it remembers which loan it is for.

Accounts answers with the repayment's id alone. What it answered is said here first, with the loan's id, and the loan
hears it from here.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused

# Facts.


@dataclass(frozen=True, slots=True)
class RepaymentBegun:
    repayment_id: str
    loan_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class RepaymentCollected:
    repayment_id: str
    loan_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class CollectionDeclined:
    repayment_id: str
    loan_id: str
    code: str


Event = RepaymentBegun | RepaymentCollected | CollectionDeclined

# State.


@dataclass(frozen=True, slots=True)
class Repayment:
    status: str = ""
    loan_id: str = ""
    customer_id: str | None = None


def evolve(repayment: Repayment, event: Event) -> Repayment:
    match event:
        case RepaymentBegun():
            return Repayment("begun", event.loan_id, event.customer_id)
        case RepaymentCollected():
            return replace(repayment, status="collected")
        case CollectionDeclined():
            return replace(repayment, status="declined")
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class BeginRepayment:
    """Always one unit with the loan's own `RequestRepayment`."""

    repayment_id: str
    loan_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class CollectRepayment:
    repayment_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class DeclineCollection:
    repayment_id: str
    code: str


Command = BeginRepayment | CollectRepayment | DeclineCollection

# Decisions.


def decide(repayment: Repayment, command: Command) -> list[Event]:
    match command:
        case BeginRepayment():
            return begin(repayment, command)
        case CollectRepayment() if repayment.status == "begun":
            return [RepaymentCollected(command.repayment_id, repayment.loan_id, command.collected_on)]
        case DeclineCollection() if repayment.status == "begun":
            return [CollectionDeclined(command.repayment_id, repayment.loan_id, command.code)]
        case CollectRepayment() | DeclineCollection():
            return []
        case _:
            assert_never(command)


def begin(repayment: Repayment, command: BeginRepayment) -> list[Event]:
    if repayment.status:
        raise Refused("repayment_exists", "There is already a repayment with this id.")
    return [RepaymentBegun(command.repayment_id, command.loan_id, command.customer_id)]


REPAYMENT = Decider(
    name="repayment",
    initial=Repayment(),
    decide=decide,
    evolve=evolve,
    events={
        "RepaymentBegun.v1": RepaymentBegun,
        "RepaymentCollected.v1": RepaymentCollected,
        "CollectionDeclined.v1": CollectionDeclined,
    },
    customer=lambda repayment: repayment.customer_id,
)
