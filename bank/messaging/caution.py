"""A message that ends the interpreter, by a segfault or the out-of-memory killer, leaves no exception to be parked by.

A consumer's process notes that it starts, and, once it has looked at the feeds again, that it came so far. Two that did
not make the next one careful: it takes one message at a time, and notes each before it applies it. A note that is still
there when the message comes again is a death; after two of them the message is parked.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError

from bank.db import LIMITS
from bank.db import cursor as open_cursor
from bank.projections.projecting import Stream

log = logging.getLogger(__name__)

EARLY_DEATHS: Final = 2
DEATHS: Final = 2

TRIED_LOCK: Final = 0x74726965
LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
"""What passes: a connection that is gone (08, 57P), a conflict (40), a server without resources or disks (53, 58), a
lock not had in time (55P03)."""

TOO_MUCH: Final = (psycopg.errors.QueryCanceled, *LIMITS)
"""What does not, though it is `LOST` by its class: it takes too long (57014), or exceeds a limit of PostgreSQL (54)."""

Place = tuple[str, str, str, int]
"""Consumer, source, stream and version."""

_one_at_a_time = threading.Lock()
"""Several listeners may share a process, and one note must say who ended it."""

_outlived: set[tuple[str, Place]] = set()
"""Notes that could not be taken back, because the context's database did not answer: this process lives, so what they
are of was no death. They are taken back before this process tries anything else there."""


class Deadly(Exception):
    """Whoever applied this message ended with it."""

    def __init__(self) -> None:
        super().__init__(f"{DEATHS} processes ended while they applied it")


# Starts.


def begun(context: str, queue: str) -> int:
    """Note that a queue's listener starts; returns how many did before and neither came far nor ended well."""
    with open_cursor(context) as cursor:
        cursor.execute(
            "insert into bank_start (queue, early) values (%s, 1)"
            " on conflict (queue) do update set early = bank_start.early + 1 returning early - 1",
            (queue,),
        )
        return int(cursor.fetchall()[0][0])


def came_far(context: str, queue: str) -> None:
    with open_cursor(context) as cursor:
        cursor.execute("update bank_start set early = 0 where queue = %s", (queue,))


def ended_well(context: str, queue: str) -> None:
    with open_cursor(context) as cursor:
        cursor.execute("update bank_start set early = greatest(early - 1, 0) where queue = %s", (queue,))


# Tries.


@contextmanager
def noted(context: str, consumer: str, stream: Stream, version: int) -> Iterator[None]:
    """Try a message, alone in this process, and alone with this message among all. Raises `Deadly` instead."""
    place = (consumer, *stream, version)
    with _one_at_a_time:
        _take_back_outlived(context)
        tried = _begin(context, place)
        try:
            if tried > DEATHS:
                raise Deadly
            yield
        except Exception:
            with suppress(*LOST):
                _end(context, place)
            raise
        _end(context, place)


def _take_back_outlived(context: str) -> None:
    """Other processes may have added tries of their own meanwhile, which stand."""
    for place in sorted(place for name, place in _outlived if name == context):
        with open_cursor(context) as cursor:
            cursor.execute(f"delete from bank_tried where {THERE} and times <= 1", place)  # noqa: S608
            cursor.execute(f"update bank_tried set times = times - 1 where {THERE}", place)  # noqa: S608
        _outlived.discard((context, place))


def _begin(context: str, place: Place) -> int:
    """Which try it is. The lock goes with the connection: who gets it while there is a note has outlived the other."""
    with open_cursor(context) as cursor:
        cursor.execute(f"select pg_advisory_lock(%s, {PLACE})", (TRIED_LOCK, *place))
        cursor.execute(
            "insert into bank_tried (consumer, source, stream, version) values (%s, %s, %s, %s)"
            " on conflict (consumer, source, stream, version) do update set times = bank_tried.times + 1"
            " returning times",
            place,
        )
        return int(cursor.fetchall()[0][0])


def _end(context: str, place: Place) -> None:
    try:
        with open_cursor(context) as cursor:
            cursor.execute(f"delete from bank_tried where {THERE}", place)  # noqa: S608
            cursor.execute(f"select pg_advisory_unlock(%s, {PLACE})", (TRIED_LOCK, *place))
    except LOST:
        _outlived.add((context, place))
        raise


THERE: Final = "consumer = %s and source = %s and stream = %s and version = %s"
PLACE: Final = "hashtext(concat_ws(' ', %s::text, %s::text, %s::text, %s::int))"
