"""What has happened to an account, and how it stands after it.

Amounts are minor units of the account's currency (cents for EUR, yen for JPY) and always positive: the event says the
direction. `contra` names the other leg in the chart of accounts. `booked_on` is the business date; the kernel notes
when it was recorded. `reference` is what the customer reads: it may name people, so it is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, assert_never

from accounts.domain.chart import AccountKind
from bank.decider import Personal

Freeze = Literal["debit", "credit", "both"]
FreezeReason = Literal["customer_request", "suspected_fraud", "legal_order"]

# Facts.


@dataclass(frozen=True, slots=True)
class AccountOpened:
    account_id: str
    customer_id: str
    kind: AccountKind
    currency: str
    iban: str
    branch: str
    overdraft_limit_minor: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class MoneyCredited:
    """`counterparty` is the account at the other end of a transfer inside the bank.

    `refund_id` says which refund of the process this is.
    """

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: Personal = ""
    counterparty: str | None = None
    refund_id: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyDebited:
    """`unarranged`: the balance went below what was arranged, with an operator's permission."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: Personal = ""
    counterparty: str | None = None
    unarranged: bool = False


@dataclass(frozen=True, slots=True)
class FundsHeld:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str
    expires_on: date
    reference: Personal = ""


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """The hold ends and `amount_minor` is debited, which may be less or more than was held.

    `held_minor` is what was still on hold for it: nothing when the hold had been released before. Its reference is the
    hold's.
    """

    account_id: str
    hold_id: str
    process_id: str
    amount_minor: int
    held_minor: int
    currency: str
    contra: str
    booked_on: date
    unarranged: bool


@dataclass(frozen=True, slots=True)
class HoldReleased:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HoldDeclined:
    account_id: str
    hold_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    account_id: str
    side: Freeze
    because: FreezeReason


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    account_id: str
    side: Freeze


@dataclass(frozen=True, slots=True)
class OverdraftArranged:
    account_id: str
    overdraft_limit_minor: int
    currency: str


Event = (
    AccountOpened
    | MoneyCredited
    | MoneyDebited
    | FundsHeld
    | HoldCaptured
    | HoldReleased
    | AccountFrozen
    | AccountUnfrozen
    | OverdraftArranged
    | HoldDeclined
)

# State: only what the decisions need.


@dataclass(frozen=True, slots=True)
class Account:
    """`holds` are the open ones: hold id → amount on hold."""

    is_open: bool = False
    customer_id: str | None = None
    kind: AccountKind = "savings"
    currency: str = ""
    balance_minor: int = 0
    overdraft_limit_minor: int = 0
    holds: Mapping[str, int] = field(default_factory=dict)
    debit_frozen: bool = False
    credit_frozen: bool = False

    @property
    def held_minor(self) -> int:
        return sum(self.holds.values())

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor + self.overdraft_limit_minor

    def overdrawn_by(self, debit_minor: int) -> bool:
        """Whether a debit takes the balance below what was arranged."""
        return self.balance_minor - debit_minor < -self.overdraft_limit_minor


def evolve(account: Account, event: Event) -> Account:
    match event:
        case AccountOpened():
            return Account(
                is_open=True,
                customer_id=event.customer_id,
                kind=event.kind,
                currency=event.currency,
                overdraft_limit_minor=event.overdraft_limit_minor,
            )
        case MoneyCredited(amount_minor=amount):
            return replace(account, balance_minor=account.balance_minor + amount)
        case MoneyDebited(amount_minor=amount):
            return replace(account, balance_minor=account.balance_minor - amount)
        case FundsHeld(hold_id=hold_id, amount_minor=amount):
            return replace(account, holds={**account.holds, hold_id: amount})
        case HoldCaptured(hold_id=hold_id, amount_minor=amount):
            return replace(without(account, hold_id), balance_minor=account.balance_minor - amount)
        case HoldReleased(hold_id=hold_id):
            return without(account, hold_id)
        case AccountFrozen(side=side):
            return frozen(account, side, True)
        case AccountUnfrozen(side=side):
            return frozen(account, side, False)
        case OverdraftArranged(overdraft_limit_minor=limit):
            return replace(account, overdraft_limit_minor=limit)
        case HoldDeclined():
            return account
        case _:
            assert_never(event)


def without(account: Account, hold_id: str) -> Account:
    return replace(account, holds={key: held for key, held in account.holds.items() if key != hold_id})


def frozen(account: Account, side: Freeze, value: bool) -> Account:
    return replace(
        account,
        debit_frozen=account.debit_frozen if side == "credit" else value,
        credit_frozen=account.credit_frozen if side == "debit" else value,
    )
