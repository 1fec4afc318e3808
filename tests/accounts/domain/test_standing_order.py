"""A standing order: each month once, on its day, and missed when the account does not pay."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from accounts.domain.standing_order import (
    STANDING_ORDER,
    EndStandingOrder,
    ExecuteStandingOrder,
    MissStandingOrder,
    OpenStandingOrder,
    StandingOrderEnded,
    StandingOrderExecuted,
    StandingOrderMissed,
    StandingOrderOpened,
    months_after,
    next_due,
)
from bank.money import MAX_MINOR
from bank.testing import given

DAY, NEXT, LAST = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
TERMS = ("s1", "a1", "c1", None, "Landlord, MT12", 500_00, "EUR", "Rent", DAY, DAY)
OPEN, OPENED = OpenStandingOrder(*TERMS), StandingOrderOpened(*TERMS)
EXECUTED = StandingOrderExecuted("s1", "a1", 500_00, "EUR", DAY, DAY, NEXT)
MISSED = StandingOrderMissed("s1", "a1", 500_00, "EUR", DAY, DAY, NEXT, "insufficient_funds")
ENDED = StandingOrderEnded("s1", "a1", DAY)


def test_it_is_opened_once() -> None:
    assert given(STANDING_ORDER).when(OPEN) == [OPENED]
    assert given(STANDING_ORDER, OPENED).refuses(OPEN) == "standing_order_exists"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_minor": 0}, "invalid_amount"),
        ({"amount_minor": MAX_MINOR + 1}, "invalid_amount"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"payee": ""}, "invalid_payee"),
        ({"to_account_id": "a2"}, "invalid_payee"),
        ({"to_account_id": "a1", "payee": ""}, "same_account"),
        ({"first_on": date(2026, 1, 30)}, "invalid_first_day"),
        ({"first_on": date(2027, 2, 1)}, "invalid_first_day"),
    ],
)
def test_what_cannot_be_paid_every_month_is_refused(wrong: dict[str, object], code: str) -> None:
    assert given(STANDING_ORDER).refuses(replace(OPEN, **wrong)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "right",
    [
        {"amount_minor": 1},
        {"amount_minor": MAX_MINOR},
        {"to_account_id": "a2", "payee": ""},
        {"first_on": date(2027, 1, 31)},
    ],
)
def test_terms_at_their_edges_are_opened(right: dict[str, object]) -> None:
    assert len(given(STANDING_ORDER).when(replace(OPEN, **right))) == 1  # type: ignore[arg-type]


def test_it_is_executed_on_its_day_or_later_and_not_before() -> None:
    waiting = given(STANDING_ORDER, replace(OPENED, first_on=NEXT))
    assert waiting.refuses(ExecuteStandingOrder("s1", date(2026, 2, 27))) == "standing_order_not_due"
    [executed] = waiting.when(ExecuteStandingOrder("s1", NEXT))
    assert executed == StandingOrderExecuted("s1", "a1", 500_00, "EUR", NEXT, NEXT, date(2026, 3, 28))
    [late] = waiting.when(ExecuteStandingOrder("s1", date(2026, 3, 1)))
    assert late == StandingOrderExecuted("s1", "a1", 500_00, "EUR", NEXT, date(2026, 3, 1), date(2026, 3, 28))


def test_a_month_is_executed_once_and_the_next_on_the_same_day_of_the_month() -> None:
    assert given(STANDING_ORDER, OPENED).when(ExecuteStandingOrder("s1", DAY)) == [EXECUTED]
    once = given(STANDING_ORDER, OPENED, EXECUTED)
    assert once.refuses(ExecuteStandingOrder("s1", DAY)) == "standing_order_not_due"
    [second] = once.when(ExecuteStandingOrder("s1", NEXT))
    assert isinstance(second, StandingOrderExecuted)
    assert second.next_on == LAST


def test_a_month_that_is_missed_is_over_and_says_why_until_one_is_paid() -> None:
    miss = MissStandingOrder("s1", DAY, "insufficient_funds")
    assert given(STANDING_ORDER, OPENED).when(miss) == [MISSED]
    missed = given(STANDING_ORDER, OPENED, MISSED)
    assert missed.when(miss) == []
    assert missed.refuses(ExecuteStandingOrder("s1", DAY)) == "standing_order_not_due"
    assert (missed.state.code, missed.state.next_on) == ("insufficient_funds", NEXT)
    [paid] = missed.when(ExecuteStandingOrder("s1", NEXT))
    assert given(STANDING_ORDER, OPENED, MISSED, paid).state.code == ""


def test_months_that_nobody_ended_are_not_made_up_for() -> None:
    [executed] = given(STANDING_ORDER, OPENED).when(ExecuteStandingOrder("s1", date(2026, 7, 15)))
    assert isinstance(executed, StandingOrderExecuted)
    assert (executed.due_on, executed.next_on) == (DAY, date(2026, 7, 31))


def test_who_ended_pays_no_more_and_ends_once() -> None:
    assert given(STANDING_ORDER, OPENED).when(EndStandingOrder("s1", DAY)) == [ENDED]
    ended = given(STANDING_ORDER, OPENED, ENDED)
    assert ended.when(EndStandingOrder("s1", DAY)) == []
    assert ended.refuses(ExecuteStandingOrder("s1", DAY)) == "standing_order_not_due"
    assert ended.when(MissStandingOrder("s1", DAY, "account_frozen")) == []
    assert given(STANDING_ORDER).refuses(EndStandingOrder("s1", DAY)) == "standing_order_not_found"
    assert given(STANDING_ORDER).refuses(ExecuteStandingOrder("s1", DAY)) == "standing_order_not_due"


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@any_of(days, st.integers(0, 600), st.integers(0, 27))
def test_the_next_day_is_the_first_of_the_series_after_a_day(first_on: date, months: int, later: int) -> None:
    day = months_after(first_on, months)
    assert next_due(first_on, day) == months_after(first_on, months + 1)
    before = months_after(first_on, months + 1)
    assert next_due(first_on, date.fromordinal(before.toordinal() - 1)) == before
