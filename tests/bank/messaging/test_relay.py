"""The relay: every committed event leaves the outbox, in order per stream, whatever breaks on the way."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import msgspec
import psycopg
import pytest
from django.conf import settings
from django.db import connections

from bank.db import transaction
from bank.execution import execute
from bank.failpoints import Failed, armed
from bank.messaging import brokers, relay, signing, topology
from bank.messaging.brokers import BrokerLost, Bundle, Publisher, pgmq
from bank.messaging.messages import Envelope, unbundle
from bank.messaging.messages import lane as lane_of
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import COUNTING_UP, TICKING, tick

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "cards", "bankview"], transaction=True),
    pytest.mark.usefixtures("broker"),
]

VIEWS = topology.views(COUNTING_UP.name, 0)


def published() -> list[Envelope]:
    """Everything in the catch-all queue, which is empty afterwards."""
    found: list[Envelope] = []
    with closing(brokers.consumer(VIEWS)) as consumer:
        while deliveries := consumer.read(500, 0.3):
            for delivery in deliveries:
                signing.check(delivery)
                found += unbundle(delivery.body)
            consumer.ack(deliveries[-1])
    return found


def order_kept(envelopes: list[Envelope]) -> bool:
    """Each stream's versions rise, repeats apart."""
    last: dict[str, int] = {}
    for envelope in envelopes:
        if envelope.version > last.get(envelope.stream, 0) + 1:
            return False
        last[envelope.stream] = max(envelope.version, last.get(envelope.stream, 0))
    return True


class Silent(Publisher):
    def sing(self, queues: Sequence[topology.Queue]) -> None:
        raise AssertionError("nobody asked for a canary")

    def close(self) -> None:
        return


class Faulty(Silent):
    """A publisher whose connection breaks after some bundles: they have arrived, and nobody was told."""

    def __init__(self, after: int) -> None:
        self.after = after

    def publish(self, bundles: Sequence[Bundle]) -> None:
        brokers.publisher().publish(bundles[: self.after])
        raise BrokerLost("cut")


class Listening(Silent):
    """A publisher that notes what it is given, and takes it."""

    def __init__(self) -> None:
        self.sent: list[Bundle] = []

    def publish(self, bundles: Sequence[Bundle]) -> None:
        self.sent.extend(bundles)


def test_what_was_committed_is_published_and_leaves_the_outbox(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3), tick("b", 2)])

    assert relay.drain("accounts", brokers.publisher()) == 5

    assert sorted((e.stream, e.version) for e in published()) == [
        ("ticker-a", 1), ("ticker-a", 2), ("ticker-a", 3), ("ticker-b", 1), ("ticker-b", 2),
    ]  # fmt: skip
    assert rows("accounts", "select count(*) from bank_outbox") == [(0,)]


def test_a_bundle_holds_rows_that_take_the_same_way_in_their_order_and_no_more_than_fifty(rows: Rows) -> None:
    execute(TICKING, [tick("a", 120), tick("b", 10)])
    publisher = Listening()
    relay.drain("accounts", publisher)

    assert [len(unbundle(bundle.body)) for bundle in publisher.sent] == [50, 50, 30]
    assert order_kept([envelope for bundle in publisher.sent for envelope in unbundle(bundle.body)])


