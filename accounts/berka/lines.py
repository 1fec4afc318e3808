"""What the files say: in crowns, with the balance which that bank printed after each transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from accounts.domain.chart import CASH, FEES_EARNED, INTEREST_EARNED, INTEREST_PAID, OTHER_BANKS
from accounts.iban import iban_for
from bank.importing import Row, day, id_of, read
from bank.money import to_minor

CURRENCY = "CZK"
IS_CREDIT = {"PRIJEM": True, "VYDAJ": False, "VYBER": False}
CONTRA_BY_SYMBOL = {"UROK": INTEREST_PAID, "SANKC. UROK": INTEREST_EARNED, "SLUZBY": FEES_EARNED}
CONTRA_BY_OPERATION = {
    "VKLAD": CASH,
    "VYBER": CASH,
    "VYBER KARTOU": OTHER_BANKS,
    "PREVOD Z UCTU": OTHER_BANKS,
    "PREVOD NA UCET": OTHER_BANKS,
}


@dataclass(frozen=True, slots=True)
class AccountLine:
    account_id: str
    customer_id: str
    branch: str
    iban: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class BookedLine:
    """`account` is the number of the account at that bank, `printed_minor` its balance afterwards as that bank
    printed it."""

    number: str
    account: str
    booked_on: date
    is_credit: bool
    amount_minor: int
    contra: str
    reference: str
    printed_minor: int

    @property
    def account_id(self) -> str:
        return id_of("account", self.account)

    @property
    def signed_minor(self) -> int:
        return self.amount_minor if self.is_credit else -self.amount_minor


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A standing order. The data have no days for it: it begins on the first of the month after the books end, because
    what was paid before is among the transactions, or after its account was opened, if that was later."""

    order_id: str
    account_id: str
    customer_id: str
    payee: str
    amount_minor: int
    reference: str
    opened_on: date

    @property
    def first_on(self) -> date:
        year, month = divmod(self.opened_on.year * 12 + self.opened_on.month, 12)
        return date(year, month + 1, 1)


def accounts(directory: Path) -> Iterator[AccountLine]:
    """Each with its owner."""
    owners = owners_of_accounts(directory)

    def account(row: Row) -> AccountLine:
        account_id, branch = id_of("account", row["account_id"]), f"{int(row['district_id']):05d}"
        return AccountLine(
            account_id=account_id,
            customer_id=id_of("client", owners[row["account_id"]]),
            branch=branch,
            iban=iban_for(account_id, branch),
            opened_on=day(row["date"]),
        )

    return read(directory / "account.asc", account)


def owners_of_accounts(directory: Path) -> dict[str, str]:
    """Their client, by account."""
    disposing = read(directory / "disp.asc", lambda row: (row["type"], row["account_id"], row["client_id"]))
    return {account: client for type, account, client in disposing if type == "OWNER"}


def orders(directory: Path) -> Iterator[OrderLine]:
    owners = owners_of_accounts(directory)
    opened = dict(read(directory / "account.asc", lambda row: (row["account_id"], day(row["date"]))))
    books_end = max((line.booked_on for line in transactions(directory)), default=date.min)

    def order(row: Row) -> OrderLine:
        return OrderLine(
            order_id=id_of("order", row["order_id"]),
            account_id=id_of("account", row["account_id"]),
            customer_id=id_of("client", owners[row["account_id"]]),
            payee=f"{row['bank_to']} {row['account_to']}",
            amount_minor=to_minor(row["amount"], CURRENCY),
            reference=row["k_symbol"].strip(),
            opened_on=max(books_end, opened[row["account_id"]]),
        )

    return read(directory / "order.asc", order)


def transactions(directory: Path) -> Iterator[BookedLine]:
    return read(directory / "trans.asc", booked)


def booked(row: Row) -> BookedLine:
    symbol = row["k_symbol"].strip()
    return BookedLine(
        number=row["trans_id"],
        account=row["account_id"],
        booked_on=day(row["date"]),
        is_credit=IS_CREDIT[row["type"]],
        amount_minor=to_minor(row["amount"], CURRENCY),
        contra=CONTRA_BY_SYMBOL.get(symbol) or CONTRA_BY_OPERATION[row["operation"]],
        reference=symbol,
        printed_minor=to_minor(row["balance"], CURRENCY),
    )
