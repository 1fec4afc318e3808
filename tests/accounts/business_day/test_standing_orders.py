"""Standing orders over HTTP, and what the end of a day makes of them."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from accounts import end_of_day, orders, queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.closing import CloseAccount
from accounts.domain.holder import HOLDER, HearStanding
from accounts.domain.holder.erasure import ERASURE
from accounts.domain.standing_order import STANDING_ORDER, EndStandingOrder, OpenStandingOrder
from accounts.iban import iban_for
from accounts.models import StandingOrder
from accounts.queries import ledger
from bank.context import Order, Unit
from bank.decider import ERASED
from bank.erasure import BeginErasure
from bank.failpoints import Failed, armed
from bank.projections.inline import rebuild_inline
from tests.accounts.api.test_api import client, euro, get, post
from tests.accounts.units import account_with, deposit, run, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

CUSTOMER = str(uuid4())
DAY = date(2026, 3, 2)


def standing(account_id: str, amount_minor: int = 30_00, *, to: str | None = None, first_on: date = DAY) -> str:
    order_id = str(uuid4())
    payee = "" if to else "Landlord"
    terms = (to, payee, amount_minor, "EUR", "Rent", DAY, first_on)
    [result] = run(Unit(Order(STANDING_ORDER, order_id, OpenStandingOrder(order_id, account_id, CUSTOMER, *terms))))
    assert result.outcome == "applied"
    return order_id


def ended(day: date) -> dict[str, int]:
    return dict(end_of_day.end_of_day(day, dry_run=False, report=lambda *_: None))


def balance(account_id: str) -> int:
    account = queries.account(account_id)
    assert account is not None
    return account.balance_minor


def order(order_id: str) -> StandingOrder:
    return StandingOrder.objects.get(pk=order_id)


def agree() -> bool:
    return not any(check.off_minor for check in ledger.books())


def test_what_is_due_is_paid_once_at_the_end_of_its_day() -> None:
    account_id, saved = account_with(100_00, customer_id=CUSTOMER), account_with(0, customer_id=CUSTOMER)
    standing(account_id)
    standing(account_id, 20_00, to=saved)
    standing(account_id, first_on=DAY + timedelta(days=1))
    assert ended(DAY)["standing_orders_executed"] == 2
    assert (balance(account_id), balance(saved)) == (50_00, 20_00)
    assert "standing_orders_executed" not in ended(DAY)
    assert (balance(account_id), agree()) == (50_00, True)
    newest = queries.entries(saved, before_version=None, limit=1)[0]
    assert (newest.reference, newest.booked_on) == ("Rent", DAY)


@pytest.mark.parametrize(("amount_minor", "paid"), [(100_00, True), (100_01, False)])
def test_an_account_pays_what_is_available_and_no_cent_more(amount_minor: int, paid: bool) -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    order_id = standing(account_id, amount_minor)
    outcome = "standing_orders_executed" if paid else "standing_orders_missed"
    assert ended(DAY)[outcome] == 1
    assert balance(account_id) == (0 if paid else 100_00)
    assert (order(order_id).code, order(order_id).next_on) == ("" if paid else "insufficient_funds", date(2026, 4, 2))


def test_a_month_that_was_missed_is_not_paid_later_and_the_next_is() -> None:
    account_id = account_with(0, customer_id=CUSTOMER)
    order_id = standing(account_id)
    assert ended(DAY)["standing_orders_missed"] == 1
    run(deposit(account_id, 100_00))
    ended(date(2026, 4, 1))
    assert balance(account_id) == 100_00
    assert ended(date(2026, 4, 2))["standing_orders_executed"] == 1
    assert (balance(account_id), order(order_id).code) == (70_00, "")


def test_a_frozen_account_misses_its_month_and_says_so() -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    order_id = standing(account_id)
    run(Unit(Order(ACCOUNT, account_id, FreezeAccount(account_id, "debit", "legal_order"))))
    assert ended(DAY)["standing_orders_missed"] == 1
    assert order(order_id).code == "account_frozen"


def test_a_transfer_that_the_other_account_does_not_take_leaves_the_money_where_it_was() -> None:
    account_id, other = account_with(100_00, customer_id=CUSTOMER), account_with(0)
    order_id = standing(account_id, to=other)
    run(Unit(Order(ACCOUNT, other, FreezeAccount(other, "credit", "legal_order"))))
    assert ended(DAY)["standing_orders_missed"] == 1
    assert (balance(account_id), order(order_id).code, agree()) == (100_00, "payee_cannot_take", True)


def test_the_standing_orders_of_a_closed_account_end() -> None:
    account_id = account_with(10_00, customer_id=CUSTOMER)
    order_id = standing(account_id)
    run(withdrawal(account_id, 10_00), Unit(Order(ACCOUNT, account_id, CloseAccount(account_id, DAY))))
    assert ended(DAY)["standing_orders_ended"] == 1
    assert order(order_id).status == "ended"
    assert "standing_orders_ended" not in ended(date(2026, 4, 30))


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_whoever_dies_at_the_commit_pays_once(point: str) -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    standing(account_id)
    with armed(point), pytest.raises(Failed):
        ended(DAY)
    ended(DAY)
    assert (balance(account_id), queries.last_ended_day(), agree()) == (70_00, DAY, True)


def would(until: date) -> dict[str, int]:
    done = end_of_day.end_of_day(until, dry_run=True, report=lambda *_: None)
    return {name: count for name, count in done.items() if name.startswith("standing_orders")}


def test_a_rehearsal_says_what_would_be_paid_and_what_missed_and_pays_nothing() -> None:
    account_id, other = account_with(100_00, customer_id=CUSTOMER), account_with(0, customer_id=CUSTOMER)
    for amount_minor in (60_00, 60_00, 60_00):
        standing(account_id, amount_minor, to=other)
    said = would(DAY)
    assert said == {"standing_orders_executed": 1, "standing_orders_missed": 2}
    assert (balance(account_id), balance(other)) == (100_00, 0)
    done = ended(DAY)
    assert {name: done.get(name) for name in said} == said


def test_a_rehearsal_of_many_days_pays_each_month_once_and_from_what_is_there_then() -> None:
    account_id, closed = account_with(100_00, customer_id=CUSTOMER), account_with(0, customer_id=CUSTOMER)
    ended(DAY - timedelta(days=1))
    standing(account_id, 60_00)
    standing(closed)
    run(Unit(Order(ACCOUNT, closed, CloseAccount(closed, DAY))))
    said = would(date(2026, 5, 1))
    assert said == {"standing_orders_executed": 1, "standing_orders_missed": 1, "standing_orders_ended": 1}
    assert would(date(2026, 5, 1)) == said
    done = ended(date(2026, 5, 1))
    assert {name: done.get(name) for name in said} == said


def test_the_read_table_is_what_the_events_say() -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    for amount_minor in (30_00, 90_00):
        standing(account_id, amount_minor)
    ended(DAY)
    before = list(StandingOrder.objects.order_by("pk").values())
    [projection] = [one for one in ACCOUNTS.inline_projections if one.name == "standing-orders"]
    rebuild_inline(ACCOUNTS, projection)
    assert list(StandingOrder.objects.order_by("pk").values()) == before
    assert len(before) == 2


def test_who_is_forgotten_leaves_no_payee_and_no_reference() -> None:
    order_id = standing(account_with(100_00, customer_id=CUSTOMER))
    assert (order(order_id).payee, order(order_id).reference) == ("Landlord", "Rent")
    run(Unit(Order(ERASURE, CUSTOMER, BeginErasure(CUSTOMER, DAY))))
    assert (order(order_id).payee, order(order_id).reference) == (ERASED, ERASED)


# Over HTTP.


def body(**changed: Any) -> dict[str, Any]:
    return {"amount": euro("30.00"), "payee": "Landlord", "first_on": f"{localdate()}", **changed}


def test_a_customer_opens_reads_and_ends_a_standing_order() -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    opened = post(client(CUSTOMER), f"accounts/{account_id}/standing-orders", body())
    assert opened.status_code == 201, opened.content
    path = f"standing-orders/{opened.json()['id']}"
    shown = get(client(CUSTOMER), path).json()
    assert (shown["status"], shown["amount"], shown["next_on"]) == ("active", euro("30.00"), f"{localdate()}")
    assert get(client(CUSTOMER), f"accounts/{account_id}/standing-orders").json()["items"] == [shown]
    assert post(client(CUSTOMER), f"{path}/end", {}).status_code == 200
    shown = get(client(CUSTOMER), path).json()
    assert (shown["status"], shown["next_on"]) == ("ended", None)


def test_an_iban_of_this_bank_is_paid_here_and_another_at_its_own() -> None:
    account_id, other = account_with(0, customer_id=CUSTOMER), account_with(0)
    path, elsewhere = f"accounts/{account_id}/standing-orders", "DE89370400440532013000"
    named = {"amount": euro("30.00"), "first_on": f"{localdate()}"}
    ours = iban_for(other)
    for whom, to in (
        ({"to_iban": ours}, (other, "")),
        ({"payee": f"Ada, {ours.lower()}"}, (other, "")),
        ({"to_iban": elsewhere}, (None, elsewhere)),
    ):
        shown = get(client(CUSTOMER), post(client(CUSTOMER), path, named | whom)["Location"][8:]).json()
        assert (shown["to_account_id"], shown["payee"]) == to
    for nobodys in ({"to_iban": iban_for(str(uuid4()))}, {"payee": iban_for(str(uuid4()))}):
        refused = post(client(CUSTOMER), path, named | nobodys)
        assert (refused.status_code, refused.json()["code"]) == (422, "payee_not_found")
    for wrong in ({"to_iban": "DE1"}, {"to_iban": ours, "to_account_id": other}, {"to_iban": ours, "payee": "Ada"}):
        assert list(post(client(CUSTOMER), path, named | wrong).json()["errors"]) == ["to_iban"]


def test_it_is_opened_once_however_often_it_is_asked_for() -> None:
    account_id, key = account_with(100_00, customer_id=CUSTOMER), str(uuid4())
    answers = [post(client(CUSTOMER), f"accounts/{account_id}/standing-orders", body(), key=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert StandingOrder.objects.count() == 1


def test_nobody_sees_or_ends_somebody_elses() -> None:
    account_id, stranger = account_with(100_00, customer_id=CUSTOMER), client(str(uuid4()))
    order_id = standing(account_id)
    assert post(stranger, f"accounts/{account_id}/standing-orders", body()).status_code == 404
    assert get(stranger, f"accounts/{account_id}/standing-orders").status_code == 404
    assert get(stranger, f"standing-orders/{order_id}").status_code == 404
    assert post(stranger, f"standing-orders/{order_id}/end", {}).status_code == 404
    assert get(client(), f"standing-orders/{uuid4()}").status_code == 404
    assert order(order_id).status == "active"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"amount": {"amount": "30.00", "currency": "USD"}}, 400),
        ({"amount": euro("NaN")}, 400),
        ({"amount": euro("0.00")}, 400),
        ({"payee": ""}, 400),
        ({"to_account_id": str(uuid4())}, 422),
        ({"first_on": "1999-01-01"}, 422),
        ({"first_on": "9999-12-31"}, 422),
        ({"payee": "x" * 71}, 400),
        ({"reference": "4111 1111 1111 1111"}, 400),
    ],
)
def test_bad_input_is_answered_clearly_and_opens_nothing(wrong: dict[str, Any], status: int) -> None:
    account_id = account_with(100_00, customer_id=CUSTOMER)
    answer = post(client(CUSTOMER), f"accounts/{account_id}/standing-orders", body(**wrong))
    assert answer.status_code == status, answer.content
    assert StandingOrder.objects.count() == 0


@pytest.mark.parametrize(("most", "status"), [(3, 201), (2, 422)])
def test_an_account_has_no_more_standing_orders_than_it_may(
    most: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has ended does not count."""
    monkeypatch.setattr(orders, "MAX_PER_ACCOUNT", most)
    account_id = account_with(100_00, customer_id=CUSTOMER)
    first, *_ = [standing(account_id) for _ in range(3)]
    run(Unit(Order(STANDING_ORDER, first, EndStandingOrder(first, DAY))))
    answer = post(client(CUSTOMER), f"accounts/{account_id}/standing-orders", body())
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["code"] == "too_many_standing_orders"


