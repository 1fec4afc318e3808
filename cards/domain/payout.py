"""A payout on its way from a card to an account: it remembers which card it is from.

Accounts answers with the payout's id alone. What it answered is said here first, with the card's id, and the card hears
it from here.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused

# Facts.


@dataclass(frozen=True, slots=True)
class PayoutBegun:
    payout_id: str
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class PayoutCredited:
    payout_id: str
    card_id: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class PayoutUncredited:
    payout_id: str
    card_id: str
    code: str
    declined_on: date


Event = PayoutBegun | PayoutCredited | PayoutUncredited

# State.


@dataclass(frozen=True, slots=True)
class PayoutRoute:
    status: str = ""
    card_id: str = ""
    customer_id: str | None = None


def evolve(route: PayoutRoute, event: Event) -> PayoutRoute:
    match event:
        case PayoutBegun():
            return PayoutRoute("begun", event.card_id, event.customer_id)
        case PayoutCredited():
            return replace(route, status="credited")
        case PayoutUncredited():
            return replace(route, status="uncredited")
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class BeginPayout:
    """Always one unit with the card's own `RequestPayout`."""

    payout_id: str
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class CreditPayout:
    payout_id: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class FailPayout:
    payout_id: str
    code: str
    declined_on: date


Command = BeginPayout | CreditPayout | FailPayout

# Decisions.


def decide(route: PayoutRoute, command: Command) -> list[Event]:
    match command:
        case BeginPayout():
            return begin(route, command)
        case CreditPayout() if route.status == "begun":
            return [PayoutCredited(command.payout_id, route.card_id, command.credited_on)]
        case FailPayout() if route.status == "begun":
            return [PayoutUncredited(command.payout_id, route.card_id, command.code, command.declined_on)]
        case CreditPayout() | FailPayout():
            return []
        case _:
            assert_never(command)


def begin(route: PayoutRoute, command: BeginPayout) -> list[Event]:
    if route.status:
        raise Refused("payout_exists", "There is already a payout with this id.")
    return [PayoutBegun(command.payout_id, command.card_id, command.customer_id)]


PAYOUT = Decider(
    name="card_payout",
    initial=PayoutRoute(),
    decide=decide,
    evolve=evolve,
    events={
        "PayoutBegun.v1": PayoutBegun,
        "PayoutCredited.v1": PayoutCredited,
        "PayoutUncredited.v1": PayoutUncredited,
    },
    customer=lambda route: route.customer_id,
)
