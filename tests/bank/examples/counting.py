"""A tiny context for the kernel's own tests: counters that never go below zero, kept in Accounts' database."""

from dataclasses import dataclass, replace
from typing import assert_never

from bank.context import Context, Order, Unit
from bank.decider import Decider, Personal, Refused


@dataclass(frozen=True, slots=True)
class Added:
    amount: int


@dataclass(frozen=True, slots=True)
class Noted:
    customer_id: str
    note: Personal


Event = Added | Noted


@dataclass(frozen=True, slots=True)
class Counter:
    total: int = 0
    customer_id: str | None = None
    note: Personal = ""


def evolve(counter: Counter, event: Event) -> Counter:
    match event:
        case Added(amount=amount):
            return replace(counter, total=counter.total + amount)
        case Noted(customer_id=customer_id, note=note):
            return replace(counter, customer_id=customer_id, note=note)
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True)
class Add:
    amount: int


@dataclass(frozen=True, slots=True)
class Note:
    customer_id: str
    note: str


Command = Add | Note


def decide(counter: Counter, command: Command) -> list[Event]:
    match command:
        case Add(amount=0):
            return []
        case Add(amount=amount):
            if counter.total + amount < 0:
                raise Refused("below_zero", "A counter does not go below zero.")
            return [Added(amount)]
        case Note(customer_id=customer_id, note=note):
            return [Noted(customer_id, note)]
        case _:
            assert_never(command)


COUNTER = Decider(
    name="counter",
    initial=Counter(),
    decide=decide,
    evolve=evolve,
    events={"Added.v1": Added, "Noted.v1": Noted},
    customer=lambda counter: counter.customer_id,
)

COUNTING = Context(name="accounts", deciders=(COUNTER,))


def add(key: str, amount: int) -> Unit:
    return Unit(Order(COUNTER, key, Add(amount)))
