"""What the demo shows: progress as it goes, and the figures at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bankview.demo.client import Bank
from bankview.demo.day import Lived
from bankview.demo.evening import Figures, p50_p99


class Board:
    """Redrawn four times a second from what has been lived so far."""

    def __init__(self, lived: Lived, bank: Bank) -> None:
        self.lived, self.bank = lived, bank
        self.progress = Progress(
            TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        people, payments = len(lived.plan.people), len(lived.plan.payments)
        borrowers = sum(person.borrows for person in lived.plan.people)
        totals = {"Customers": people, "Salaries": people, "Loans": borrowers, "Payments": payments}
        self.bars = {name: self.progress.add_task(name, total=total) for name, total in totals.items()}

    def __rich__(self) -> Group:
        lived = self.lived
        done = (len(lived.customers), lived.salaries, len(lived.loans), len(lived.outcomes))
        for bar, count in zip(self.bars.values(), done, strict=True):
            self.progress.update(bar, completed=count)
        counts = "  ".join(f"{story} {count}" for story, count in sorted(self.lived.counts.items()))
        repeated = f"   requests repeated: {self.bank.retries}" if self.bank.retries else ""
        return Group(self.progress, Text(f"{self.lived.stage} …  {counts}{repeated}", style="dim"))


@contextmanager
def watched(console: Console, board: Board) -> Iterator[None]:
    """Live on a terminal; elsewhere the last state, once."""
    if console.is_terminal:
        with Live(board, console=console, refresh_per_second=4):
            yield
        return
    yield
    console.print(board)


def summary(figures: Figures) -> Table:
    table = Table(title="The day's figures", show_header=False, title_justify="left", min_width=64)
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows(figures):
        table.add_row(name, value)
    return table


def rows(figures: Figures) -> Iterator[tuple[str, str]]:
    outcomes, race = figures.outcomes, figures.race
    yield "Settled", f"{outcomes['settled']:,}"
    yield "Declined", f"{outcomes['declined'] + figures.refused:,}"
    yield "  for funds, by the account", f"{outcomes['declined']:,}"
    yield "  blocked, by the card", f"{figures.refused:,}"
    yield "Reversed", f"{outcomes['reversed']:,}"
    yield "In flight", f"{figures.in_flight:,}"
    yield "Request to settled, p50 / p99", both(figures.settle_ms)
    yield "View, p50 / p99", both(race.view_ms)
    yield "Composition, p50 / p99", both(race.composed_ms)
    yield "View / composition, answers per second", f"{race.view_per_s:,.0f} / {race.composed_per_s:,.0f}"
    yield "Drift", f"{figures.verdicts.drift} of {sum(figures.verdicts.counts.values())} customers"
    yield "Accounts off from what their owners should have", f"{figures.off_minor / 100:.2f}"
    yield "Books off", ", ".join(f"{name} {off}" for name, off in figures.books_off.items()) or "0.00"
    yield "In transit", ", ".join(f"{kind} {amount}" for kind, amount in figures.transit.items()) or "0.00"
    yield "Events in the customers' views", f"{figures.events:,}"


def both(values: Sequence[float]) -> str:
    p50, p99 = p50_p99(values)
    return f"{p50:,.1f} / {p99:,.1f} ms"
