"""From a balance of the trial balance to its postings, and from each to the event that booked it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts import end_of_day
from accounts.domain.chart import CHART
from accounts.domain.interest import Terms
from accounts.queries import ledger
from bank.models import Event
from bank.money import to_minor
from tests import factories
from tests.accounts.api.test_api import client, get
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, deposit, opening, run, transfer, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)

LAST = DAY.replace(day=31)


@pytest.fixture
def month() -> str:
    """A month of two accounts in euros and one in yen."""
    saving = account_with(1_000_00, terms=Terms(interest_bps=150))
    current = account_with(50_00, kind="current", terms=Terms(monthly_fee_minor=2_00))
    yen = str(uuid4())
    run(opening(yen, str(uuid4()), currency="JPY"), deposit(yen, 700, currency="JPY"))
    run(transfer(saving, current, 10_00), withdrawal(current, 5_00, on=DAY + timedelta(days=3)))
    end_of_day.end_of_day(DAY, dry_run=False, report=lambda *_: None)
    end_of_day.end_of_day(LAST, dry_run=False, report=lambda *_: None)
    return saving


def postings(**query: str) -> list[Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    items, page = [], get(client(), f"postings?{asked}&limit=2").json()
    while True:
        items += page["items"]
        if page["next"] is None:
            return items
        page = get(client(), f"postings?{asked}&limit=2&cursor={page['next']}").json()


def test_every_balance_is_the_sum_of_the_postings_behind_it(month: str) -> None:
    for until in (DAY, DAY + timedelta(days=3), LAST):
        balances = get(client(), f"books?until={until}").json()["trial_balance"]
        assert balances
        for balance in balances:
            currency = balance["balance"]["currency"]
            rows = postings(ledger=balance["name"], currency=currency, until=f"{until}")
            assert rows
            for side in ("debit", "credit"):
                turnover = sum(
                    to_minor(row["amount"]["amount"], currency) for row in rows if row[side] == balance["name"]
                )
                assert turnover == to_minor(balance[side]["amount"], currency), (balance["name"], side)


def test_the_trial_balance_is_zero_in_each_currency_on_any_date(month: str) -> None:
    for until in (DAY, DAY + timedelta(days=3), LAST):
        sums: dict[str, int] = {}
        for row in ledger.trial_balance(until):
            signed = row.balance_minor if CHART[row.name].normal == "debit" else -row.balance_minor
            sums[row.currency] = sums.get(row.currency, 0) + signed
        assert sums == {"EUR": 0, "JPY": 0}


def test_a_trial_balance_is_had_again_as_it_was_known_after_a_booking_on_an_earlier_day(month: str) -> None:
    printed = get(client(), f"books?until={LAST}").json()
    run(deposit(month, 7_00, on=DAY))
    again = get(client(), f"books?until={LAST}&position={printed['position']}").json()
    assert (again["trial_balance"], again["position"]) == (printed["trial_balance"], printed["position"])
    assert get(client(), f"books?until={LAST}").json()["trial_balance"] != printed["trial_balance"]
    assert get(client(), "books?position=0").json()["trial_balance"] == []
    late = get(client(), f"books?position={2**62}").json()
    assert printed["position"] < late["position"] < 2**62


def test_the_trial_balance_is_zero_in_each_currency_as_of_any_position(month: str) -> None:
    for position in Event.objects.using("accounts").values_list("position", flat=True):
        sides: dict[str, int] = {}
        for row in ledger.trial_balance(position=position):
            sides[row.currency] = sides.get(row.currency, 0) + row.debit_minor - row.credit_minor
        assert set(sides.values()) <= {0}
    assert set(sides) == {"EUR", "JPY"}


def test_a_posting_leads_to_the_event_that_booked_it(month: str) -> None:
    [row] = postings(ledger="interest-paid")
    assert (row["account_id"], row["type"], row["booked_on"]) == (month, "MoneyCredited.v1", f"{LAST}")
    shown = get(client(), f"postings/{row['id']}").json()
    event = json.loads(shown["event"])
    assert to_minor(row["amount"]["amount"], "EUR") == event["amount_minor"]
    assert event["contra"] == "interest-paid"
    assert "service:accounts" in shown["metadata"]
    assert len(shown["hash"]) == 64


def test_the_general_ledger_is_for_operators(month: str) -> None:
    [row] = postings(ledger="interest-paid")
    customer = client(str(uuid4()))
    assert get(customer, "postings?ledger=cash").status_code == 403
    assert get(customer, f"postings/{row['id']}").status_code == 403
    assert get(client(), f"postings/{row['id'] + 1_000}").status_code == 404
    assert get(client(), "postings?ledger=petty-cash").status_code == 400


def test_the_console_leads_from_a_balance_on_a_date_to_its_postings(month: str) -> None:
    operator = factories.operator()
    page = operator.get(f"/admin/accounts/trialbalance/?until={DAY}").content.decode()
    assert "The business date is 2026-04-01" in page
    assert "Interest paid to customers" not in page
    assert "1,050.00 EUR" in page or "1050.00 EUR" in page
    link = f"ledger=cash&amp;currency=EUR&amp;booked_on__lte={DAY}"
    assert link in page
    listed = operator.get("/admin/accounts/posting/?" + link.replace("&amp;", "&"))
    assert listed.status_code == 200
    assert "1000.00 EUR" in listed.content.decode()
    assert "Interest paid to customers" in operator.get("/admin/accounts/trialbalance/").content.decode()
    assert operator.get("/admin/accounts/trialbalance/?until=never").status_code == 200
