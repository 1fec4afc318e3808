"""What stays in transit when a process could not be undone, over HTTP and in the console: two operators move it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F
from django.test import Client

from accounts import queries
from accounts.domain.process import OVERDUE_AFTER, PROCESS, ResolveTransit
from accounts.handlers import loans
from accounts.inbound import LoanCreditAsked
from accounts.models import Process
from accounts.queries import ledger
from bank.context import Order, Unit
from tests.accounts.api.test_api import client, get, post
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, run

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)

OVERDUE = OVERDUE_AFTER["loan-disbursements"]


@pytest.fixture
def process() -> str:
    """A loan of 12.00 that was paid out and not taken up in time."""
    process_id = paid_out()
    stood_for(process_id, OVERDUE)
    return process_id


def paid_out() -> str:
    process_id, customer_id = str(uuid4()), str(uuid4())
    account_id = account_with(1_00, customer_id=customer_id)
    run(loans.pay_out_loan(LoanCreditAsked(process_id, customer_id, account_id, 12_00, "EUR", DAY)))
    return process_id


def stood_for(process_id: str, time: timedelta) -> None:
    """So much time passes: as if it had begun that much earlier."""
    assert Process.objects.filter(pk=process_id).update(began_at=F("began_at") - time) == 1


def first_proposes(process_id: str) -> None:
    resolve = ResolveTransit(process_id, "operator:first", queries.booking_day(), OVERDUE)
    run(Unit(Order(PROCESS, process_id, resolve)))


def test_a_process_that_is_under_way_keeps_its_money() -> None:
    process_id = paid_out()
    stood_for(process_id, OVERDUE - timedelta(minutes=5))
    for _ in range(2):
        refused = post(client(), f"books/transit/{process_id}/resolve", {})
        assert (refused.status_code, refused.json()["code"]) == (422, "process_under_way")
    assert get(client(), f"books/transit/{process_id}").json()["resolution_proposed_by"] is None
    assert "is under way" in resolved_in_the_console(process_id)
    assert open_minor() == [12_00]


def open_minor() -> list[int]:
    return [one.open_minor for one in ledger.transit()]


def test_what_a_process_has_in_transit_is_shown_to_operators(process: str) -> None:
    shown = get(client(), f"books/transit/{process}")
    euro = {"amount": "12.00", "currency": "EUR"}
    assert (shown.json()["kind"], shown.json()["in_transit"]) == ("loan-disbursements", euro)
    assert (shown["ETag"], shown.json()["resolution_proposed_by"]) == ('"1"', None)
    assert get(client(), f"books/transit/{uuid4()}").status_code == 404
    assert get(client(str(uuid4())), f"books/transit/{process}").status_code == 403


def test_what_stands_in_transit_is_listed_process_by_process_the_longest_first() -> None:
    newer, older = paid_out(), paid_out()
    stood_for(older, OVERDUE)
    first = get(client(), "books/transit?limit=1").json()
    second = get(client(), f"books/transit?limit=1&cursor={first['next']}").json()
    assert [one["id"] for page in (first, second) for one in page["items"]] == [older, newer]
    assert (second["next"], get(client(), "books/transit").json()["next"]) == (None, None)
    (shown,) = first["items"]
    assert (shown["kind"], shown["in_transit"]) == ("loan-disbursements", {"amount": "12.00", "currency": "EUR"})
    assert get(client(str(uuid4())), "books/transit").status_code == 403


def test_the_list_is_what_the_books_say_is_in_transit_and_forgets_what_was_moved(process: str) -> None:
    assert [one["id"] for one in get(client(), "books/transit").json()["items"]] == [process]
    assert get(client(), "books").json()["transit"][0]["processes"] == 1
    first_proposes(process)
    assert post(client(), f"books/transit/{process}/resolve", {"agrees_with": "operator:first"}).status_code == 200
    assert get(client(), "books/transit").json() == {"items": [], "next": None}


def test_the_second_operator_moves_it_to_suspense_and_nobody_moves_it_again(process: str) -> None:
    first_proposes(process)
    assert get(client(), f"books/transit/{process}").json()["resolution_proposed_by"] == "operator:first"
    assert post(client(str(uuid4())), f"books/transit/{process}/resolve", {}).status_code == 403
    refused = post(client(), f"books/transit/{process}/resolve", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "already_proposed")
    assert f"operator:first proposed it on {queries.booking_day()}" in refused.json()["detail"]
    assert open_minor() == [12_00]
    assert post(client(), f"books/transit/{process}/resolve", {"agrees_with": "operator:first"}).status_code == 200
    assert open_minor() == []
    suspense = [row.balance_minor for row in ledger.trial_balance() if row.name == "suspense"]
    assert suspense == [12_00]
    assert [check for check in ledger.books() if check.off_minor] == []
    again = post(client(), f"books/transit/{process}/resolve", {})
    assert (again.status_code, again.json()["code"]) == (422, "nothing_in_transit")


def test_one_operator_alone_moves_nothing(process: str) -> None:
    assert post(client(), f"books/transit/{process}/resolve", {}).status_code == 200
    refused = post(client(), f"books/transit/{process}/resolve", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "second_operator_needed")
    assert open_minor() == [12_00]
    assert post(client(), f"books/transit/{uuid4()}/resolve", {}).status_code == 404


def test_the_console_says_who_proposed_and_takes_the_second_ones_order(process: str) -> None:
    first_proposes(process)
    assert "operator:first" in operator().get(f"/admin/accounts/process/{process}/change/").content.decode()
    assert "agree with that, or withdraw it" in resolved_in_the_console(process)
    assert open_minor() == [12_00]
    asked = {"proposed_by": "operator:first"}
    told = operator().post(f"/admin/accounts/process/{process}/agree-to-resolve/", asked, follow=True)
    assert "1 of 1 processes changed." in told.content.decode()
    assert open_minor() == []


def test_a_proposal_to_move_it_is_withdrawn_in_the_console_and_by_api(process: str) -> None:
    first_proposes(process)
    told = operator().post(f"/admin/accounts/process/{process}/withdraw-resolution/", {}, follow=True)
    assert "1 of 1 processes changed." in told.content.decode()
    assert get(client(), f"books/transit/{process}").json()["resolution_proposed_by"] is None
    first_proposes(process)
    assert post(client(), f"books/transit/{process}/resolve/withdraw", {}).status_code == 200
    again = post(client(), f"books/transit/{process}/resolve/withdraw", {})
    assert (again.status_code, again.json()["code"]) == (422, "not_proposed")
    assert open_minor() == [12_00]


def operator() -> Client:
    users: Any = get_user_model().objects
    known = users.filter(username="operator").first()
    browser = Client()
    browser.force_login(known or users.create_superuser("operator", "operator@bank.example", "a long password"))
    return browser


def resolved_in_the_console(process_id: str) -> str:
    chosen = {"_selected_action": process_id, "index": "0", "action": "resolve"}
    return operator().post("/admin/accounts/process/", chosen, follow=True).content.decode()
