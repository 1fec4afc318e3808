"""What a measurement is: medians of repeats, each beside the raw limit of the same minute, and CPU per operation."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bank.runtime.postgres import Cluster
from bench.server import postmaster_cpu_s


@dataclass(slots=True)
class Run:
    """One repeat: so many operations in so many seconds."""

    operations: int
    seconds: float
    client_cpu_us: float = 0.0
    server_cpu_us: float = 0.0

    @property
    def per_s(self) -> float:
        return self.operations / self.seconds


@dataclass(slots=True)
class Figure:
    """One line of the table."""

    what: str
    unit: str
    runs: list[float]
    raw: list[float] = field(default_factory=list)
    target: str = ""
    met: bool | None = None
    notes: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def ratio(self) -> float | None:
        """The median of each run's ratio to the mean of the raw runs before and after it."""
        if not self.raw:
            return None
        pairs = zip(self.runs, self.raw, self.raw[1:], strict=False)
        return statistics.median(run / ((before + after) / 2) for run, before, after in pairs)


@contextmanager
def timed(cluster: Cluster, count: Callable[[], int]) -> Iterator[list[Run]]:
    """Time a block; `count` says afterwards how many operations it was."""
    runs: list[Run] = []
    server, client, begun = postmaster_cpu_s(cluster), time.process_time(), time.perf_counter()
    yield runs
    seconds, client = time.perf_counter() - begun, time.process_time() - client
    server = postmaster_cpu_s(cluster) - server
    done = count()
    runs.append(Run(done, seconds, client / done * 1e6, server / done * 1e6))


def measure(
    what: str, unit: str, run: Callable[[], Run], *, raw: Callable[[], float] | None = None, repeats: int = 3
) -> tuple[Figure, list[Run]]:
    """Repeat, each run between two raw ones."""
    figure, runs = Figure(what, unit, []), []
    if raw:
        figure.raw.append(raw())
    for _ in range(repeats):
        runs.append(run())
        figure.runs.append(runs[-1].per_s)
        if raw:
            figure.raw.append(raw())
    client = statistics.median(run.client_cpu_us for run in runs)
    server = statistics.median(run.server_cpu_us for run in runs)
    figure.notes = f"CPU µs each: client {client:,.0f}, PostgreSQL {server:,.0f}"
    return figure, runs
