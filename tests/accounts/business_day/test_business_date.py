"""On which day a posting is booked: today, or the business date where today has ended already."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate
from rest_framework.test import APIClient

from accounts import end_of_day, queries
from accounts.domain.business_day import booking_day
from accounts.domain.interest import Terms
from accounts.models import Posting
from accounts.payment_files.execution import execute_files
from bank.http.principal import principal
from tests.accounts.facts import DAY
from tests.accounts.payment_files.files import as_csv, payments, whole
from tests.accounts.units import account_with, run, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

TOMORROW = DAY + timedelta(days=1)
OPERATOR = APIClient()
OPERATOR.force_authenticate(principal("1", None, is_operator=True))  # type: ignore[arg-type]
EURO = {"amount": {"amount": "1.00", "currency": "EUR"}, "reference": "R"}


@pytest.mark.parametrize(
    ("last_ended", "booked_on"),
    [
        (None, DAY),
        (DAY - timedelta(days=1), DAY),
        (DAY, TOMORROW),
        (DAY - timedelta(days=7), DAY),
    ],
)
def test_it_is_the_business_date_or_today_where_that_is_behind(last_ended: date | None, booked_on: date) -> None:
    assert booking_day(DAY, last_ended) == booked_on


def post(path: str, body: dict[str, Any] | None = None) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    answer = OPERATOR.post(f"/api/v1{path}", body or {}, format="json", headers=headers)
    assert answer.status_code in (200, 201), answer.json()


def deposited(account_id: str) -> None:
    post(f"/accounts/{account_id}/deposits", EURO)


def withdrawn(account_id: str) -> None:
    post(f"/accounts/{account_id}/withdrawals", EURO)


def transferred(account_id: str) -> None:
    post("/transfers", {"from_account_id": account_id, "to_account_id": account_with(0), **EURO})


def reversed_(account_id: str) -> None:
    run(withdrawal(account_id, 1_00))
    (entry,) = queries.entries(account_id, limit=1)
    post(f"/accounts/{account_id}/entries/{entry.version}/reversal")


def sent_in_a_file(account_id: str) -> None:
    customer_id = queries.owner(account_id)[0]
    answer = OPERATOR.post(
        f"/api/v1/payment-files?account_id={account_id}&message_id=M-1&customer_id={customer_id}",
        whole(as_csv(payments([account_with(0)], 1))),
        content_type="text/csv",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 202, answer.json()
    execute_files(lambda: True)


def end(until: date) -> None:
    end_of_day.end_of_day(until, dry_run=False, report=end_of_day.quiet)


@pytest.mark.parametrize("book", [deposited, withdrawn, transferred, reversed_, sent_in_a_file])
def test_who_asks_after_the_end_of_the_day_is_booked_on_the_next(book: Callable[[str], None]) -> None:
    today, account_id = localdate(), account_with(10_00, customer_id=str(uuid4()))
    end(today - timedelta(days=1))
    book(account_id)
    before = queries.entries(account_id, limit=1)[0].booked_on
    end(today)
    book(account_with(10_00, customer_id=str(uuid4()))) if book is sent_in_a_file else book(account_id)
    assert queries.business_date() == today + timedelta(days=1)
    assert before == today
    assert days_booked_after(before) == {today + timedelta(days=1)}


def days_booked_after(day: date) -> set[date]:
    return {posting.booked_on for posting in Posting.objects.filter(booked_on__gt=day)}


def test_a_bank_whose_days_nobody_ended_does_not_book_on_last_week() -> None:
    account_id = account_with(10_00)
    end(localdate() - timedelta(days=8))
    deposited(account_id)
    assert queries.entries(account_id, limit=1)[0].booked_on == localdate()


def test_what_is_booked_on_the_next_day_bears_interest_from_there_on() -> None:
    today, account_id = localdate(), account_with(1_000_00, terms=Terms(interest_bps=3_650))
    end(today)
    deposited(account_id)
    accrued = queries.account(account_id)
    assert accrued is not None
    ended = accrued.accrued_minor
    end(today)
    again = queries.account(account_id)
    assert again is not None
    assert (again.accrued_minor, again.balance_minor) == (ended, 1_001_00)
