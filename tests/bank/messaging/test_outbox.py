"""Who empties the outbox, and when: the bell on commit is a hint, the sweep is the guarantee."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from typing import Any

import kombu
import pytest
from celery import Celery
from django.conf import settings
from django.db import connections

from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.failpoints import Failed, armed, failpoint
from bank.messaging import brokers, doorbell, tasks
from bank.messaging import relay as relaying
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import ECHO, ECHOING, TICKING, Repeat, tick

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "customers", "cards", "loans", "bankview"], transaction=True),
    pytest.mark.usefixtures("broker"),
]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """When a task was sent, and for which context; the bell works, and nobody is behind the door."""
    calls: list[tuple[float, str]] = []

    def send(name: str, args: tuple[str], **options: Any) -> None:
        assert (name, options["retry"], options["expires"]) == ("bank.relay", False, doorbell.EXPIRES_S)
        calls.append((time.monotonic(), args[0]))

    monkeypatch.setattr(settings, "DOORBELL", True)
    monkeypatch.setattr(doorbell, "_bell", None)
    monkeypatch.setattr(Celery, "send_task", lambda app, *a, **k: send(*a, **k))
    return calls


def until(count: int, calls: list[tuple[float, str]]) -> list[tuple[float, str]]:
    deadline = time.monotonic() + 20
    while len(calls) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return calls


def test_a_commit_rings_and_a_rollback_does_not(sent: list[tuple[float, str]]) -> None:
    with pytest.raises(Failed), transaction("accounts"):
        execute(TICKING, [tick("a")])
        raise Failed("changed our mind")
    execute(TICKING, [])
    time.sleep(0.2)
    assert sent == []

    execute(TICKING, [tick("a")])
    assert [context for _, context in until(1, sent)] == ["accounts"]


@contextmanager
def attending() -> Iterator[None]:
    """A relay that attends the outbox of Accounts."""
    stop = threading.Event()

    def attend() -> None:
        try:
            relaying.attend("accounts", brokers.publisher(), stop)
        finally:
            brokers.forget_publisher()
            connections.close_all()

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        while not relaying.call("accounts"):
            time.sleep(0.01)
        yield
    finally:
        stop.set()
        relaying.call("accounts")
        thread.join()


def emptied(rows: Rows) -> bool:
    """Whether the outbox of Accounts is empty before long."""
    for _ in range(1000):
        if rows("accounts", "select count(*) from bank_outbox") == [(0,)]:
            return True
        time.sleep(0.01)
    return False


def test_a_relay_that_nobody_calls_looks_by_itself(rows: Rows) -> None:
    """A notification may be lost: it is a hint, and never the only one."""
    with attending():
        time.sleep(0.1)
        execute(TICKING, [tick("a")])
        assert emptied(rows)


def test_a_relay_that_attends_is_called_and_answers_without_a_task(sent: list[tuple[float, str]], rows: Rows) -> None:
    took = []
    with attending():
        for _ in range(5):
            time.sleep(0.05)
            execute(TICKING, [tick("a")])
            began = time.monotonic()
            while rows("accounts", "select count(*) from bank_outbox") != [(0,)]:
                time.sleep(0.001)
            took.append(time.monotonic() - began)
    assert sorted(took)[2] < relaying.ATTENTION_S / 2, f"it looked by itself, nobody called: {took}"
    assert sent == []


def test_many_commits_ring_once_in_a_while_and_the_last_one_is_heard(sent: list[tuple[float, str]]) -> None:
    for _ in range(100):
        doorbell.ring("accounts")
        time.sleep(0.003)
    last = time.monotonic()
    time.sleep(3 * doorbell.DEBOUNCE_S)

    times = [at for at, _ in sent]
    assert 2 <= len(times) < 15
    assert all(after - before >= doorbell.DEBOUNCE_S for before, after in pairwise(times))
    assert times[-1] >= last - doorbell.DEBOUNCE_S


def test_ringing_does_not_wait_for_a_slow_broker(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[float, str]]
) -> None:
    release = threading.Event()
    monkeypatch.setattr(doorbell, "_send", lambda context: release.wait(5))
    began = time.monotonic()
    for _ in range(10):
        doorbell.ring("accounts")
    assert time.monotonic() - began < 0.5
    release.set()


def test_a_broker_that_fails_in_any_way_silences_one_ring_not_the_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def send(app: object, name: str, args: tuple[str], **options: Any) -> None:
        calls.append(args[0])
        raise RuntimeError("whatever a transport may raise")

    monkeypatch.setattr(settings, "DOORBELL", True)
    monkeypatch.setattr(doorbell, "_bell", None)
    monkeypatch.setattr(Celery, "send_task", send)
    doorbell.ring("accounts")
    time.sleep(3 * doorbell.DEBOUNCE_S)
    doorbell.ring("cards")
    time.sleep(3 * doorbell.DEBOUNCE_S)
    assert calls == ["accounts", "cards"]


def test_where_the_relay_runs_in_this_process_no_task_is_sent(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[float, str]]
) -> None:
    monkeypatch.setattr(doorbell, "_at_home", {"accounts"})
    execute(TICKING, [tick("a")])
    assert doorbell.rung_at_home("accounts")
    assert not doorbell.rung_at_home("accounts")
    time.sleep(0.2)
    assert sent == []


def test_the_relay_task_empties_the_outbox(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    assert tasks.relay("accounts") == 3
    assert rows("accounts", "select count(*) from bank_outbox") == [(0,)]


def test_a_context_that_lives_elsewhere_is_left_to_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    execute(TICKING, [tick("a")])
    monkeypatch.setattr(settings, "CONTEXTS", ("cards",))
    assert tasks.relay("accounts") == 0


def test_a_broker_that_is_gone_leaves_the_rows_to_the_next_sweep(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(TICKING, [tick("a")])
    with monkeypatch.context() as patch:
        patch.setattr(settings, "BROKER_DATABASE_URL", "")
        patch.setattr(settings, "BROKER_URL", "amqp://guest:guest@127.0.0.1:1//")
        brokers.forget_publisher()
        assert tasks.relay("accounts") == 0
    assert rows("accounts", "select count(*) from bank_outbox") == [(1,)]
    brokers.forget_publisher()
    assert tasks.relay("accounts") == 1


def test_the_sweep_starts_a_relay_only_where_the_same_row_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(tasks.relay, "apply_async", lambda args, **options: started.append(args[0]))
    execute(TICKING, [tick("a")])
    tasks.sweep()
    assert started == []
    tasks.sweep()
    assert started == ["accounts"]
    tasks.relay("accounts")
    execute(TICKING, [tick("a")])
    tasks.sweep()
    assert started == ["accounts"]


def test_beat_sweeps_every_second_and_piles_nothing_up() -> None:
    sweep = settings.CELERY_BEAT_SCHEDULE["sweep"]
    assert (sweep["task"], sweep["schedule"], sweep["options"]["expires"]) == ("bank.sweep", 1.0, 1)


def in_a_fork(true: Callable[[], bool]) -> bool:
    """What a child process that inherited our memory says."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if true() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_fork_does_not_publish_on_its_parents_connection() -> None:
    inherited = brokers.publisher()
    assert in_a_fork(lambda: brokers.publisher() is not inherited)
    assert brokers.publisher() is inherited


