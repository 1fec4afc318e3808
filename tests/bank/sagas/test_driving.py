"""Sagas on real databases: messages are heard from the feeds by the real reactions, and the sweep is told the time."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bank import models
from bank.context import Context, Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.history.eventstore import load, read_feed
from bank.messaging import feed
from bank.messaging.feed import FeedDown
from bank.messaging.messages import unwrap
from bank.messaging.sinks import Reactions
from bank.outcomes import find
from bank.projections.inline import rebuild_inline
from bank.sagas import driving
from bank.sagas.orchestration import do_id, undo_id
from bank.sagas.progress import Begin, Progress, Resolve, Retry
from tests.bank.examples.touring import AGENCY, AIRLINE, CONTEXTS, FLIGHT, HOTEL, MOOD, TOUR, TourBegun

pytestmark = pytest.mark.django_db(databases=["customers", "accounts", "cards"], transaction=True)

ALL = (AGENCY, AIRLINE, CONTEXTS["cards"])


@pytest.fixture(autouse=True)
def touring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(feed, "load", CONTEXTS.__getitem__)
    MOOD.clear()
    yield
    MOOD.clear()


def begin(tour: str = "t1") -> None:
    execute(AGENCY, [Unit(Order(TOUR.decider, tour, Begin(TourBegun(tour, "c1", "Anna Meier"))))])


def flow(listening: Collection[Context] = ALL) -> None:
    """Everybody who listens hears what was said, again and again, until nothing new is said."""
    before = -1
    while before != (before := sum(hear(context) for context in listening)):
        pass


def hear(context: Context) -> int:
    """Hear all that was ever said; returns how many events there are."""
    heard, reactions = 0, Reactions(context)
    for source in reactions.sources:
        rows, _ = read_feed(CONTEXTS[source], types=reactions.types(source))
        for row in rows:
            with transaction(context.name) as cursor:
                reactions.apply(cursor, [unwrap(row.message)])
        heard += len(rows)
    return heard


def sweep(later: timedelta = timedelta(hours=1)) -> int:
    return driving.drive(AGENCY, datetime.now(UTC) + later)


def progress(tour: str = "t1") -> Progress:
    state: Progress = load(AGENCY, TOUR.decider, tour)[0]
    return state


def row(tour: str = "t1") -> Any:
    return models.SagaRow.objects.using("customers").get(id=tour)


def booked(tour: str = "t1") -> tuple[bool, bool]:
    return load(AIRLINE, FLIGHT, tour)[0].is_booked, load(CONTEXTS["cards"], HOTEL, tour)[0].is_booked


def test_a_tour_is_booked_by_messages_alone() -> None:
    begin()
    flow()
    assert (progress().status, booked()) == ("completed", (True, True))
    assert (row().status, row().due_at, row().overdue_at, row().step) == ("completed", None, None, "")


def test_the_row_says_who_is_waited_for_and_until_when() -> None:
    begin()
    waiting = row()
    assert (waiting.status, waiting.step, waiting.participant) == ("running", "flight", "accounts")
    assert waiting.awaited == do_id("t1", "flight")
    assert waiting.due_at - waiting.changed_at == TOUR.timeout
    assert waiting.overdue_at - waiting.begun_at == TOUR.deadline


def test_a_refusal_undoes_the_tour() -> None:
    MOOD["hotel"] = 1
    begin()
    flow()
    assert (progress().status, progress().code, booked()) == ("compensated", "full", (False, False))


def test_the_sweep_leaves_alone_what_has_not_waited_long_enough() -> None:
    begin()
    assert sweep(timedelta()) == 0
    assert sweep(TOUR.timeout + timedelta(seconds=1)) == 1


def test_a_step_that_was_not_seen_is_asked_for_again_and_then_forbidden() -> None:
    begin()
    for _ in range(TOUR.limit):
        assert sweep() == 1
    assert (progress().status, progress().code) == ("compensating", "timeout")
    flow()
    for id in (do_id("t1", "flight"), undo_id("t1", "flight")):
        assert find(AIRLINE, id) is not None
    assert (progress().status, booked()) == ("compensated", (False, False))


def test_the_undo_that_comes_first_forbids_the_step() -> None:
    begin()
    for _ in range(TOUR.limit):
        sweep()
    reactions = Reactions(AIRLINE)
    rows, _ = read_feed(AGENCY, types=["FlightUndoAsked.v1", "FlightAsked.v1"])
    with transaction("accounts") as cursor:
        for one in reversed(rows):
            reactions.apply(cursor, [unwrap(one.message)])
    cancelled = find(AIRLINE, do_id("t1", "flight"))
    assert cancelled is not None
    assert (cancelled.outcome, booked()) == ("cancelled", (False, False))
    assert sweep() == 1
    assert progress().status == "compensated"


def test_a_step_that_happened_is_waited_for_however_long_its_answer_takes() -> None:
    begin()
    flow([AIRLINE])
    for _ in range(2 * TOUR.limit):
        assert sweep() == 1
    assert progress().status == "running", "it happened, so its answer is awaited"
    flow()
    assert progress().status == "completed"


def test_a_participant_that_does_not_answer_at_all_is_given_up_and_catches_up_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def down(self: feed.Feed, source: str, id: object) -> None:
        raise FeedDown(source)

    begin()
    with monkeypatch.context() as patched:
        patched.setattr(feed.Feed, "outcome", down)
        for _ in range(TOUR.limit):
            sweep()
        assert progress().status == "compensating"
    flow()
    assert (progress().status, booked()) == ("compensated", (False, False))


def test_two_sweeps_at_once_move_a_saga_once() -> None:
    begin()
    due = driving._due("customers", datetime.now(UTC) + timedelta(hours=1))
    first = sweep()
    turn = progress().turn
    assert (first, [one.turn for one in due]) == (1, [2])
    unit = driving.told(AGENCY, due[0], driving.learn(feed.Feed("customers"), due[0], set()))
    assert execute(AGENCY, [unit])[0].replayed
    assert progress().turn == turn


def test_an_undo_that_fails_three_times_works_the_fourth_time() -> None:
    MOOD.update({"hotel": 1, "flight/undo": 3})
    begin()
    flow()
    for failed in (1, 2, 3):
        assert (progress().status, progress().attempt) == ("compensating", failed + 1)
        assert sweep() == 1
        flow()
    assert (progress().status, booked()) == ("compensated", (False, False))


def test_an_undo_that_never_works_is_resolved_by_two_people() -> None:
    MOOD.update({"hotel": 1, "flight/undo": 100})
    begin()
    flow()
    while sweep():
        flow()
    assert (row().status, row().step, row().due_at) == ("compensation_failed", "flight", None)
    ordered = Retry("operator:1")
    assert driving.order(AGENCY, TOUR, "t1", ordered, "operator:1").outcome == "applied"
    flow()
    assert row().status == "compensation_failed"
    resolve = [Resolve(f"operator:{who}") for who in (1, 1, 2)]
    results = [driving.order(AGENCY, TOUR, "t1", one, one.operator) for one in resolve]
    assert [(one.outcome, one.code) for one in results] == [("applied", ""), ("refused", "four_eyes"), ("applied", "")]
    assert (row().status, row().overdue_at) == ("compensated", None)


def test_what_the_saga_knows_of_a_person_is_sealed() -> None:
    begin()
    with transaction("customers") as cursor:
        cursor.execute("select data from bank_event union all select state from bank_head")
        stored = [data for (data,) in cursor.fetchall()]
    assert len(stored) == 3
    assert not [data for data in stored if "Anna" in data]
    assert progress().data == '{"saga_id":"t1","customer_id":"c1","traveller":"Anna Meier"}'


def test_the_timeline_tells_what_happened_and_by_whom() -> None:
    begin()
    flow()
    told = [(what, who) for _, what, who in driving.timeline(AGENCY, TOUR, "t1")]
    assert told[:2] == [("TourBegun", "service:bank"), ("FlightAsked", "service:bank")]
    assert told[-1] == ("SagaCompleted", "context:customers")


def test_the_table_is_rebuilt_from_events() -> None:
    begin()
    flow([AGENCY])
    fields = [field.name for field in models.SagaRow._meta.get_fields()]
    before = {name: getattr(row(), name) for name in fields}
    rebuild_inline(AGENCY, AGENCY.inline_projections[0])
    assert {name: getattr(row(), name) for name in fields} == before


def test_who_is_silent_is_asked_once_in_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def silent(_: Any, source: str, id: UUID) -> None:
        asked.append(id)
        raise FeedDown(source)

    monkeypatch.setattr(feed.Feed, "outcome", silent)
    for tour in ("t1", "t2", "t3"):
        begin(tour)
    assert sweep() == 3
    assert len(asked) == 1
    assert {progress(tour).tries for tour in ("t1", "t2", "t3")} == {2}


def test_a_saga_that_cannot_go_on_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    begin("t1")
    begin("t2")
    models.SagaRow.objects.using("customers").filter(id="t1").update(name="forgotten")
    assert sweep() == 1
    assert (progress("t1").tries, progress("t2").tries) == (1, 2)
    assert "forgotten-t1 cannot go on" in caplog.text
