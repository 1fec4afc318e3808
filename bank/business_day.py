"""The end of a business day: each context does its own part, and none knows of the others'.

A context that has something to do then has a module `end_of_day` with a function of that name. It may be killed and run
again, and be run for a day that has ended: what it did before it finds done.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol


class Report(Protocol):
    """Hears what is being done, how much of it is done, and of how much."""

    def __call__(self, what: str, done: int, total: int, /) -> object: ...


class DayNotEnded(Exception):
    """Somebody else was at another day meanwhile; whoever runs it again goes on where that one ended."""

    def __init__(self, day: date, reason: str) -> None:
        super().__init__(f"{day} is not ended: {reason} Run it again.")


class EndOfDay(Protocol):
    """End the context's day `until`, and those before that have not ended; what was done, counted. With `dry_run` only
    what would be. Raises `DayNotEnded`, and `LeftBehind` where all is done but what failed by itself.

    Its docstring says by which date it goes: operators read it in `end_of_day --help`."""

    def __call__(self, until: date, *, dry_run: bool, report: Report) -> Mapping[str, int]: ...


def last_due(now: datetime, at: time) -> date:
    """The last day that should have ended by now; a day ends `at` this time of the next one, by the clock of `now`."""
    days = 1 if now.time() >= at else 2
    return now.date() - timedelta(days=days)


def part_of(context: str) -> EndOfDay | None:
    """What a context does at the end of a day, if anything."""
    if find_spec(f"{context}.end_of_day") is None:
        return None
    part: EndOfDay = import_module(f"{context}.end_of_day").end_of_day
    return part
