"""The clients of the Berka data set (PKDD'99) as customers: who owns its accounts, and who may dispose of them.

The data are anonymized: names and contact data are made of the client's number, always the same. A woman is known by
her birth number, in which fifty is added to the month.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from bank.business_day import Report
from bank.context import Unit
from bank.importing import ORIGIN, Imported, Row, count, day, do, fingerprint, id_of, read
from customers.context import CUSTOMERS
from customers.orders import open_customer, verified

WOMEN = ("Anna", "Eva", "Hana", "Jana", "Lenka", "Marie", "Věra")
MEN = ("Jan", "Jiří", "Josef", "Karel", "Pavel", "Petr", "Tomáš")
FAMILIES = (
    *(("Novák", "Nováková"), ("Svoboda", "Svobodová"), ("Dvořák", "Dvořáková"), ("Černý", "Černá")),
    *(("Procházka", "Procházková"), ("Kučera", "Kučerová"), ("Veselý", "Veselá"), ("Horák", "Horáková")),
    *(("Marek", "Marková"), ("Pospíšil", "Pospíšilová"), ("Jelínek", "Jelínková")),
)


@dataclass(frozen=True, slots=True)
class Client:
    """`opened_on` is when the first account was opened of which he has a part."""

    number: int
    is_woman: bool
    opened_on: date

    @property
    def customer_id(self) -> str:
        return id_of("client", str(self.number))

    @property
    def name(self) -> str:
        given = (WOMEN if self.is_woman else MEN)[self.number % 7]
        return f"{given} {FAMILIES[self.number % 11][self.is_woman]}"


def import_books(directory: Path, report: Report) -> Mapping[str, Imported]:
    units = map(opening, clients(directory))
    return {"customers": do(CUSTOMERS, "customers", units, count(directory / "client.asc"), report)}


def clients(directory: Path) -> Iterator[Client]:
    since = first_accounts(directory)

    def client(row: Row) -> Client:
        month = int(row["birth_number"][2:4])
        return Client(int(row["client_id"]), month > 50, since[row["client_id"]])

    return read(directory / "client.asc", client)


def first_accounts(directory: Path) -> dict[str, date]:
    """By client: when the first of his accounts was opened."""
    opened = dict(read(directory / "account.asc", lambda row: (row["account_id"], day(row["date"]))))
    since: dict[str, date] = {}
    for client, on in read(directory / "disp.asc", lambda row: (row["client_id"], opened[row["account_id"]])):
        since[client] = min(on, since.get(client, on))
    return since


def opening(client: Client) -> Unit:
    orders = open_customer(
        client.customer_id,
        name=client.name,
        email=f"client{client.number}@berka.example",
        mobile_number=f"+420601{client.number:06d}",
        opened_on=client.opened_on,
    )
    known = verified(client.customer_id, client.opened_on)
    said = fingerprint(client.is_woman)
    return Unit(*orders, known, id=UUID(client.customer_id), origin=ORIGIN, fingerprint=said)
