"""A real bank's books: the accounts and transactions of the Berka data set (PKDD'99), and how near we come to them.

The files hold what a Czech bank booked, in crowns, and the balance it printed after each transaction: an answer nobody
here wrote. Amounts are printed rounded to 0.10, so a fold of them drifts from the printed balance by less than one
crown. The order inside a day is not recorded: an account-day agrees when its closing balance is near one of the
balances printed that day.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account_money import CreditMoney, DebitMoney
from accounts.domain.chart import CASH, FEES_EARNED, INTEREST_EARNED, INTEREST_PAID, OTHER_BANKS
from accounts.iban import iban_for
from bank.context import Order, Unit
from bank.execution import Result, execute
from bank.money import to_minor
from bank.recorded import Origin

BOOKS = UUID("5b1b2c57-3f5c-5d8e-8a43-6b1f0b3c9a10")
"""Ids are made from the bank's own numbers, so that a second import finds everything done."""
CURRENCY = "CZK"
ORIGIN = Origin(actor="operator:import-berka")
BATCH = 500
TOLERANCE_MINOR = 1_00

CONTRA_BY_SYMBOL = {"UROK": INTEREST_PAID, "SANKC. UROK": INTEREST_EARNED, "SLUZBY": FEES_EARNED}
CONTRA_BY_OPERATION = {
    "VKLAD": CASH,
    "VYBER": CASH,
    "VYBER KARTOU": OTHER_BANKS,
    "PREVOD Z UCTU": OTHER_BANKS,
    "PREVOD NA UCET": OTHER_BANKS,
}


Line = TypeVar("Line")


class Unreadable(Exception):
    """A file is not of the data set's form; the message names the line."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    account_id: str
    customer_id: str
    branch: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line of the books, and the balance which the bank printed after it."""

    number: str
    account_id: str
    booked_on: date
    is_credit: bool
    amount_minor: int
    contra: str
    reference: str
    printed_minor: int


def id_of(kind: str, number: str) -> str:
    """Our id of one of their things: `client`, `account` or `trans`, and its number."""
    return str(uuid5(BOOKS, f"{kind}/{number}"))


# Reading.


def transactions(directory: Path) -> Iterator[BookedLine]:
    return _parsed(directory / "trans.asc", _booked)


def accounts(directory: Path, numbers: set[str]) -> Iterator[AccountLine]:
    """The accounts of these ids, each with its owner."""
    owners = {
        line["account_id"]: line["client_id"] for line in _lines(directory / "disp.asc") if line["type"] == "OWNER"
    }

    def account(line: dict[str, str]) -> AccountLine:
        return AccountLine(
            account_id=id_of("account", line["account_id"]),
            customer_id=id_of("client", owners[line["account_id"]]),
            branch=f"{int(line['district_id']):05d}",
            opened_on=_day(line["date"]),
        )

    return (line for line in _parsed(directory / "account.asc", account) if line.account_id in numbers)


def _booked(line: dict[str, str]) -> BookedLine:
    symbol = line["k_symbol"].strip()
    return BookedLine(
        number=line["trans_id"],
        account_id=id_of("account", line["account_id"]),
        booked_on=_day(line["date"]),
        is_credit={"PRIJEM": True, "VYDAJ": False, "VYBER": False}[line["type"]],
        amount_minor=to_minor(line["amount"], CURRENCY),
        contra=CONTRA_BY_SYMBOL.get(symbol) or CONTRA_BY_OPERATION[line["operation"]],
        reference=symbol,
        printed_minor=to_minor(line["balance"], CURRENCY),
    )


