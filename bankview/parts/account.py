"""An account and its balances, from the events of Accounts: balance − on hold + arranged overdraft = available."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from bankview.inbound.accounts import (
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    AccountUnfrozen,
    FeeAssessed,
    FeesCollected,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    HoldReleased,
    InterestAccrued,
    InterestPosted,
    MoneyCredited,
    MoneyDebited,
    OverdraftArranged,
    TermsChanged,
)
from bankview.parts.part import Part, Said, key, money

Event = (
    AccountOpened
    | MoneyCredited
    | MoneyDebited
    | FundsHeld
    | HoldCaptured
    | HoldReleased
    | HoldDeclined
    | AccountFrozen
    | AccountUnfrozen
    | OverdraftArranged
    | TermsChanged
    | InterestAccrued
    | InterestPosted
    | FeeAssessed
    | FeesCollected
    | AccountBecameDormant
    | AccountReactivated
    | AccountClosed
)


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    kind: str = ""
    currency: str = "EUR"
    iban: str = ""
    branch: str = ""
    opened_on: date | None = None
    balance_minor: int = 0
    held_minor: int = 0
    overdraft_limit_minor: int = 0
    debit_freezes: tuple[str, ...] = ()
    credit_freezes: tuple[str, ...] = ()
    status: str = "open"

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor + self.overdraft_limit_minor


def evolve(account: Account | None, said: Said) -> Account:
    return fold(account or Account(key(said.stream)), said.data)


def fold(account: Account, event: Event) -> Account:
    match event:
        case AccountOpened():
            return Account(
                id=event.account_id,
                kind=event.kind,
                currency=event.currency,
                iban=event.iban,
                branch=event.branch,
                opened_on=event.opened_on,
                overdraft_limit_minor=event.overdraft_limit_minor,
            )
        case MoneyCredited(amount_minor=amount):
            return replace(account, balance_minor=account.balance_minor + amount)
        case MoneyDebited(amount_minor=amount):
            return replace(account, balance_minor=account.balance_minor - amount)
        case FundsHeld(amount_minor=amount):
            return replace(account, held_minor=account.held_minor + amount)
        case HoldCaptured(amount_minor=amount, held_minor=held):
            return replace(account, balance_minor=account.balance_minor - amount, held_minor=account.held_minor - held)
        case HoldReleased(amount_minor=amount):
            return replace(account, held_minor=account.held_minor - amount)
        case HoldDeclined():
            return account
        case AccountFrozen(side=side, because=reason):
            return with_freezes(account, side, lambda those: tuple(sorted({*those, reason})))
        case AccountUnfrozen(side=side, because=lifted):
            return with_freezes(account, side, lambda those: tuple(one for one in those if lifted not in (None, one)))
        case OverdraftArranged(overdraft_limit_minor=limit):
            return replace(account, overdraft_limit_minor=limit)
        case TermsChanged() | InterestAccrued() | InterestPosted() | FeeAssessed() | FeesCollected():
            return account
        case AccountBecameDormant():
            return replace(account, status="dormant")
        case AccountReactivated():
            return replace(account, status="open")
        case AccountClosed():
            return ended(account)
        case _:
            assert_never(event)


Reasons = tuple[str, ...]


def with_freezes(account: Account, side: str, change: Callable[[Reasons], Reasons]) -> Account:
    return replace(
        account,
        debit_freezes=account.debit_freezes if side == "credit" else change(account.debit_freezes),
        credit_freezes=account.credit_freezes if side == "debit" else change(account.credit_freezes),
    )


def ended(account: Account) -> Account:
    """What the customer or the bank froze ends with the account; a legal order does not."""
    left = with_freezes(account, "both", lambda those: tuple(one for one in those if one == "legal_order"))
    return replace(left, status="closed", overdraft_limit_minor=0)


def document(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "kind": account.kind,
        "iban": account.iban,
        "branch": account.branch,
        "status": account.status,
        "balance": money(account.balance_minor, account.currency),
        "on_hold": money(account.held_minor, account.currency),
        "available": money(account.available_minor, account.currency),
        "overdraft_limit": money(account.overdraft_limit_minor, account.currency),
        "debit_frozen": bool(account.debit_freezes),
        "credit_frozen": bool(account.credit_freezes),
        "opened_on": account.opened_on,
    }


ACCOUNT: Part[Account] = Part(
    name="account",
    types={
        "accounts.AccountOpened.v1": AccountOpened,
        "accounts.MoneyCredited.v1": MoneyCredited,
        "accounts.MoneyDebited.v1": MoneyDebited,
        "accounts.FundsHeld.v1": FundsHeld,
        "accounts.HoldCaptured.v1": HoldCaptured,
        "accounts.HoldReleased.v1": HoldReleased,
        "accounts.HoldDeclined.v1": HoldDeclined,
        "accounts.AccountFrozen.v1": AccountFrozen,
        "accounts.AccountUnfrozen.v1": AccountUnfrozen,
        "accounts.OverdraftArranged.v1": OverdraftArranged,
        "accounts.TermsChanged.v1": TermsChanged,
        "accounts.InterestAccrued.v1": InterestAccrued,
        "accounts.InterestPosted.v1": InterestPosted,
        "accounts.FeeAssessed.v1": FeeAssessed,
        "accounts.FeesCollected.v1": FeesCollected,
        "accounts.AccountBecameDormant.v1": AccountBecameDormant,
        "accounts.AccountReactivated.v1": AccountReactivated,
        "accounts.AccountClosed.v1": AccountClosed,
    },
    blank=Account(""),
    evolve=evolve,
    document=document,
    ordered_by="opened_on",
)
