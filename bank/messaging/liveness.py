"""Consumers say when they last went round: a process that exists and consumes nothing is not alive."""

import time
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from typing import Final

from django.core.cache import cache
from django.db import Error as DatabaseError

from bank.context import Context
from bank.messaging import topology

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


def ages(context: Context) -> dict[str, float | None]:
    """Per queue of a context, seconds since its consumer last went round; None if nothing was heard of it lately."""
    now = time.time()
    seen = {queue: cache.get(_key(queue)) for queue in _queues(context)}
    return {queue: now - report["at"] if report else None for queue, report in seen.items()}


def _key(queue: str) -> str:
    return f"bank:consumer:{queue}"


def _queues(context: Context) -> list[str]:
    found = []
    for group in topology.groups():
        if context.subscriptions:
            found.append(topology.reactions(context, group).name)
        if context.async_projections:
            found.append(topology.views(context.name, group).name)
    return found