def test_the_last_one_that_an_account_may_have_is_answered_the_same_when_it_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orders, "MAX_PER_ACCOUNT", 1)
    path = f"accounts/{account_with(100_00, customer_id=CUSTOMER)}/standing-orders"
    first, again = (post(client(CUSTOMER), path, body(), key="the-last") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    assert again["Idempotency-Replayed"] == "true"
    assert post(client(CUSTOMER), path, body()).status_code == 422


def test_one_that_was_begun_is_answered_the_same_when_its_customer_is_suspended_meanwhile() -> None:
    path = f"accounts/{account_with(0, customer_id=CUSTOMER)}/standing-orders"
    first = post(client(CUSTOMER), path, body(), key="k")
    run(Unit(Order(HOLDER, CUSTOMER, HearStanding(CUSTOMER, "suspended", DAY, 1))))
    again = post(client(CUSTOMER), path, body(), key="k")
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])


def test_who_may_not_begin_one_is_told_why() -> None:
    account_id = account_with(0, customer_id=CUSTOMER)
    path = f"accounts/{account_id}/standing-orders"
    run(Unit(Order(HOLDER, CUSTOMER, HearStanding(CUSTOMER, "suspended", DAY, 1))))
    told = post(client(CUSTOMER), path, body()).json()
    assert (told["code"], told["detail"]) == (
        "customer_suspended",
        "This customer is suspended: no standing order is begun.",
    )
    run(Unit(Order(ACCOUNT, account_id, CloseAccount(account_id, DAY))))
    told = post(client(CUSTOMER), path, body()).json()
    assert (told["code"], told["detail"]) == (
        "account_closed",
        "The account has been closed: nothing is paid from it any more.",
    )
