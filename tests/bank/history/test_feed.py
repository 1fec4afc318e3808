"""The feed as consumers read it: the same answers from this process and over HTTP."""

import pytest
from django.conf import settings
from django.db import connections

from bank.execution import execute
from bank.http import internal
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import Inbox
from bank.messaging.sinks import Reactions
from tests.bank.examples.ticking import CONTEXTS, ECHOING, TICKING, tick

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "cards", "bankview", "default"], transaction=True),
    pytest.mark.usefixtures("talking"),
]


class Elsewhere(Feed):
    """Every source is another service's."""

    def _is_here(self, source: str) -> bool:
        return False


@pytest.fixture(params=["here", "elsewhere"])
def feed(request: pytest.FixtureRequest, live_server: object, monkeypatch: pytest.MonkeyPatch) -> Feed:
    monkeypatch.setattr(internal, "load", CONTEXTS.__getitem__)
    monkeypatch.setattr(settings, "INTERNAL_URLS", {"accounts": live_server.url})  # type: ignore[attr-defined]
    return Feed("cards") if request.param == "here" else Elsewhere("cards")


def test_a_page_holds_events_in_the_order_of_their_positions(feed: Feed) -> None:
    execute(TICKING, [tick("a", 3), tick("b", 2)])
    page = feed.read("accounts", after=0, limit=4)
    assert [row.position for row in page.events] == [1, 2, 3, 4]
    assert page.watermark == 4
    assert [row.position for row in feed.read("accounts", after=4).events] == [5]


def test_heads_tell_the_last_version_of_each_stream_in_a_page(feed: Feed) -> None:
    execute(TICKING, [tick("a", 3), tick("b", 2)])
    execute(TICKING, [tick("a")])
    heads = feed.heads("accounts", after=1, limit=3)
    assert (heads.versions, heads.watermark, heads.epoch) == ({"ticker-a": 3, "ticker-b": 1}, 4, 1)
    rest = feed.heads("accounts", after=4)
    assert (rest.versions, rest.watermark) == ({"ticker-b": 2, "ticker-a": 4}, 6)
    assert feed.heads("accounts", after=6).versions == {}


def test_a_feed_is_read_no_further_than_asked(feed: Feed) -> None:
    execute(TICKING, [tick("a", 5)])
    page = feed.read("accounts", after=0, until=3)
    assert ([row.position for row in page.events], page.watermark) == ([1, 2, 3], 3)
    heads = feed.heads("accounts", after=0, until=3)
    assert (heads.versions, heads.watermark) == ({"ticker-a": 3}, 3)
    assert feed.read("accounts", after=0, until=99).watermark == feed.watermark("accounts") == 5


def test_types_that_nobody_asked_for_are_passed_over(feed: Feed) -> None:
    execute(TICKING, [tick("a", 3)])
    page = feed.read("accounts", after=0, types=("Named.v1",))
    assert (page.events, page.watermark) == ([], 3)


def test_shards_together_are_the_whole(feed: Feed) -> None:
    execute(TICKING, [tick(str(n)) for n in range(20)])
    parts = [feed.read("accounts", after=0, shard=(index, 3)).events for index in range(3)]
    assert sorted(row.position for part in parts for row in part) == list(range(1, 21))
    assert all(parts)


def test_a_stream_can_be_read_from_a_version_on(feed: Feed) -> None:
    execute(TICKING, [tick("a", 5), tick("b")])
    assert [(e.stream, e.version) for e in feed.stream("accounts", "ticker-a", after_version=3)] == [
        ("ticker-a", 4), ("ticker-a", 5),
    ]  # fmt: skip


def test_both_ways_give_the_same_bytes(live_server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal, "load", CONTEXTS.__getitem__)
    monkeypatch.setattr(settings, "INTERNAL_URLS", {"accounts": live_server.url})  # type: ignore[attr-defined]
    execute(TICKING, [tick("a", 5)])
    assert Feed("cards").read("accounts", after=0) == Elsewhere("cards").read("accounts", after=0)


def test_a_source_that_does_not_answer_is_down_and_the_others_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "INTERNAL_URLS", {"accounts": "http://127.0.0.1:1"})
    with pytest.raises(FeedDown):
        Elsewhere("cards").read("accounts", after=0)
    assert Inbox(Reactions(ECHOING), Elsewhere("cards")).catch_up()


def test_a_service_whose_key_is_not_known_there_is_refused(
    live_server: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INTERNAL_URLS", {"accounts": live_server.url})  # type: ignore[attr-defined]
    monkeypatch.setattr("bank.messaging.feed.service_token", lambda reader, source: "forged")
    with pytest.raises(FeedDown, match="401"):
        Elsewhere("cards").read("accounts", after=0)


def test_a_source_in_this_process_whose_database_is_gone_is_down_too(monkeypatch: pytest.MonkeyPatch) -> None:
    connections["accounts"].close()
    monkeypatch.setitem(connections["accounts"].settings_dict, "PORT", 1)
    with pytest.raises(FeedDown):
        Feed("cards").read("accounts", after=0)
    with pytest.raises(FeedDown):
        Feed("cards").stream("accounts", "ticker-a", after_version=0)
    assert Inbox(Reactions(ECHOING), Feed("cards")).catch_up()
