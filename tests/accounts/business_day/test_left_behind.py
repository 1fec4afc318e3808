"""An account that cannot be read does not hold the bank's day, and nothing of it is left out in silence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localtime

from accounts import end_of_day, queries
from accounts.domain.account import ACCOUNT
from accounts.domain.business_day import (
    BUSINESS_DAY,
    MAX_BEHIND,
    AccountCaughtUp,
    AccountLeftBehind,
    BusinessDayEnded,
    CatchUpAccount,
    EndBusinessDay,
)
from accounts.domain.standing_order import STANDING_ORDER
from accounts.tasks import end_day
from bank.business_day import last_due
from bank.db import transaction
from bank.sweeping import MAX_FAILURES, Failures
from bank.testing import given
from tests.accounts.api.test_api import client, get
from tests.accounts.business_day.test_end_of_day import COSTLY, MONTH_END, SAVING, ended, events, off
from tests.accounts.business_day.test_standing_orders import CUSTOMER, balance, order, standing
from tests.accounts.facts import DAY
from tests.accounts.units import account_with

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

NEXT = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def accounts_alone(settings: Any) -> None:
    settings.CONTEXTS = ("accounts",)


@contextmanager
def spoilt(
    table: str, column: str, stream: str, value: str = '{"balance_minor": "much", "amount_minor": "much"}'
) -> Iterator[None]:
    """Something of a stream cannot be read, until it is put right."""

    def put(text: str) -> str:
        with transaction("accounts") as cursor:
            cursor.execute("set local session_replication_role = replica")
            where = f"from {table} where stream = %s order by version limit 1"
            cursor.execute(f"select {column}::text {where}", (stream,))
            ((before,),) = cursor.fetchall()
            first = f"stream = %s and version = (select version {where})"
            cursor.execute(f"update {table} set {column} = '{text}' where {first}", (stream, stream))  # noqa: S608
        return str(before)

    before = put(value)
    try:
        yield
    finally:
        put(before)


def test_a_day_ends_without_the_accounts_that_fail_and_names_each_once() -> None:
    calendar = given(BUSINESS_DAY, BusinessDayEnded(DAY), AccountLeftBehind("a1", DAY, "Unreadable"))
    assert calendar.when(EndBusinessDay(NEXT, {"a1": "Unreadable", "a2": "ValueError"})) == [
        AccountLeftBehind("a2", NEXT, "ValueError"),
        BusinessDayEnded(NEXT),
    ]
    assert calendar.when(EndBusinessDay(DAY, {"a2": "ValueError"})) == [], "it has ended"
    assert given(BUSINESS_DAY).when(EndBusinessDay(DAY)) == [BusinessDayEnded(DAY)]


@pytest.mark.parametrize(("failed", "ends"), [(MAX_BEHIND - 1, True), (MAX_BEHIND, False)])
def test_a_day_does_not_end_without_more_accounts_than_can_be_broken(failed: int, ends: bool) -> None:
    calendar = given(BUSINESS_DAY, AccountLeftBehind("a0", DAY, "Unreadable"), BusinessDayEnded(DAY))
    order = EndBusinessDay(NEXT, {f"b{n}": "ValueError" for n in range(failed)})
    if ends:
        assert calendar.when(order)[-1] == BusinessDayEnded(NEXT)
    else:
        assert calendar.refuses(order) == "too_many_left_behind"


def test_an_account_has_caught_up_with_the_last_day_that_ended_and_no_earlier_one() -> None:
    calendar = given(
        BUSINESS_DAY, AccountLeftBehind("a1", DAY, "Unreadable"), BusinessDayEnded(DAY), BusinessDayEnded(NEXT)
    )
    assert calendar.when(CatchUpAccount("a1", NEXT)) == [AccountCaughtUp("a1", NEXT)]
    assert calendar.when(CatchUpAccount("a1", DAY)) == [], "another day has ended meanwhile"
    assert calendar.when(CatchUpAccount("a2", NEXT)) == []
    caught_up = given(BUSINESS_DAY, AccountLeftBehind("a1", DAY, "Unreadable"), AccountCaughtUp("a1", DAY))
    assert caught_up.when(EndBusinessDay(NEXT, {"a1": "ValueError"}))[0] == AccountLeftBehind("a1", NEXT, "ValueError")


def test_an_account_that_cannot_be_read_is_left_behind_and_makes_up_for_its_days_when_it_can() -> None:
    """Its head and then its history: the month ends for all others, and for it later, as if it had been there."""
    broken, other = (account_with(1_000_00, kind="current", terms=COSTLY) for _ in range(2))
    stream = ACCOUNT.stream(broken)
    ended(MONTH_END - timedelta(days=1))
    with spoilt("bank_head", "state", stream), pytest.raises(CommandError, match=f"left behind: {stream} .Unreadable"):
        ended(MONTH_END)
    assert (queries.last_ended_day(), len(events(other, "FeeAssessed.v1"))) == (MONTH_END, 1)
    with spoilt("bank_head", "state", stream), pytest.raises(CommandError, match="run it again") as said:
        ended(MONTH_END + timedelta(days=1))
    assert str(said.value).count(stream) == 1
    assert events(broken, "FeeAssessed.v1") == []
    shown = [{"account_id": broken, "since": f"{MONTH_END}"}]
    assert get(client(), "books").json()["left_behind"] == shown
    assert ended(MONTH_END + timedelta(days=1)) == {"days": 0, "changed": 0, "accounts_caught_up": 1}
    assert get(client(), "books").json()["left_behind"] == []
    (fee,) = events(broken, "FeeAssessed.v1")
    assert fee.assessed_on == MONTH_END
    assert ended(MONTH_END + timedelta(days=1)) == {"days": 0, "changed": 0}
    assert off() == []


def test_days_end_in_their_order_for_who_was_left_behind_too() -> None:
    """Readable again, it is not asked for the next day before it has made up for the last."""
    account_id = account_with(1_000_00, terms=SAVING)
    end_of_day.close(DAY, {account_id: "Unreadable"})
    assert end_of_day.end(NEXT, end_of_day.quiet, Failures()) == 0
    assert events(account_id, "InterestAccrued.v1") == []
    assert ended(NEXT) == {"days": 0, "changed": 0, "accounts_caught_up": 1}
    assert [event.accrued_on for event in events(account_id, "InterestAccrued.v1")] == [DAY, NEXT]


def test_an_event_that_cannot_be_decoded_holds_up_its_own_account_only(caplog: pytest.LogCaptureFixture) -> None:
    broken, other = account_with(1_000_00, terms=SAVING), account_with(1_000_00, terms=SAVING)
    stream, out = ACCOUNT.stream(broken), StringIO()
    with spoilt("bank_event", "data", stream), spoilt("bank_head", "state_version", stream, "0"):
        for arguments in (["--dry-run"], []):
            with pytest.raises(CommandError, match=stream):
                call_command("end_of_day", "--date", f"{DAY}", "--json", *arguments, stdout=out)
    rehearsal, done = map(json.loads, out.getvalue().splitlines())
    assert rehearsal["accounts"] == {"days": 1, "InterestAccrued.v1": 1}
    assert done["accounts"] == {"days": 1, "changed": 1}
    for said in (rehearsal, done):
        [failure] = said["left_behind"]
        assert (failure["context"], failure["stream"]) == ("accounts", stream)
        assert failure["error"].startswith("Unreadable: ")
    assert f"left behind: {stream} (Unreadable: " in caplog.text
    assert (len(events(other, "InterestAccrued.v1")), queries.last_ended_day()) == (1, DAY)


def test_a_standing_order_that_cannot_be_read_is_paid_when_it_can_and_holds_up_no_other() -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    broken, other = standing(account_id, 30_00), standing(account_id, 20_00)
    stream = STANDING_ORDER.stream(broken)
    with spoilt("bank_head", "state", stream), pytest.raises(CommandError, match=f"left behind: {stream} .Unreadable"):
        ended(DAY)
    assert (queries.last_ended_day(), order(other).last_on, order(broken).last_on) == (DAY, DAY, None)
    assert ended(NEXT)["standing_orders_executed"] == 1
    assert (order(broken).last_on, order(broken).next_on, balance(account_id)) == (NEXT, date(2026, 4, 2), 50_00)
    assert off() == []


def test_an_account_that_more_pay_than_can_be_broken_holds_up_nobody() -> None:
    """The rest of the day ends, and what was to be paid to it is paid when it can be read."""
    payer, landlord, other = account_with(200_00, customer_id=CUSTOMER), account_with(0), account_with(100_00)
    rents = [standing(payer, 1_00, to=landlord) for _ in range(MAX_FAILURES + 1)]
    elsewhere = standing(other, 1_00)
    with spoilt("bank_head", "state", ACCOUNT.stream(landlord)):
        for day in (DAY, NEXT):
            with pytest.raises(CommandError, match="left behind"):
                ended(day)
        assert (queries.last_ended_day(), order(elsewhere).last_on, order(rents[0]).last_on) == (NEXT, DAY, None)
    assert ended(NEXT + timedelta(days=1))["standing_orders_executed"] == len(rents)
    assert (balance(landlord), off()) == (len(rents) * 1_00, [])


def test_beat_says_who_was_left_behind_and_does_not_end_the_day_again(caplog: pytest.LogCaptureFixture) -> None:
    stream = ACCOUNT.stream(account_with(1_000_00, terms=SAVING))
    with spoilt("bank_head", "state", stream):
        end_day()
        assert f"not for all: {stream}" in caplog.text
        caplog.clear()
        end_day()
    assert (caplog.text, queries.last_ended_day()) == ("", last_due(localtime(), time(0, 30)))
