"""Work that nobody waits for: what is due is found in pages and executed in batches, each once.

One that fails by itself does not hold up the rest. It is named in the log, all else is done, and who asked hears of it
at the end; it stays due, so the next sweep tries it again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bank.context import Context, Unit
from bank.execution import execute
from bank.failpoints import Failed
from bank.messaging.caution import LOST, TOO_MUCH
from bank.messaging.parking import describe
from bank.outcomes import Result

log = logging.getLogger(__name__)

MAX_FAILURES = 100
"""When more fail in one piece of work it is not they who are broken, but what is done to them."""

Row = TypeVar("Row")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done: the first stream that it concerns, and the error without what it quotes of people."""

    stream: str
    error: str

    def __str__(self) -> str:
        return f"{self.stream} ({self.error})"


class LeftBehind(Exception):
    """Some failed, and all else is done, as `counts` and their sum `done` say."""

    def __init__(self, failures: Sequence[Failure], counts: Mapping[str, int]) -> None:
        super().__init__(", ".join(map(str, failures)))
        self.failures = tuple(failures)
        self.counts = counts

    @property
    def done(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Failures:
    """Those of one piece of work, each stream once, and `most` of them."""

    most: int = field(default_factory=lambda: MAX_FAILURES)
    found: dict[str, Failure] = field(default_factory=dict)

    def note(self, stream: str, error: Exception) -> None:
        """Raises the error itself where there are too many."""
        if stream in self.found:
            return
        if len(self.found) >= self.most:
            raise error
        self.found[stream] = Failure(stream, describe(error))
        log.error("left behind: %s", self.found[stream])

    def add(self, others: "Failures") -> None:
        self.found |= others.found

    def __iter__(self) -> Iterator[Failure]:
        return iter(self.found.values())

    def over(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """The counts when the work is over; raises `LeftBehind` if anything failed."""
        if self.found:
            raise LeftBehind(list(self), counts)
        return counts


def sweep(
    context: Context,
    due: Callable[[str | None], Sequence[Row]],
    unit: Callable[[Row], Unit],
    key: Callable[[Row], str],
    *,
    again: bool = False,
) -> int:
    """Execute a unit for each row that is due; how many took effect now. Raises `LeftBehind` at the end.

    `due` gives the next page after a key, in the order of keys: each row is looked at once, whatever comes of it, and
    what nothing comes of hides nothing behind it. With `again` there are further rounds until one does nothing: a row
    may be due for several things.
    """
    failures, done = Failures(), 0
    while now := sum(went_through(context, due, unit, key, failures)):
        done += now
        if not again:
            break
    failures.over({"done": done})
    return done


def went_through(
    context: Context,
    due: Callable[[str | None], Sequence[Row]],
    unit: Callable[[Row], Unit],
    key: Callable[[Row], str],
    failures: Failures,
) -> Iterator[int]:
    """How many took effect, page for page."""
    after = None
    while page := due(after):
        results = execute_each(context, [unit(row) for row in page], failures)
        yield sum(map(took_effect, results))
        after = key(page[-1])


def in_turn(steps: Mapping[str, Callable[[], int]]) -> Mapping[str, int]:
    """Do one after the other, whatever an earlier one left behind. Raises `LeftBehind` for all of them at the end."""
    counts, failures = dict[str, int](), list[Failure]()
    for name, step in steps.items():
        try:
            counts[name] = step()
        except LeftBehind as left:
            counts[name] = left.done
            failures += left.failures
    if failures:
        raise LeftBehind(failures, counts)
    return counts


def finished(work: Callable[[], int]) -> tuple[int, str]:
    """How many it did, and for whoever asked by hand a sentence about what it left behind, if anything."""
    try:
        return work(), ""
    except LeftBehind as left:
        return left.done, f"Left behind: {left}. All else is done. Put these right, then run it again."


def execute_each(context: Context, units: Sequence[Unit], failures: Failures) -> list[Result | None]:
    """In one transaction if all goes well. A batch that fails is halved until the unit at fault stands alone: its
    result is None, and it is noted. Raises when the database went away."""
    if not units:
        return []
    try:
        return list(execute(context, units))
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        require_its_own(error)
        if len(units) == 1:
            failures.note(units[0].orders[0].stream, error)
            return [None]
    half = len(units) // 2
    return [*execute_each(context, units[:half], failures), *execute_each(context, units[half:], failures)]


def attempt(stream: str, work: Callable[[], Answer], failures: Failures) -> Answer | None:
    """What it answers; None where it failed by itself, which is noted under this name."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        require_its_own(error)
        failures.note(stream, error)
        return None


def require_its_own(error: Exception) -> None:
    """Raise it again unless it would come again on its own: who waits for a database tries all of it later. What is
    too much for the database is transient by its class, and would hold up the rest for ever."""
    if isinstance(error, (*LOST, Failed)) and not isinstance(error, TOO_MUCH):
        raise error


def took_effect(result: Result | None) -> bool:
    """Whether it changed something now."""
    return result is not None and result.outcome == "applied" and not result.replayed
