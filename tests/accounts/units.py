"""Units on the accounts' database, with the uninteresting parts filled in."""

from datetime import date
from uuid import uuid4

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account.holds import HoldFunds
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.chart import AccountKind
from accounts.domain.holder import HOLDER, HearKyc
from accounts.domain.interest import NO_TERMS, Terms
from accounts.domain.transfer import halves
from accounts.iban import iban_for
from bank.context import Order, Unit
from bank.execution import execute
from bank.outcomes import Result
from tests.accounts.facts import DAY, LATER


def run(*units: Unit) -> list[Result]:
    return execute(ACCOUNTS, units)


def opening(
    account_id: str,
    customer_id: str,
    *,
    kind: AccountKind = "savings",
    currency: str = "EUR",
    overdraft_minor: int = 0,
    terms: Terms = NO_TERMS,
    on: date = DAY,
) -> Unit:
    iban = iban_for(account_id)
    account = OpenAccount(account_id, customer_id, kind, currency, iban, "00001", on, overdraft_minor, terms)
    return Unit(Order(ACCOUNT, account_id, account))


def deposit(account_id: str, amount_minor: int, *, currency: str = "EUR", on: date = DAY) -> Unit:
    return Unit(Order(ACCOUNT, account_id, CreditMoney(account_id, amount_minor, currency, "cash", on)))


def withdrawal(account_id: str, amount_minor: int, *, on: date = DAY) -> Unit:
    return Unit(Order(ACCOUNT, account_id, DebitMoney(account_id, amount_minor, "EUR", "cash", on)))


def transfer(from_account_id: str, to_account_id: str, amount_minor: int) -> Unit:
    return Unit(
        *halves(
            from_account_id=from_account_id,
            to_account_id=to_account_id,
            amount_minor=amount_minor,
            currency="EUR",
            booked_on=DAY,
        )
    )


def hold(account_id: str, customer_id: str, hold_id: str, amount_minor: int) -> Unit:
    order = HoldFunds(account_id, customer_id, hold_id, amount_minor, "EUR", LATER)
    return Unit(Order(ACCOUNT, account_id, order))


def verified(customer_id: str) -> Unit:
    return Unit(Order(HOLDER, customer_id, HearKyc(customer_id, "verified", DAY, 1)))


def account_with(
    amount_minor: int,
    *,
    kind: AccountKind = "savings",
    customer_id: str | None = None,
    overdraft_minor: int = 0,
    terms: Terms = NO_TERMS,
) -> str:
    """A new account with money on it."""
    account_id = str(uuid4())
    results = run(
        opening(account_id, customer_id or str(uuid4()), kind=kind, overdraft_minor=overdraft_minor, terms=terms),
        *([deposit(account_id, amount_minor)] if amount_minor else []),
    )
    assert all(result.outcome == "applied" for result in results)
    return account_id
