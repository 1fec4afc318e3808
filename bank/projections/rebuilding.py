"""Rebuilding asynchronous projections from the events, while the bank is open.

One is folded into a shadow generation beside the live one, by shards in processes of their own, each with a cursor per
source: what is killed goes on where it was. At the end the live folds wait for a moment, the shadow takes what is left,
one statement proves that no stream of it is behind, and readers are switched.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connections
from psycopg import errors, sql

from bank.context import AsyncProjection, Cursor
from bank.db import cursor as open_cursor
from bank.db import take_time, transaction
from bank.messaging.feed import Feed
from bank.messaging.messages import unwrap
from bank.messaging.sinks import Projector
from bank.projections.projecting import Gap, Overtaken, fold_new
from bank.runtime.memory import keep_what_is_loaded

PAGE: Final = 5000
TRIES: Final = 20
NEAR: Final = 2000
"""So few positions are left to the final step, during which live folds wait."""

PASSES: Final = 10
"""Each pass leaves less to the next one, unless events arrive faster than they are folded."""

TELL_EVERY_S: Final = 0.25
ONE_AT_A_TIME: Final = 0x72656275


class RebuildFailed(Exception):
    """The rebuild stopped; what it has done so far is kept, and readers see what they saw before."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` positions of all feeds; `events` folded since this process started."""

    done: float
    total: int
    events: int


Report = Callable[[Progress], object]


def silent(_: Progress) -> None:
    return None


