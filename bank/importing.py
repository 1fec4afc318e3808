"""Another bank's books, taken from files: each context imports its own part, and none knows of the others'.

A context that has a part in a data set has a module of the data set's name with a function `import_books`. Ids are made
of the files' own numbers: so the contexts agree without asking one another, and an import that was killed is run again
and finds done what it did before.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID, uuid5

from bank.business_day import Report
from bank.context import Context, Unit
from bank.execution import IdReused, NotApplied, execute
from bank.outcomes import fingerprints
from bank.recorded import Origin

BOOKS = UUID("5b1b2c57-3f5c-5d8e-8a43-6b1f0b3c9a10")
"""Data: what was imported bears ids made of it."""

BATCH = 500
NAMED = 5
"""Lines of a batch that are named, of those that were changed."""

NOBODYS = UUID(int=0)
ORIGIN = Origin(actor="operator:import")

Row = Mapping[str, str]
Line = TypeVar("Line")


class Illegible(Exception):
    """A file is missing, or not of the data set's form: the message names the line. What came before it is done."""


class NotImported(Exception):
    """The bank refused a line, or knows it and it said something else; the message says which, and why. What came
    before its batch is done."""


@dataclass(frozen=True, slots=True)
class Imported:
    """`new` was done now, `known` had been done before."""

    new: int = 0
    known: int = 0

    @property
    def all(self) -> int:
        return self.new + self.known


class ImportBooks(Protocol):
    """Import the context's part of the books in a folder; what there is now, by its name. Raises `Illegible` and
    `NotImported`."""

    def __call__(self, directory: Path, report: Report) -> Mapping[str, Imported]: ...


def part_of(context: str, data_set: str) -> ImportBooks | None:
    """What a context imports of a data set, if anything."""
    if find_spec(f"{context}.{data_set}") is None:
        return None
    part: ImportBooks = import_module(f"{context}.{data_set}").import_books
    return part


def id_of(kind: str, number: str) -> str:
    """Our id of one of their things: its kind, such as `client`, and its number in the files."""
    return str(uuid5(BOOKS, f"{kind}/{number}"))


def fingerprint(*said: object) -> bytes:
    """Of what a line itself says, and not of what is concluded from others: the same as long as it is not changed."""
    return hashlib.sha256(json.dumps(said, default=str).encode()).digest()


def read(file: Path, parse: Callable[[Row], Line]) -> Iterator[Line]:
    """The lines of a file with a heading, one at a time."""
    try:
        with file.open(newline="", encoding="ascii") as text:
            for number, row in enumerate(csv.DictReader(text, delimiter=";"), start=2):
                try:
                    yield parse(row)
                except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
                    raise Illegible(f"{file.name}, line {number}: {error!r}") from error
    except OSError as error:
        raise Illegible(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Illegible(f"{file.name} is not a table in ASCII: {error}") from error


def day(text: str) -> date:
    """`YYMMDD`, of the twentieth century."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def count(file: Path) -> int:
    """The lines of a file below its heading."""
    return sum(1 for _ in read(file, lambda row: row))


def do(context: Context, what: str, units: Iterable[Unit], total: int, report: Report) -> Imported:
    """Execute them in batches, whatever their number; those that were executed before change nothing.

    A batch with a line that is refused is not executed: a refusal is remembered for ever, and the line is to be
    imported once the files or the books are mended. Neither is one with a known line that was changed since: what was
    imported stays as it is, and the change would pass unseen.
    """
    waiting, new, known = iter(units), 0, 0
    while batch := list(islice(waiting, BATCH)):
        try:
            results = execute(context, recognised(context, what, batch, new + known), whole=True)
        except NotApplied as error:
            refused = f"{context.name} refused one of the {what} ({streams(error.unit)}): {error.result.code}"
            raise NotImported(refused) from error
        except IdReused as error:
            raise NotImported(f"{context.name}: two different lines of the {what} bear the same number") from error
        replayed = sum(result.replayed for result in results)
        known += replayed
        new += len(results) - replayed
        report(what, new + known, total)
    return Imported(new, known)


def recognised(context: Context, what: str, batch: Sequence[Unit], before: int) -> list[Unit]:
    """The batch, in which a line imported before fingerprints were noted is known by its id alone. Raises `NotImported`
    where a known line has been changed; each stands one below its place in its file, which has a heading."""
    noted = fingerprints(context, [unit.id for unit in batch if unit.id])
    unchanged = [unit if noted.get(unit.id or NOBODYS) != b"" else without_fingerprint(unit) for unit in batch]
    changed = [
        f"line {place} ({streams(unit)})"
        for place, unit in enumerate(unchanged, start=before + 2)
        if noted.get(unit.id or NOBODYS, unit.fingerprint) != unit.fingerprint
    ]
    if changed:
        named = ", ".join(changed[:NAMED]) + (f" and {len(changed) - NAMED} more" if len(changed) > NAMED else "")
        raise NotImported(
            f"{context.name} has imported {what} with another content before: {named}. What was imported stays as it"
            " is: put the file right, or correct the books by orders of their own"
        )
    return unchanged


def without_fingerprint(unit: Unit) -> Unit:
    return Unit(*unit.orders, id=unit.id, origin=unit.origin)


def streams(unit: Unit) -> str:
    return ", ".join(order.stream for order in unit.orders)
