"""An account on which a card may draw, as far as Cards has heard of it.

The bank's accounts are decided elsewhere. What is kept here is what was said when it was opened and never changes:
whose it is, and in which currency.
"""

from dataclasses import dataclass

from bank.decider import Decider

# Facts.


@dataclass(frozen=True, slots=True)
class FundingAccountKnown:
    account_id: str
    customer_id: str
    currency: str


# State.


@dataclass(frozen=True, slots=True)
class Funding:
    customer_id: str | None = None
    currency: str = ""


def evolve(_account: Funding, event: FundingAccountKnown) -> Funding:
    return Funding(event.customer_id, event.currency)


# Commands.


@dataclass(frozen=True, slots=True)
class KnowAccount:
    account_id: str
    customer_id: str
    currency: str


# Decisions.


def decide(account: Funding, command: KnowAccount) -> list[FundingAccountKnown]:
    """Heard again, it is nothing new."""
    if account.customer_id is not None:
        return []
    return [FundingAccountKnown(command.account_id, command.customer_id, command.currency)]


FUNDING = Decider(
    name="funding",
    initial=Funding(),
    decide=decide,
    evolve=evolve,
    events={"FundingAccountKnown.v1": FundingAccountKnown},
    customer=lambda account: account.customer_id,
)
