"""The end of a business day: everything once, whoever is killed and whoever pays meanwhile."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils.timezone import localdate, localtime

from accounts import end_of_day, queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.business_day import BUSINESS_DAY, BusinessDayEnded, EndBusinessDay
from accounts.domain.interest import Terms
from accounts.models import Account, Posting
from accounts.queries import ledger
from accounts.tasks import end_day
from bank.business_day import DayNotEnded, last_due
from bank.context import Unit
from bank.db import alone
from bank.execution import execute
from bank.failpoints import EXIT_CODE
from bank.history.eventstore import load, read_stream
from bank.sweeping import Failures
from bank.testing import given
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, deposit, opening, run, transfer, withdrawal
from tests.dying import exits

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

SAVING = Terms(interest_bps=150)
COSTLY = Terms(overdraft_bps=990, monthly_fee_minor=2_00)
MONTH_END = date(2026, 3, 31)


@pytest.fixture(autouse=True)
def accounts_alone(settings: Any) -> None:
    settings.CONTEXTS = ("accounts",)


def ended(until: date, *arguments: str) -> dict[str, int]:
    out = StringIO()
    call_command("end_of_day", "--date", f"{until}", "--json", *arguments, stdout=out)
    counts: dict[str, int] = json.loads(out.getvalue())["accounts"]
    return counts


def off() -> list[str]:
    return [f"{check.name} {check.off_minor}" for check in ledger.books() if check.off_minor]


def balances(until: date = date.max) -> dict[str, int]:
    return {balance.name: balance.balance_minor for balance in ledger.trial_balance(until)}


def events(account_id: str, type: str) -> list[Any]:
    return [r.event for r in read_stream(ACCOUNTS, ACCOUNT.stream(account_id)) if r.type == type]


def test_a_month_accrues_every_day_and_posts_once() -> None:
    saving, current = account_with(1_000_00, terms=SAVING), account_with(500_00, kind="current", terms=COSTLY)
    assert ended(DAY) == {"days": 1, "changed": 1}
    assert ended(MONTH_END) == {"days": 29, "changed": 30}
    assert len(events(saving, "InterestAccrued.v1")) == 30
    assert balances() == {
        "cash": 1_500_00,
        "customer-savings": 1_001_23,
        "customer-current": 498_00,
        "interest-paid": 1_23,
        "fees-earned": 2_00,
    }
    assert balances(MONTH_END - timedelta(days=1)).keys() == {"cash", "customer-savings", "customer-current"}
    assert off() == []
    assert queries.business_date() == date(2026, 4, 1)
    shown = queries.account(current)
    assert shown is not None
    assert (shown.balance_minor, shown.accrued_minor) == (498_00, 0)


def test_a_day_that_has_ended_is_left_alone() -> None:
    account_with(1_000_00, terms=SAVING)
    ended(MONTH_END)
    before = balances()
    assert ended(MONTH_END) == {"days": 0, "changed": 0}
    assert ended(DAY) == {"days": 0, "changed": 0}
    assert balances() == before
    assert [row.day for row in queries.business_days(limit=5)] == [MONTH_END]


def test_what_has_accrued_is_shown_before_it_is_posted() -> None:
    account_id = account_with(1_000_00, terms=SAVING)
    ended(DAY + timedelta(days=9))
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.balance_minor, shown.accrued_minor) == (1_000_00, 41)


def test_a_dry_run_says_what_would_be_done_and_does_nothing() -> None:
    account_with(1_000_00, terms=SAVING)
    account_with(500_00, kind="current", terms=COSTLY)
    ended(MONTH_END - timedelta(days=2))
    before = balances()
    would = {
        "days": 2,
        "FeeAssessed.v1": 1,
        "InterestAccrued.v1": 2,
        "InterestPosted.v1": 1,
        "MoneyCredited.v1": 1,
        "MoneyDebited.v1": 1,
    }
    assert ended(MONTH_END, "--dry-run") == would
    assert ended(MONTH_END, "--dry-run") == would
    assert balances() == before
    assert ended(MONTH_END) == {"days": 2, "changed": 3}


def test_an_account_sleeps_after_a_year_and_its_customer_wakes_it() -> None:
    account_id = str(uuid4())
    run(opening(account_id, str(uuid4()), on=date(2025, 1, 1)))

    def status() -> str:
        shown = queries.account(account_id)
        assert shown is not None
        return shown.status

    ended(date(2025, 12, 31))
    assert status() == "open"
    ended(date(2026, 1, 1))
    assert status() == "dormant"
    assert ended(date(2026, 1, 2)) == {"days": 1, "changed": 0}
    run(deposit(account_id, 1))
    assert status() == "open"


def test_a_day_that_has_not_begun_does_not_end() -> None:
    tomorrow = localdate() + timedelta(days=1)
    with pytest.raises(CommandError, match="has not begun"):
        call_command("end_of_day", "--date", f"{tomorrow}")
    with pytest.raises(CommandError, match="is no day"):
        call_command("end_of_day", "--date", "tomorrow")


def test_days_end_one_after_the_other() -> None:
    calendar = given(BUSINESS_DAY, BusinessDayEnded(DAY))
    tomorrow = DAY + timedelta(days=1)
    assert given(BUSINESS_DAY).when(EndBusinessDay(DAY)) == [BusinessDayEnded(DAY)]
    assert calendar.when(EndBusinessDay(DAY)) == []
    assert calendar.when(EndBusinessDay(tomorrow)) == [BusinessDayEnded(tomorrow)]
    assert calendar.refuses(EndBusinessDay(tomorrow + timedelta(days=1))) == "day_left_out"


KILLED = """
from accounts import end_of_day
from datetime import date
end_of_day.BATCH = 2
end_of_day.end_of_day(date.fromisoformat({until!r}), dry_run=False, report=lambda *_: None)
"""


def test_whoever_is_killed_at_any_commit_and_runs_again_does_nothing_twice() -> None:
    """Three accounts in batches of two, three days: nine commits. Killed before and after some of them."""
    saving = [account_with(1_000_00, terms=SAVING) for _ in range(2)]
    overdrawn = account_with(0, kind="current", overdraft_minor=500_00, terms=COSTLY)
    run(withdrawal(overdrawn, 300_00))
    ended(MONTH_END - timedelta(days=3))
    code = KILLED.format(until=f"{MONTH_END}")
    points = ("before_commit=exit:2", "after_commit=exit:1", "after_commit=exit:5", "before_commit=exit:6", "")
    assert exits(code, points) == [EXIT_CODE] * 4 + [0]
    for account_id in (*saving, overdrawn):
        accrued = events(account_id, "InterestAccrued.v1")
        assert [event.accrued_on for event in accrued] == [MONTH_END - timedelta(days=n) for n in (3, 2, 1, 0)]
        assert len(events(account_id, "InterestPosted.v1")) == 1
    assert len(events(overdrawn, "FeeAssessed.v1")) == 1
    assert balances()["interest-paid"] == 2 * 1_23
    assert balances()["interest-earned"] == round(300_00 * 990 * 30 / 3_650_000)
    assert balances()["fees-earned"] == 2_00
    assert queries.last_ended_day() == MONTH_END
    assert off() == []


def test_customers_pay_while_the_day_ends() -> None:
    """Some book on the day that ends, some on the next: all of it arrives, and no day of anybody's is left out."""
    people = [account_with(100_00, terms=SAVING) for _ in range(12)]
    tomorrow = DAY + timedelta(days=1)

    def pay(share: Sequence[Unit]) -> int:
        try:
            return sum(execute(ACCOUNTS, [unit])[0].outcome == "applied" for unit in share)
        finally:
            connections["accounts"].close()

    payments = [
        unit
        for n in range(20)
        for k, person in enumerate(people)
        for unit in (deposit(person, 1_00 + n, on=tomorrow), transfer(person, people[k - 1], 50))
    ]
    with ThreadPoolExecutor(4) as pool:
        paying = [pool.submit(pay, payments[n::4]) for n in range(4)]
        ended(DAY)
        assert sum(one.result() for one in paying) == len(payments)
    ended(tomorrow)
    assert off() == []
    assert balances()["cash"] == 12 * (100_00 + sum(1_00 + n for n in range(20)))
    for person in people:
        account, _ = load(ACCOUNTS, ACCOUNT, person)
        assert account.accrued.until == tomorrow + timedelta(days=1)
        assert [event.accrued_on for event in events(person, "InterestAccrued.v1")][-1] == tomorrow


