"""A deposit account: what may be asked of it, and what it allows.

Its history and state are in `account_facts`, what several decisions require in `account_rules`. The decisions about
money and about holds have files of their own; one decider answers for all.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from accounts.domain.account_facts import (
    Account,
    AccountFrozen,
    AccountOpened,
    AccountUnfrozen,
    Event,
    Freeze,
    FreezeReason,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    HoldReleased,
    MoneyCredited,
    MoneyDebited,
    OverdraftArranged,
    evolve,
    frozen,
)
from accounts.domain.account_holds import (
    CaptureHold,
    HoldFunds,
    ReleaseHold,
    capture_hold,
    hold_funds,
    release_hold,
)
from accounts.domain.account_money import (
    CreditMoney,
    DebitMoney,
    RefundMoney,
    credit_money,
    debit_money,
    refund_money,
)
from accounts.domain.account_rules import require_currency, require_open
from accounts.domain.chart import AccountKind
from bank.decider import Decider, Refused
from bank.money import CURRENCIES, MAX_MINOR

# Orders.


@dataclass(frozen=True, slots=True)
class OpenAccount:
    account_id: str
    customer_id: str
    kind: AccountKind
    currency: str
    iban: str
    branch: str
    opened_on: date
    overdraft_limit_minor: int = 0


@dataclass(frozen=True, slots=True)
class FreezeAccount:
    account_id: str
    side: Freeze
    because: FreezeReason


@dataclass(frozen=True, slots=True)
class UnfreezeAccount:
    account_id: str
    side: Freeze


@dataclass(frozen=True, slots=True)
class ArrangeOverdraft:
    account_id: str
    overdraft_limit_minor: int
    currency: str


Command = (
    OpenAccount
    | CreditMoney
    | RefundMoney
    | DebitMoney
    | HoldFunds
    | CaptureHold
    | ReleaseHold
    | FreezeAccount
    | UnfreezeAccount
    | ArrangeOverdraft
)

# Decisions.


def decide(account: Account, command: Command) -> list[Event]:
    match command:
        case OpenAccount():
            return open_account(account, command)
        case CreditMoney():
            return credit_money(account, command)
        case RefundMoney():
            return refund_money(account, command)
        case DebitMoney():
            return debit_money(account, command)
        case HoldFunds():
            return hold_funds(account, command)
        case CaptureHold():
            return capture_hold(account, command)
        case ReleaseHold():
            return release_hold(account, command)
        case FreezeAccount():
            return freeze_account(account, command)
        case UnfreezeAccount():
            return unfreeze_account(account, command)
        case ArrangeOverdraft():
            return arrange_overdraft(account, command)
        case _:
            assert_never(command)


def open_account(account: Account, command: OpenAccount) -> list[Event]:
    if account.is_open:
        raise Refused("account_exists", "This account has been opened before.")
    if command.currency not in CURRENCIES:
        raise Refused("unknown_currency", "The bank does not know this currency.")
    require_overdraft(command.kind, command.overdraft_limit_minor)
    return [
        AccountOpened(
            account_id=command.account_id,
            customer_id=command.customer_id,
            kind=command.kind,
            currency=command.currency,
            iban=command.iban,
            branch=command.branch,
            overdraft_limit_minor=command.overdraft_limit_minor,
            opened_on=command.opened_on,
        )
    ]


def freeze_account(account: Account, command: FreezeAccount) -> list[Event]:
    require_open(account)
    if frozen(account, command.side, True) == account:
        return []
    return [AccountFrozen(command.account_id, command.side, command.because)]


def unfreeze_account(account: Account, command: UnfreezeAccount) -> list[Event]:
    require_open(account)
    if frozen(account, command.side, False) == account:
        return []
    return [AccountUnfrozen(command.account_id, command.side)]


def arrange_overdraft(account: Account, command: ArrangeOverdraft) -> list[Event]:
    require_open(account)
    require_overdraft(account.kind, command.overdraft_limit_minor)
    require_currency(account, command.currency)
    change_minor = command.overdraft_limit_minor - account.overdraft_limit_minor
    if change_minor == 0:
        return []
    if change_minor < 0 and account.available_minor + change_minor < 0:
        raise Refused("overdraft_in_use", "The customer uses more than the overdraft would allow.")
    return [OverdraftArranged(command.account_id, command.overdraft_limit_minor, account.currency)]


def require_overdraft(kind: AccountKind, limit_minor: int) -> None:
    if not 0 <= limit_minor <= MAX_MINOR:
        raise Refused("invalid_amount", "An overdraft limit is not negative and not larger than the bank books.")
    if kind == "savings" and limit_minor:
        raise Refused("no_overdraft", "Only current accounts have an arranged overdraft.")


ACCOUNT = Decider(
    name="account",
    initial=Account(),
    decide=decide,
    evolve=evolve,
    events={
        "AccountOpened.v1": AccountOpened,
        "MoneyCredited.v1": MoneyCredited,
        "MoneyDebited.v1": MoneyDebited,
        "FundsHeld.v1": FundsHeld,
        "HoldCaptured.v1": HoldCaptured,
        "HoldReleased.v1": HoldReleased,
        "HoldDeclined.v1": HoldDeclined,
        "AccountFrozen.v1": AccountFrozen,
        "AccountUnfrozen.v1": AccountUnfrozen,
        "OverdraftArranged.v1": OverdraftArranged,
    },
    customer=lambda account: account.customer_id,
)
