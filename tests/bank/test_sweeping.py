"""What nobody waits for is done for all who can be helped, whoever cannot."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest
from psycopg import errors

from bank import sweeping
from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.failpoints import Failed, armed
from bank.history.eventstore import load
from bank.sweeping import Failure, Failures, LeftBehind, execute_each, in_turn, sweep
from tests.bank.examples.counting import COUNTER, COUNTING, Add, add

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

KEYS = ("a", "b", "c", "d", "e")


def breaking(key: str) -> None:
    """Its state cannot be read any more."""
    with transaction("accounts") as cursor:
        cursor.execute("""update bank_head set state = '{"total": "much"}' where stream = %s""", (f"counter-{key}",))


def totals() -> list[int]:
    return [load(COUNTING, COUNTER, key)[0].total for key in KEYS]


def pages_of(limit: int) -> Callable[[str | None], Sequence[str]]:
    return lambda after: [key for key in KEYS if key > (after or "")][:limit]


def test_who_cannot_be_read_is_left_behind_and_all_others_are_done() -> None:
    execute(COUNTING, [add(key, 1) for key in KEYS])
    breaking("b")
    with pytest.raises(LeftBehind) as left:
        sweep(COUNTING, pages_of(3), lambda key: add(key, 10), str)
    assert (left.value.done, totals()) == (4, [11, 1, 11, 11, 11])
    (failure,) = left.value.failures
    assert failure.stream == "counter-b"
    assert failure.error.startswith("Unreadable: counter.state")
    assert "counter-b" in str(left.value)


def test_what_nothing_comes_of_hides_nothing_behind_it() -> None:
    asked = sweep(COUNTING, pages_of(2), lambda key: add(key, 1 if key == "e" else 0), str)
    assert (asked, totals()) == (1, [0, 0, 0, 0, 1])


def test_who_is_due_for_several_things_is_asked_until_nothing_comes_of_it() -> None:
    def due(after: str | None) -> list[str]:
        return [key for key, total in zip(KEYS, totals(), strict=True) if total < 3 and key > (after or "")][:2]

    assert sweep(COUNTING, due, lambda key: add(key, 1), str, again=True) == 15
    assert totals() == [3] * 5


def test_a_database_that_went_away_is_nobodys_fault() -> None:
    failures = Failures()
    with armed("before_commit"), pytest.raises(Failed):
        execute_each(COUNTING, [add(key, 1) for key in KEYS], failures)
    assert (totals(), list(failures)) == ([0] * 5, [])


@pytest.mark.parametrize("error", [errors.QueryCanceled, errors.ProgramLimitExceeded, errors.StatementTooComplex])
def test_what_is_too_much_for_the_database_is_its_own_fault(error: type[Exception]) -> None:
    sweeping.require_its_own(error())


def test_a_lost_connection_is_nobodys_fault() -> None:
    with pytest.raises(errors.ConnectionFailure):
        sweeping.require_its_own(errors.ConnectionFailure())


def test_one_that_fails_again_is_not_one_more() -> None:
    failures = Failures(most=1)
    for _ in range(2):
        failures.note("counter-a", ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        failures.note("counter-b", ValueError("no"))
    assert [failure.stream for failure in failures] == ["counter-a"]


@pytest.mark.parametrize(("broken", "stops"), [(2, False), (3, True)])
def test_when_too_many_fail_it_is_not_they_who_are_broken(
    broken: int, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MAX_FAILURES", 2)
    units = [Unit(Order(COUNTER, key, object() if n < broken else Add(1)), id=uuid4()) for n, key in enumerate(KEYS)]
    failures = Failures()
    if stops:
        with pytest.raises(AssertionError):
            execute_each(COUNTING, units, failures)
    else:
        results = execute_each(COUNTING, units, failures)
        assert [result is None for result in results] == [True, True, False, False, False]
    assert [failure.stream for failure in failures] == ["counter-a", "counter-b"]


def test_what_one_step_left_behind_does_not_keep_the_next_from_being_done() -> None:
    failure = Failure("counter-a", "ValueError")

    def failing() -> int:
        raise LeftBehind([failure], {"done": 2})

    with pytest.raises(LeftBehind) as left:
        in_turn({"first": failing, "second": lambda: 3})
    assert (left.value.counts, left.value.failures) == ({"first": 2, "second": 3}, (failure,))
    assert in_turn({"first": lambda: 1}) == {"first": 1}
