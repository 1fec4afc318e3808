"""Consumers: the feed has the last word, whatever the broker lost, doubled or reordered."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connections

from bank.execution import execute
from bank.messaging import brokers, consumer
from bank.messaging.consumer import Listener
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.messaging.messages import Envelope
from bank.messaging.retrying import retry_parked
from bank.messaging.sinks import Projector, Reactions
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import COUNTING_UP, ECHOING, TALLY, TICKING, tick
from tests.bank.messaging.hearing import EVERY, echoed, envelopes, hear, listener, parked, publish, raise_epoch, tallied

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]


class NoStreams(Feed):
    def stream(self, source: str, stream: str, *, after_version: int) -> list[Envelope]:
        raise FeedDown(source)


# The feed has the last word.


def test_what_was_published_before_the_queue_was_bound_is_found_in_the_feed() -> None:
    execute(TICKING, [tick("a", 3)])
    publish()
    hear()
    assert echoed("a") == (1, 2, 3)


def test_catching_up_moves_a_cursor_and_reads_nothing_twice(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    assert inbox.catch_up()
    assert rows("cards", "select position from bank_cursor where source = 'accounts'") == [(3,)]
    assert inbox.tally.caught_up == 3

    assert inbox.catch_up()
    assert inbox.tally.caught_up == 3


def test_a_long_feed_is_read_in_pages_while_the_broker_waits() -> None:
    for _ in range(3):
        execute(TICKING, [tick("a", 1000)])
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    assert not inbox.catch_up(pages=1)
    assert len(echoed("a")) == 1000
    assert inbox.catch_up(pages=10)
    assert len(echoed("a")) == 3000


def lose(rows: Rows) -> None:
    rows("accounts", "delete from bank_outbox returning 1")


def look_due(heard: Listener) -> None:
    heard._caught_up_at = -consumer.LOOK_S


def test_a_look_leaves_to_the_broker_what_has_come_since_the_last_one(either: Inbox) -> None:
    execute(TICKING, [tick("lost", 2)])
    assert either.look(pages=1, events=10)
    assert either.tally.caught_up == 0
    execute(TICKING, [tick("lost", 3), tick("later")])

    assert either.look(pages=1, events=10)
    assert either.tally.caught_up == 2
    assert either.look(pages=1, events=10)
    assert either.tally.caught_up == 6
    assert either.look(pages=1, events=10)
    assert either.tally.caught_up == 6


@pytest.fixture(params=["reactions", "projection"])
def either(request: pytest.FixtureRequest) -> Inbox:
    if request.param == "reactions":
        return Inbox(Reactions(ECHOING), Feed("cards"))
    return Inbox(Projector("bankview", TALLY), Feed("bankview"))


def test_a_look_for_the_view_fetches_the_end_of_a_stream_and_nothing_else(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(TICKING, [tick("a", 3), tick("b", 2)])
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    inbox.look(pages=1, events=10)
    inbox.take([envelope for envelope in envelopes(rows) if (envelope.stream, envelope.version) != ("ticker-a", 3)])
    folded_in = rows("bankview", "select xmax::text from bank_seen where stream = 'ticker-b'")

    monkeypatch.setattr("bank.messaging.inbox.HEADS_FOR_AN_EVENT", 1)
    while not inbox.look(pages=1, events=2):
        pass

    assert (inbox.tally.applied, inbox.tally.caught_up) == (5, 1)
    assert tallied(rows, "a") == [1, 2, 3]
    assert rows("bankview", "select xmax::text from bank_seen where stream = 'ticker-b'") == folded_in
    assert rows("bankview", "select position from bank_cursor") == [(5,)]


def test_a_look_does_not_pass_what_the_feed_could_not_give(rows: Rows) -> None:
    execute(TICKING, [tick("a", 2)])
    inbox = Inbox(Projector("bankview", TALLY), NoStreams("bankview"))
    inbox.look(pages=1, events=10)
    assert inbox.look(pages=1, events=10)
    assert list(inbox.tally.no_feed) == ["accounts"]
    assert rows("bankview", "select position from bank_cursor") == [(0,)]


def test_a_look_notices_a_restored_source(rows: Rows) -> None:
    execute(TICKING, [tick("a", 2)])
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    inbox.catch_up()
    execute(TICKING, [tick("a")])
    inbox.look(pages=1, events=10)
    raise_epoch(rows)

    inbox.look(pages=1, events=10)

    assert rows("bankview", "select stopped from bank_cursor") == [("accounts is in epoch 2",)]
    assert tallied(rows, "a") == [1, 2]


def test_a_live_message_waits_for_a_page_of_the_feed_not_for_the_whole_of_it(
    rows: Rows, bound: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "LOOK_EVENTS", 2)
    heard = listener()
    with closing(brokers.consumer(heard.queue)) as broker:
        heard.turn(broker, wait_s=0)
        execute(TICKING, [tick("lost", 9)])
        lose(rows)
        look_due(heard)
        heard.turn(broker, wait_s=0)
        execute(TICKING, [tick("live")])
        publish()

        look_due(heard)
        while not echoed("live"):
            heard.turn(broker, wait_s=0.3)
        assert len(echoed("lost")) < 9
        while heard._behind:
            heard.turn(broker, wait_s=0.3)
        assert len(echoed("lost")) == 9


def test_looks_at_the_feed_are_longer_the_more_comes_live(bound: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a feed that grows faster than one page a turn would never be read to its end."""
    monkeypatch.setattr(consumer, "LOOK_EVENTS", 2)
    heard = listener()
    with closing(brokers.consumer(heard.queue)) as broker:
        heard.turn(broker, wait_s=0)
        for _ in range(3):
            execute(TICKING, [tick("a", 10)])
            publish()
            heard.turn(broker, wait_s=5)
        look_due(heard)
        heard.turn(broker, wait_s=0)
        look_due(heard)
        for _ in range(5):
            execute(TICKING, [tick("a", 10)])
            publish()
            heard.turn(broker, wait_s=5)
    assert not heard._behind


