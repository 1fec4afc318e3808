"""A consumer is up when what is sent to its queue is heard: by it, or by another one behind which it waits."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from bank.execution import execute
from bank.messaging import brokers, consumer, liveness
from bank.messaging.brokers.base import Consumer
from bank.messaging.consumer import Listener
from bank.messaging.topology import EXCHANGE, Queue
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import TICKING, tick
from tests.bank.messaging.hearing import EVERY, echoed, listener, parked, publish

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking", "nobody_said_anything"),
]


@pytest.fixture
def nobody_said_anything(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(liveness, "EVERY_S", 0)
    cache.clear()
    yield
    cache.clear()


def goes_round(heard: Listener, broker: Consumer) -> int:
    """For the broker's messages alone: the feed has nothing to add."""
    heard._caught_up_at = 1e12
    return heard.turn(broker, wait_s=0)


def hears_its_canary(heard: Listener, broker: Consumer) -> None:
    consumer.sing([heard])
    assert heard.turn(broker, wait_s=20) == 1


def is_up(heard: Listener) -> bool:
    """Asked anew each time."""
    return heard.is_up


class Rounds(threading.Event):
    """Stopped after so many rounds."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


def test_who_goes_round_and_has_heard_nothing_is_not_up_until_its_canary_comes(bound: None, rows: Rows) -> None:
    heard = listener()
    with closing(brokers.consumer(heard.queue)) as broker:
        goes_round(heard, broker)
        assert heard.turns
        assert not is_up(heard)
        hears_its_canary(heard, broker)
        assert is_up(heard)
    assert rows("cards", "select count(*) from bank_parked") == [(0,)]
    assert parked(rows) == []


def test_who_waits_behind_another_is_up_as_long_as_that_one_hears(
    bound: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_HEARTBEATS", str(tmp_path))
    first, second = listener(), listener()
    with closing(brokers.consumer(first.queue)) as active, closing(brokers.consumer(second.queue)) as waiting:
        goes_round(first, active)
        goes_round(second, waiting)
        hears_its_canary(first, active)
        goes_round(second, waiting)
        assert is_up(second)
        assert not second.hears
        consumer.show_life([second], Rounds(1))
        assert (tmp_path / "consume-cards").exists()

        (tmp_path / "consume-cards").unlink()
        cache.clear()  # the first one has not said for a while that it hears
        goes_round(second, waiting)
        assert second.turns
        assert not is_up(second)
        consumer.show_life([second], Rounds(2))
        assert not (tmp_path / "consume-cards").exists()


def test_a_queue_that_was_unbound_is_bound_again_with_its_next_canary(bound: None) -> None:
    heard = listener()
    with closing(brokers.consumer(heard.queue)) as broker:
        goes_round(heard, broker)
        unbind(heard.queue)
        execute(TICKING, [tick("a")])
        publish()
        assert goes_round(heard, broker) == 0
        hears_its_canary(heard, broker)
        execute(TICKING, [tick("b")])
        publish()
        assert heard.turn(broker, wait_s=20) == 1
    assert (echoed("a"), echoed("b")) == ((), (1,))


def unbind(queue: Queue) -> None:
    if settings.BROKER_DATABASE_URL:
        import psycopg

        with psycopg.connect(settings.BROKER_DATABASE_URL) as connection:
            connection.execute("delete from pgmq.topic_bindings where queue_name = %s", [queue.name])
        return
    from bank.messaging.brokers import amqp

    with closing(amqp._connect(settings.BROKER_URL)) as connection:
        for pattern in queue.bindings:
            connection.channel().queue_unbind(amqp.named(queue.name), amqp.named(EXCHANGE), pattern)
