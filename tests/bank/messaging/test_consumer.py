"""Consumers: a message takes effect exactly once; who goes round is alive, and relays what its work published."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid5

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache

from bank.console import dashboard
from bank.execution import execute
from bank.failpoints import Failed, armed
from bank.messaging import brokers, consumer, doorbell, liveness, relay, topology
from bank.messaging.brokers import Consumer, Delivery
from bank.messaging.consumer import Listener
from bank.messaging.messages import unbundle
from bank.messaging.sinks import Reactions
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import ECHOING, TICKING, tick
from tests.bank.messaging.hearing import EVERY, echoed, envelopes, hear, listener, publish

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]


# Exactly once.


def test_a_message_makes_the_reaction_happen(bound: None) -> None:
    execute(TICKING, [tick("a", 3)])
    publish()
    hear()
    assert echoed("a") == (1, 2, 3)


def test_a_message_delivered_twice_takes_effect_once(bound: None) -> None:
    execute(TICKING, [tick("a", 3)])
    with armed("after_publish"), pytest.raises(Failed):
        publish()
    publish()
    hear()
    assert echoed("a") == (1, 2, 3)


def test_a_consumer_that_dies_before_its_acknowledgement_does_not_apply_again(bound: None) -> None:
    execute(TICKING, [tick("a", 3)])
    publish()
    heard = listener()
    heard._caught_up_at = 1e12  # the broker alone

    with closing(brokers.consumer(heard.queue)) as broker, armed("after_apply"), pytest.raises(Failed):
        heard.turn(broker, wait_s=5)
    assert echoed("a") == (1, 2, 3)
    hear()

    assert echoed("a") == (1, 2, 3)


def test_a_consumer_that_dies_before_its_commit_applies_when_it_comes_back(bound: None) -> None:
    execute(TICKING, [tick("a", 3)])
    publish()
    heard = listener()
    heard._caught_up_at = 1e12

    with closing(brokers.consumer(heard.queue)) as broker, armed("before_commit"), pytest.raises(Failed):
        heard.turn(broker, wait_s=5)
    assert echoed("a") == ()
    hear()

    assert echoed("a") == (1, 2, 3)


def test_a_second_consumer_of_a_queue_waits_until_the_first_is_gone(bound: None) -> None:
    execute(TICKING, [tick("a")])
    queue = topology.reactions(ECHOING, 0)
    with closing(brokers.consumer(queue)) as first:
        publish()
        (delivery,) = first.read(10, 5)
        with closing(brokers.consumer(queue)) as second:
            assert second.read(10, 0.3) == []
            first.close()
            taken: list[Delivery] = []
            for _ in range(20):
                taken = taken or second.read(10, 0.5)
            assert [d.body for d in taken] == [delivery.body]


def everything(consumer: Consumer, count: int) -> list[Delivery]:
    """So many deliveries, in as many reads as it takes. pgmq gives those not acknowledged again and again."""
    found: dict[int, Delivery] = {}
    for _ in range(40):
        found |= {delivery.tag: delivery for delivery in consumer.read(100, 0.5)}
        if len(found) >= count:
            break
    return list(found.values())


def test_what_was_read_and_not_acknowledged_comes_again_in_order(bound: None) -> None:
    for n in "abcdef":
        execute(TICKING, [tick(n, 2)])
        publish()
    queue = topology.reactions(ECHOING, 0)
    with closing(brokers.consumer(queue)) as first:
        all_of_it = everything(first, 6)
        first.ack(all_of_it[1])
    with closing(brokers.consumer(queue)) as second:
        again = everything(second, 4)
    assert [d.body for d in again] == [d.body for d in all_of_it[2:]]


def test_a_burst_is_read_as_a_batch(bound: None) -> None:
    execute(TICKING, [tick("a", 1000)])
    with closing(brokers.consumer(topology.reactions(ECHOING, 0))) as broker:
        publish()
        time.sleep(0.5)
        found, reads = 0, 0
        while found < 20:
            deliveries = broker.read(100, 5)
            broker.ack(deliveries[-1])
            found, reads = found + len(deliveries), reads + 1
    assert reads < 10


def test_who_waits_at_an_empty_queue_is_woken_by_what_comes(bound: None) -> None:
    execute(TICKING, [tick("a")])
    with closing(brokers.consumer(topology.reactions(ECHOING, 0))) as broker, ThreadPoolExecutor(1) as pool:
        assert broker.read(10, 0) == []
        woken = pool.submit(broker.read, 10, 10)
        time.sleep(0.5)
        publish()
        assert len(woken.result()) == 1


# Alive is who goes round.


def test_a_consumer_is_heard_of_while_it_goes_round_and_forgotten_when_it_does_not(
    monkeypatch: pytest.MonkeyPatch, bound: None
) -> None:
    monkeypatch.setattr(liveness, "_reported_at", {})
    cache.clear()
    assert "silent" in dashboard.consumers(ECHOING)
    execute(TICKING, [tick("a")])
    publish()
    hear()
    assert "✓ 0 s ago" in dashboard.consumers(ECHOING)
    monkeypatch.setattr(dashboard, "SILENT_S", -1)
    assert "silent" in dashboard.consumers(ECHOING)
    assert dashboard.consumers(TICKING) == "–"


@contextmanager
def running(*found: Listener) -> Iterator[None]:
    """These listeners as their process runs them."""
    stop = found[0].stop
    thread = threading.Thread(target=consumer.run, args=(found, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def heartbeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(doorbell, "_at_home", set())
    monkeypatch.setenv("BANK_HEARTBEATS", str(tmp_path))
    return tmp_path


def test_a_consumer_that_goes_round_has_a_heartbeat(heartbeats: Path) -> None:
    with running(listener()):
        until((heartbeats / "consume-cards").exists)


def test_a_consumer_that_reaches_no_broker_has_none_though_its_process_lives(
    heartbeats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(django_settings, "BROKER_DATABASE_URL", "")
        patch.setattr(django_settings, "BROKER_URL", "amqp://guest:guest@127.0.0.1:1//")
        with running(listener()):
            time.sleep(2.5)
        assert list(heartbeats.iterdir()) == []


def test_a_consumer_whose_database_connections_died_goes_on_with_new_ones(
    rows: Rows, bound: None, heartbeats: Path
) -> None:
    with running(listener()):
        execute(TICKING, [tick("a")])
        publish()
        until(lambda: echoed("a") == (1,))
        assert rows("cards", KILL_THE_OTHERS)
        execute(TICKING, [tick("a")])
        publish()
        until(lambda: echoed("a") == (1, 2))


def test_a_relay_whose_database_connection_died_goes_on_with_a_new_one(rows: Rows) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=consumer.attend, args=("accounts", stop))
    thread.start()
    try:
        until(lambda: relay.call("accounts"))
        assert rows("accounts", KILL_THE_OTHERS)
        execute(TICKING, [tick("a")])
        until(lambda: relay.oldest("accounts") is None)
    finally:
        stop.set()
        thread.join()


KILL_THE_OTHERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""


# The next hop.


def test_a_consumer_relays_what_its_own_work_published(
    rows: Rows, bound: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "_at_home", {"cards"})
    execute(TICKING, [tick("a", 3)])
    publish()
    hear()
    assert rows("cards", "select count(*) from bank_outbox") == [(0,)]
    with closing(brokers.consumer(topology.views("bankview", 0))) as broker:
        heard = everything(broker, 2)
    assert {e.type for d in heard for e in unbundle(d.body)} == {"accounts.Ticked.v1", "cards.Echoed.v1"}


def test_a_reaction_has_the_same_command_id_whenever_its_message_comes(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    (envelope,) = envelopes(rows)
    first, second = Reactions(ECHOING).units(envelope), Reactions(ECHOING).units(envelope)
    assert [unit.id for unit in first] == [unit.id for unit in second]
    assert first[0].id == uuid5(envelope.id, "repeat/0"), "what was executed before today has this id"
    assert first[0].origin is not None
    assert (first[0].origin.causation_id, first[0].origin.actor) == (envelope.id, "context:cards")


def test_a_reaction_whose_function_is_renamed_keeps_its_command_ids(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    (envelope,) = envelopes(rows)
    before = ECHOING.subscriptions[envelope.type]
    renamed = replace(ECHOING, subscriptions={envelope.type: replace(before, react=lambda heard: before.react(heard))})
    assert [u.id for u in Reactions(renamed).units(envelope)] == [u.id for u in Reactions(ECHOING).units(envelope)]
