"""View against composition: the same customers asked for both ways, over HTTP, by the same client."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any

from bankview.demo.client import Bank

WARM_UP = 5


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
    beside = await sidecar_url(bank, customer_ids[0])
    random = Random(seed)
    chosen = [random.choice(customer_ids) for _ in range(requests)]
    views = [view_path(id) for id in chosen]
    compositions = [f"{beside}{view_path(id)}/composed" for id in chosen]
    for path in (*views[:WARM_UP], *compositions[:WARM_UP]):
        await bank.read(path)
    view_ms, composed_ms = [], []
    for view, composition in zip(views, compositions, strict=True):
        view_ms.append(await timed(bank, view))
        composed_ms.append(await timed(bank, composition))
    view_per_s = await rate(bank, views, together)
    return Race(view_ms, composed_ms, view_per_s, await rate(bank, compositions[: requests // 2], together))


async def timed(bank: Bank, path: str) -> float:
    began = perf_counter()
    await bank.read(path)
    return (perf_counter() - began) * 1000


async def rate(bank: Bank, paths: Sequence[str], together: int) -> float:
    """Answers per second with so many requests under way."""
    waiting = iter(paths)

    async def ask() -> None:
        for path in waiting:
            await bank.read(path)

    began = perf_counter()
    await asyncio.gather(*(ask() for _ in range(together)))
    return len(paths) / (perf_counter() - began)


async def compare(bank: Bank, customer_ids: Sequence[str]) -> Verdicts:
    beside = await sidecar_url(bank, customer_ids[0])
    found = Verdicts()
    for id in customer_ids:
        comparison = await bank.read(f"{beside}{view_path(id)}/compare")
        found.counts[comparison["verdict"]] += 1
        found.differences += [{"customer_id": id, **difference} for difference in comparison["differences"]]
    return found
