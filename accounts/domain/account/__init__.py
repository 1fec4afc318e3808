"""A deposit account: what may be asked of it, and what it allows.

Its history and state are in `facts`, what several decisions require in `rules`. The decisions about
money, holds, reversals, the end of a day and the end of the account have files of their own; one decider answers for
all.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from accounts.domain.account.closing import CloseAccount, close_account
from accounts.domain.account.day import EndDay, SettleCharges, end_day, settle_charges
from accounts.domain.account.facts import (
    Account,
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    AccountUnfrozen,
    Event,
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
    evolve,
    is_customers_doing,
)
from accounts.domain.account.holds import (
    CaptureHold,
    HoldFunds,
    ReleaseHold,
    capture_hold,
    hold_funds,
    release_hold,
)
from accounts.domain.account.money import (
    CreditMoney,
    DebitMoney,
    RefundMoney,
    credit_money,
    debit_money,
    refund_money,
)
from accounts.domain.account.reversal import ReverseEntry, reverse_entry
from accounts.domain.account.rules import require_currency, require_known, require_open
from accounts.domain.chart import AccountKind
from accounts.domain.freezes import Reason, Side, frozen, lifted
from accounts.domain.interest import NO_TERMS, Terms
from bank.decider import Decider, Refused
from bank.money import CURRENCIES, MAX_MINOR

MAX_RATE_BPS = 10_000

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
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class FreezeAccount:
    account_id: str
    side: Side
    because: Reason


@dataclass(frozen=True, slots=True)
class UnfreezeAccount:
    """Lifts what was frozen `because` of this, and nothing else."""

    account_id: str
    side: Side
    because: Reason


@dataclass(frozen=True, slots=True)
class ArrangeOverdraft:
    account_id: str
    overdraft_limit_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ChangeTerms:
    account_id: str
    terms: Terms
    currency: str
    changed_on: date


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
    | ChangeTerms
    | ReverseEntry
    | EndDay
    | SettleCharges
    | CloseAccount
)

# Decisions.


def decide(account: Account, command: Command) -> list[Event]:
    events = decided(account, command)
    return woken(account, events) + events if account.is_dormant else events


def woken(account: Account, events: list[Event]) -> list[Event]:
    """The customer's own doing wakes a dormant account, whatever it is."""
    for event in events:
        if isinstance(event, MoneyCredited | MoneyDebited | HoldCaptured) and is_customers_doing(event):
            return [AccountReactivated(event.account_id, account.customer_id or "", event.booked_on)]
    return []


def decided(account: Account, command: Command) -> list[Event]:
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
        case ChangeTerms():
            return change_terms(account, command)
        case ReverseEntry():
            return reverse_entry(account, command)
        case EndDay():
            return end_day(account, command)
        case SettleCharges():
            return settle_charges(account, command)
        case CloseAccount():
            return close_account(account, command)
        case _:
            assert_never(command)


def open_account(account: Account, command: OpenAccount) -> list[Event]:
    if account.is_open:
        raise Refused("account_exists", "This account has been opened before.")
    if command.currency not in CURRENCIES:
        raise Refused("unknown_currency", "The bank does not know this currency.")
    require_overdraft(command.kind, command.overdraft_limit_minor)
    require_terms(command.terms)
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
            interest_bps=command.terms.interest_bps,
            overdraft_bps=command.terms.overdraft_bps,
            monthly_fee_minor=command.terms.monthly_fee_minor,
        )
    ]


def freeze_account(account: Account, command: FreezeAccount) -> list[Event]:
    require_open(account)
    if frozen(account.freezes, command.side, command.because) == account.freezes:
        return []
    return [AccountFrozen(command.account_id, command.side, command.because)]


def unfreeze_account(account: Account, command: UnfreezeAccount) -> list[Event]:
    """Of a closed account too: a legal order may have outlived it."""
    require_known(account)
    if lifted(account.freezes, command.side, command.because) == account.freezes:
        return []
    return [AccountUnfrozen(command.account_id, command.side, command.because)]


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


def change_terms(account: Account, command: ChangeTerms) -> list[Event]:
    require_open(account)
    require_terms(command.terms)
    require_currency(account, command.currency)
    if command.terms == account.terms:
        return []
    return [
        TermsChanged(
            account_id=command.account_id,
            interest_bps=command.terms.interest_bps,
            overdraft_bps=command.terms.overdraft_bps,
            monthly_fee_minor=command.terms.monthly_fee_minor,
            currency=account.currency,
            changed_on=command.changed_on,
        )
    ]


def require_terms(terms: Terms) -> None:
    if not (0 <= terms.interest_bps <= MAX_RATE_BPS and 0 <= terms.overdraft_bps <= MAX_RATE_BPS):
        raise Refused("invalid_terms", "A rate is between 0 and 100 percent a year.")
    if not 0 <= terms.monthly_fee_minor <= MAX_MINOR:
        raise Refused("invalid_terms", "A fee is not negative and not larger than the bank books.")


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
        "TermsChanged.v1": TermsChanged,
        "InterestAccrued.v1": InterestAccrued,
        "InterestPosted.v1": InterestPosted,
        "FeeAssessed.v1": FeeAssessed,
        "FeesCollected.v1": FeesCollected,
        "AccountBecameDormant.v1": AccountBecameDormant,
        "AccountReactivated.v1": AccountReactivated,
        "AccountClosed.v1": AccountClosed,
    },
    state_version=5,
    customer=lambda account: account.customer_id,
)
