"""The clients of the Berka data set (PKDD'99) as customers: those who own the accounts of its first year.

The data are anonymized, so names and contact data are made from the client's number. Accounts makes the same ids from
the same numbers (`accounts/berka.py`); the two agree without asking each other.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid5

from bank.context import Unit
from bank.execution import execute
from bank.recorded import Origin
from customers.context import CUSTOMERS
from customers.orders import open_customer, verified

BOOKS = UUID("5b1b2c57-3f5c-5d8e-8a43-6b1f0b3c9a10")
"""The same as in Accounts."""
ORIGIN = Origin(actor="operator:import-berka")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Client:
    """`opened_on` is when the first account of his was opened."""

    number: int
    opened_on: date

    @property
    def customer_id(self) -> str:
        return str(uuid5(BOOKS, f"client/{self.number}"))


def clients(directory: Path) -> list[Client]:
    """The owners of the accounts on which something was booked, by number. Raises KeyError or ValueError."""
    booked = {line["account_id"] for line in _lines(directory / "trans.asc")}
    opened = {line["account_id"]: _day(line["date"]) for line in _lines(directory / "account.asc")}
    since: dict[int, date] = {}
    for line in _lines(directory / "disp.asc"):
        if line["type"] == "OWNER" and line["account_id"] in booked:
            number, day = int(line["client_id"]), opened[line["account_id"]]
            since[number] = min(day, since.get(number, day))
    return [Client(number, day) for number, day in sorted(since.items())]


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="ascii") as text:
        yield from csv.DictReader(text, delimiter=";")


def _day(text: str) -> date:
    """`YYMMDD`, of the twentieth century."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def import_clients(directory: Path, progress: Callable[[int], object] = lambda done: None) -> tuple[int, int]:
    """Open them, each once however often it is run. How many are customers now, and how many were before."""
    units = (opening(client) for client in clients(directory))
    done = known = 0
    while batch := list(islice(units, BATCH)):
        for result in execute(CUSTOMERS, batch):
            if result.outcome != "applied":
                raise ValueError(f"{result.id} was refused: {result.code}")
            done, known = done + 1, known + result.replayed
        progress(done)
    return done, known


def opening(client: Client) -> Unit:
    orders = open_customer(
        client.customer_id,
        name=f"Client {client.number}",
        email=f"client{client.number}@berka.example",
        mobile_number=f"+420601{client.number:06d}",
        opened_on=client.opened_on,
    )
    known = verified(client.customer_id, client.opened_on)
    return Unit(*orders, known, id=UUID(client.customer_id), origin=ORIGIN)
