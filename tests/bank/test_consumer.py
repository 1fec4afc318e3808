"""Consumers: a message takes effect exactly once, a bad one stops its stream alone, the feed has the last word."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from bank import console, messages
from bank.eventstore import load
from bank.execution import execute
from bank.failpoints import Failed, armed
from bank.messages import Envelope, unbundle
from bank.messaging import brokers, consumer, doorbell, liveness, relay, topology
from bank.messaging.brokers import Bundle, Consumer, Delivery
from bank.messaging.consumer import Listener
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.messaging.sinks import Projector, Reactions
from tests.bank.conftest import Rows
from tests.bank.ticking import COUNTING_UP, ECHO, ECHOING, TALLY, TICKING, Trouble, name, tick

EVERY = ["accounts", "cards", "customers", "loans", "bankview", "default"]
EVERY = ["accounts", "cards", "customers", "loans", "bankview", "default"]
pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]


def listener(context: object = ECHOING) -> Listener:
    (found,) = consumer.listeners(context, threading.Event())  # type: ignore[arg-type]
    return found


def publish() -> None:
    while relay.drain("accounts", brokers.publisher()):
        pass


def hear(of: object = ECHOING) -> Listener:
    """One consumer takes whatever is there."""
    heard = listener(of)
    with closing(brokers.consumer(heard.queue)) as broker:
        while heard.turn(broker, wait_s=0.3):
            pass
    return heard


@pytest.fixture
def bound(talking: Trouble) -> None:
    """The reactions' queue is there before anything is published."""
    with closing(brokers.consumer(topology.reactions(ECHOING, 0))):
        pass


def echoed(ticker: str) -> tuple[int, ...]:
    return tuple(load(ECHOING, ECHO, ticker)[0].numbers)


def tallied(rows: Rows, ticker: str) -> list[int]:
    found = rows("bankview", "select numbers from tally where ticker = %s and generation = 1", ticker)
    return list(found[0][0]) if found else []


def envelopes(rows: Rows) -> list[Envelope]:
    """What waits in the outbox, as its messages."""
    return [
        messages.unwrap(payload.encode())
        for (payload,) in rows("accounts", "select payload from bank_outbox order by seq")
    ]


def parked(rows: Rows, context: str = "cards") -> list[tuple[object, ...]]:
    return rows(context, "select stream, version from bank_parked order by stream, version")


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
    execute(TICKING, [tick(n, 2) for n in "abcdef"])
    publish()
    queue = topology.reactions(ECHOING, 0)
    with closing(brokers.consumer(queue)) as first:
        all_of_it = everything(first, 6)
        first.ack(all_of_it[1])
    with closing(brokers.consumer(queue)) as second:
        again = everything(second, 4)
    assert [d.body for d in again] == [d.body for d in all_of_it[2:]]


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


def test_the_view_catches_up_with_what_the_broker_lost(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    rows("accounts", "delete from bank_outbox returning 1")
    hear(COUNTING_UP)
    assert tallied(rows, "a") == [1, 2, 3]


# Poison.


@pytest.mark.parametrize("trouble", ["raises", "refuses"])
def test_a_poison_message_is_parked_its_stream_queues_behind_it_and_the_rest_flows(
    rows: Rows, talking: Trouble, bound: None, trouble: str
) -> None:
    getattr(talking, trouble).add(3)
    execute(TICKING, [tick("a", 2), tick("b", 5), tick("c", 2)])
    publish()
    hear()

    assert (echoed("a"), echoed("b"), echoed("c")) == ((1, 2), (1, 2), (1, 2))
    assert parked(rows) == [("ticker-b", 3), ("ticker-b", 4), ("ticker-b", 5)]
    execute(TICKING, [tick("b")])
    publish()
    hear()
    assert parked(rows)[-1] == ("ticker-b", 6)


@pytest.mark.parametrize("trouble", ["raises", "refuses"])
def test_parked_messages_are_applied_in_order_once_the_trouble_is_gone(
    rows: Rows, talking: Trouble, bound: None, trouble: str
) -> None:
    getattr(talking, trouble).add(3)
    execute(TICKING, [tick("b", 5)])
    publish()
    hear()
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))

    assert inbox.retry_parked() == 0
    assert rows("cards", "select attempts, retry_at > now() from bank_parked order by version limit 1") == [(1, True)]
    getattr(talking, trouble).clear()
    assert inbox.retry_parked() == 0, "it is not due yet"
    rows("cards", "update bank_parked set retry_at = now() returning 1")

    assert inbox.retry_parked() == 3
    assert echoed("b") == (1, 2, 3, 4, 5)
    assert parked(rows) == []


