"""Double entry: the two legs that each event books."""

from dataclasses import dataclass
from typing import Any

from accounts.domain.account.facts import HoldCaptured, MoneyCredited, MoneyDebited
from accounts.domain.chart import CHART, CONTROL, TRANSIT, AccountKind
from accounts.domain.process.facts import OwnAccountsBooked, TransitCleared


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount_minor` moves from the credited to the debited ledger account; `customer_minor` is what it does to the
    balance of the customer's account, if there is one."""

    debit: str
    credit: str
    amount_minor: int
    customer_minor: int = 0


def posting(event: Any, kind: AccountKind | None) -> Posting | None:
    """What an event books; None for those that move no money. `kind` is the customer's account's."""
    match event:
        case MoneyCredited(contra=contra, amount_minor=amount) if kind is not None:
            return Posting(contra, CONTROL[kind], amount, amount)
        case MoneyDebited(contra=contra, amount_minor=amount) | HoldCaptured(contra=contra, amount_minor=amount) if (
            kind is not None
        ):
            return Posting(CONTROL[kind], contra, amount, -amount)
        case TransitCleared():
            return cleared(event)
        case OwnAccountsBooked(debit=debit, credit=credit, amount_minor=amount):
            return Posting(debit, credit, amount)
        case _:
            return None


def cleared(event: TransitCleared) -> Posting:
    transit = TRANSIT[event.kind]
    if CHART[transit].normal == "credit":
        return Posting(transit, event.contra, event.amount_minor)
    return Posting(event.contra, transit, event.amount_minor)