def test_two_who_end_the_same_day_end_it_once() -> None:
    people = [account_with(1_000_00, terms=SAVING) for _ in range(5)]
    ended(MONTH_END - timedelta(days=1))

    def end() -> None:
        try:
            end_of_day.end(MONTH_END, lambda *_: None, Failures())
        finally:
            connections["accounts"].close()

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(end) for _ in range(2)]:
            one.result()
    assert [len(events(person, "InterestPosted.v1")) for person in people] == [1] * 5
    assert [row.day for row in queries.business_days(limit=2)] == [MONTH_END, MONTH_END - timedelta(days=1)]


# By itself.

AT = time(0, 30)


def morning(day: date, hour: int = 0, minute: int = 30) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def test_a_day_that_could_not_end_because_another_had_not_ends_when_it_has() -> None:
    ended(DAY)
    with pytest.raises(DayNotEnded, match="Run it again"):
        end_of_day.end(DAY + timedelta(days=2), end_of_day.quiet, Failures())
    assert ended(DAY + timedelta(days=2))["days"] == 2
    assert queries.last_ended_day() == DAY + timedelta(days=2)


def test_days_that_were_missed_end_by_themselves_in_their_order_and_once() -> None:
    account_id = account_with(1_000_00, terms=SAVING)
    assert end_of_day.catch_up(morning(DAY + timedelta(days=1)), AT) == {"days": 1, "changed": 1}
    assert queries.last_ended_day() == DAY
    later = DAY + timedelta(days=4)
    assert end_of_day.catch_up(morning(later), AT) == {"days": 3, "changed": 3}
    assert end_of_day.catch_up(morning(later, hour=23), AT) == {}
    assert end_of_day.catch_up(morning(later + timedelta(days=1), minute=29), AT) == {}
    assert [event.accrued_on for event in events(account_id, "InterestAccrued.v1")] == [
        DAY + timedelta(days=n) for n in range(4)
    ]
    assert [row.day for row in queries.business_days(limit=5)] == [DAY + timedelta(days=n) for n in (3, 2, 1, 0)]


