"""Interest is exact until it is posted, however its days are split."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from accounts.domain.account import ACCOUNT, ChangeTerms
from accounts.domain.account.day import EndDay, SettleCharges
from accounts.domain.account.facts import (
    AccountFrozen,
    AccountOpened,
    Event,
    InterestAccrued,
    InterestPosted,
    MoneyCredited,
    MoneyDebited,
)
from accounts.domain.interest import UNITS_PER_MINOR, Accrued, Terms, accrue, is_month_end, rounded, year_after
from bank.testing import given
from tests.accounts.facts import DAY, credited, debited, opened

SAVING = Terms(interest_bps=150)
OVERDRAWN = Terms(interest_bps=0, overdraft_bps=990)
BOTH = Terms(interest_bps=150, overdraft_bps=990)
MONTH_END = date(2026, 3, 31)

days = some.integers(0, 800).map(lambda n: DAY + timedelta(days=n))
balances = some.integers(-(10**15), 10**15)


def owed(minor: int, bps: int, number: int) -> int:
    return minor * bps * number


@forall(balances, some.lists(days, max_size=20))
def test_interest_over_any_split_of_days_is_that_of_the_whole(balance_minor: int, split: list[date]) -> None:
    last = max(split, default=DAY)
    whole = accrue(Accrued(DAY), balance_minor, BOTH, last)
    parts = Accrued(DAY)
    for day in sorted(split):
        parts = accrue(parts, balance_minor, BOTH, day)
    assert parts == whole
    rate = BOTH.interest_bps if balance_minor >= 0 else BOTH.overdraft_bps
    exact = Fraction(abs(balance_minor) * rate * (last - DAY).days, 365 * 10_000)
    assert Fraction(whole.credit_units + whole.debit_units, UNITS_PER_MINOR) == exact


@forall(some.integers(0, 800), some.integers(0, 800))
def test_a_day_is_accrued_once(first: int, second: int) -> None:
    """Whatever order days are asked for in."""
    once = accrue(Accrued(DAY), 100_00, SAVING, DAY + timedelta(days=max(first, second)))
    twice = Accrued(DAY)
    for number in (first, second):
        twice = accrue(twice, 100_00, SAVING, DAY + timedelta(days=number))
    assert twice == once


@forall(
    some.lists(some.tuples(some.integers(0, 40), some.integers(-(10**9), 10**9)), max_size=30),
    some.sets(some.integers(0, 40)),
)
def test_interest_is_the_sum_over_days_of_the_closing_balances(moves: list[tuple[int, int]], ended: set[int]) -> None:
    """Whichever of the days were ended in between, against a sum made day by day."""
    last = 40
    history: list[Event] = [opened(terms=BOTH)]
    for number in range(last + 1):
        day = DAY + timedelta(days=number)
        for when, amount in moves:
            if when == number and amount:
                history.append(credited(amount, day) if amount > 0 else debited(-amount, day))
        if number in ended:
            state = ACCOUNT.fold(ACCOUNT.initial, history)
            accrued = accrue(state.accrued, state.balance_minor, BOTH, day + timedelta(days=1))
            history.append(InterestAccrued("a1", day, accrued.credit_units, accrued.debit_units))
    account = ACCOUNT.fold(ACCOUNT.initial, history)
    accrued = accrue(account.accrued, account.balance_minor, BOTH, DAY + timedelta(days=last + 1))
    closing = [sum(amount for when, amount in moves if when <= number) for number in range(last + 1)]
    assert accrued.credit_units == sum(max(0, balance) * BOTH.interest_bps for balance in closing)
    assert accrued.debit_units == sum(max(0, -balance) * BOTH.overdraft_bps for balance in closing)


def test_half_a_cent_is_rounded_to_the_even_one() -> None:
    half = UNITS_PER_MINOR // 2
    assert [rounded(half - 1), rounded(half), rounded(half + 1)] == [0, 0, 1]
    assert [rounded(3 * half), rounded(5 * half)] == [2, 2]


def test_a_year_of_interest_is_the_rate() -> None:
    year = accrue(Accrued(date(2026, 1, 1)), 1_000_00, SAVING, date(2027, 1, 1))
    assert year.credit_minor == 15_00
    leap = accrue(Accrued(date(2028, 1, 1)), 1_000_00, SAVING, date(2029, 1, 1))
    assert leap.credit_minor == 15_04


def test_the_end_of_a_day_accrues_it_and_again_changes_nothing() -> None:
    history: list[Event] = [opened(terms=SAVING), credited(100_00)]
    accrued = InterestAccrued("a1", DAY, owed(100_00, 150, 1), 0)
    assert given(ACCOUNT, *history).when(EndDay("a1", DAY)) == [accrued]
    assert given(ACCOUNT, *history, accrued).when(EndDay("a1", DAY)) == []
    assert given(ACCOUNT, *history, accrued).when(EndDay("a1", DAY - timedelta(days=1))) == []


def test_days_that_nobody_ended_are_accrued_with_the_next_one() -> None:
    account = given(ACCOUNT, opened(terms=SAVING), credited(100_00))
    third = DAY + timedelta(days=2)
    assert account.when(EndDay("a1", third)) == [InterestAccrued("a1", third, owed(100_00, 150, 3), 0)]


def test_what_is_booked_on_the_next_day_bears_no_interest_for_the_day_that_ends() -> None:
    tomorrow = DAY + timedelta(days=1)
    history: list[Event] = [opened(terms=SAVING), credited(100_00), credited(900_00, tomorrow)]
    account = given(ACCOUNT, *history)
    assert account.state.accrued == Accrued(tomorrow, owed(100_00, 150, 1), 0)
    assert account.when(EndDay("a1", DAY)) == []
    assert account.when(EndDay("a1", tomorrow)) == [
        InterestAccrued("a1", tomorrow, owed(100_00, 150, 1) + owed(1_000_00, 150, 1), 0)
    ]


def test_what_is_booked_late_bears_interest_from_the_first_day_that_is_open() -> None:
    ended = InterestAccrued("a1", DAY, owed(100_00, 150, 1), 0)
    tomorrow = DAY + timedelta(days=1)
    account = given(ACCOUNT, opened(terms=SAVING), credited(100_00), ended, credited(900_00))
    assert account.when(EndDay("a1", tomorrow)) == [
        InterestAccrued("a1", tomorrow, owed(100_00, 150, 1) + owed(1_000_00, 150, 1), 0)
    ]


def test_an_account_without_rates_or_money_accrues_nothing() -> None:
    assert given(ACCOUNT, opened(), credited(100_00)).when(EndDay("a1", DAY)) == []
    assert given(ACCOUNT, opened(terms=SAVING)).when(EndDay("a1", DAY)) == []
    assert given(ACCOUNT).when(EndDay("a1", DAY)) == []


def test_interest_is_posted_at_the_end_of_the_month_and_rounded_once() -> None:
    account = given(ACCOUNT, opened(terms=SAVING), credited(1_000_00))
    units = owed(1_000_00, 150, 30)
    assert account.when(EndDay("a1", MONTH_END)) == [
        InterestAccrued("a1", MONTH_END, units, 0),
        InterestPosted("a1", MONTH_END, 1_23, 0, "EUR", 0, 0),
        MoneyCredited("a1", 1_23, "EUR", "interest-paid", MONTH_END),
    ]
    assert len(account.when(EndDay("a1", MONTH_END - timedelta(days=1)))) == 1


def test_less_than_half_a_cent_waits_for_the_next_month() -> None:
    account = given(ACCOUNT, opened(terms=SAVING), credited(1))
    assert account.when(EndDay("a1", MONTH_END)) == [InterestAccrued("a1", MONTH_END, owed(1, 150, 30), 0)]


def test_what_is_overdrawn_is_charged_as_far_as_the_account_can_bear_it() -> None:
    units = owed(1_000_00, 990, 30)
    due = rounded(units)
    for limit, borne in ((1_000_00 + due, due), (1_000_00 + due - 1, due - 1), (1_000_00, 0)):
        account = given(ACCOUNT, opened(terms=OVERDRAWN, overdraft_minor=limit), debited(1_000_00))
        events = account.when(EndDay("a1", MONTH_END))
        after = ACCOUNT.fold(account.state, events)
        assert after.balance_minor == -1_000_00 - borne
        assert after.accrued.debit_units == (0 if borne == due else units - borne * UNITS_PER_MINOR)
        assert [e.amount_minor for e in events if isinstance(e, MoneyDebited)] == ([borne] if borne else [])


def test_nothing_is_taken_from_what_is_frozen_and_interest_is_paid_all_the_same() -> None:
    history: list[Event] = [opened(terms=BOTH), credited(1_000_00), AccountFrozen("a1", "both", "legal_order")]
    owing = InterestAccrued("a1", DAY, 0, 10 * UNITS_PER_MINOR)
    events = given(ACCOUNT, *history, owing).when(EndDay("a1", MONTH_END))
    assert [type(event) for event in events] == [InterestAccrued, InterestPosted, MoneyCredited]


def test_new_terms_count_from_their_day_on() -> None:
    history: list[Event] = [opened(terms=SAVING), credited(100_00)]
    half = DAY + timedelta(days=10)
    history += given(ACCOUNT, *history).when(ChangeTerms("a1", Terms(interest_bps=300), "EUR", half))
    account = given(ACCOUNT, *history)
    last = half + timedelta(days=4)
    assert account.when(EndDay("a1", last)) == [
        InterestAccrued("a1", last, owed(100_00, 150, 10) + owed(100_00, 300, 5), 0)
    ]
    assert account.when(ChangeTerms("a1", Terms(interest_bps=300), "EUR", last)) == []


@pytest.mark.parametrize("terms", [Terms(-1), Terms(10_001), Terms(0, -1), Terms(0, 10_001), Terms(0, 0, -1)])
def test_terms_have_their_limits(terms: Terms) -> None:
    account = given(ACCOUNT, opened())
    assert account.refuses(ChangeTerms("a1", terms, "EUR", DAY)) == "invalid_terms"
    assert account.when(ChangeTerms("a1", Terms(10_000, 10_000, 1), "EUR", DAY))
    assert account.refuses(ChangeTerms("a1", SAVING, "USD", DAY)) == "currency_mismatch"


def test_an_account_opened_before_there_were_terms_has_none() -> None:
    old = AccountOpened("a1", "c1", "savings", "EUR", "MT97", "00001", 0, DAY)
    assert given(ACCOUNT, old, credited(100_00)).state.terms == Terms()


def test_what_accrued_through_yesterday_can_be_settled_on_any_day() -> None:
    today = DAY + timedelta(days=10)
    account = given(ACCOUNT, opened(terms=SAVING), credited(1_000_00))
    events = account.when(SettleCharges("a1", today))
    assert events == [
        InterestAccrued("a1", today - timedelta(days=1), owed(1_000_00, 150, 10), 0),
        InterestPosted("a1", today, 41, 0, "EUR", 0, 0),
        MoneyCredited("a1", 41, "EUR", "interest-paid", today),
    ]
    assert given(ACCOUNT, opened(terms=SAVING), credited(1_000_00), *events).when(SettleCharges("a1", today)) == []


def test_months_and_years_end_where_the_calendar_says() -> None:
    assert is_month_end(date(2028, 2, 29))
    assert not is_month_end(date(2028, 2, 28))
    assert is_month_end(date(2026, 2, 28))
    assert year_after(date(2028, 2, 29)) == date(2029, 3, 1)
    assert year_after(date(2026, 3, 2)) == date(2027, 3, 2)