def test_the_view_catches_up_with_what_the_broker_lost(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    rows("accounts", "delete from bank_outbox returning 1")
    hear(COUNTING_UP)
    assert tallied(rows, "a") == [1, 2, 3]


def test_what_the_view_has_folded_is_read_in_the_feed_and_left_alone(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3), tick("b", 2)])
    sent = envelopes(rows)
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    inbox.take([envelope for envelope in sent if (envelope.stream, envelope.version) != ("ticker-a", 3)])
    folded_in = rows("bankview", "select xmax::text from bank_seen where stream = 'ticker-b'")

    assert inbox.catch_up()

    assert (inbox.tally.caught_up, inbox.tally.gaps) == (1, 0)
    assert tallied(rows, "a") == [1, 2, 3]
    assert rows("bankview", "select xmax::text from bank_seen where stream = 'ticker-b'") == folded_in


def test_a_restored_source_is_noticed_also_where_the_view_knows_the_versions(rows: Rows) -> None:
    """It writes again what it has lost, under the same versions."""
    execute(TICKING, [tick("a", 2)])
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    inbox.catch_up()
    rows("bankview", "update bank_seen set version = 3 returning 1")
    raise_epoch(rows)
    execute(TICKING, [tick("a")])

    inbox.catch_up()

    assert rows("bankview", "select stopped from bank_cursor") == [("accounts is in epoch 2",)]


# Duplicates, disorder, gaps.


def test_the_view_folds_each_event_once_and_in_order_however_it_arrives(rows: Rows) -> None:
    execute(TICKING, [tick("a", 6), tick("b", 3)])
    sent = envelopes(rows)
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))

    inbox.take([sent[0], sent[0]])
    inbox.take([sent[4], sent[1], sent[7]])
    inbox.take(sent)
    inbox.take(reversed(sent))

    assert tallied(rows, "a") == [1, 2, 3, 4, 5, 6]
    assert tallied(rows, "b") == [1, 2, 3]
    assert inbox.tally.gaps == 2


def test_a_gap_that_the_feed_cannot_fill_now_waits_parked_and_is_filled_later(rows: Rows) -> None:
    execute(TICKING, [tick("a", 4), tick("b")])
    sent = envelopes(rows)
    inbox = Inbox(Projector("bankview", TALLY), NoStreams("bankview"))
    inbox.take([sent[0], sent[2], sent[3], sent[4]])
    assert (tallied(rows, "a"), tallied(rows, "b")) == ([1], [1])
    assert parked(rows, "bankview") == [("ticker-a", 3), ("ticker-a", 4)]

    retry_parked(Inbox(Projector("bankview", TALLY), Feed("bankview")))

    assert tallied(rows, "a") == [1, 2, 3, 4]
    assert parked(rows, "bankview") == []


def test_two_consumers_of_a_view_at_once_fold_each_event_once(rows: Rows) -> None:
    """A consumer that lost its lease may still be at work when the next one starts."""
    execute(TICKING, [tick(str(n), 3) for n in range(100)])
    sent = envelopes(rows)

    def fold(_: int) -> None:
        inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
        try:
            for start in range(0, len(sent), 30):
                for _ in range(20):
                    try:
                        inbox.take(sent[start : start + 30])
                        break
                    except TRANSIENT:
                        continue
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fold, range(3)))

    assert rows("bankview", "select distinct numbers from tally") == [([1, 2, 3],)]
    assert rows("bankview", "select count(*) from tally") == [(100,)]
