"""Our closing balance of every account-day against the balances which that bank printed that day.

An answer nobody here wrote. Its amounts are printed rounded to 0.10, so a fold of them drifts from the printed balance
by less than one crown. The order inside a day is not recorded: an account-day agrees when its closing balance is near
one of the balances printed that day.

The lines come in the order of their days, so a month at a time is compared: that much is kept, and no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

from accounts import queries
from accounts.berka.lines import BookedLine, transactions
from bank.importing import Illegible, id_of

TOLERANCE_MINOR = 1_00


@dataclass(frozen=True, slots=True)
class Off:
    """An account-day that does not agree. `printed_minor` is the printed balance nearest to ours, which is None where
    nothing is booked; `added_up_minor` is what the files' own amounts add up to: where it is ours, that bank's books
    have a gap there."""

    account: str
    day: date
    ours_minor: int | None
    printed_minor: int
    added_up_minor: int

    @property
    def is_their_gap(self) -> bool:
        return self.ours_minor == self.added_up_minor


@dataclass(slots=True)
class Comparison:
    """Account-days by how near our balance is to one which was printed."""

    transactions: int = 0
    exact: int = 0
    within: int = 0
    off: list[Off] = field(default_factory=list)
    below_zero: int = 0

    @property
    def days(self) -> int:
        return self.exact + self.within + len(self.off)


@dataclass(slots=True)
class Printed:
    """What the files say of an account-day."""

    balances: list[int] = field(default_factory=list)
    added_up_minor: int = 0


def compare(directory: Path) -> Comparison:
    """Raises `Illegible`."""
    comparison = Comparison()
    added_up: dict[str, int] = defaultdict(int)
    for _, lines in groupby(in_order(transactions(directory)), lambda line: line.booked_on.replace(day=1)):
        printed: dict[tuple[str, date], Printed] = defaultdict(Printed)
        for line in lines:
            comparison.transactions += 1
            comparison.below_zero += line.printed_minor < 0
            added_up[line.account] += line.signed_minor
            account_day = printed[line.account, line.booked_on]
            account_day.balances.append(line.printed_minor)
            account_day.added_up_minor = added_up[line.account]
        compare_days(comparison, printed)
    return comparison


def in_order(lines: Iterable[BookedLine]) -> Iterator[BookedLine]:
    last = date.min
    for line in lines:
        if line.booked_on < last:
            raise Illegible(f"trans.asc: transaction {line.number} is of a day before the one above it.")
        last = line.booked_on
        yield line


def compare_days(comparison: Comparison, printed: dict[tuple[str, date], Printed]) -> None:
    closing = closings(printed)
    for (account, day), said in printed.items():
        ours = closing.get((id_of("account", account), day))
        nearest = min(said.balances, key=lambda balance: abs(balance - (ours or 0)))
        if ours is None or abs(ours - nearest) > TOLERANCE_MINOR:
            comparison.off.append(Off(account, day, ours, nearest, said.added_up_minor))
        elif ours == nearest:
            comparison.exact += 1
        else:
            comparison.within += 1


def closings(printed: Iterable[tuple[str, date]]) -> dict[tuple[str, date], int]:
    """Our balances at the end of these days, by account and day."""
    days = sorted({day for _, day in printed})
    account_ids = sorted({id_of("account", account) for account, _ in printed})
    rows = queries.closing_balances(account_ids, since=days[0], until=days[-1])
    return {(row.account_id, row.booked_on): row.balance_minor for row in rows}
