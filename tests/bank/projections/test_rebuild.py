"""Rebuilding a projection beside the live one: readers never see it half built, and nothing goes back."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.live_server_helper import LiveServer

from bank.context import Context, InlineProjection, Unit
from bank.db import transaction
from bank.execution import execute
from bank.http import internal
from bank.messaging.feed import Feed
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.messaging.sinks import Projector
from bank.outcomes import find
from bank.projections import inline, rebuilding
from bank.projections.inline import rebuild_inline
from bank.projections.projecting import live_generation
from bank.projections.rebuilding import Progress, RebuildFailed, rebuild, switch_back
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import TALLY, TICKER, Trouble, tick

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "cards", "bankview", "default"], transaction=True),
    pytest.mark.usefixtures("talking"),
]

TICKING = Context(name="accounts", deciders=(TICKER,))


@pytest.fixture(autouse=True)
def by_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is, it is not left to the final step."""
    monkeypatch.setattr(rebuilding, "NEAR", 0)
    monkeypatch.setattr(rebuilding, "PAGE", 20)


def live(rows: Rows) -> dict[str, list[int]]:
    generation = live_generation("bankview", "tally")
    return dict(rows("bankview", "select ticker, numbers from tally where generation = %s", generation))


def caught_up() -> Inbox:
    inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
    while not inbox.catch_up():
        pass
    return inbox


def test_a_rebuilt_projection_is_what_the_events_say(rows: Rows) -> None:
    execute(TICKING, [tick(str(n), 5) for n in range(30)])
    caught_up()
    rows("bankview", "update tally set numbers = '{666}' returning 1")

    assert rebuild("bankview", TALLY, shards=2) == 2

    assert live(rows) == {str(n): [1, 2, 3, 4, 5] for n in range(30)}
    assert rows("bankview", "select distinct generation from tally") == [(2,)]
    assert rows("bankview", "select distinct generation from bank_seen") == [(2,)]