def test_a_fork_rings_a_bell_of_its_own(sent: list[tuple[float, str]]) -> None:
    doorbell.ring("accounts")
    until(1, sent)

    def rings() -> bool:
        doorbell.ring("cards")
        return [context for _, context in until(2, sent)] == ["accounts", "cards"]

    connections.close_all()
    assert in_a_fork(rings)


embedded = pytest.mark.skipif(not settings.BROKER_DATABASE_URL, reason="the broker is RabbitMQ")


@embedded
def test_a_task_goes_through_the_broker_of_its_settings() -> None:
    """Its functions are there already, without an extension, in a database of its own."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with kombu.Connection(settings.BROKER_URL, transport_options=options) as connection:
        channel: Any = connection.default_channel
        with closing(connection.SimpleQueue("round-trip")) as queue:
            queue.put({"ring": "accounts"})
            message = queue.get(timeout=20)
            message.ack()
        channel.queue_delete("round-trip")
    assert message.payload == {"ring": "accounts"}


@embedded
def test_the_embedded_brokers_queues_are_not_waited_for_one_after_another() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options["wait_time_seconds"] == 0
    assert options["use_notify"]
    assert options["notify_throttle_interval_ms"] == 0
    assert options["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


def test_a_failpoint_that_is_not_armed_does_nothing() -> None:
    failpoint("before_commit")


def test_a_failpoint_fails_the_nth_time_and_once() -> None:
    with armed("after_commit", nth=2):
        failpoint("after_commit")
        with pytest.raises(Failed):
            failpoint("after_commit")
        failpoint("after_commit")


def test_nobody_rings_for_a_relay_that_is_there(sent: list[tuple[float, str]]) -> None:
    with relaying._slot("accounts") as taken:
        assert taken
        execute(TICKING, [tick("a")])
        time.sleep(3 * doorbell.DEBOUNCE_S)
        assert sent == []
    execute(TICKING, [tick("a")])
    assert len(until(1, sent)) == 1


def test_what_is_committed_while_a_relay_leaves_is_still_sent(monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    """Until its slot is free nobody rings, so it looks once more after that."""
    linger = relaying._linger

    def and_then_somebody_commits(*given: Any) -> int:
        total = linger(*given)
        execute(TICKING, [tick("a")])
        return total

    monkeypatch.setattr(relaying, "_linger", and_then_somebody_commits)
    assert relaying.relay(["accounts"], brokers.publisher(), linger_s=0) == 1
    assert rows("accounts", "select count(*) from bank_outbox") == [(0,)]


def test_a_relay_under_lasting_traffic_lets_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "LONGEST_S", 0.2)
    monkeypatch.setattr(relaying, "drain", lambda context, publisher: 1)
    began = time.monotonic()
    relaying.relay(["accounts"], brokers.publisher(), linger_s=10)
    assert time.monotonic() - began < 2


def test_one_relay_serves_every_context_of_its_process(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    execute(ECHOING, [Unit(Order(ECHO, "a", Repeat(1)))])
    assert relaying.relay(["cards", "accounts"], brokers.publisher(), linger_s=0) == 2
