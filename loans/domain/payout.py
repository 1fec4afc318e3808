"""An account to which a loan may be paid out, as far as Loans has heard of it.

The bank's accounts are decided elsewhere. What is kept here is what was said when it was opened and never changes:
whose it is, and in which currency.
"""

from dataclasses import dataclass

from bank.decider import Decider

# Facts.


@dataclass(frozen=True, slots=True)
class PayoutAccountKnown:
    account_id: str
    customer_id: str
    currency: str


# State.


@dataclass(frozen=True, slots=True)
class Payout:
    customer_id: str | None = None
    currency: str = ""


def evolve(_account: Payout, event: PayoutAccountKnown) -> Payout:
    return Payout(event.customer_id, event.currency)


# Commands.


@dataclass(frozen=True, slots=True)
class KnowAccount:
    account_id: str
    customer_id: str
    currency: str


# Decisions.


def decide(account: Payout, command: KnowAccount) -> list[PayoutAccountKnown]:
    """Heard again, it is nothing new."""
    if account.customer_id is not None:
        return []
    return [PayoutAccountKnown(command.account_id, command.customer_id, command.currency)]


PAYOUT = Decider(
    name="payout",
    initial=Payout(),
    decide=decide,
    evolve=evolve,
    events={"PayoutAccountKnown.v1": PayoutAccountKnown},
    customer=lambda account: account.customer_id,
)