@dataclass(slots=True)
class Rebuild:
    """One shadow generation of one projection."""

    context: str
    projection: AsyncProjection
    generation: int
    shards: int
    report: Report = silent
    feed: Feed = field(init=False)
    counters: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.feed = Feed(self.context)

    @property
    def sources(self) -> tuple[str, ...]:
        return Projector(self.context, self.projection).sources

    # All shards, from the parent.

    def fill(self) -> None:
        """Bring the shadow near the end of every feed. Raises `RebuildFailed`."""
        for _ in range(PASSES):
            targets = self._watermarks()
            if self._distance(targets) <= NEAR:
                return
            self._run_shards(targets)

    def _watermarks(self) -> dict[str, int]:
        return {source: self.feed.read(source, after=2**62, limit=1).watermark for source in self.sources}

    def _distance(self, targets: dict[str, int]) -> float:
        return sum(targets.values()) - self._done(targets)

    def _done(self, targets: dict[str, int]) -> float:
        """Positions read, where each shard reads its part of all of them."""
        places = self._places()
        return sum(min(position, targets.get(source, 0)) / self.shards for (source, _), position in places.items())

    def _places(self) -> dict[tuple[str, str], int]:
        with open_cursor(self.context) as cursor:
            cursor.execute(
                "select source, shard, position from bank_rebuild where projection = %s and generation = %s",
                (self.projection.name, self.generation),
            )
            return {(source, shard): position for source, shard, position in cursor.fetchall()}

    def _run_shards(self, targets: dict[str, int]) -> None:
        """Fork one process per shard: it inherits settings and nothing of our connections."""
        connections.close_all()
        keep_what_is_loaded()
        fork = multiprocessing.get_context("fork")
        self.counters = [fork.Value("q", 0) for _ in range(self.shards)]
        children: list[BaseProcess] = [
            fork.Process(target=self._run_shard, args=(index, targets, os.getpid())) for index in range(self.shards)
        ]
        for child in children:
            child.start()
        try:
            while alive := [child.sentinel for child in children if child.is_alive()]:
                wait(alive, TELL_EVERY_S)
                self._tell(targets)
                if any(child.exitcode not in (None, 0) for child in children):
                    raise RebuildFailed(f"{self.projection.name}: a shard failed; its error is above")
        finally:
            for child in children:
                child.terminate()
                child.join()
        if any(child.exitcode for child in children):
            raise RebuildFailed(f"{self.projection.name}: a shard failed; its error is above")
        self._tell(targets)

    def _tell(self, targets: dict[str, int]) -> None:
        events = sum(int(counter.value) for counter in self.counters)
        self.report(Progress(self._done(targets), sum(targets.values()), events))

    # One shard, in a process of its own.

    def _run_shard(self, index: int, targets: dict[str, int], parent: int) -> None:
        self.feed = Feed(self.context)  # the parent's has a connection that all of its children would talk over
        for source, target in targets.items():
            while os.getppid() == parent:
                with transaction(self.context) as cursor:
                    position = self._place(cursor, source, index)
                if position >= target:
                    break
                self._page(source, index, position)
        connections.close_all()

    def _place(self, cursor: Cursor, source: str, index: int) -> int:
        cursor.execute(
            "insert into bank_rebuild (projection, generation, source, shard) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            (self.projection.name, self.generation, source, self._shard(index)),
        )
        return self._places()[source, self._shard(index)]

    def _shard(self, index: int) -> str:
        return f"{index}/{self.shards}"

    def _page(self, source: str, index: int, after: int) -> bool:
        """Fold one page and note its end, in one transaction. Whether there was anything to read."""
        shard = (index, self.shards) if self.shards > 1 else None
        page = self.feed.read(source, after=after, limit=PAGE, shard=shard)
        batch = [unwrap(row.message) for row in page.events]
        for attempt in range(TRIES):
            try:
                with transaction(self.context) as cursor:
                    folded = fold_new(cursor, self.projection, self.generation, batch) if batch else 0
                    self._save_place(cursor, source, index, page.watermark)
                break
            except (errors.DeadlockDetected, Overtaken):
                time.sleep(0.01 * attempt)
            except Gap as gap:
                raise RebuildFailed(f"{self.projection.name}: {source} lacks events: {gap.missing}") from gap
        else:
            raise RebuildFailed(f"{self.projection.name}: shards of {source} stand in each other's way")
        if self.counters:
            self.counters[index].value += folded
        return page.watermark > after

    def _save_place(self, cursor: Cursor, source: str, index: int, position: int) -> None:
        cursor.execute(
            "update bank_rebuild set position = %s"
            " where projection = %s and generation = %s and source = %s and shard = %s",
            (position, self.projection.name, self.generation, source, self._shard(index)),
        )

    # The end.

    def switch(self, *, keep_previous: bool) -> None:
        """Catch up while live folds wait, prove it, and switch readers. Generations that nobody needs are deleted."""
        with transaction(self.context) as cursor:
            take_time(cursor)
            cursor.execute(
                "select live, previous from bank_projection where name = %s for update", (self.projection.name,)
            )
            ((live, previous),) = cursor.fetchall()
            self._catch_up(cursor, live)
            if keep_previous:
                self._remember(cursor, live)
            cursor.execute(
                "update bank_projection set live = %s, shadow = null, previous = %s, changed_at = now()"
                " where name = %s",
                (self.generation, live if keep_previous else None, self.projection.name),
            )
            self._move_cursors(cursor, self._lowest_places())
        kept = {self.generation, live if keep_previous else None}
        for generation in {live, previous} - kept - {None}:
            forget_generation(self.context, self.projection, generation)

    def _catch_up(self, cursor: Cursor, live: int) -> None:
        behind = 0
        for attempt in range(TRIES):
            for source in self.sources:
                for index in range(self.shards):
                    while self._page(source, index, self._place(cursor, source, index)):
                        pass
            behind = self._behind(cursor, live)
            if not behind:
                return
            time.sleep(0.05 * attempt)  # the broker was faster than the watermark
        raise RebuildFailed(f"{self.projection.name}: {behind} streams are behind the live view; nothing was switched")

    def _behind(self, cursor: Cursor, live: int) -> int:
        """How many streams readers would see go back."""
        cursor.execute(BEHIND, {"name": self.projection.name, "live": live, "shadow": self.generation})
        return int(cursor.fetchall()[0][0])

    def _lowest_places(self) -> dict[str, int]:
        lowest: dict[str, int] = {}
        for (source, _), position in self._places().items():
            lowest[source] = min(position, lowest.get(source, position))
        return lowest

    def _remember(self, cursor: Cursor, generation: int) -> None:
        """Up to where the generation that steps back has surely folded: there it goes on if it is taken back."""
        cursor.execute(
            "delete from bank_rebuild where projection = %s and generation = %s", (self.projection.name, generation)
        )
        cursor.execute(
            "insert into bank_rebuild (projection, generation, source, shard, position)"
            " select %s, %s, source, '0/1', position from bank_cursor where consumer = %s",
            (self.projection.name, generation, Projector(self.context, self.projection).name),
        )

    def _move_cursors(self, cursor: Cursor, places: dict[str, int]) -> None:
        cursor.execute(
            "update bank_cursor c set position = greatest(c.position, u.position)"
            " from unnest(%b::text[], %b::bigint[]) u(source, position) where c.consumer = %s and c.source = u.source",
            (list(places), list(places.values()), Projector(self.context, self.projection).name),
        )


