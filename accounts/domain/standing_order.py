"""A standing order: the same amount from an account on the same day of every month, until it is ended.

It goes to another account of the bank or to a payee at another bank. A period is executed on the first day that ends on
or after the one on which it is due, once; where the account does not pay, the period is missed and not tried again.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from accounts.domain.interest import year_after
from bank.decider import Decider, Personal, Refused
from bank.money import CURRENCIES, MAX_MINOR

MONTHS_PER_YEAR = 12

MAX_PER_ACCOUNT = 100
"""So many are paid from one account at a time."""

# Facts.


@dataclass(frozen=True, slots=True)
class StandingOrderOpened:
    """`to_account_id` is None where the money leaves the bank, and `payee` empty where it does not."""

    order_id: str
    account_id: str
    customer_id: str
    to_account_id: str | None
    payee: Personal
    amount_minor: int
    currency: str
    reference: Personal
    opened_on: date
    first_on: date


@dataclass(frozen=True, slots=True)
class StandingOrderExecuted:
    """For the period due on `due_on`; the next is due on `next_on`."""

    order_id: str
    account_id: str
    amount_minor: int
    currency: str
    due_on: date
    executed_on: date
    next_on: date


@dataclass(frozen=True, slots=True)
class StandingOrderMissed:
    """`code` is why the account did not pay; of the account that was to be paid it says no more than that it could not
    take it (`payee_cannot_take`)."""

    order_id: str
    account_id: str
    amount_minor: int
    currency: str
    due_on: date
    missed_on: date
    next_on: date
    code: str


@dataclass(frozen=True, slots=True)
class StandingOrderEnded:
    order_id: str
    account_id: str
    ended_on: date


Event = StandingOrderOpened | StandingOrderExecuted | StandingOrderMissed | StandingOrderEnded

# State.


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """`next_on` is when the next period is due; `code` why the last one was missed, if it was."""

    customer_id: str | None = None
    account_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    first_on: date = date.min
    next_on: date = date.min
    last_on: date | None = None
    code: str = ""
    is_ended: bool = False

    @property
    def status(self) -> str:
        return "ended" if self.is_ended else "active"

    def is_due(self, day: date) -> bool:
        return self.customer_id is not None and not self.is_ended and self.next_on <= day


def evolve(order: StandingOrder, event: Event) -> StandingOrder:
    match event:
        case StandingOrderOpened():
            return StandingOrder(
                customer_id=event.customer_id,
                account_id=event.account_id,
                amount_minor=event.amount_minor,
                currency=event.currency,
                first_on=event.first_on,
                next_on=event.first_on,
            )
        case StandingOrderExecuted(next_on=next_on, executed_on=day):
            return replace(order, next_on=next_on, last_on=day, code="")
        case StandingOrderMissed(next_on=next_on, missed_on=day, code=code):
            return replace(order, next_on=next_on, last_on=day, code=code)
        case StandingOrderEnded():
            return replace(order, is_ended=True)
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class OpenStandingOrder:
    order_id: str
    account_id: str
    customer_id: str
    to_account_id: str | None
    payee: str
    amount_minor: int
    currency: str
    reference: str
    opened_on: date
    first_on: date


@dataclass(frozen=True, slots=True)
class ExecuteStandingOrder:
    """One half of a unit: the other moves the money."""

    order_id: str
    day: date


@dataclass(frozen=True, slots=True)
class MissStandingOrder:
    """The account did not pay, for the reason `code`. What is not due cannot be missed."""

    order_id: str
    day: date
    code: str


@dataclass(frozen=True, slots=True)
class EndStandingOrder:
    order_id: str
    ended_on: date


Command = OpenStandingOrder | ExecuteStandingOrder | MissStandingOrder | EndStandingOrder

# Decisions.


def decide(order: StandingOrder, command: Command) -> list[Event]:
    match command:
        case OpenStandingOrder():
            return open_order(order, command)
        case ExecuteStandingOrder():
            return execute_order(order, command)
        case MissStandingOrder():
            return miss(order, command)
        case EndStandingOrder():
            return end(order, command)
        case _:
            assert_never(command)


def open_order(order: StandingOrder, command: OpenStandingOrder) -> list[Event]:
    if order.customer_id is not None:
        raise Refused("standing_order_exists", "There is already a standing order with this id.")
    if command.currency not in CURRENCIES:
        raise Refused("unknown_currency", "The bank does not know this currency.")
    if not 0 < command.amount_minor <= MAX_MINOR:
        raise Refused("invalid_amount", "An amount is positive and not larger than the bank books.")
    if (command.to_account_id is None) != bool(command.payee):
        raise Refused("invalid_payee", "The money goes to an account of this bank or to a payee at another one.")
    if command.to_account_id == command.account_id:
        raise Refused("same_account", "A standing order needs two different accounts.")
    if not command.opened_on <= command.first_on <= year_after(command.opened_on):
        raise Refused("invalid_first_day", "A standing order begins today or within a year.")
    return [
        StandingOrderOpened(
            order_id=command.order_id,
            account_id=command.account_id,
            customer_id=command.customer_id,
            to_account_id=command.to_account_id,
            payee=command.payee,
            amount_minor=command.amount_minor,
            currency=command.currency,
            reference=command.reference,
            opened_on=command.opened_on,
            first_on=command.first_on,
        )
    ]


def execute_order(order: StandingOrder, command: ExecuteStandingOrder) -> list[Event]:
    if not order.is_due(command.day):
        raise Refused("standing_order_not_due", "Nothing of this standing order is due.")
    return [
        StandingOrderExecuted(
            order_id=command.order_id,
            account_id=order.account_id,
            amount_minor=order.amount_minor,
            currency=order.currency,
            due_on=order.next_on,
            executed_on=command.day,
            next_on=next_due(order.first_on, command.day),
        )
    ]


def miss(order: StandingOrder, command: MissStandingOrder) -> list[Event]:
    if not order.is_due(command.day):
        return []
    return [
        StandingOrderMissed(
            order_id=command.order_id,
            account_id=order.account_id,
            amount_minor=order.amount_minor,
            currency=order.currency,
            due_on=order.next_on,
            missed_on=command.day,
            next_on=next_due(order.first_on, command.day),
            code=command.code,
        )
    ]


def end(order: StandingOrder, command: EndStandingOrder) -> list[Event]:
    if order.customer_id is None:
        raise Refused("standing_order_not_found", "There is no such standing order.")
    return [] if order.is_ended else [StandingOrderEnded(command.order_id, order.account_id, command.ended_on)]


def next_due(first_on: date, day: date) -> date:
    """The first due day after this one. Periods that nobody's end of day has met are not made up for."""
    months = (day.year - first_on.year) * MONTHS_PER_YEAR + day.month - first_on.month
    due = months_after(first_on, months)
    return due if due > day else months_after(first_on, months + 1)


def months_after(first_on: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = divmod(first_on.year * MONTHS_PER_YEAR + first_on.month - 1 + months, MONTHS_PER_YEAR)
    return date(year, month + 1, min(first_on.day, monthrange(year, month + 1)[1]))


STANDING_ORDER = Decider(
    name="standingorder",
    initial=StandingOrder(),
    decide=decide,
    evolve=evolve,
    events={
        "StandingOrderOpened.v1": StandingOrderOpened,
        "StandingOrderExecuted.v1": StandingOrderExecuted,
        "StandingOrderMissed.v1": StandingOrderMissed,
        "StandingOrderEnded.v1": StandingOrderEnded,
    },
    customer=lambda order: order.customer_id,
)
