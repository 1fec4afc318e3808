"""A statement: what was booked on an account between two dates, both included, and its balance before and after.

Entries stand by booking date and, on one day, in the order in which they were booked; each balance follows from the one
before, so a booking with an earlier date stands where its date belongs and moves the balances after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

MAX_LINES = 5_000
"""What a statement may hold, so that none is larger than a process can bear."""


class TooLong(Exception):
    """There are more entries than a statement may hold: ask for a shorter time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`version` is the account's that booked it; `amount_minor` is signed; `contra` names the other ledger account."""

    version: int
    type: str
    amount_minor: int
    contra: str
    booked_on: date
    reference: str
    process_id: UUID | None
    counterparty_iban: str | None


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    account_id: UUID
    iban: str
    kind: str
    currency: str
    from_on: date
    to_on: date
    opening_minor: int
    lines: tuple[Line, ...]

    @property
    def closing_minor(self) -> int:
        return self.lines[-1].balance_minor if self.lines else self.opening_minor

    @property
    def credited_minor(self) -> int:
        return sum(line.entry.amount_minor for line in self.lines if line.entry.amount_minor > 0)

    @property
    def debited_minor(self) -> int:
        """Positive: what was taken from the account."""
        return -sum(line.entry.amount_minor for line in self.lines if line.entry.amount_minor < 0)

    @property
    def file_name(self) -> str:
        return f"statement-{self.iban}-{self.from_on:%Y%m%d}-{self.to_on:%Y%m%d}"


def lines(opening_minor: int, entries: Iterable[Entry]) -> tuple[Line, ...]:
    """Each entry with the balance after it. Raises TooLong."""
    balance, made = opening_minor, list[Line]()
    for entry in entries:
        if len(made) == MAX_LINES:
            raise TooLong
        balance += entry.amount_minor
        made.append(Line(entry, balance))
    return tuple(made)
