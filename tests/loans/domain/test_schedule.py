"""The schedule is exact for every loan the bank offers."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loans.domain.products import PRODUCTS
from loans.domain.schedule import (
    allocate,
    annuity,
    level_instalment_minor,
    monthly_rate,
    months_after,
    owed_minor,
    paid,
)

DAY = date(2026, 1, 31)
days = st.dates(date(1993, 1, 1), date(2099, 12, 31))


@st.composite
def offered(draw: st.DrawFn) -> tuple[int, int, int]:
    """Principal, rate and term of a loan that the bank offers."""
    product = PRODUCTS[draw(st.sampled_from(sorted(PRODUCTS)))]
    principal = draw(st.integers(product.min_principal_minor, product.max_principal_minor))
    return principal, product.rate_bps, draw(st.integers(product.min_term_months, product.max_term_months))


def test_the_level_instalment_is_the_textbook_one() -> None:
    """100,000 at 6 % over 360 months is 599.55 a month."""
    assert level_instalment_minor(100_000_00, 600, 360) == 599_55


def test_a_year_at_twelve_percent_in_full() -> None:
    schedule = annuity(1_200_00, 1200, 12, DAY)
    assert [one.interest_minor for one in schedule[:3]] == [12_00, 11_05, 10_10]
    assert schedule[0].amount_minor == 106_62
    assert (schedule[-1].principal_minor, schedule[-1].interest_minor) == (105_54, 1_06)
    assert owed_minor(schedule) == 1_279_42


def test_a_loan_without_interest_is_divided_evenly_and_the_last_instalment_takes_the_rest() -> None:
    assert [one.principal_minor for one in annuity(100, 0, 3, DAY)] == [33, 33, 34]


def test_due_dates_stay_on_the_day_and_are_clamped_to_the_end_of_shorter_months() -> None:
    due = [one.due_on for one in annuity(1_200_00, 500, 3, DAY)]
    assert due == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert months_after(date(2027, 11, 29), 3) == date(2028, 2, 29)
    assert months_after(date(2026, 12, 15), 12) == date(2027, 12, 15)


@given(offered(), days)
def test_principal_sums_exactly_and_no_part_is_negative(loan: tuple[int, int, int], starts_on: date) -> None:
    schedule = annuity(*loan, starts_on)
    assert len(schedule) == loan[2]
    assert sum(one.principal_minor for one in schedule) == loan[0]
    assert all(one.interest_minor >= 0 and one.principal_minor >= 0 for one in schedule)


@given(offered(), days)
def test_each_month_bears_interest_on_exactly_what_is_still_owed(loan: tuple[int, int, int], starts_on: date) -> None:
    owed = loan[0]
    for one in annuity(*loan, starts_on):
        assert abs(one.interest_minor - owed * monthly_rate(loan[1])) <= Fraction(1, 2)
        owed -= one.principal_minor
    assert owed == 0


@given(offered(), days)
def test_all_instalments_but_the_last_are_level_and_the_last_is_close(
    loan: tuple[int, int, int], starts_on: date
) -> None:
    """It absorbs half a minor unit of rounding a month, and the interest on that to the end."""
    *level, last = (one.amount_minor for one in annuity(*loan, starts_on))
    rate = float(monthly_rate(loan[1]))
    bound = ((1 + rate) ** loan[2] - 1) / rate + 1
    assert set(level) == {level_instalment_minor(*loan)}
    assert last > 0
    assert abs(last - level[0]) <= bound


@given(offered(), days)
def test_due_dates_are_a_month_apart_and_rise(loan: tuple[int, int, int], starts_on: date) -> None:
    due = [starts_on, *(one.due_on for one in annuity(*loan, starts_on))]
    assert all(0 < (later - earlier).days <= 31 for earlier, later in pairwise(due))
    assert all(later.day <= starts_on.day for later in due)


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 600))
def test_even_absurd_loans_sum_exactly(principal: int, rate_bps: int, term: int) -> None:
    schedule = annuity(principal, rate_bps, term, DAY)
    assert sum(one.principal_minor for one in schedule) == principal
    assert all(one.interest_minor >= 0 and one.principal_minor >= 0 for one in schedule)


@given(offered(), st.data())
def test_what_is_paid_is_allocated_to_the_last_minor_unit(loan: tuple[int, int, int], data: st.DataObject) -> None:
    schedule = annuity(*loan, DAY)
    amount = data.draw(st.integers(0, owed_minor(schedule)))
    parts = allocate(schedule, amount)
    assert parts.interest_minor + parts.principal_minor == amount


@given(offered(), st.data())
def test_the_oldest_instalment_is_paid_in_full_before_the_next(loan: tuple[int, int, int], data: st.DataObject) -> None:
    schedule = annuity(*loan, DAY)
    rows = list(paid(schedule, data.draw(st.integers(0, owed_minor(schedule)))))
    full = [(one.interest_minor, one.principal_minor) == (p.interest_minor, p.principal_minor) for one, p in rows]
    partly = [p.interest_minor + p.principal_minor > 0 and not whole for (_, p), whole in zip(rows, full, strict=True)]
    assert full == sorted(full, reverse=True)
    assert sum(partly) <= 1


@pytest.mark.parametrize(
    ("money", "interest", "principal"), [(0, 0, 0), (11_99, 11_99, 0), (12_00, 12_00, 0), (12_01, 12_00, 1)]
)
def test_interest_is_paid_before_principal(money: int, interest: int, principal: int) -> None:
    parts = allocate(annuity(1_200_00, 1200, 12, DAY), money)
    assert (parts.interest_minor, parts.principal_minor) == (interest, principal)