BEHIND = """
    select count(*) from bank_seen live
    left join bank_seen shadow
      on shadow.projection = live.projection and shadow.generation = %(shadow)s
     and shadow.source = live.source and shadow.stream = live.stream
    where live.projection = %(name)s and live.generation = %(live)s and coalesce(shadow.version, 0) < live.version
"""


def rebuild(
    context: str, projection: AsyncProjection, *, shards: int, keep_previous: bool = False, report: Report = silent
) -> int:
    """Rebuild and switch; returns the generation which readers see now. Goes on with an unfinished rebuild.

    Raises `RebuildFailed`.
    """
    with _alone(context, projection.name):
        generation, shards = _begin(context, projection, shards)
        running = Rebuild(context, projection, generation, shards, report)
        running.fill()
        running.switch(keep_previous=keep_previous)
    return generation


def switch_back(context: str, projection: AsyncProjection) -> int:
    """Take back the generation that was kept, once it has caught up. Raises `RebuildFailed`."""
    with _alone(context, projection.name):
        with open_cursor(context) as cursor:
            cursor.execute("select previous from bank_projection where name = %s", (projection.name,))
            rows = cursor.fetchall()
        if not rows or rows[0][0] is None:
            raise RebuildFailed(f"{projection.name}: no previous generation was kept")
        generation = int(rows[0][0])
        running = Rebuild(context, projection, generation, shards=1)
        running.fill()
        running.switch(keep_previous=True)
    return generation


def _begin(context: str, projection: AsyncProjection, shards: int) -> tuple[int, int]:
    """A new shadow generation, or the unfinished one with as many shards as it was begun with."""
    with transaction(context) as cursor:
        cursor.execute("insert into bank_projection (name) values (%s) on conflict do nothing", (projection.name,))
        cursor.execute(
            "select live, shadow, previous from bank_projection where name = %s for update", (projection.name,)
        )
        live, shadow, previous = cursor.fetchall()[0]
        if shadow is not None:
            return int(shadow), _shards_of(cursor, projection.name, int(shadow)) or shards
        generation = max(live, previous or 0) + 1
        cursor.execute("update bank_projection set shadow = %s where name = %s", (generation, projection.name))
    forget_generation(context, projection, generation)
    return generation, shards


def _shards_of(cursor: Cursor, projection: str, generation: int) -> int | None:
    cursor.execute(
        "select shard from bank_rebuild where projection = %s and generation = %s limit 1", (projection, generation)
    )
    rows = cursor.fetchall()
    return int(rows[0][0].partition("/")[2]) if rows else None


def forget_generation(context: str, projection: AsyncProjection, generation: int) -> None:
    """Delete what a generation left. Never the one that readers see."""
    with transaction(context) as cursor:
        take_time(cursor)
        cursor.execute("select live from bank_projection where name = %s", (projection.name,))
        if cursor.fetchall() == [(generation,)]:
            raise ValueError(f"generation {generation} of {projection.name} is live")
        for table in projection.tables:
            cursor.execute(sql.SQL("delete from {} where generation = %s").format(sql.Identifier(table)), (generation,))
        for table in ("bank_seen", "bank_rebuild"):
            cursor.execute(
                sql.SQL("delete from {} where projection = %s and generation = %s").format(sql.Identifier(table)),
                (projection.name, generation),
            )


@contextmanager
def _alone(context: str, projection: str) -> Iterator[None]:
    """One rebuild of a projection at a time: kept by a connection of its own, so that it goes when we do; and given
    back, because the server notices a moment later than we that a connection has ended."""
    wrapper = connections[context].copy(f"{context}_rebuild")
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, hashtext(%s))", (ONE_AT_A_TIME, projection))
            if not cursor.fetchone()[0]:
                raise RebuildFailed(f"{projection} is being rebuilt by somebody else")
            try:
                yield
            finally:
                with suppress(OperationalError, InterfaceError):  # then it went with the connection
                    cursor.execute("select pg_advisory_unlock(%s, hashtext(%s))", (ONE_AT_A_TIME, projection))
    finally:
        wrapper.close()