def _day(text: str) -> date:
    """`YYMMDD`, of the twentieth century."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="ascii") as text:
        yield from csv.DictReader(text, delimiter=";")


def _parsed(file: Path, parse: Callable[[dict[str, str]], Line]) -> Iterator[Line]:
    for number, line in enumerate(_lines(file), start=2):
        try:
            yield parse(line)
        except (KeyError, ValueError, IndexError) as error:
            raise Unreadable(f"{file.name}, line {number}: {error!r}") from error


# Booking.


@dataclass(slots=True)
class Imported:
    """What an import did: `new` was done now, `known` had been done before."""

    new: int = 0
    known: int = 0

    def count(self, results: Sequence[Result]) -> None:
        for result in results:
            if result.outcome != "applied":
                raise Unreadable(f"{result.id} was refused: {result.code}")
            self.known += result.replayed
            self.new += not result.replayed


def import_books(directory: Path, progress: Callable[[int], object] = lambda done: None) -> tuple[Imported, Imported]:
    """Open the accounts and book every transaction, each once however often it is imported, in batches of 500.

    `progress` hears how many transactions have been booked. Returns what was done to accounts and to transactions.
    """
    opened, booked = Imported(), Imported()
    numbers = {line.account_id for line in transactions(directory)}
    for units in _batches(opening(line) for line in accounts(directory, numbers)):
        opened.count(execute(ACCOUNTS, units))
    for units in _batches(booking(line) for line in transactions(directory)):
        booked.count(execute(ACCOUNTS, units))
        progress(booked.new + booked.known)
    return opened, booked


def _batches(units: Iterator[Unit]) -> Iterator[list[Unit]]:
    while batch := list(islice(units, BATCH)):
        yield batch


def opening(line: AccountLine) -> Unit:
    order = OpenAccount(
        account_id=line.account_id,
        customer_id=line.customer_id,
        kind="current",
        currency=CURRENCY,
        iban=iban_for(line.account_id, line.branch),
        branch=line.branch,
        opened_on=line.opened_on,
    )
    return Unit(Order(ACCOUNT, line.account_id, order), id=UUID(line.account_id), origin=ORIGIN)


def booking(line: BookedLine) -> Unit:
    """It has happened, so it is booked, even below zero: some of the printed balances are."""
    order: CreditMoney | DebitMoney
    if line.is_credit:
        order = CreditMoney(
            line.account_id, line.amount_minor, CURRENCY, line.contra, line.booked_on, reference=line.reference
        )
    else:
        order = DebitMoney(
            account_id=line.account_id,
            amount_minor=line.amount_minor,
            currency=CURRENCY,
            contra=line.contra,
            booked_on=line.booked_on,
            reference=line.reference,
            allow_unarranged=True,
        )
    return Unit(Order(ACCOUNT, line.account_id, order), id=UUID(id_of("trans", line.number)), origin=ORIGIN)


# Comparing.


@dataclass(slots=True)
class Comparison:
    """Account-days by how near our closing balance is to one which the bank printed that day."""

    exact: int = 0
    near: int = 0
    off: int = 0
    negative: int = 0

    @property
    def days(self) -> int:
        return self.exact + self.near + self.off

    def count(self, off_by_minor: int) -> None:
        if off_by_minor == 0:
            self.exact += 1
        elif off_by_minor <= TOLERANCE_MINOR:
            self.near += 1
        else:
            self.off += 1


def compare(directory: Path) -> Comparison:
    """Our closing balance of every account-day in the files against the balances printed that day."""
    comparison = Comparison()
    printed: dict[tuple[str, date], list[int]] = defaultdict(list)
    for line in transactions(directory):
        printed[line.account_id, line.booked_on].append(line.printed_minor)
        comparison.negative += line.printed_minor < 0
    ours = _closing({account_id for account_id, _ in printed}, [day for _, day in printed])
    for key, balances in printed.items():
        closing = ours.get(key)
        comparison.count(min(abs(closing - balance) for balance in balances) if closing is not None else MISSING)
    return comparison


MISSING = TOLERANCE_MINOR + 1


def _closing(account_ids: set[str], days: Sequence[date]) -> dict[tuple[str, date], int]:
    if not days:
        return {}
    rows = queries.closing_balances(sorted(account_ids), since=min(days), until=max(days))
    return {(row.account_id, row.booked_on): row.balance_minor for row in rows}
