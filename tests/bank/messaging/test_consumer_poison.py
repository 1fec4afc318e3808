"""Consumers: a bad message stops its stream alone, an untrusted one nothing, a restored source waits."""

from contextlib import closing
from hashlib import sha256

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError

from bank.execution import execute
from bank.messaging import brokers, messages
from bank.messaging.brokers import Bundle
from bank.messaging.feed import Feed
from bank.messaging.inbox import Inbox
from bank.messaging.retrying import preview_of, retry_parked
from bank.messaging.signing import Forged
from bank.messaging.sinks import Projector, Reactions
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import COUNTING_UP, ECHOING, TALLY, TICKING, Trouble, name, tick
from tests.bank.messaging.hearing import EVERY, echoed, envelopes, hear, listener, parked, publish, raise_epoch, tallied

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]


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

    assert retry_parked(inbox) == 0
    assert rows("cards", "select attempts, retry_at > now() from bank_parked order by version limit 1") == [(1, True)]
    getattr(talking, trouble).clear()
    assert retry_parked(inbox) == 0, "it is not due yet"
    rows("cards", "update bank_parked set retry_at = now() returning 1")

    assert retry_parked(inbox) == 3
    assert echoed("b") == (1, 2, 3, 4, 5)
    assert parked(rows) == []


def test_operators_see_what_a_retry_would_do_before_they_ask_for_it(rows: Rows, talking: Trouble, bound: None) -> None:
    talking.raises.add(1)
    execute(TICKING, [tick("b", 2)])
    publish()
    hear()
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    stream = ("accounts", "ticker-b")

    assert preview_of(inbox.sink, stream).startswith("it would fail again: ValueError at ticking.py")
    talking.raises.clear()
    assert preview_of(inbox.sink, stream) == "it would be applied: Echoed.v1 on echo-b"
    assert echoed("b") == ()
    assert parked(rows) == [("ticker-b", 1), ("ticker-b", 2)]
    assert preview_of(inbox.sink, ("accounts", "ticker-z")) == "nothing is parked"


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
    assert retry_parked(Inbox(Reactions(ECHOING), Feed("cards"))) == 1


def test_what_is_parked_about_a_customer_who_was_erased_is_dropped(rows: Rows, talking: Trouble, bound: None) -> None:
    talking.names = True
    execute(TICKING, [name("a", "c-1", "Aurelia Planted")])
    publish()
    hear()
    rows("cards", "delete from bank_subject_key returning 1")
    rows("cards", "update bank_parked set retry_at = now() returning 1")
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))

    assert preview_of(inbox.sink, ("accounts", "ticker-a")) == "its customer has been erased: it would be dropped"
    assert retry_parked(inbox) == 1
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
    assert retry_parked(Inbox(Projector("bankview", TALLY), Feed("bankview"))) == 2
    assert tallied(rows, "a") == [1, 2, 3]


# Trust.


def forged(body: bytes, signature: str, source: str = "accounts") -> None:
    brokers.publisher().publish([Bundle("0.accounts", source, signature, body)])


def test_an_unsigned_bundle_is_noted_and_not_applied(rows: Rows, bound: None) -> None:
    execute(TICKING, [tick("a")])
    body = messages.bundle([rows("accounts", "select payload from bank_outbox")[0][0].encode()])
    forged(body, "0" * 64)
    forged(body, "é")
    if not django_settings.BROKER_DATABASE_URL:  # whose headers hold any text
        forged(body, "0" * 64, "\0")
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


def test_a_source_whose_name_no_column_can_hold_is_noted_as_unknown(rows: Rows) -> None:
    inbox = Inbox(Reactions(ECHOING), Feed("cards"))
    for source in ("\0", "\ud800", "x" * 10_000):
        inbox.distrust(source, source.encode(errors="replace"), Forged())
    assert rows("cards", "select source, error from bank_parked order by id") == [
        ("unknown", "Forged; 1 bytes"),
        ("unknown", "Forged; 1 bytes"),
        ("unknown", "Forged; 10000 bytes"),
    ]


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