def test_a_projection_that_was_never_folded_can_be_built(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    rebuild("bankview", TALLY, shards=3)
    assert live(rows) == {"a": [1, 2, 3]}


def test_live_messages_go_on_after_the_switch_where_the_shadow_stopped(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    inbox = caught_up()
    rebuild("bankview", TALLY, shards=1)
    execute(TICKING, [tick("a", 2)])
    inbox.catch_up()
    assert live(rows) == {"a": [1, 2, 3, 4, 5]}


def test_progress_reaches_the_end_and_counts_every_event() -> None:
    execute(TICKING, [tick(str(n), 10) for n in range(20)])
    seen: list[Progress] = []
    rebuild("bankview", TALLY, shards=2, report=seen.append)
    assert (seen[-1].done, seen[-1].total, seen[-1].events) == (200, 200, 200)


def test_a_shard_that_is_done_leaves_the_parent_waiting_for_the_others(rows: Rows) -> None:
    shard = "select mod(hashtext('ticker-' || n)::bigint + 2147483648, 2) from generate_series(0, 9) n"
    late = [shard for (shard,) in rows("accounts", shard)].index(1)  # the first of two shards finds nothing to do
    execute(TICKING, [tick(str(late), 200)])

    def slowly(*given: Any) -> None:
        time.sleep(0.1)
        TALLY.fold(*given)

    reports: list[Progress] = []
    rebuild("bankview", replace(TALLY, fold=slowly), shards=2, report=reports.append)

    assert len(reports) < 50
    assert live(rows) == {str(late): list(range(1, 201))}


def test_readers_see_the_old_rows_until_all_of_the_new_ones_are_there(rows: Rows) -> None:
    execute(TICKING, [tick("a", 50)])
    caught_up()
    views: list[dict[str, list[int]]] = []
    rebuild("bankview", TALLY, shards=1, report=lambda _: views.append(live(rows)))
    assert views
    assert all(view == {"a": list(range(1, 51))} for view in views)


def test_a_rebuild_under_live_traffic_neither_loses_nor_repeats_an_event(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "PASSES", 3)
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                execute(TICKING, [tick(str(n)) for n in range(10)])
                time.sleep(0.005)
        finally:
            connections.close_all()

    def fold() -> None:
        inbox = Inbox(Projector("bankview", TALLY), Feed("bankview"))
        try:
            while not stop.is_set():
                try:
                    inbox.catch_up(pages=1)
                except TRANSIENT:
                    continue
        finally:
            connections.close_all()

    execute(TICKING, [tick(str(n), 20) for n in range(10)])
    threads = [threading.Thread(target=work) for work in (write, fold)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            rebuild("bankview", TALLY, shards=2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    caught_up()

    counts: dict[str, int] = dict(rows("accounts", "select substr(stream, 8), version from bank_head"))
    assert live(rows) == {ticker: list(range(1, count + 1)) for ticker, count in counts.items()}
    assert live_generation("bankview", "tally") == 4


def test_a_rebuild_that_was_killed_goes_on_where_it_was(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(TICKING, [tick(str(n), 10) for n in range(40)])
    caught_up()
    connections.close_all()

    def slowly() -> None:
        fold = TALLY.fold

        def slow(*given: Any) -> None:
            time.sleep(0.05)
            fold(*given)

        object.__setattr__(TALLY, "fold", slow)
        rebuild("bankview", TALLY, shards=2)

    child = get_context("fork").Process(target=slowly)
    child.start()
    folded = 0
    for _ in range(200):
        time.sleep(0.05)
        folded = rows("bankview", "select coalesce(sum(version), 0)::int from bank_seen where generation = 2")[0][0]
        if folded > 40:
            break
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    assert 40 < folded < 400, "it was not killed on the way"
    assert live_generation("bankview", "tally") == 1

    counted: list[Progress] = []
    for _ in range(100):  # its shards notice that they are orphans, and the lock goes with them
        try:
            rebuild("bankview", TALLY, shards=4, report=counted.append)
            break
        except RebuildFailed:
            time.sleep(0.1)

    assert live(rows) == {str(n): list(range(1, 11)) for n in range(40)}
    assert counted[-1].events < 400, "it began again"


def test_shards_of_a_remote_source_each_have_a_connection_of_their_own(
    rows: Rows, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(internal, "load", {"accounts": TICKING}.__getitem__)
    monkeypatch.setattr(settings, "INTERNAL_URLS", {"accounts": live_server.url})
    monkeypatch.setattr(Feed, "_is_here", lambda feed, source: False)
    execute(TICKING, [tick(str(n), 10) for n in range(40)])

    rebuild("bankview", TALLY, shards=2)

    assert live(rows) == {str(n): list(range(1, 11)) for n in range(40)}


def test_nothing_is_switched_when_the_shadow_would_go_back(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "TRIES", 2)
    execute(TICKING, [tick("a", 3)])
    caught_up()
    rows("bankview", "update bank_seen set version = 9 returning 1")
    with pytest.raises(RebuildFailed, match="1 streams are behind"):
        rebuild("bankview", TALLY, shards=1)
    assert live_generation("bankview", "tally") == 1


def test_the_previous_generation_can_be_kept_and_taken_back(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    inbox = caught_up()
    rebuild("bankview", TALLY, shards=2, keep_previous=True)
    execute(TICKING, [tick("a", 2), tick("b")])
    inbox.catch_up()
    rows("bankview", "update tally set numbers = '{666}' where generation = 2 returning 1")

    assert switch_back("bankview", TALLY) == 1

    assert live(rows) == {"a": [1, 2, 3, 4, 5], "b": [1]}
    assert switch_back("bankview", TALLY) == 2


def test_generations_that_nobody_needs_are_deleted(rows: Rows) -> None:
    execute(TICKING, [tick("a", 3)])
    generations = "select distinct generation from tally order by 1"
    rebuild("bankview", TALLY, shards=1, keep_previous=True)
    caught_up()
    rebuild("bankview", TALLY, shards=1, keep_previous=True)
    assert rows("bankview", generations) == [(2,), (3,)]
    switch_back("bankview", TALLY)
    assert rows("bankview", generations) == [(2,), (3,)]
    rebuild("bankview", TALLY, shards=1)
    assert rows("bankview", generations) == [(4,)]
    assert rows("bankview", "select distinct generation from bank_seen") == [(4,)]


def test_without_a_previous_generation_there_is_no_way_back() -> None:
    with pytest.raises(RebuildFailed, match="no previous generation"):
        switch_back("bankview", TALLY)


def test_a_fold_that_fails_stops_the_rebuild_and_readers_keep_what_they_had(rows: Rows, talking: Trouble) -> None:
    execute(TICKING, [tick("a", 3)])
    caught_up()
    talking.raises.add(2)
    with pytest.raises(RebuildFailed):
        rebuild("bankview", TALLY, shards=2)
    assert live(rows) == {"a": [1, 2, 3]}
    talking.raises.clear()
    assert rebuild("bankview", TALLY, shards=2) == 2


def test_one_rebuild_at_a_time(rows: Rows) -> None:
    with rebuilding._alone("bankview", "tally"), pytest.raises(RebuildFailed, match="somebody else"):
        rebuild("bankview", TALLY, shards=1)


# Inline.


def _count(cursor: object, events: object, changed: object) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "insert into ticks select * from unnest(%b::text[], %b::int[])"
        " on conflict (ticker) do update set number = excluded.number",
        ([c.key for c in changed], [c.state.number for c in changed]),  # type: ignore[attr-defined]
    )


TICKS = InlineProjection(name="ticks", tables=("ticks",), project=_count)
INLINE = Context(name="accounts", deciders=(TICKER,), inline_projections=(TICKS,))


@pytest.fixture
def ticks() -> Iterator[None]:
    with transaction("accounts") as cursor:
        cursor.execute("create table if not exists ticks (ticker text primary key, number int)")
    yield
    with transaction("accounts") as cursor:
        cursor.execute("drop table ticks")


def test_an_inline_projection_is_refilled_from_its_own_events(rows: Rows, ticks: None) -> None:
    execute(INLINE, [tick(str(n), n + 1) for n in range(30)])
    before = rows("accounts", "select * from ticks order by ticker")
    rows("accounts", "update ticks set number = 0 returning 1")

    assert rebuild_inline(INLINE, TICKS) == sum(range(1, 31))

    assert rows("accounts", "select * from ticks order by ticker") == before


def test_commands_wait_while_an_inline_projection_is_refilled_and_none_is_lost(rows: Rows, ticks: None) -> None:
    execute(INLINE, [tick(str(n), 10) for n in range(10)])
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                execute(INLINE, [tick(str(n)) for n in range(10)])
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            rebuild_inline(INLINE, TICKS)
    finally:
        stop.set()
        writer.join()

    assert rows("accounts", "select count(*) from ticks t join bank_head h on h.stream = 'ticker-' || t.ticker"
                            " where t.number <> h.version") == [(0,)]  # fmt: skip


@contextmanager
def locked(mode: str) -> Iterator[BaseDatabaseWrapper]:
    """The table, by a transaction of somebody else."""
    other = connections["accounts"].copy("another")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"lock table ticks in {mode} mode")
        yield other
    finally:
        other.close()


def test_a_command_that_waits_too_long_for_a_rebuild_took_no_effect_and_takes_it_when_it_comes_again(
    ticks: None,
) -> None:
    execute(INLINE, [tick("a", 2)])
    id = uuid4()
    again = Unit(*tick("a").orders, id=id)
    with locked("share row exclusive"), transaction("accounts") as cursor:
        cursor.execute("set local lock_timeout = 10")
        with pytest.raises(TRANSIENT), transaction("accounts"):
            execute(INLINE, [again])
    assert find(INLINE, id) is None
    assert execute(INLINE, [again])[0].outcome == "applied"


def test_a_rebuild_waits_for_its_lock_and_says_so(
    ticks: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    execute(INLINE, [tick("a", 2)])
    monkeypatch.setattr(inline, "LOCK_WAIT_MS", 10)
    with locked("row exclusive") as batch:
        monkeypatch.setattr(inline, "time", SimpleNamespace(sleep=lambda _: batch.commit()))
        assert rebuild_inline(INLINE, TICKS) == 2
    assert "accounts.ticks: its tables are being written to; waiting for them" in caplog.text


def test_a_rebuild_that_never_gets_its_lock_says_so_and_changes_nothing(
    rows: Rows, ticks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(INLINE, [tick("a", 2)])
    monkeypatch.setattr(inline, "LOCK_WAIT_MS", 10)
    monkeypatch.setattr(inline, "REST_S", 0)
    with locked("row exclusive"), pytest.raises(RebuildFailed, match="never free; nothing was changed"):
        rebuild_inline(INLINE, TICKS)
    assert rows("accounts", "select * from ticks") == [("a", 2)]


def test_the_command_names_what_there_is_when_it_is_asked_for_something_else() -> None:
    with pytest.raises(CommandError, match="unknown; there are"):
        call_command("rebuild_projection", "nonsense")


def test_the_command_rebuilds_a_projection_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rebuild_projection", "accounts.ledger", "--shards", "1")
    assert "accounts.ledger: 0 events" in capsys.readouterr().out
