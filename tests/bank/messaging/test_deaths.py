"""A message that ends the interpreter: found by careful processes, parked after two deaths, tried when asked for."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from multiprocessing import get_context

import pytest
from django.db import OperationalError, connections

from bank.context import Context
from bank.execution import execute
from bank.failpoints import Failed, armed
from bank.messaging import brokers, caution, consumer, sinks, tasks
from bank.messaging.caution import noted
from bank.messaging.consumer import take_care
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import Inbox
from bank.messaging.retrying import preview_of, retry_parked
from bank.messaging.sinks import Projector, Reactions
from bank.runtime.postgres import free_port
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import COUNTING_UP, ECHOING, TALLY, TICKING, Trouble, tick
from tests.bank.messaging.hearing import EVERY, echoed, envelopes, hear, listener, parked, publish, tallied

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]

KILLED = -signal.SIGKILL
DEADLY = "2 processes ended while they applied it"


def in_a_process(work: Callable[[], object], *, until: Callable[[], bool] = lambda: False) -> int:
    """How a process ends that does this, stopped once `until` is true."""
    connections.close_all()
    child = get_context("fork").Process(target=work)
    child.start()
    deadline = time.monotonic() + 60
    while child.is_alive() and not until():
        assert time.monotonic() < deadline, "it goes on for ever"
        time.sleep(0.05)
    if child.is_alive():
        child.terminate()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def consuming(of: Context) -> Callable[[], None]:
    """What `manage.py consume` does for this context."""

    def work() -> None:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        consumer.run(consumer.listeners(of, stop), stop)

    return work


def deaths_until(work: Callable[[], object], true: Callable[[], bool]) -> int:
    """How many processes are killed before one lives to see it."""
    for deaths in range(10):
        ended = in_a_process(work, until=true)
        if ended == 0:
            return deaths
        assert ended == KILLED
    raise AssertionError("they are killed for ever")


def silence(self: Feed, source: str, **_: object) -> None:
    raise FeedDown(source)


def inbox(*, careful: bool = True) -> Inbox:
    return Inbox(Reactions(ECHOING), Feed("cards"), careful=careful)


def parked_after_two_deaths(rows: Rows) -> None:
    for _ in range(2):
        assert in_a_process(lambda: inbox().take(envelopes(rows))) == KILLED
    inbox().take(envelopes(rows))


# From start to end.


@pytest.mark.parametrize("brought_by", ["broker", "feed"])
def test_a_message_that_kills_its_consumer_is_parked_after_two_noted_deaths_and_the_rest_flows(
    rows: Rows, talking: Trouble, bound: None, monkeypatch: pytest.MonkeyPatch, brought_by: str
) -> None:
    talking.kills.add(3)
    execute(TICKING, [tick("a", 2), tick("b", 5), tick("c", 2)])
    if brought_by == "broker":
        publish()
        monkeypatch.setattr(Feed, "read", silence)

    assert deaths_until(consuming(ECHOING), lambda: len(parked(rows)) == 3 and echoed("c") == (1, 2)) == 4

    assert (echoed("a"), echoed("b"), echoed("c")) == ((1, 2), (1, 2), (1, 2))
    assert rows("cards", "select version, deadly, error, retry_at = 'infinity' from bank_parked order by 1")[0] == (
        *(3, True, DEADLY, True),
    )
    assert parked(rows) == [("ticker-b", 3), ("ticker-b", 4), ("ticker-b", 5)]
    assert rows("cards", "select * from bank_tried") == []
    assert rows("cards", "select early from bank_start") == [(4,)], "the fifth ended well"


def test_a_fold_that_kills_the_views_consumer_is_parked_and_the_view_goes_on(rows: Rows, talking: Trouble) -> None:
    hear(COUNTING_UP)
    talking.kills.add(2)
    execute(TICKING, [tick("a", 3), tick("b")])
    publish()

    view = consuming(COUNTING_UP)
    assert deaths_until(view, lambda: len(parked(rows, "bankview")) == 2 and tallied(rows, "b") == [1]) == 4

    assert (tallied(rows, "a"), tallied(rows, "b")) == ([1], [1])
    assert parked(rows, "bankview") == [("ticker-a", 2), ("ticker-a", 3)]


def test_one_noted_death_parks_nothing(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("a")])
    talking.kills.add(1)
    assert in_a_process(lambda: inbox().take(envelopes(rows))) == KILLED
    assert rows("cards", "select stream, version, times from bank_tried") == [("ticker-a", 1, 1)]

    talking.kills.clear()
    inbox().take(envelopes(rows))

    assert (echoed("a"), parked(rows)) == ((1,), [])
    assert rows("cards", "select * from bank_tried") == []


def test_a_gap_that_kills_is_blamed_on_the_message_in_it(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("a", 5)])
    talking.kills.add(3)
    last = envelopes(rows)[4:]

    def folding() -> None:
        Inbox(Projector("bankview", TALLY), Feed("bankview"), careful=True).take(last)

    assert [in_a_process(folding) for _ in range(3)] == [KILLED, KILLED, 0]
    assert tallied(rows, "a") == [1, 2]
    found = rows("bankview", "select version, deadly from bank_parked order by version")
    assert found == [(3, True), (4, False), (5, False)]


# What is no death.


def test_a_careful_consumer_parks_what_raises_as_ever_and_keeps_no_note(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("a", 2), tick("b", 2)])
    talking.raises.add(2)
    inbox().take(envelopes(rows))
    assert (echoed("a"), echoed("b")) == ((1,), (1,))
    assert parked(rows) == [("ticker-a", 2), ("ticker-b", 2)]
    assert rows("cards", "select * from bank_tried") == []
    assert rows("cards", "select distinct deadly from bank_parked") == [(False,)]


def test_what_failed_for_a_while_is_no_death(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    for _ in range(3):
        with armed("before_commit"), pytest.raises(Failed):
            inbox().take(envelopes(rows))
    inbox().take(envelopes(rows))
    assert (echoed("a"), parked(rows)) == ((1,), [])


@contextmanager
def an_outage_of(alias: str) -> Iterator[None]:
    """The database is not reached until the end of this."""
    usual = connections[alias].settings_dict
    connections[alias].close()
    connections[alias].settings_dict = {**usual, "PORT": str(free_port())}
    try:
        yield
    finally:
        connections[alias].close()
        connections[alias].settings_dict = usual


def cut_off(version: int) -> None:
    """A careful process tries a message, and its database goes away before either is done."""
    with ExitStack() as until_it_is_over, pytest.raises(OperationalError), noted(*CONSUMER, TICKER_A, version):
        until_it_is_over.enter_context(an_outage_of("cards"))
        raise OperationalError("server closed the connection unexpectedly")


CONSUMER, TICKER_A = ("cards", "cards.reactions"), ("accounts", "ticker-a")


def test_a_database_that_goes_away_is_no_death_however_often(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    for _ in range(3):
        cut_off(1)
        assert rows("cards", "select version, times from bank_tried") == [(1, 1)]
    inbox().take(envelopes(rows))
    assert (echoed("a"), parked(rows)) == ((1,), [])
    assert rows("cards", "select * from bank_tried") == []


def test_what_a_process_outlived_is_taken_back_before_it_tries_another_message(rows: Rows) -> None:
    cut_off(1)
    cut_off(2)
    assert rows("cards", "select version, times from bank_tried") == [(2, 1)]
    with noted(*CONSUMER, ("accounts", "ticker-b"), 1):
        assert rows("cards", "select stream, version from bank_tried") == [("ticker-b", 1)]


def another_process(rows: Rows) -> Callable[[], None]:
    """It has outlived nothing."""

    def work() -> None:
        caution._outlived.clear()
        inbox().take(envelopes(rows))

    return work


def test_a_death_of_another_process_still_counts_after_an_outage_that_this_one_outlived(
    rows: Rows, talking: Trouble
) -> None:
    execute(TICKING, [tick("a")])
    cut_off(1)
    talking.kills.add(1)
    assert in_a_process(another_process(rows)) == KILLED
    assert rows("cards", "select times from bank_tried") == [(2,)]
    talking.kills.clear()
    with noted(*CONSUMER, TICKER_A, 1):
        assert rows("cards", "select times from bank_tried") == [(2,)], "its own taken back, the death, and this one"


def test_a_process_is_careful_after_two_early_deaths_and_no_sooner(rows: Rows) -> None:
    careful = []
    for _ in range(3):
        started = listener()
        take_care([started])
        careful.append(started.inboxes[0].careful)
    assert careful == [False, False, True]

    started.end()
    assert rows("cards", "select early from bank_start") == [(2,)]


def test_all_listeners_of_a_process_are_careful_when_one_ended_early(rows: Rows) -> None:
    for _ in range(2):
        take_care([listener()])
    guilty, innocent = listener(), listener(COUNTING_UP)
    take_care([innocent, guilty])
    assert innocent.inboxes[0].careful


def test_a_listener_that_has_looked_at_the_feeds_again_goes_on_in_batches(rows: Rows, bound: None) -> None:
    for _ in range(3):
        started = listener()
        take_care([started])
    careful = []
    with closing(brokers.consumer(started.queue)) as broker:
        for _ in range(2):
            started.turn(broker, wait_s=0)
            careful.append(started.inboxes[0].careful)
            started._caught_up_at = -consumer.LOOK_S

    assert careful == [True, False]
    assert rows("cards", "select early from bank_start") == [(0,)]


# Trying again.


def test_a_parked_message_that_kills_who_tries_it_is_left_until_it_is_asked_for(
    rows: Rows, talking: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "served", lambda: [Reactions(ECHOING)])
    execute(TICKING, [tick("b", 3), tick("a", 2)])
    talking.raises.add(2)
    inbox().take(envelopes(rows))
    talking.raises.clear()
    talking.kills.add(3)
    rows("cards", "update bank_parked set retry_at = now() - (stream = 'ticker-b')::int * interval '1 h' returning 1")

    assert [in_a_process(tasks.retry_parked) for _ in range(4)] == [KILLED, KILLED, 0, 0]
    assert (echoed("a"), echoed("b")) == ((1, 2), (1, 2))
    assert rows("cards", "select version, deadly, error, retry_at = 'infinity' from bank_parked") == [
        (3, True, DEADLY, True)
    ]


def test_what_is_deadly_is_tried_again_when_it_is_asked_for_and_never_by_a_page(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("b", 3)])
    talking.kills.add(1)
    parked_after_two_deaths(rows)
    assert retry_parked(inbox()) == 0
    assert preview_of(inbox().sink, ("accounts", "ticker-b")).startswith("it may end the process that tries it")

    talking.kills.clear()
    rows("cards", "update bank_parked set retry_at = now() returning 1")
    assert retry_parked(inbox()) == 3
    assert echoed("b") == (1, 2, 3)
    assert rows("cards", "select * from bank_tried") == []


def test_a_look_at_the_feed_does_not_ask_the_reaction_to_what_is_parked(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("b", 3)])
    talking.kills.add(3)
    parked_after_two_deaths(rows)
    execute(TICKING, [tick("b"), tick("a", 2)])

    assert in_a_process(inbox(careful=False).catch_up) == 0
    assert (echoed("a"), echoed("b")) == ((1, 2), (1, 2))
    assert parked(rows) == [("ticker-b", 3), ("ticker-b", 4)]