def test_operators_see_what_a_retry_would_do_before_they_ask_for_it(rows: Rows, talking: Trouble, bound: None) -> None:
    talking.raises.add(1)
    execute(TICKING, [tick("b", 2)])
    publish()
    hear()
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    stream = ("accounts", "ticker-b")

    assert inbox.preview(stream).startswith("it would fail again: ValueError at ticking.py")
    talking.raises.clear()
    assert inbox.preview(stream) == "it would be applied: Echoed.v1 on echo-b"
    assert echoed("b") == ()
    assert parked(rows) == [("ticker-b", 1), ("ticker-b", 2)]
    assert inbox.preview(("accounts", "ticker-z")) == "nothing is parked"


def test_a_parked_message_is_sealed_and_says_nothing_about_the_person(
    rows: Rows, talking: Trouble, bound: None
) -> None:
    talking.names = True
    execute(TICKING, [name("a", "c-1", "Aurelia Planted")])
    publish()
    hear()

    ((message, error, customer),) = rows("cards", "select message, error, customer_id from bank_parked")
    assert "Planted" not in f"{message}{error}"
    assert customer == "c-1"
    assert str(error).startswith("ValueError at ticking.py")

    talking.names = False
    rows("cards", "update bank_parked set retry_at = now() returning 1")
    assert Inbox(Reactions(ECHOING), Feed("cards")).retry_parked() == 1


def test_what_is_parked_about_a_customer_who_was_erased_is_dropped(rows: Rows, talking: Trouble, bound: None) -> None:
    talking.names = True
    execute(TICKING, [name("a", "c-1", "Aurelia Planted")])
    publish()
    hear()
    rows("cards", "delete from bank_subject_key returning 1")
    rows("cards", "update bank_parked set retry_at = now() returning 1")
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))

    assert inbox.preview(("accounts", "ticker-a")) == "its customer has been erased: it would be dropped"
    assert inbox.retry_parked() == 1
    assert parked(rows) == []


def test_a_poison_fold_parks_its_stream_and_the_view_goes_on(rows: Rows, talking: Trouble) -> None:
    hear(COUNTING_UP)
    talking.raises.add(2)
    execute(TICKING, [tick("a", 3), tick("b")])
    publish()
    hear(COUNTING_UP)
    assert (tallied(rows, "a"), tallied(rows, "b")) == ([1], [1])
    assert parked(rows, "bankview") == [("ticker-a", 2), ("ticker-a", 3)]

    talking.raises.clear()
    rows("bankview", "update bank_parked set retry_at = now() returning 1")
    assert Inbox(Projector("bankview", TALLY), Feed("bankview")).retry_parked() == 2
    assert tallied(rows, "a") == [1, 2, 3]


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


class NoFeed(Feed):
    def stream(self, source: str, stream: str, *, after_version: int) -> list[Envelope]:
        raise FeedDown(source)


def test_a_gap_that_the_feed_cannot_fill_now_waits_parked_and_is_filled_later(rows: Rows) -> None:
    execute(TICKING, [tick("a", 4), tick("b")])
    sent = envelopes(rows)
    inbox = Inbox(Projector("bankview", TALLY), NoFeed("bankview"))
    inbox.take([sent[0], sent[2], sent[3], sent[4]])
    assert (tallied(rows, "a"), tallied(rows, "b")) == ([1], [1])
    assert parked(rows, "bankview") == [("ticker-a", 3), ("ticker-a", 4)]

    Inbox(Projector("bankview", TALLY), Feed("bankview")).retry_parked()

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


# Trust.


