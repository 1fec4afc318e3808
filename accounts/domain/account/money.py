"""Money that comes to an account and leaves it."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.account.facts import Account, Event, MoneyCredited, MoneyDebited
from accounts.domain.account.rules import require_amount, require_known, require_owner
from accounts.domain.chart import require_contra
from bank.decider import Refused
from bank.money import MAX_MINOR

MAX_BALANCE_MINOR = 1_000 * MAX_MINOR

# Orders.


@dataclass(frozen=True, slots=True)
class CreditMoney:
    """`customer_id`, if given, must be the account's. `only_in_use`: no dormant account takes it, and no closed one.
    `discreet`: who pays hears of another's account that it does not take the money, and nothing else.
    `paid_by` is the customer who asked for it now; None where nobody did, or the bank's people."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str | None = None
    reference: str = ""
    counterparty: str | None = None
    customer_id: str | None = None
    only_in_use: bool = False
    discreet: bool = False
    paid_by: str | None = None


@dataclass(frozen=True, slots=True)
class RefundMoney:
    """Gives back what was debited before, whatever was frozen since; `refund_id` where a process does so in parts."""

    account_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date
    process_id: str
    refund_id: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DebitMoney:
    """`customer_id`, if given, must be the account's. `allow_unarranged`: an operator books what has happened.
    `only_own`: the arranged overdraft is not used for it. `automatic`: nobody asked for it today."""

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
    only_own: bool = False
    automatic: bool = False


# Decisions.


def credit_money(account: Account, command: CreditMoney) -> list[Event]:
    try:
        return credited(account, command)
    except Refused as refused:
        if not command.discreet or is_own(account, command):
            raise
        raise Refused("payee_cannot_take", "The account that is to be paid cannot take this payment.") from refused


def is_own(account: Account, command: CreditMoney) -> bool:
    """Whether who asked for it now pays himself."""
    return command.paid_by is not None and command.paid_by == account.customer_id


def credited(account: Account, command: CreditMoney) -> list[Event]:
    """A closed account takes what is owed on it since, and no more."""
    require_known(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    require_two_accounts(command.account_id, command.counterparty)
    require_owner(account, command.customer_id)
    if account.is_closed and (command.only_in_use or account.balance_minor + command.amount_minor > 0):
        raise Refused("account_closed", "The account has been closed.")
    if account.freezes.credit:
        raise Refused("account_frozen", "The account is frozen for credits.")
    if account.is_dormant and command.only_in_use:
        raise Refused("account_dormant", "The account is dormant: its owner has to use it first.")
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
            by_owner=is_own(account, command),
        )
    ]


def refund_money(account: Account, command: RefundMoney) -> list[Event]:
    require_known(account)
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
    """From a closed account too: a refund may have come in since."""
    require_known(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    require_two_accounts(command.account_id, command.counterparty)
    require_owner(account, command.customer_id)
    if account.freezes.debit:
        raise Refused("account_frozen", "The account is frozen for debits.")
    lent_minor = account.overdraft_limit_minor if command.only_own else 0
    if account.available_minor - lent_minor < command.amount_minor and not command.allow_unarranged:
        raise too_little(account)
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
            automatic=command.automatic,
        )
    ]


def too_little(account: Account) -> Refused:
    if account.is_closed:
        return Refused("account_closed", "The account has been closed, and there is less than this left on it.")
    return Refused("insufficient_funds", "The debit would exceed what is available.")


def require_two_accounts(account_id: str, counterparty: str | None) -> None:
    if account_id == counterparty:
        raise Refused("same_account", "A transfer needs two different accounts.")
