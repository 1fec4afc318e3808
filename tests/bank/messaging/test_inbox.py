"""What an inbox does when something is wrong: with its cursor, with a parked message, with a feed, with a long gap."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from bank.context import Cursor, Order, Unit
from bank.db import transaction
from bank.decider import ERASED
from bank.execution import execute
from bank.failpoints import armed
from bank.history.sealing import destroy
from bank.messaging import feed
from bank.messaging import inbox as inbox_module
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import Inbox
from bank.messaging.messages import Envelope
from bank.messaging.places import reconcile
from bank.messaging.retrying import preview_of, retry_parked
from bank.messaging.sinks import Projector, Reactions
from bank.recorded import Message
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import ECHO, ECHOING, TALLY, TICKING, Echoed, Heard, Repeat, Trouble, name, tick
from tests.bank.messaging.hearing import EVERY, echoed, envelopes, parked, raise_epoch, tallied

pytestmark = [
    pytest.mark.django_db(databases=EVERY, transaction=True),
    pytest.mark.usefixtures("talking"),
]

CURSOR = "select epoch, position, stopped from bank_cursor"


def echoes() -> Inbox:
    return Inbox(Reactions(ECHOING), Feed("cards"))


# Parked messages.


def test_a_parked_message_that_takes_too_long_is_set_back_and_the_other_streams_go_on(
    rows: Rows, talking: Trouble
) -> None:
    execute(TICKING, [tick("slow"), tick("quick")])
    talking.raises.add(1)
    Inbox(Projector("bankview", TALLY), Feed("bankview")).take(envelopes(rows))
    talking.raises.clear()
    rows(
        "bankview",
        "update bank_parked set retry_at = now() - (stream = 'ticker-slow')::int * interval '1 h' returning 1",
    )

    def fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
        if messages[0].data.ticker == "slow":
            cursor.execute("set local statement_timeout = 20")
            cursor.execute("select pg_sleep(9)")
        TALLY.fold(cursor, generation, messages)

    inbox = Inbox(Projector("bankview", replace(TALLY, fold=fold)), Feed("bankview"))
    assert retry_parked(inbox) == 1
    assert tallied(rows, "quick") == [1]
    assert rows("bankview", "select stream, attempts, retry_at > now() from bank_parked") == [("ticker-slow", 1, True)]
    ((error,),) = rows("bankview", "select error from bank_parked")
    assert str(error).startswith("QueryCanceled")


def failing(code: str) -> Inbox:
    """The tally, whose database answers with this SQLSTATE where the slow ticker is folded."""

    def fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
        if any(message.data.ticker == "slow" for message in messages):
            cursor.execute(f"do $$ begin raise exception using errcode = '{code}'; end $$")
        TALLY.fold(cursor, generation, messages)

    return Inbox(Projector("bankview", replace(TALLY, fold=fold)), Feed("bankview"))


@pytest.mark.parametrize("code", ["54000", "54001", "54011", "54023", "57014"])
def test_what_is_too_much_for_the_database_is_parked_and_the_other_streams_go_on(rows: Rows, code: str) -> None:
    execute(TICKING, [tick("slow"), tick("quick")])
    inbox = failing(code)
    inbox.take(envelopes(rows))
    assert (tallied(rows, "quick"), inbox.tally.parked) == ([1], 1)
    rows("bankview", "update bank_parked set retry_at = now() returning 1")
    assert retry_parked(inbox) == 0
    assert rows("bankview", "select stream, attempts from bank_parked") == [("ticker-slow", 1)]
    assert preview_of(inbox.sink, ("accounts", "ticker-slow")).startswith("it would fail again")


@pytest.mark.parametrize("code", ["08006", "40001", "40P01", "53100", "53200", "55P03", "57P01", "58030"])
def test_what_passes_is_nobodys_fault_and_comes_again(rows: Rows, code: str) -> None:
    execute(TICKING, [tick("slow"), tick("quick")])
    with pytest.raises(psycopg.OperationalError):
        failing(code).take(envelopes(rows))
    assert (tallied(rows, "quick"), rows("bankview", "select stream from bank_parked")) == ([], [])


def test_what_may_not_be_sealed_any_more_is_noted_without_its_content_and_dropped(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [name("a", "c-1", "Aurelia Planted"), tick("b")])
    with transaction("cards") as cursor:
        destroy(cursor, "c-1")
    talking.names = True
    inbox = echoes()

    inbox.take(envelopes(rows))

    assert echoed("b") == (1,)
    assert rows("cards", "select stream, version, message from bank_parked") == [("ticker-a", 1, ERASED)]
    assert preview_of(inbox.sink, ("accounts", "ticker-a")) == "its customer has been erased: it would be dropped"
    assert retry_parked(inbox) == 1
    assert parked(rows) == []


def test_what_cannot_be_previewed_at_this_moment_is_said_to_be_so(rows: Rows, talking: Trouble) -> None:
    talking.raises.add(1)
    execute(TICKING, [tick("a")])
    inbox = echoes()
    inbox.take(envelopes(rows))
    talking.raises.clear()
    assert preview_of(inbox.sink, ("accounts", "ticker-a")) == "it would be applied: Echoed.v1 on echo-a"
    with armed("before_commit"):
        assert preview_of(inbox.sink, ("accounts", "ticker-a")).startswith("not known at this moment: Failed")


# A gap that is longer than a page.


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 50)
    monkeypatch.setattr(inbox_module, "BATCH", 20)


@pytest.mark.usefixtures("small_pages")
def test_a_long_gap_is_filled_page_by_page_and_no_batch_grows(rows: Rows) -> None:
    execute(TICKING, [tick("a", 400), tick("b")])
    sent = envelopes(rows)
    batches: list[int] = []

    def fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
        batches.append(len(messages))
        TALLY.fold(cursor, generation, messages)

    inbox = Inbox(Projector("bankview", replace(TALLY, fold=fold)), Feed("bankview"))
    inbox.take([sent[0], sent[150], sent[399], sent[400]])

    assert tallied(rows, "a") == list(range(1, 401))
    assert tallied(rows, "b") == [1]
    assert max(batches) == 20
    assert inbox.tally.gaps == 1


class LosesHeart(Feed):
    """It answers three times."""

    answers = 3

    def stream(self, source: str, stream: str, *, after_version: int) -> list[Envelope]:
        self.answers -= 1
        if self.answers < 0:
            raise FeedDown(source)
        return super().stream(source, stream, after_version=after_version)


@pytest.mark.usefixtures("small_pages")
def test_a_long_gap_whose_feed_goes_down_is_filled_to_there_and_the_retry_fills_the_rest(rows: Rows) -> None:
    execute(TICKING, [tick("a", 400)])
    sent = envelopes(rows)
    Inbox(Projector("bankview", TALLY), LosesHeart("bankview")).take([sent[99], sent[150], sent[399]])
    assert tallied(rows, "a") == list(range(1, 152)), "three pages, and the next one was at hand"
    assert parked(rows, "bankview") == [("ticker-a", 400)]

    assert retry_parked(Inbox(Projector("bankview", TALLY), Feed("bankview"))) == 1

    assert tallied(rows, "a") == list(range(1, 401))
    assert parked(rows, "bankview") == []


@pytest.mark.usefixtures("small_pages")
def test_a_poison_message_in_a_long_gap_does_not_park_all_of_it(rows: Rows, talking: Trouble) -> None:
    talking.raises.add(5)
    execute(TICKING, [tick("a", 400)])
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    inbox.take(envelopes(rows)[399:])
    assert parked(rows, "bankview") == [("ticker-a", version) for version in (*range(5, 51), 400)]

    talking.raises.clear()
    assert retry_parked(inbox) == 47
    assert tallied(rows, "a") == list(range(1, 401))


# A feed that cannot be read.


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("type = 'Gone.v9'", "Unreadable: ticker knows no"),
        ("stream = 'nobody-a'", "LookupError: accounts has no decider"),
    ],
)
def test_a_source_with_an_event_that_cannot_be_read_waits_and_the_others_go_on(
    rows: Rows, damage: str, why: str
) -> None:
    execute(TICKING, [tick("a")])
    execute(ECHOING, [Unit(Order(ECHO, "a", Repeat(1)))])
    with transaction("accounts") as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(f"update bank_event set {damage}")  # noqa: S608
    both = replace(TALLY, types={"accounts.Ticked.v1": Heard, "cards.Echoed.v1": Echoed}, fold=lambda *given: None)
    inbox = Inbox(Projector("bankview", both), Feed("bankview"))

    assert inbox.catch_up()

    assert rows("bankview", "select source, position from bank_cursor order by 1") == [("accounts", 0), ("cards", 1)]
    assert inbox.tally.no_feed["accounts"].startswith(f"accounts: {why}")
    assert list(inbox.tally.no_feed) == ["accounts"]


# Two listeners of a context share its cursors: one per lane group.


def test_a_listener_that_reads_on_does_not_erase_the_stop_that_another_one_wrote(rows: Rows) -> None:
    execute(TICKING, [tick("a")])
    one, other = echoes(), echoes()
    one.catch_up()
    other.catch_up()
    raise_epoch(rows)
    execute(TICKING, [tick("a")])

    other.take(envelopes(rows))
    one.places.advance("accounts", 2)

    assert rows("cards", CURSOR) == [(1, 1, "accounts is in epoch 2")]


def test_a_listener_that_is_behind_does_not_move_the_cursor_back(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    echoes().catch_up()
    echoes().places.advance("accounts", 1)
    assert rows("cards", CURSOR) == [(1, 3, "")]


def test_a_page_read_before_a_source_was_reconciled_does_not_move_its_cursor(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    late = echoes()
    late.catch_up()
    late.places.of("accounts")
    rows("cards", "update bank_cursor set stopped = 'accounts is in epoch 2' returning 1")
    reconcile("cards", "accounts", epoch=2)

    late.places.advance("accounts", 3)

    assert rows("cards", CURSOR) == [(2, 0, "")]


def test_a_listener_that_read_its_cursor_long_ago_stops_all_the_same(rows: Rows) -> None:
    """It remembers that nothing was known of the source; meanwhile another one has read it."""
    late = echoes()
    late.places.of("accounts")
    execute(TICKING, [tick("a")])
    echoes().catch_up()
    raise_epoch(rows)
    execute(TICKING, [tick("a")])

    late.take(envelopes(rows)[1:])

    assert rows("cards", CURSOR) == [(1, 1, "accounts is in epoch 2")]