def test_no_bundle_holds_streams_that_are_heard_by_different_queues(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LANE_GROUPS", 3)
    execute(TICKING, [tick(str(n), 3) for n in range(40)])
    publisher = Listening()
    relay.drain("accounts", publisher)

    for bundle in publisher.sent:
        groups = {lane_of(envelope.stream) % 3 for envelope in unbundle(bundle.body)}
        assert [f"{group}.accounts" for group in groups] == [bundle.routing_key]
    assert order_kept([envelope for bundle in publisher.sent for envelope in unbundle(bundle.body)])


def test_relays_in_parallel_keep_the_order_inside_each_stream(rows: Rows) -> None:
    stop = threading.Event()

    def write(name: str) -> None:
        try:
            for _ in range(25):
                execute(TICKING, [tick(f"{name}{n}", 2) for n in range(4)])
        finally:
            connections.close_all()

    def carry(_: int) -> int:
        publisher, sent = brokers.new_publisher(), 0
        try:
            while True:
                done = stop.is_set()
                round_sent = relay.drain("accounts", publisher)
                sent += round_sent
                if done and not round_sent:
                    return sent
        finally:
            publisher.close()
            connections.close_all()

    with ThreadPoolExecutor(7) as pool:
        relays = [pool.submit(carry, n) for n in range(4)]
        for future in [pool.submit(write, name) for name in "xyz"]:
            future.result()
        stop.set()
        sent = [future.result() for future in relays]
    while relay.drain("accounts", brokers.publisher()):
        pass

    envelopes = published()
    assert len(envelopes) == 3 * 25 * 4 * 2
    assert order_kept(envelopes)
    assert sum(1 for n in sent if n) >= 2, f"one relay did it all: {sent}"


def test_what_is_committed_after_a_lanes_holder_has_looked_is_sent_by_whoever_comes_next(rows: Rows) -> None:
    """The next hop is often quicker than the relay that sent this one: the answer meets a lane not yet released."""
    sent, answered = threading.Event(), threading.Event()

    class Held(Silent):
        def publish(self, bundles: Sequence[Bundle]) -> None:
            sent.set()
            assert answered.wait(20)

    def carry() -> int:
        try:
            return relay.drain("accounts", Held())
        finally:
            connections.close_all()

    execute(TICKING, [tick("a")])
    with ThreadPoolExecutor(2) as pool:
        holder = pool.submit(carry)
        assert sent.wait(20)
        execute(TICKING, [tick("a")])
        newcomer = pool.submit(carry)
        while not (newcomer.done() or rows("accounts", WAITS_FOR_A_LANE)):
            pass
        answered.set()
        assert (holder.result(), newcomer.result()) == (1, 1)
    assert relay.oldest("accounts") is None


WAITS_FOR_A_LANE = "select 1 from pg_locks where locktype = 'advisory' and not granted"


def test_a_connection_lost_while_publishing_loses_nothing(rows: Rows) -> None:
    execute(TICKING, [tick(str(n), 5) for n in range(20)])

    for after in (0, 1, 3):
        with pytest.raises(BrokerLost):
            relay.drain("accounts", Faulty(after))
    assert rows("accounts", "select count(*) from bank_outbox") == [(100,)]
    relay.drain("accounts", brokers.publisher())

    envelopes = published()
    assert len({(e.stream, e.version) for e in envelopes}) == 100
    assert len(envelopes) > 100, "no bundle had arrived before the cut"
    assert order_kept(envelopes)


def test_a_relay_that_dies_between_the_broker_and_its_commit_sends_again(rows: Rows) -> None:
    execute(TICKING, [tick("a", 2)])

    with armed("after_publish"), pytest.raises(Failed):
        relay.drain("accounts", brokers.publisher())
    relay.drain("accounts", brokers.publisher())

    assert [e.version for e in published()] == [1, 2, 1, 2]


def test_a_message_that_no_queue_takes_is_a_failure_and_stays(rows: Rows, settings: object) -> None:
    settings.CATCH_ALL_CONTEXTS = ()  # type: ignore[attr-defined]
    consumer = brokers.consumer(topology.Queue("cards.reactions.0", ("0.nobody",)))  # the exchange exists
    execute(TICKING, [tick("a")])

    with pytest.raises(BrokerLost, match="no queue is bound"):
        relay.drain("accounts", brokers.publisher())

    assert rows("accounts", "select count(*) from bank_outbox") == [(1,)]
    consumer.close()


def test_a_row_that_cannot_be_published_waits_then_blocks_its_stream_while_the_lane_goes_on(rows: Rows) -> None:
    execute(TICKING, [tick("a", 2)])
    lane = rows("accounts", "select lane from bank_outbox limit 1")[0][0]
    neighbour = next(name for name in map(str, range(1000)) if lane_of(f"ticker-{name}") == lane)
    rows("accounts", "update bank_outbox set payload = '{' where seq = (select min(seq) from bank_outbox) returning 1")
    execute(TICKING, [tick(neighbour)])

    assert relay.drain("accounts", brokers.publisher()) == 1
    assert [e.stream for e in published()] == [f"ticker-{neighbour}"]
    assert rows("accounts", "select attempts, blocked_at, error from bank_outbox order by seq limit 1") == [
        (1, None, "not JSON")
    ]

    for _ in range(relay.ATTEMPTS - 1):
        assert relay.drain("accounts", brokers.publisher()) == 0
        rows("accounts", "update bank_outbox set retry_at = now() where retry_at is not null returning 1")
        relay.drain("accounts", brokers.publisher())
    assert rows("accounts", "select count(*) from bank_outbox where blocked_at is not null") == [(1,)]
    execute(TICKING, [tick("a"), tick(neighbour)])
    assert relay.drain("accounts", brokers.publisher()) == 1
    assert [e.stream for e in published()] == [f"ticker-{neighbour}"]


def test_a_round_of_nothing_but_rows_that_cannot_be_published_sends_nothing(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    rows("accounts", "update bank_outbox set payload = '{' returning 1")
    publisher = Listening()
    relay.drain("accounts", publisher)
    assert publisher.sent == []


def test_lanes_are_taken_in_one_statement_and_read_in_the_next() -> None:
    """In one statement the rows would be those of before the lane was free: sent already, by its last holder."""
    assert "advisory" in relay.TAKE_LANES
    assert "payload" not in relay.TAKE_LANES
    assert "advisory" not in relay.ROWS


def test_an_operator_unblocks_a_stream(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    rows("accounts", "update bank_outbox set blocked_at = now(), attempts = 5, error = 'x' returning 1")
    assert relay.drain("accounts", brokers.publisher()) == 0

    assert relay.unblock("accounts", "ticker-a") == 1

    assert relay.drain("accounts", brokers.publisher()) == 1


def test_an_event_larger_than_a_bundle_may_be_is_set_back(rows: Rows) -> None:
    execute(TICKING, [tick("a"), tick("b")])
    huge = msgspec.json.encode({"x": "y" * relay.BUNDLE_BYTES}).decode()
    rows("accounts", "update bank_outbox set payload = %s where aggregateid = 'ticker-a' returning 1", huge)

    assert relay.drain("accounts", brokers.publisher()) == 1
    assert rows("accounts", "select attempts from bank_outbox") == [(1,)]


def test_rows_committed_while_others_are_published_are_not_skipped(rows: Rows) -> None:
    """Rows are taken and deleted by name, not "up to the highest seen": what commits late has a low number."""
    with transaction("accounts") as cursor:
        cursor.execute("select setval(pg_get_serial_sequence('bank_outbox', 'seq'), 100)")
    execute(TICKING, [tick("a")])
    relay.drain("accounts", brokers.publisher())
    rows("accounts", "select setval(pg_get_serial_sequence('bank_outbox', 'seq'), 1, false)")
    execute(TICKING, [tick("b")])

    assert relay.drain("accounts", brokers.publisher()) == 1


def test_no_more_relays_than_slots_work_on_an_outbox(settings: object) -> None:
    settings.RELAYS = 1  # type: ignore[attr-defined]
    execute(TICKING, [tick("a")])

    def second() -> int:
        try:
            return relay.relay(["accounts"], brokers.new_publisher(), linger_s=0)
        finally:
            connections.close_all()

    with relay._slot("accounts") as free, ThreadPoolExecutor(1) as pool:
        assert free
        assert pool.submit(second).result() == 0
    assert relay.relay(["accounts"], brokers.publisher(), linger_s=0) == 1


def test_a_relay_lingers_for_the_next_hop(rows: Rows) -> None:
    with ThreadPoolExecutor(1) as pool:

        def carry() -> int:
            try:
                return relay.relay(["accounts"], brokers.publisher(), linger_s=1.0)
            finally:
                connections.close_all()

        sent = pool.submit(carry)
        execute(TICKING, [tick("a")])
        execute(TICKING, [tick("a")])
        assert sent.result() == 2


def test_the_outbox_waits_for_nobody_once_it_is_empty() -> None:
    assert relay.oldest("accounts") is None
    execute(TICKING, [tick("a")])
    assert relay.oldest("accounts") is not None


@pytest.mark.skipif(not settings.BROKER_DATABASE_URL, reason="the broker is RabbitMQ")
def test_a_queue_in_postgresql_keeps_bodies_uncompressed_also_one_that_was_there_before() -> None:
    storage = (
        "select c.relname, a.attstorage from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where a.attname = 'message' and c.relname in ('q_new.views.0', 'q_old.views.0') order by 1"
    )
    with psycopg.connect(settings.BROKER_DATABASE_URL, autocommit=True) as connection:
        connection.execute("select pgmq.create('old.views.0')")
        for queue in (topology.views("old", 0), topology.views("new", 0)) * 2:
            pgmq.declare(connection, queue)

        assert connection.execute(storage).fetchall() == [("q_new.views.0", "e"), ("q_old.views.0", "e")]