def forged(body: bytes, signature: str, source: str = "accounts") -> None:
    brokers.publisher().publish([Bundle("0.accounts", source, signature, body)])


def test_an_unsigned_bundle_is_noted_and_not_applied(rows: Rows, bound: None) -> None:
    execute(TICKING, [tick("a")])
    body = messages.bundle([rows("accounts", "select payload from bank_outbox")[0][0].encode()])
    forged(body, "0" * 64)
    forged(body, messages.sign(django_settings.MESSAGE_KEYS["loans"], body))
    forged(body, messages.sign(django_settings.MESSAGE_KEYS["loans"], body), "loans")
    heard = listener()
    heard._caught_up_at = 1e12
    with closing(brokers.consumer(heard.queue)) as broker:
        while heard.turn(broker, wait_s=0.3):
            pass

    assert echoed("a") == ()
    assert {row[0] for row in rows("cards", "select error from bank_parked")} == {f"Forged; {len(body)} bytes"}
    assert parked(rows)[0][0] == f"sha256:{sha256(body).hexdigest()}"


def test_a_bundle_that_cannot_be_read_is_noted_and_the_feed_brings_what_it_held(rows: Rows, bound: None) -> None:
    body = b'[{"specversion":"1.0","nonsense":true}]'
    forged(body, messages.sign(django_settings.MESSAGE_KEYS["accounts"], body))
    execute(TICKING, [tick("a")])
    hear()
    assert echoed("a") == (1,)
    assert rows("cards", "select type, message from bank_parked") == [("untrusted", "")]


def test_data_that_does_not_fit_is_parked(rows: Rows, bound: None) -> None:
    execute(TICKING, [tick("a"), tick("b")])
    rows(
        "accounts",
        'update bank_outbox set payload = replace(payload, \'"number":1\', \'"number":"one"\')'
        " where aggregateid = 'ticker-a' returning 1",
    )
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    inbox.take(envelopes(rows))
    assert (echoed("a"), echoed("b")) == ((), (1,))
    assert parked(rows) == [("ticker-a", 1)]


# Epochs.


def raise_epoch(rows: Rows) -> None:
    rows("accounts", "update bank_epoch set epoch = 2 returning 1")


def test_a_newer_epoch_stops_its_source_until_it_is_reconciled(rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    execute(TICKING, [tick("a")])
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    inbox.catch_up()
    raise_epoch(rows)
    execute(TICKING, [tick("a"), tick("b")])

    inbox.take(envelopes(rows))
    inbox.catch_up()
    assert (echoed("a"), echoed("b")) == ((1,), ())
    assert rows("cards", "select stopped from bank_cursor") == [("accounts is in epoch 2",)]

    call_command("reconcile")
    assert capsys.readouterr().out == "cards.reactions: accounts is in epoch 2\n"
    with pytest.raises(CommandError, match="--epoch"):
        call_command("reconcile", "accounts")
    call_command("reconcile", "accounts", "--epoch", "2")
    inbox.catch_up()
    assert (echoed("a"), echoed("b")) == ((1, 2), (1,))


def test_a_consumer_that_never_heard_the_source_reads_through_its_epochs(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    raise_epoch(rows)
    execute(TICKING, [tick("a")])
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    inbox.catch_up()
    assert echoed("a") == (1, 2)
    assert rows("cards", "select epoch, stopped from bank_cursor") == [(2, "")]


# Alive is who goes round.


def test_a_consumer_is_heard_of_while_it_goes_round_and_forgotten_when_it_does_not(
    monkeypatch: pytest.MonkeyPatch, bound: None
) -> None:
    monkeypatch.setattr(liveness, "_reported_at", {})
    cache.clear()
    assert "silent" in console.consumers(ECHOING)
    hear()
    assert "✓ 0 s ago" in console.consumers(ECHOING)
    monkeypatch.setattr(console, "SILENT_S", -1)
    assert "silent" in console.consumers(ECHOING)
    assert console.consumers(TICKING) == "–"


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
    assert first[0].origin is not None
    assert (first[0].origin.causation_id, first[0].origin.actor) == (envelope.id, "context:cards")
