"""A bill payment on its way between an account and a card: it remembers which card it is for.

Accounts answers with the payment's id alone. What it answered is said here first, with the card's id, and the card
hears it from here.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused

# Facts.


@dataclass(frozen=True, slots=True)
class BillPaymentBegun:
    payment_id: str
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class BillPaymentCollected:
    payment_id: str
    card_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentUncollected:
    payment_id: str
    card_id: str
    code: str


@dataclass(frozen=True, slots=True)
class BillPaymentReturned:
    """Back on the account, which may be heard before it was heard that it had left it; or, `by_hand`, with people."""

    payment_id: str
    card_id: str
    returned_on: date
    by_hand: bool = False


Event = BillPaymentBegun | BillPaymentCollected | BillPaymentUncollected | BillPaymentReturned

# State.


@dataclass(frozen=True, slots=True)
class BillPaymentRoute:
    status: str = ""
    card_id: str = ""
    customer_id: str | None = None


def evolve(route: BillPaymentRoute, event: Event) -> BillPaymentRoute:
    match event:
        case BillPaymentBegun():
            return BillPaymentRoute("begun", event.card_id, event.customer_id)
        case BillPaymentCollected():
            return replace(route, status="collected")
        case BillPaymentUncollected():
            return replace(route, status="uncollected")
        case BillPaymentReturned():
            return replace(route, status="returned")
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class BeginBillPayment:
    """Always one unit with the card's own `RequestBillPayment`."""

    payment_id: str
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class CollectBillPayment:
    payment_id: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class FailBillPayment:
    payment_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ReturnBillPayment:
    payment_id: str
    returned_on: date
    by_hand: bool = False


Command = BeginBillPayment | CollectBillPayment | FailBillPayment | ReturnBillPayment

# Decisions.


def decide(route: BillPaymentRoute, command: Command) -> list[Event]:
    match command:
        case BeginBillPayment():
            return begin(route, command)
        case CollectBillPayment() if route.status == "begun":
            return [BillPaymentCollected(command.payment_id, route.card_id, command.collected_on)]
        case FailBillPayment() if route.status == "begun":
            return [BillPaymentUncollected(command.payment_id, route.card_id, command.code)]
        case ReturnBillPayment() if route.status in ("begun", "collected"):
            return [BillPaymentReturned(command.payment_id, route.card_id, command.returned_on, command.by_hand)]
        case CollectBillPayment() | FailBillPayment() | ReturnBillPayment():
            return []
        case _:
            assert_never(command)


def begin(route: BillPaymentRoute, command: BeginBillPayment) -> list[Event]:
    if route.status:
        raise Refused("payment_exists", "There is already a payment with this id.")
    return [BillPaymentBegun(command.payment_id, command.card_id, command.customer_id)]


BILL_PAYMENT = Decider(
    name="bill_payment",
    initial=BillPaymentRoute(),
    decide=decide,
    evolve=evolve,
    events={
        "BillPaymentBegun.v1": BillPaymentBegun,
        "BillPaymentCollected.v1": BillPaymentCollected,
        "BillPaymentUncollected.v1": BillPaymentUncollected,
        "BillPaymentReturned.v1": BillPaymentReturned,
    },
    customer=lambda route: route.customer_id,
)
