"""The feed misses nothing and reorders nothing while transactions commit out of order, roll back and are killed."""

import random
import threading
import time
from uuid import uuid4

import django.db
import msgspec
import psycopg
import pytest
from django.db import connections

from bank.db import transaction
from bank.eventstore import GENESIS, read_feed, watermark
from bank.messages import unwrap
from bank.recorded import Metadata
from tests.bank.counting import COUNTING

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

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


def test_an_open_transaction_holds_the_watermark_below_its_event() -> None:
    started, finish = threading.Event(), threading.Event()

    def linger() -> None:
        with transaction("accounts") as cursor:
            cursor.execute(INSERT, ("counter-slow", 1, metadata(), GENESIS))
            started.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=linger)
    thread.start()
    assert started.wait(10)
    with transaction("accounts") as cursor:
        cursor.execute(INSERT, ("counter-fast", 1, metadata(), GENESIS))
    early, position = read_feed(COUNTING)
    finish.set()
    thread.join()
    late, _ = read_feed(COUNTING, after=position)

    assert early == []
    assert [unwrap(row.message).stream for row in late] == ["counter-slow", "counter-fast"]


def test_without_its_trigger_a_reader_would_miss_events() -> None:
    """The remedy taken away: the same story goes wrong, so the test above can fail."""
    started, finish = threading.Event(), threading.Event()
    with transaction("accounts") as cursor:
        cursor.execute("alter table bank_event disable trigger bank_event_watermark")

    def linger() -> None:
        with transaction("accounts") as cursor:
            cursor.execute(INSERT, ("counter-slow", 1, metadata(), GENESIS))
            started.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=linger)
    thread.start()
    try:
        assert started.wait(10)
        with transaction("accounts") as cursor:
            cursor.execute(INSERT, ("counter-fast", 1, metadata(), GENESIS))
        _, position = read_feed(COUNTING)
        finish.set()
        thread.join()
        missed, _ = read_feed(COUNTING, after=position)
    finally:
        finish.set()
        thread.join()
        with transaction("accounts") as cursor:
            cursor.execute("alter table bank_event enable trigger bank_event_watermark")

    assert [unwrap(row.message).stream for row in missed] == []
