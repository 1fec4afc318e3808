"""The feed misses nothing and reorders nothing while transactions commit out of order, roll back and are killed."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import uuid4

import django.db
import msgspec
import psycopg
import pytest
from django.db import connections

from bank.context import Cursor
from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.execution import execute
from bank.history import eventstore
from bank.history.eventstore import GENESIS, FeedRow, read_feed, read_heads, watermark
from bank.messaging.messages import unwrap
from bank.recorded import Metadata
from tests.bank.examples.counting import COUNTING, add

pytestmark = pytest.mark.django_db(databases=["accounts", "cards"], transaction=True)

WRITERS = 8
PER_WRITER = 60

INSERT = (
    "insert into bank_event (stream, version, type, data, metadata, recorded_at, hash)"
    " values (%s, %s, 'Added.v1', '{\"amount\":1}', %s, now(), %s)"
)


class Rolled(Exception):
    """A writer changes its mind."""


def metadata() -> str:
    id = uuid4()
    return msgspec.json.encode(Metadata(id, id, id, id, "service:test", 1)).decode()


def write(stream: str, chance: random.Random, victims: list[int]) -> None:
    """Append versions one by one, each in its own transaction that lingers, sometimes rolls back, sometimes dies."""
    written = 0
    while written < PER_WRITER:
        try:
            with transaction("accounts") as cursor:
                if chance.random() < 0.1:
                    cursor.execute("select pg_backend_pid()")
                    ((pid,),) = cursor.fetchall()
                    victims.append(pid)
                cursor.execute(INSERT, (stream, written + 1, metadata(), GENESIS))
                time.sleep(chance.random() * 0.01)
                if chance.random() < 0.2:
                    raise Rolled
            written += 1
        except Rolled:
            continue
        except (psycopg.OperationalError, django.db.OperationalError):
            connections["accounts"].close()
            written = stored(stream)
    connections.close_all()


def stored(stream: str) -> int:
    """The answer to a commit can be lost while the row is durable: look again."""
    with transaction("accounts") as cursor:
        cursor.execute("select count(*) from bank_event where stream = %s", (stream,))
        ((count,),) = cursor.fetchall()
    return int(count)


def test_a_reader_misses_and_reorders_nothing() -> None:
    seen: list[tuple[str, int]] = []
    victims: list[int] = []
    killed = []
    threads = [threading.Thread(target=write, args=(f"counter-{n}", random.Random(n), victims)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()

    position = 0
    while any(thread.is_alive() for thread in threads) or watermark("accounts") > position:
        rows, position = read_feed(COUNTING, after=position, limit=50)
        envelopes = [unwrap(row.message) for row in rows]
        seen += [(envelope.stream, envelope.version) for envelope in envelopes]
        while victims:
            killed += kill(victims.pop())

    assert len(killed) >= 5, "too few backends were killed for this test to mean anything"
    assert len(seen) == len(set(seen)) == WRITERS * PER_WRITER
    for n in range(WRITERS):
        assert [version for stream, version in seen if stream == f"counter-{n}"] == list(range(1, PER_WRITER + 1))


def kill(pid: int) -> list[int]:
    with transaction("accounts") as cursor:
        cursor.execute("select pg_terminate_backend(%s)", (pid,))
        ((landed,),) = cursor.fetchall()
    return [pid] if landed else []


@contextmanager
def lingering(context: str, statement: str, *params: object) -> Iterator[None]:
    """Somebody has done this in a transaction and commits only at the end."""
    started, finish = threading.Event(), threading.Event()

    def linger() -> None:
        with transaction(context) as cursor:
            cursor.execute(statement, params)
            started.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=linger)
    thread.start()
    try:
        assert started.wait(10)
        yield
    finally:
        finish.set()
        thread.join()


def event(stream: str) -> tuple[str, int, str, bytes]:
    return stream, 1, metadata(), GENESIS


def append(stream: str) -> None:
    with transaction("accounts") as cursor:
        cursor.execute(INSERT, event(stream))


def streams(rows: list[FeedRow]) -> list[str]:
    return [unwrap(row.message).stream for row in rows]


def test_an_open_transaction_holds_the_watermark_below_its_event() -> None:
    with lingering("accounts", INSERT, *event("counter-slow")):
        append("counter-fast")
        early, position = read_feed(COUNTING)
    late, _ = read_feed(COUNTING, after=position)

    assert early == []
    assert streams(late) == ["counter-slow", "counter-fast"]


def test_a_reader_never_goes_back_for_a_writer_who_is_late_with_his_lock() -> None:
    append("counter-fast")
    _, position = read_feed(COUNTING)
    with lingering("accounts", "select pg_advisory_xact_lock_shared((1::bigint << 48) | %s)", position - 1):
        assert watermark("accounts") < position
        assert read_feed(COUNTING, after=position) == ([], position)
        assert read_heads(COUNTING, after=position).watermark == position


def test_a_position_that_nobody_has_drawn_is_no_place_to_be() -> None:
    """Asked for what comes after it, a source says how far it is: its watermark, or that it was restored."""
    append("counter-fast")
    _, position = read_feed(COUNTING)
    assert read_feed(COUNTING, after=position + 1) == ([], position)


def test_an_open_transaction_of_another_database_holds_nothing_back() -> None:
    with lingering("cards", INSERT, *event("counter-slow")):
        append("counter-fast")
        assert streams(read_feed(COUNTING)[0]) == ["counter-fast"]


def test_who_waits_for_his_stream_holds_nobody_elses_events_back() -> None:
    """Heads are locked before events are inserted: until he has his, he holds no place in the feed."""
    execute(COUNTING, [add("busy", 1)])

    def wait_and_add() -> None:
        execute(COUNTING, [add("busy", 1)])
        connections.close_all()

    waiting = threading.Thread(target=wait_and_add)
    with lingering("accounts", "select 1 from bank_head where stream = %s for update", "counter-busy"):
        waiting.start()
        until_somebody_waits()
        execute(COUNTING, [add("free", 1)])
        seen = streams(read_feed(COUNTING)[0])
    waiting.join()

    assert seen == ["counter-busy", "counter-free"]


def until_somebody_waits() -> None:
    waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    for _ in range(500):
        with transaction("accounts") as cursor:
            cursor.execute(waits)
            if cursor.fetchall() != [(0,)]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@dataclass
class Interrupted:
    """A cursor whose first statement is followed by something that others do."""

    cursor: Cursor
    then: Callable[[], object]
    done: bool = False

    def execute(self, query: str) -> None:
        self.cursor.execute(query)
        if not self.done:
            self.done = True
            self.then()

    def fetchall(self) -> list[tuple[int | None]]:
        return self.cursor.fetchall()


def test_who_begins_between_a_readers_two_looks_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was drawn is read before who holds it: the other way round an event would be below, and not yet there."""
    with ExitStack() as later, monkeypatch.context() as patch:

        @contextmanager
        def interrupted(context: str) -> Iterator[Interrupted]:
            begin = lingering("accounts", INSERT, *event("counter-slow"))
            with open_cursor(context) as cursor:
                yield Interrupted(cursor, lambda: later.enter_context(begin))

        patch.setattr(eventstore, "open_cursor", interrupted)
        assert watermark("accounts") == 0
    assert streams(read_feed(COUNTING)[0]) == ["counter-slow"]


def test_what_was_rolled_back_leaves_a_hole_that_nobody_waits_for() -> None:
    with pytest.raises(Rolled), transaction("accounts") as cursor:
        cursor.execute(INSERT, event("counter-never"))
        raise Rolled
    append("counter-after")
    rows, position = read_feed(COUNTING)
    assert (streams(rows), position) == (["counter-after"], 2)


def test_without_its_trigger_a_reader_would_miss_events() -> None:
    """The remedy taken away: the same story goes wrong, so the test above can fail."""
    switch("disable")
    try:
        with lingering("accounts", INSERT, *event("counter-slow")):
            append("counter-fast")
            _, position = read_feed(COUNTING)
        missed, _ = read_feed(COUNTING, after=position)
    finally:
        switch("enable")

    assert missed == []


def switch(to: str) -> None:
    with transaction("accounts") as cursor:
        cursor.execute(f"alter table bank_event {to} trigger bank_event_watermark")
