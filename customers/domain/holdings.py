"""What a customer has with the bank, as far as Customers has heard of it: accounts, cards and loans that are not over.

Others decide them. Only whether there is any left is kept, because a customer with one is not closed. What ended is
heard in any order, so an end may come before its beginning.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused

# Facts. A holding is named by what it is and its id: `account:4711`.


@dataclass(frozen=True, slots=True)
class HoldingBegan:
    customer_id: str
    holding: str


@dataclass(frozen=True, slots=True)
class HoldingEnded:
    customer_id: str
    holding: str


@dataclass(frozen=True, slots=True)
class HoldingsCleared:
    """Nothing was left on this day, as far as was heard."""

    customer_id: str
    cleared_on: date


Event = HoldingBegan | HoldingEnded | HoldingsCleared

# State.


@dataclass(frozen=True, slots=True)
class Holdings:
    """`over_early` are those whose end was heard before their beginning."""

    customer_id: str | None = None
    under_way: tuple[str, ...] = ()
    over_early: tuple[str, ...] = ()


def evolve(holdings: Holdings, event: Event) -> Holdings:
    known = replace(holdings, customer_id=event.customer_id)
    match event:
        case HoldingBegan(holding=holding):
            return replace(known, under_way=(*known.under_way, holding))
        case HoldingEnded(holding=holding):
            if holding not in known.under_way:
                return replace(known, over_early=(*known.over_early, holding))
            return replace(known, under_way=tuple(one for one in known.under_way if one != holding))
        case HoldingsCleared():
            return known
        case _:
            assert_never(event)


# Commands.


@dataclass(frozen=True, slots=True)
class BeginHolding:
    customer_id: str
    holding: str


@dataclass(frozen=True, slots=True)
class EndHolding:
    customer_id: str
    holding: str


@dataclass(frozen=True, slots=True)
class ClearHoldings:
    """Refused while anything is left."""

    customer_id: str
    cleared_on: date


Command = BeginHolding | EndHolding | ClearHoldings

# Decisions.


def decide(holdings: Holdings, command: Command) -> list[Event]:
    match command:
        case BeginHolding(customer_id=customer_id, holding=holding):
            is_known = holding in holdings.under_way or holding in holdings.over_early
            return [] if is_known else [HoldingBegan(customer_id, holding)]
        case EndHolding(customer_id=customer_id, holding=holding):
            return [] if holding in holdings.over_early else [HoldingEnded(customer_id, holding)]
        case ClearHoldings(customer_id=customer_id, cleared_on=day):
            require_none(holdings)
            return [HoldingsCleared(customer_id, day)]
        case _:
            assert_never(command)


def require_none(holdings: Holdings) -> None:
    if holdings.under_way:
        kinds = sorted({f"{holding.partition(':')[0]}s" for holding in holdings.under_way})
        raise Refused("customer_has_holdings", f"The customer still has {' and '.join(kinds)}: end them first.")


HOLDINGS = Decider(
    name="holdings",
    initial=Holdings(),
    decide=decide,
    evolve=evolve,
    events={
        "HoldingBegan.v1": HoldingBegan,
        "HoldingEnded.v1": HoldingEnded,
        "HoldingsCleared.v1": HoldingsCleared,
    },
    customer=lambda holdings: holdings.customer_id,
)
