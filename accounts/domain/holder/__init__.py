"""Who holds accounts, as far as Accounts has heard of it: whether the bank begins anything new with him.

Customers decides that, and numbers what it says: it is heard in any order, and the highest number holds.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bank.decider import Decider

Standing = Literal["active", "suspended", "closed"]

# Facts.


@dataclass(frozen=True, slots=True)
class HolderStandingHeard:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


# State.


@dataclass(frozen=True, slots=True)
class Holder:
    """Who was never spoken of is active."""

    customer_id: str | None = None
    standing: Standing = "active"
    sequence: int = -1


def evolve(_holder: Holder, event: HolderStandingHeard) -> Holder:
    return Holder(event.customer_id, event.standing, event.sequence)


# Commands.


@dataclass(frozen=True, slots=True)
class HearStanding:
    customer_id: str
    standing: Standing
    since: date
    sequence: int


# Decisions.


def decide(holder: Holder, command: HearStanding) -> list[HolderStandingHeard]:
    if command.sequence <= holder.sequence:
        return []
    return [HolderStandingHeard(command.customer_id, command.standing, command.since, command.sequence)]


HOLDER = Decider(
    name="holder",
    initial=Holder(),
    decide=decide,
    evolve=evolve,
    events={"HolderStandingHeard.v1": HolderStandingHeard},
    customer=lambda holder: holder.customer_id,
)
