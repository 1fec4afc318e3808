"""View against composition: the same customers asked for both ways, over HTTP."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any

from bankview.demo.client import Bank
from bankview.demo.reader import Reader

WARM_UP = 5
VIEWS_PER_COMPOSITION = 5
"""So that both ways are measured for about as long."""


@dataclass(frozen=True, slots=True)
class Race:
    """Latencies in milliseconds of one request at a time, and answers per second of many."""

    view_ms: Sequence[float]
    composed_ms: Sequence[float]
    view_per_s: float
    composed_per_s: float


@dataclass(slots=True)
class Verdicts:
    """What comparing each customer's two answers came to, and every difference that was found."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def drift(self) -> int:
        return self.counts["drift"]


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest rank; 0 of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0


def view_path(customer_id: str) -> str:
    return f"/api/v1/customers/{customer_id}/bank-view"


async def sidecar_url(bank: Bank, customer_id: str) -> str:
    """Where the API sends those who want the composition."""
    return (await bank.redirected(f"{view_path(customer_id)}/composed")).partition("/api/")[0]


async def race(bank: Bank, customer_ids: Sequence[str], *, requests: int, together: int, seed: int = 0) -> Race:
    """Both ways in turn, one request at a time; then each way as fast as it goes."""
    random = Random(seed)
    paths = [view_path(random.choice(customer_ids)) for _ in range(requests)]
    view, composed = bank.addresses.of(paths[0]), f"{await sidecar_url(bank, customer_ids[0])}/"
    return await asyncio.to_thread(
        run, Lane(view, "", bank.token), Lane(composed, "/composed", bank.token), paths, together
    )


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the two ways: where it is asked and how its paths end."""

    url: str
    suffix: str
    token: str

    def timed(self, reader: Reader, path: str) -> float:
        return reader.timed(path + self.suffix)

    def rate(self, paths: Sequence[str], together: int) -> float:
        """Answers per second with so many readers."""
        shares = [paths[start::together] for start in range(together)]
        began = perf_counter()
        with ThreadPoolExecutor(together) as pool:
            list(pool.map(self.read_all, shares))
        return len(paths) / (perf_counter() - began)

    def read_all(self, paths: Sequence[str]) -> None:
        reader = Reader(self.url, self.token)
        for path in paths:
            self.timed(reader, path)


def run(view: Lane, composed: Lane, paths: Sequence[str], together: int) -> Race:
    viewing, composing = Reader(view.url, view.token), Reader(composed.url, composed.token)
    for path in paths[:WARM_UP]:
        view.timed(viewing, path)
        composed.timed(composing, path)
    both = [(view.timed(viewing, path), composed.timed(composing, path)) for path in paths]
    view_ms, composed_ms = zip(*both, strict=True)
    return Race(
        view_ms, composed_ms, view.rate([*paths] * VIEWS_PER_COMPOSITION, together), composed.rate(paths, together)
    )


async def compare(bank: Bank, customer_ids: Sequence[str]) -> Verdicts:
    beside = await sidecar_url(bank, customer_ids[0])
    found = Verdicts()
    for id in customer_ids:
        comparison = await bank.read(f"{beside}{view_path(id)}/compare")
        found.counts[comparison["verdict"]] += 1
        found.differences += [{"customer_id": id, **difference} for difference in comparison["differences"]]
    return found
