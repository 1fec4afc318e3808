"""The way to the broker breaks: nothing is lost, nothing is out of order, and no confirm counts for another message."""

import socket
from collections.abc import Callable, Iterator
from threading import Timer

import pytest
from django.conf import settings

from bank.execution import execute
from bank.messaging import brokers, relay
from bank.messaging.brokers import BrokerLost, Bundle, Publisher, amqp, base
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import TICKING, tick
from tests.bank.messaging.test_relay import order_kept, published
from tests.bank.messaging.wire import Wire

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "cards", "bankview"], transaction=True),
    pytest.mark.usefixtures("broker"),
]
on_rabbitmq = pytest.mark.skipif(bool(settings.BROKER_DATABASE_URL), reason="confirms are RabbitMQ's")


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(settings.BROKER_DATABASE_URL or settings.BROKER_URL, 5672)
    yield wire
    wire.close()


@pytest.fixture
def publisher(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(settings, "BROKER_DATABASE_URL" if settings.BROKER_DATABASE_URL else "BROKER_URL", wire.url)
    publisher = brokers.new_publisher()
    monkeypatch.undo()
    yield publisher
    publisher.close()


def drained(publisher: Publisher) -> bool:
    """Whether a round came to its end and found nothing."""
    try:
        return relay.drain("accounts", publisher) == 0
    except BrokerLost:
        return False


def test_a_wire_cut_again_and_again_loses_nothing_and_keeps_order(wire: Wire, publisher: Publisher, rows: Rows) -> None:
    for _ in range(5):
        execute(TICKING, [tick(str(n), 20) for n in range(30)])
    wire.cut_after = 400_000
    rounds = 0
    while not drained(publisher):
        rounds += 1
        assert rounds < 60, "it does not come back"
        if rounds == 8:
            wire.cut_after = None

    envelopes = published()
    assert wire.cuts >= 3, "the wire was hardly cut"
    assert len({(e.stream, e.version) for e in envelopes}) == 5 * 20 * 30
    assert order_kept(envelopes)
    assert rows("accounts", "select count(*) from bank_outbox") == [(0,)]


@on_rabbitmq
def test_a_confirm_that_never_comes_is_a_failure_in_time(
    wire: Wire, publisher: Publisher, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "CONFIRM_TIMEOUT_S", 0.5)
    execute(TICKING, [tick("a")])
    relay.drain("accounts", publisher)
    execute(TICKING, [tick("a")])
    wire.hold()
    rescue = Timer(10, wire.release)
    rescue.start()

    with pytest.raises(BrokerLost):
        relay.drain("accounts", publisher)

    rescue.cancel()
    assert rows("accounts", "select count(*) from bank_outbox") == [(1,)]


@on_rabbitmq
def test_many_bundles_await_their_confirms_together(
    wire: Wire, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "CONFIRM_TIMEOUT_S", 0.5)
    assert isinstance(publisher, amqp.AmqpPublisher)
    bundle = Bundle("0.accounts", "accounts", "", b"[]")
    publisher.publish([bundle])
    wire.hold()
    with pytest.raises(BrokerLost):
        publisher.publish([bundle] * 100)
    assert len(publisher._unconfirmed) == 100


@on_rabbitmq
def test_small_messages_do_not_wait_for_more(publisher: Publisher) -> None:
    publisher.publish([Bundle("0.accounts", "accounts", "", b"[]")])
    assert isinstance(publisher, amqp.AmqpPublisher)
    assert publisher._connection.transport.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@on_rabbitmq
def test_a_confirm_that_comes_late_does_not_count_for_the_next_message(
    wire: Wire, publisher: Publisher, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """py-amqp does not compare tags: on the same channel the late confirm would answer for the message after it."""
    monkeypatch.setattr(amqp, "CONFIRM_TIMEOUT_S", 0.5)
    execute(TICKING, [tick("a")])
    relay.drain("accounts", publisher)
    execute(TICKING, [tick("a")])
    wire.hold()
    with pytest.raises(BrokerLost):
        relay.drain("accounts", publisher)
    wire.release()

    relay.drain("accounts", publisher)

    assert [e.version for e in published()] == [1, 2, 2]


@on_rabbitmq
@pytest.mark.parametrize(("answer", "why"), [("nack", "was refused"), ("unknown tag", "was not awaited")])
def test_a_refusal_or_a_confirm_of_something_else_drops_the_connection(
    publisher: Publisher, rows: Rows, answer: str, why: str
) -> None:
    assert isinstance(publisher, amqp.AmqpPublisher)
    execute(TICKING, [tick("a")])
    relay.drain("accounts", publisher)
    execute(TICKING, [tick("a")])
    before = publisher._connection
    listeners = publisher._channel.events["basic_ack"]
    listeners.clear()
    on_other: Callable[[int, bool], None] = lambda tag, multiple: publisher._on_ack(tag + 7, multiple)  # noqa: E731
    listeners.add(publisher._on_nack if answer == "nack" else on_other)

    with pytest.raises(BrokerLost, match=why):
        relay.drain("accounts", publisher)

    assert publisher._connection is None
    assert rows("accounts", "select count(*) from bank_outbox") == [(1,)]
    relay.drain("accounts", publisher)
    assert publisher._connection is not before


def test_a_relay_waits_for_its_broker_no_longer_than_its_database_waits_for_the_relay() -> None:
    options = settings.DATABASES["accounts"]["OPTIONS"]["options"]
    idle_ms = int(options.partition("idle_in_transaction_session_timeout=")[2].split()[0])
    assert idle_ms > base.CONFIRM_TIMEOUT_S * 1000
