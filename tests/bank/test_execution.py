"""The one road: exactly once, whole or not at all, in order, at any concurrency."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as change
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from bank.context import Context, Cursor, Order, Unit, step_id
from bank.db import transaction
from bank.decider import Refused
from bank.execution import IdReused, NotApplied, Running, StaleVersion, execute
from bank.history.eventstore import load, read_feed, read_stream
from bank.history.sealing import destroy
from bank.outcomes import find
from tests.bank.examples.counting import COUNTER, COUNTING, Add, Added, Counter, Note, add

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def rows(query: str, *params: object) -> list[tuple[object, ...]]:
    with transaction("accounts") as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def total(key: str) -> int:
    state: Counter = load(COUNTING, COUNTER, key)[0]
    return state.total


def waiting_for_a_lock(cursor: Cursor) -> bool:
    cursor.execute("select exists (select 1 from pg_locks where not granted)")
    return bool(cursor.fetchall()[0][0])


def in_threads(count: int, work: object) -> list[object]:
    def run(index: int) -> object:
        try:
            return work(index)  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_an_applied_unit_is_stored_published_and_remembered() -> None:
    (result,) = execute(COUNTING, [add("a", 5)])

    assert (result.outcome, result.streams, result.versions) == ("applied", ("counter-a",), (1,))
    assert [recorded.event for recorded in read_stream(COUNTING, "counter-a")] == [Added(5)]
    assert rows("select aggregateid, type from bank_outbox") == [("counter-a", "Added.v1")]
    assert find(COUNTING, result.id) == change(result, replayed=True)


def test_the_same_id_takes_effect_once_and_is_answered_alike() -> None:
    unit = Unit(Order(COUNTER, "a", Add(5)), id=uuid4())

    first, second = execute(COUNTING, [unit])[0], execute(COUNTING, [unit])[0]

    assert total("a") == 5
    assert second == change(first, replayed=True)


def test_the_same_id_twice_in_one_batch_takes_effect_once() -> None:
    unit = Unit(Order(COUNTER, "a", Add(5)), id=uuid4())
    execute(COUNTING, [unit, unit])
    assert total("a") == 5


def test_the_same_id_with_another_request_is_an_error() -> None:
    id = uuid4()
    execute(COUNTING, [Unit(Order(COUNTER, "a", Add(5)), id=id, fingerprint=b"one")])
    with pytest.raises(IdReused):
        execute(COUNTING, [Unit(Order(COUNTER, "a", Add(6)), id=id, fingerprint=b"two")])


def test_a_refusal_is_remembered_even_when_it_would_be_accepted_later() -> None:
    unit = Unit(Order(COUNTER, "a", Add(-1)), id=uuid4())
    assert execute(COUNTING, [unit])[0].code == "below_zero"
    execute(COUNTING, [add("a", 10)])
    assert execute(COUNTING, [unit])[0].outcome == "refused"
    assert total("a") == 10


def test_a_unit_of_two_orders_is_refused_whole_and_does_not_spoil_its_batch() -> None:
    pair = Unit(Order(COUNTER, "a", Add(3)), Order(COUNTER, "b", Add(-1)))
    outcomes = [result.outcome for result in execute(COUNTING, [add("a", 1), pair, add("a", 2)])]
    assert outcomes == ["applied", "refused", "applied"]
    assert (total("a"), total("b")) == (3, 0)


def test_a_batch_that_is_whole_or_nothing_remembers_no_refusal() -> None:
    one, other = (Unit(Order(COUNTER, key, Add(amount)), id=uuid4()) for key, amount in (("a", 5), ("b", -1)))
    with pytest.raises(NotApplied) as refused:
        execute(COUNTING, [one, other], whole=True)
    assert (refused.value.unit, refused.value.result.outcome) == (other, "refused")
    assert (total("a"), find(COUNTING, one.id), find(COUNTING, other.id)) == (0, None, None)  # type: ignore[arg-type]
    execute(COUNTING, [add("b", 1)])
    assert [result.outcome for result in execute(COUNTING, [one, other], whole=True)] == ["applied", "applied"]
    assert [result.replayed for result in execute(COUNTING, [one, other], whole=True)] == [True, True]


def test_later_units_of_a_batch_see_what_earlier_ones_did() -> None:
    results = execute(COUNTING, [add("a", 2), add("a", -2), add("a", -1)])
    assert [result.outcome for result in results] == ["applied", "applied", "refused"]


def test_a_refused_unit_does_otherwise() -> None:
    unit = Unit(Order(COUNTER, "a", Add(-1)), otherwise=lambda refused: Order(COUNTER, "declined", Add(1)))
    assert execute(COUNTING, [unit])[0].streams == ("counter-declined",)


def test_a_command_that_changes_nothing_writes_no_event() -> None:
    assert execute(COUNTING, [add("a", 0)])[0].outcome == "nothing"
    assert rows("select count(*) from bank_event") == [(0,)]


def test_an_unexpected_version_is_refused_and_not_remembered() -> None:
    execute(COUNTING, [add("a", 1)])
    id = uuid4()
    with pytest.raises(StaleVersion):
        execute(COUNTING, [Unit(Order(COUNTER, "a", Add(1), expected_version=0), id=id)])
    assert find(COUNTING, id) is None
    assert execute(COUNTING, [Unit(Order(COUNTER, "a", Add(1), expected_version=1), id=id)])[0].versions == (2,)


def test_a_command_sent_twice_at_once_is_not_told_that_it_was_overtaken_by_itself() -> None:
    execute(COUNTING, [add("a", 1)])
    unit = Unit(Order(COUNTER, "a", Add(1), expected_version=1), id=uuid4())
    with ThreadPoolExecutor(1) as pool:
        with transaction("accounts") as cursor:
            execute(COUNTING, [unit])
            second = pool.submit(in_threads, 1, lambda _: execute(COUNTING, [unit])[0])
            while not waiting_for_a_lock(cursor):
                assert not second.done(), second.result()
        (answer,) = second.result()
    assert (answer.outcome, answer.versions, answer.replayed) == ("applied", (2,), True)  # type: ignore[attr-defined]


def test_a_step_that_comes_after_its_undoing_is_refused_for_ever() -> None:
    do, undo = step_id("p1", "add"), step_id("p1", "add/undo")
    (undone,) = execute(COUNTING, [Unit(Order(COUNTER, "a", Add(-5)), id=undo, undoes=do)])
    (late,) = execute(COUNTING, [Unit(Order(COUNTER, "a", Add(5)), id=do)])
    assert (undone.outcome, late.outcome) == ("nothing", "cancelled")
    assert total("a") == 0


def test_undoing_a_step_that_was_refused_does_nothing() -> None:
    do, undo = step_id("p1", "take"), step_id("p1", "take/undo")
    execute(COUNTING, [Unit(Order(COUNTER, "a", Add(-5)), id=do)])
    (result,) = execute(COUNTING, [Unit(Order(COUNTER, "a", Add(5)), id=undo, undoes=do)])
    assert (result.outcome, total("a")) == ("nothing", 0)


def test_undoing_a_step_that_took_effect_takes_it_back() -> None:
    do, undo = step_id("p1", "add"), step_id("p1", "add/undo")
    execute(COUNTING, [Unit(Order(COUNTER, "a", Add(5)), id=do)])
    execute(COUNTING, [Unit(Order(COUNTER, "a", Add(-5)), id=undo, undoes=do)])
    assert total("a") == 0


def test_a_key_that_could_break_a_message_is_refused() -> None:
    for key in ('a"b', "a\nb", "", "a,b", "x" * 200):
        with pytest.raises(ValueError, match="cannot name"):
            execute(COUNTING, [add(key, 1)])


def test_thirty_concurrent_takings_of_one_from_ten_succeed_ten_times() -> None:
    execute(COUNTING, [add("a", 10)])
    results = in_threads(30, lambda _: execute(COUNTING, [add("a", -1)])[0].outcome)
    assert sorted(results) == ["applied"] * 10 + ["refused"] * 20  # type: ignore[type-var]
    assert total("a") == 0


def test_concurrent_first_writes_to_one_stream_are_ordered() -> None:
    in_threads(8, lambda _: execute(COUNTING, [add("new", 1)]))
    assert [recorded.version for recorded in read_stream(COUNTING, "counter-new")] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert total("new") == 8


def test_opposite_moves_on_two_streams_do_not_deadlock() -> None:
    execute(COUNTING, [add("a", 100), add("b", 100)])

    def move(index: int) -> str:
        source, target = ("a", "b") if index % 2 else ("b", "a")
        return execute(COUNTING, [Unit(Order(COUNTER, source, Add(-1)), Order(COUNTER, target, Add(1)))])[0].outcome

    assert set(in_threads(20, move)) == {"applied"}
    assert total("a") + total("b") == 200


def test_one_id_from_many_threads_takes_effect_once() -> None:
    unit = Unit(Order(COUNTER, "a", Add(5)), id=uuid4())
    results = in_threads(12, lambda _: execute(COUNTING, [unit])[0])
    assert {(result.outcome, result.versions) for result in results} == {("applied", (1,))}  # type: ignore[attr-defined]
    assert total("a") == 5


def test_a_unit_that_is_being_executed_elsewhere_is_running() -> None:
    unit = Unit(Order(COUNTER, "a", Add(5)), id=UUID(int=2**128 - 1))
    with transaction("accounts") as cursor:
        cursor.execute("select pg_advisory_xact_lock(-1, -1)")
        (answer,) = in_threads(1, lambda _: is_running(unit))
    assert answer
    assert execute(COUNTING, [unit], wait=False)[0].outcome == "applied"


def test_a_head_of_another_state_version_is_rebuilt_from_the_events() -> None:
    execute(COUNTING, [add("a", amount) for amount in range(1, 151)])
    newer = change_decider(state_version=2)
    execute(newer, [Unit(Order(newer.deciders[0], "a", Add(1)))])
    assert rows("select version, state_version, state from bank_head") == [
        (151, 2, '{"total":11326,"customer_id":null,"note":""}')
    ]


def test_a_lost_head_is_found_again_from_the_events() -> None:
    execute(COUNTING, [add("a", 5)])
    rows("delete from bank_head returning 1")
    assert execute(COUNTING, [add("a", 1)])[0].versions == (2,)
    assert total("a") == 6


def test_nobody_is_refused_because_a_head_was_lost() -> None:
    execute(COUNTING, [add("a", 5)])
    rows("delete from bank_head returning 1")
    assert execute(COUNTING, [add("a", -5)])[0].outcome == "applied"


def test_nothing_is_left_undone_because_a_head_was_lost() -> None:
    """What the decider finds nothing to do about where nothing is, it does where something was."""
    emptying = change_decider(decide=lambda counter, _: [Added(-counter.total)] if counter.total else [])
    execute(COUNTING, [add("a", 5)])
    rows("delete from bank_head returning 1")
    empty = [Unit(Order(emptying.deciders[0], key, Add(0))) for key in ("a", "b")]
    assert [result.outcome for result in execute(emptying, empty)] == ["applied", "nothing"]
    assert total("a") == 0


def test_snapshots_are_kept_every_hundred_events() -> None:
    execute(COUNTING, [add("a", 1) for _ in range(250)])
    assert rows("select version, state from bank_snapshot order by 1") == [
        (100, '{"total":100,"customer_id":null,"note":""}'),
        (200, '{"total":200,"customer_id":null,"note":""}'),
    ]


def test_a_state_can_be_read_as_of_a_version_and_an_instant() -> None:
    execute(COUNTING, [add("a", 1) for _ in range(120)])
    assert load(COUNTING, COUNTER, "a", at_version=110)[0].total == 110
    instant = read_stream(COUNTING, "counter-a")[-1].recorded_at
    execute(COUNTING, [add("a", 1)])
    assert load(COUNTING, COUNTER, "a", as_of=instant)[0].total == 120


def test_personal_fields_are_sealed_wherever_they_are_stored_and_open_on_reading() -> None:
    execute(COUNTING, [Unit(Order(COUNTER, "a", Note("c1", "Ada Lovelace")))] + [add("a", 1)] * 100)
    for table in ("bank_event", "bank_head", "bank_snapshot", "bank_command"):
        found = rows(f"select count(*) from {table} t where t::text like '%%Lovelace%%'")  # noqa: S608
        assert found == [(0,)], table
    assert load(COUNTING, COUNTER, "a")[0].note == "Ada Lovelace"


def test_after_its_key_is_destroyed_a_personal_field_reads_erased() -> None:
    execute(COUNTING, [Unit(Order(COUNTER, "a", Note("c1", "Ada Lovelace"))), add("a", 7)])
    with transaction("accounts") as cursor:
        destroy(cursor, "c1")
    execute(COUNTING, [add("a", 1)])
    assert load(COUNTING, COUNTER, "a")[0] == Counter(8, "c1", "[erased]")


def test_nothing_more_is_sealed_for_an_erased_customer() -> None:
    with transaction("accounts") as cursor:
        destroy(cursor, "c1")
    (refused,) = execute(COUNTING, [Unit(Order(COUNTER, "a", Note("c1", "Ada Lovelace")))])
    assert (refused.outcome, refused.code) == ("refused", "customer_erased")
    assert find(COUNTING, refused.id) == change(refused, replayed=True)
    assert rows("select count(*) from bank_event") == [(0,)]


def test_a_unit_about_an_erased_customer_does_not_spoil_its_batch() -> None:
    with transaction("accounts") as cursor:
        destroy(cursor, "c1")
    whole = Unit(Order(COUNTER, "b", Add(2)), Order(COUNTER, "c", Note("c1", "Ada Lovelace")))
    results = execute(COUNTING, [add("a", 1), whole, Unit(Order(COUNTER, "b", Note("c2", "Grace Hopper")))])
    assert [result.outcome for result in results] == ["applied", "refused", "applied"]
    assert results[1].code == "customer_erased"
    assert load(COUNTING, COUNTER, "b")[0] == Counter(0, "c2", "Grace Hopper")
    assert total("a") == 1


def test_a_refusal_which_would_itself_name_an_erased_customer_stays_a_refusal() -> None:
    with transaction("accounts") as cursor:
        destroy(cursor, "c1")
    instead = Order(COUNTER, "a", Note("c1", "overdrawn by Ada Lovelace"))
    unit = Unit(Order(COUNTER, "a", Add(-1)), otherwise=lambda refused: instead)
    refused, applied = execute(COUNTING, [unit, add("b", 1)])
    assert (refused.outcome, refused.code) == ("refused", "customer_erased")
    assert applied.outcome == "applied"


def test_the_feed_gives_the_bytes_which_the_outbox_published() -> None:
    execute(COUNTING, [Unit(Order(COUNTER, "a", Note("c1", 'Zoë "quoted" \u2028'))), add("a", 1), add("b", 2)])
    published = [payload for (payload,) in rows("select payload from bank_outbox order by seq")]
    fed, complete = read_feed(COUNTING)
    assert [row.message.decode() for row in fed] == published
    assert complete == fed[-1].position


def test_the_feed_filters_by_type_shard_and_stream() -> None:
    execute(COUNTING, [add(str(n), 1) for n in range(20)] + [Unit(Order(COUNTER, "0", Note("c", "x")))])
    assert len(read_feed(COUNTING, types=["Noted.v1"])[0]) == 1
    shards = [len(read_feed(COUNTING, shard=(index, 3))[0]) for index in range(3)]
    assert sum(shards) == 21
    assert all(shards)
    assert len(read_feed(COUNTING, stream="counter-0", after_version=1)[0]) == 1


def test_a_decider_that_fails_leaves_nothing_of_the_batch() -> None:
    def explode(state: Counter, command: object) -> list[Added]:
        raise ZeroDivisionError

    broken = change_decider(decide=explode)
    with pytest.raises(ZeroDivisionError):
        execute(broken, [Unit(Order(broken.deciders[0], "a", Add(1)))])
    assert rows("select count(*) from bank_command") == [(0,)]


def test_refused_carries_its_code() -> None:
    refused = Refused("below_zero", "A counter does not go below zero.")
    assert refused.code == "below_zero"


@pytest.mark.parametrize(
    "statement", ["update bank_event set data = '{}'", "delete from bank_event", "truncate bank_event"]
)
def test_history_cannot_be_changed_even_by_its_owner(statement: str) -> None:
    execute(COUNTING, [add("a", 1)])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        rows(statement)


def is_running(unit: Unit) -> bool:
    with pytest.raises(Running):
        execute(COUNTING, [unit], wait=False)
    return True


def change_decider(**changes: object) -> Context:
    return Context(name="accounts", deciders=(change(COUNTER, **changes),))  # type: ignore[arg-type]