def test_while_somebody_ends_the_days_nobody_else_begins() -> None:
    account_with(1_000_00, terms=SAVING)

    def end() -> Mapping[str, int]:
        try:
            return end_of_day.catch_up(morning(DAY + timedelta(days=1)), AT)
        finally:
            connections["accounts"].close()

    with ThreadPoolExecutor(1) as pool:
        with alone("accounts", "end-of-day") as is_alone:
            assert is_alone
            assert pool.submit(end).result() == {}
        assert pool.submit(end).result() == {"days": 1, "changed": 1}


def test_beat_asks_for_it_each_minute() -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE["end-of-day"]
    assert (schedule["task"], schedule["schedule"]) == (end_day.name, 60.0)
    account_with(1_000_00, terms=SAVING)
    end_day()
    assert queries.last_ended_day() == last_due(localtime(), time(0, 30))
    assert end_of_day.catch_up(localtime() + timedelta(days=2), None) == {}


def test_interest_and_fees_of_the_ledger_are_what_the_accounts_say() -> None:
    account_with(1_000_00, terms=SAVING)
    account_with(1_00, kind="current", terms=COSTLY)
    overdrawn = account_with(0, kind="current", overdraft_minor=500_00, terms=COSTLY)
    run(withdrawal(overdrawn, 300_00))
    ended(MONTH_END)
    names = {check.name for check in ledger.books()}
    assert "interest-paid against what accounts were paid and charged" in names
    assert "fees-earned against what accounts were paid and charged" in names
    assert "fees due against the folded accounts" in names
    assert off() == []
    Posting.objects.filter(credit="fees-earned").update(credit="interest-earned")
    assert off() == [
        "fees-earned against what accounts were paid and charged -300",
        "interest-earned against what accounts were paid and charged 300",
    ]
    Account.objects.filter(fees_due_minor=1_00).update(fees_due_minor=1_01)
    assert "fees due against the folded accounts 1" in off()
