"""A deposit account: what may be asked of it, and what it allows. Its history and state are in `account_facts`."""

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
from accounts.domain.chart import AccountKind, require_contra
from bank.decider import Decider, Refused
from bank.money import CURRENCIES, MAX_MINOR

MAX_BALANCE_MINOR = 1_000 * MAX_MINOR
MAX_OPEN_HOLDS = 500
"""Every open hold is part of the state that each command reads and writes."""

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
class CreditMoney:
    """`customer_id`, if given, must be the account's."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: str = ""
    counterparty: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefundMoney:
    """Gives back what was debited before, whatever was frozen since."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str
    refund_id: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DebitMoney:
    """`customer_id`, if given, must be the account's. `allow_unarranged`: an operator books what has happened."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: str = ""
    counterparty: str | None = None
    customer_id: str | None = None
    allow_unarranged: bool = False


@dataclass(frozen=True, slots=True)
class HoldFunds:
    """`answers` is the process that awaits `FundsHeld` or `HoldDeclined`."""

    account_id: str
    customer_id: str
    hold_id: str
    amount_minor: int
    currency: str
    expires_on: date
    answers: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CaptureHold:
    account_id: str
    hold_id: str
    process_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    account_id: str
    hold_id: str


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


def credit_money(account: Account, command: CreditMoney) -> list[Event]:
    require_open(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    require_two_accounts(command.account_id, command.counterparty)
    require_owner(account, command.customer_id)
    if account.credit_frozen:
        raise Refused("account_frozen", "The account is frozen for credits.")
    if account.balance_minor + command.amount_minor > MAX_BALANCE_MINOR:
        raise Refused("balance_too_large", "The balance would be larger than the bank books.")
    return [
        MoneyCredited(
            account_id=command.account_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
            process_id=command.process_id,
            reference=command.reference,
            counterparty=command.counterparty,
        )
    ]


def refund_money(account: Account, command: RefundMoney) -> list[Event]:
    require_open(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    return [
        MoneyCredited(
            account_id=command.account_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
            process_id=command.process_id,
            reference=command.reference,
            refund_id=command.refund_id,
        )
    ]


def debit_money(account: Account, command: DebitMoney) -> list[Event]:
    require_open(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    require_two_accounts(command.account_id, command.counterparty)
    require_owner(account, command.customer_id)
    if account.debit_frozen:
        raise Refused("account_frozen", "The account is frozen for debits.")
    if account.available_minor < command.amount_minor and not command.allow_unarranged:
        raise Refused("insufficient_funds", "The debit would exceed what is available.")
    return [
        MoneyDebited(
            account_id=command.account_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
            process_id=command.process_id,
            reference=command.reference,
            counterparty=command.counterparty,
            unarranged=account.overdrawn_by(command.amount_minor),
        )
    ]


def hold_funds(account: Account, command: HoldFunds) -> list[Event]:
    require_open(account)
    try:
        require_holdable(account, command)
    except Refused as refused:
        return declined(command, refused)
    return [
        FundsHeld(
            account_id=command.account_id,
            hold_id=command.hold_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            expires_on=command.expires_on,
            reference=command.reference,
        )
    ]


def require_holdable(account: Account, command: HoldFunds) -> None:
    require_owner(account, command.customer_id)
    require_amount(account, command.amount_minor, command.currency)
    if account.debit_frozen:
        raise Refused("account_frozen", "The account is frozen for debits.")
    if command.hold_id in account.holds:
        raise Refused("hold_exists", "There is a hold with this number already.")
    if len(account.holds) >= MAX_OPEN_HOLDS:
        raise Refused("too_many_holds", "The account has as many open holds as the bank allows.")
    if account.available_minor < command.amount_minor:
        raise Refused("insufficient_funds", "The hold would exceed what is available.")


def declined(command: HoldFunds, refused: Refused) -> list[Event]:
    """A person is refused; a process that awaits an answer hears an event."""
    if command.answers is None:
        raise refused
    return [HoldDeclined(command.account_id, command.hold_id, command.amount_minor, command.currency, refused.code)]


def capture_hold(account: Account, command: CaptureHold) -> list[Event]:
    """Always succeeds: the bank gave its word with the hold, even if it was released or the account frozen since."""
    require_open(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    return [
        HoldCaptured(
            account_id=command.account_id,
            hold_id=command.hold_id,
            process_id=command.process_id,
            amount_minor=command.amount_minor,
            held_minor=account.holds.get(command.hold_id, 0),
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
            unarranged=account.overdrawn_by(command.amount_minor),
        )
    ]


def release_hold(account: Account, command: ReleaseHold) -> list[Event]:
    """Nothing happens where no such hold is open: it was declined, captured or released before."""
    held = account.holds.get(command.hold_id)
    if held is None:
        return []
    return [HoldReleased(command.account_id, command.hold_id, held, account.currency)]


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


# What several decisions require.


def require_open(account: Account) -> None:
    if not account.is_open:
        raise Refused("account_not_open", "There is no open account with this number.")


def require_owner(account: Account, customer_id: str | None) -> None:
    if customer_id is not None and customer_id != account.customer_id:
        raise Refused("not_your_account", "The account belongs to another customer.")


def require_amount(account: Account, amount_minor: int, currency: str) -> None:
    if not 0 < amount_minor <= MAX_MINOR:
        raise Refused("invalid_amount", "An amount is positive and not larger than the bank books.")
    require_currency(account, currency)


def require_currency(account: Account, currency: str) -> None:
    if currency != account.currency:
        raise Refused("currency_mismatch", "The account is kept in another currency.")


def require_two_accounts(account_id: str, counterparty: str | None) -> None:
    if account_id == counterparty:
        raise Refused("same_account", "A transfer needs two different accounts.")


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
