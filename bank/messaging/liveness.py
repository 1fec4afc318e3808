"""Consumers say when they last went round: a process that exists and consumes nothing is not alive."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import Final

from django.core.cache import cache
from django.db import Error as DatabaseError
from django_redis.exceptions import ConnectionInterrupted  # type: ignore[import-untyped]
from redis import RedisError

from bank.context import Context
from bank.db import refresh_connections
from bank.messaging import topology

EVERY_S: Final = 5.0
FORGOTTEN_S: Final = 600

CACHE_DOWN: Final = (DatabaseError, OSError, ConnectionInterrupted, RedisError)

_reported_at: dict[str, float] = {}


class NotKnown(Exception):
    """The cache does not answer: consumers may be alive, and cannot say so."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a consumer last said: how many seconds ago, and which sources' feeds it could not read."""

    age_s: float
    no_feed: tuple[str, ...]


def report(queue: str, progress_at: float, tallies: Sequence[object]) -> None:
    """That this queue is heard, at most every few seconds. A cache that is down silences the report, and so shows."""
    now = time.time()
    if now - _reported_at.get(queue, 0) < EVERY_S:
        return
    _reported_at[queue] = now
    done = [asdict(tally) for tally in tallies if is_dataclass(tally) and not isinstance(tally, type)]
    try:
        cache.set(_key(queue), {"at": now, "progress_at": progress_at, "tallies": done}, FORGOTTEN_S)
    except CACHE_DOWN:
        refresh_connections()  # nobody else does here: a cache in the database would be asked over a dead one for ever


def goes_round(queue: str, within_s: float) -> bool:
    """Whether a consumer of this queue, which may be another process, has said so. Unproven while the cache is down."""
    try:
        said = cache.get(_key(queue))
    except CACHE_DOWN:
        refresh_connections()
        return False
    return said is not None and time.time() - said["at"] < within_s


def heard(context: Context) -> dict[str, Heard | None]:
    """Per queue of a context, what its consumer last said; None if nothing lately. Raises `NotKnown`."""
    try:
        reports = {queue: cache.get(_key(queue)) for queue in _queues(context)}
    except CACHE_DOWN as error:
        raise NotKnown(type(error).__name__) from error
    now = time.time()
    return {
        queue: Heard(now - said["at"], _no_feed(said["tallies"])) if said else None for queue, said in reports.items()
    }


def _no_feed(tallies: Sequence[dict[str, object]]) -> tuple[str, ...]:
    found: set[str] = set()
    for tally in tallies:
        sources = tally.get("no_feed")
        found.update(sources if isinstance(sources, dict) else ())
    return tuple(sorted(found))


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
