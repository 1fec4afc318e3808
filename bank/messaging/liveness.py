"""Consumers say that they are alive: a process that exists and consumes nothing is not. `/readyz` reads it here."""

import time
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError

EVERY_S: Final = 5.0
FORGOTTEN_S: Final = 600

_reported_at: dict[str, float] = {}


def report(queue: str, progress_at: float, tallies: Sequence[object]) -> None:
    """At most every few seconds. A cache that is down silences the report, and so shows."""
    now = time.time()
    if now - _reported_at.get(queue, 0) < EVERY_S:
        return
    _reported_at[queue] = now
    done = [asdict(tally) for tally in tallies if is_dataclass(tally) and not isinstance(tally, type)]
    try:
        cache.set(_key(queue), {"at": now, "progress_at": progress_at, "tallies": done}, FORGOTTEN_S)
    except (DatabaseError, OSError):
        return


def ages() -> dict[str, float | None]:
    """Per queue of this process's contexts, seconds since its consumer last went round; None if never heard of."""
    now = time.time()
    return {queue: (now - seen["at"] if (seen := _read(queue)) else None) for queue in _queues()}


def tallies() -> dict[str, Any]:
    """What each consumer has reported last."""
    return {queue: seen for queue in _queues() if (seen := _read(queue))}


def _read(queue: str) -> Any:
    return cache.get(_key(queue))


def _key(queue: str) -> str:
    return f"bank:consumer:{queue}"


def _queues() -> list[str]:
    from bank.context import load
    from bank.messaging import topology

    found = []
    for context in map(load, settings.CONTEXTS):
        for group in topology.groups():
            if context.subscriptions:
                found.append(topology.reactions(context, group).name)
            if context.async_projections:
                found.append(topology.views(context.name, group).name)
    return found
