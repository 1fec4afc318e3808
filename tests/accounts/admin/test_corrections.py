"""Reversal, settlement and closing, over HTTP and in the console: what operators and customers may do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localdate

from accounts import queries
from accounts.domain.interest import Terms
from accounts.end_of_day.standing_orders import executing
from accounts.handlers import card_payments
from accounts.inbound import CardPaymentCaptured
from accounts.models import Posting, StandingOrder
from accounts.queries import ledger
from bank.models import Event
from tests import factories
from tests.accounts.api.test_api import client, euro, get, post
from tests.accounts.business_day.test_standing_orders import standing
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, deposit, hold, opening, run, transfer, withdrawal

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)

CUSTOMER = str(uuid4())


def balance(account_id: str) -> int:
    shown = queries.account(account_id)
    assert shown is not None
    return shown.balance_minor


def balances() -> dict[str, int]:
    return {balance.name: balance.balance_minor for balance in ledger.trial_balance()}


def off() -> list[str]:
    return [f"{check.name} {check.off_minor}" for check in ledger.books() if check.off_minor]


def test_an_operator_reverses_an_entry_once() -> None:
    account_id = account_with(10_00, customer_id=CUSTOMER)
    path = f"accounts/{account_id}/entries/2/reversal"
    assert post(client(CUSTOMER), path, {}).status_code == 403
    key = str(uuid4())
    first, again = post(client(), path, {}, key=key), post(client(), path, {}, key=key)
    assert (first.status_code, again.status_code) == (200, 200)
    other = post(client(), path, {})
    assert (other.status_code, other.json()["code"]) == (422, "already_reversed")
    taken, given = get(client(CUSTOMER), f"accounts/{account_id}/entries").json()["items"]
    assert (taken["amount"], taken["reverses"], given["reverses"]) == (euro("-10.00"), 2, None)
    assert balances() == {"cash": 0, "customer-savings": 0}
    back = post(client(), f"accounts/{account_id}/entries/3/reversal", {})
    assert (back.status_code, back.json()["code"]) == (422, "not_reversible")
    assert off() == []


def test_only_what_was_booked_is_reversed() -> None:
    account_id = account_with(10_00)
    assert post(client(), f"accounts/{account_id}/entries/1/reversal", {}).status_code == 404
    assert post(client(), f"accounts/{account_id}/entries/3/reversal", {}).status_code == 404
    assert post(client(), f"accounts/{uuid4()}/entries/2/reversal", {}).status_code == 404


def test_a_transfer_is_reversed_whole() -> None:
    one, other = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    paid = post(
        client(CUSTOMER),
        "transfers",
        {"from_account_id": one, "to_account_id": other, "amount": euro("4.00")},
    ).json()["id"]
    assert post(client(), f"accounts/{one}/entries/3/reversal", {}).json()["code"] == "not_reversible"
    assert post(client(CUSTOMER), f"transfers/{paid}/reversal", {}).status_code == 403
    assert post(client(), f"transfers/{uuid4()}/reversal", {}).status_code == 404
    assert post(client(), f"transfers/{paid}/reversal", {}).status_code == 200
    assert (balance(one), balance(other)) == (10_00, 0)
    assert post(client(), f"transfers/{paid}/reversal", {}).json()["code"] == "already_reversed"
    assert off() == []


def test_a_transfer_whose_receiver_has_spent_it_is_not_reversed_at_all() -> None:
    one, other = account_with(10_00), account_with(0)
    body = {"from_account_id": one, "to_account_id": other, "amount": euro("4.00")}
    paid = post(client(), "transfers", body).json()["id"]
    run(withdrawal(other, 1))
    assert post(client(), f"transfers/{paid}/reversal", {}).json()["code"] == "insufficient_funds"
    assert (balance(one), balance(other)) == (6_00, 3_99)


def test_what_belongs_to_a_card_payment_is_not_reversed_here() -> None:
    payment_id = str(uuid4())
    account_id = account_with(30_00, customer_id=CUSTOMER)
    run(
        hold(account_id, CUSTOMER, payment_id, 12_00),
        card_payments.capture_for_payment(CardPaymentCaptured(payment_id, account_id, 12_00, "EUR", DAY)),
    )
    answer = post(client(), f"accounts/{account_id}/entries/4/reversal", {})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_reversible")


def test_a_customer_settles_takes_his_money_and_closes() -> None:
    account_id = str(uuid4())
    then = localdate() - timedelta(days=100)
    run(opening(account_id, CUSTOMER, terms=Terms(interest_bps=150), on=then), deposit(account_id, 1_000_00, on=then))
    his = client(CUSTOMER)
    assert post(client(str(uuid4())), f"accounts/{account_id}/close", {}).status_code == 404
    assert post(his, f"accounts/{account_id}/close", {}).json()["code"] == "balance_not_zero"
    assert post(his, f"accounts/{account_id}/settlement", {}).status_code == 200
    interest_minor = round(1_000_00 * 150 * 100 / 3_650_000)
    assert balance(account_id) == 1_000_00 + interest_minor
    run(withdrawal(account_id, 1_000_00 + interest_minor, on=localdate()))
    assert post(his, f"accounts/{account_id}/close", {"waive_fees": True}).status_code == 403
    assert post(his, f"accounts/{account_id}/close", {}).status_code == 200
    shown = get(his, f"accounts/{account_id}").json()
    assert (shown["status"], shown["balance"]) == ("closed", euro("0.00"))
    late = post(client(), f"accounts/{account_id}/deposits", {"amount": euro("1.00")})
    assert (late.status_code, late.json()["code"]) == (422, "account_closed")
    assert off() == []


def test_interest_that_nobody_posted_keeps_an_account_open() -> None:
    account_id = str(uuid4())
    then = localdate() - timedelta(days=100)
    run(
        opening(account_id, CUSTOMER, terms=Terms(interest_bps=150), on=then),
        deposit(account_id, 1_000_00, on=then),
        withdrawal(account_id, 1_000_00, on=localdate()),
    )
    assert post(client(CUSTOMER), f"accounts/{account_id}/close", {}).json()["code"] == "interest_not_posted"


# In the console.


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def test_an_operator_reverses_a_posting_on_its_page(operator: Client) -> None:
    account_id = account_with(10_00)
    posting = Posting.objects.get(account_id=account_id)
    page = f"/admin/accounts/posting/{posting.pk}"
    assert "Reverse" in operator.get(f"{page}/change/").content.decode()
    asked = operator.get(f"{page}/reverse/")
    assert asked.status_code == 200
    assert balance(account_id) == 10_00
    operator.post(f"{page}/reverse/")
    operator.post(f"{page}/reverse/")
    assert balance(account_id) == 0
    event = Event.objects.using("accounts").get(type="MoneyDebited.v1")
    assert '"reverses":2' in event.data
    assert '"actor":"operator:' in event.metadata


@pytest.mark.parametrize("half", ["paid", "received"])
def test_an_operator_reverses_a_transfer_from_either_half(operator: Client, half: str) -> None:
    one, other = account_with(10_00), account_with(0)
    body = {"from_account_id": one, "to_account_id": other, "amount": euro("4.00")}
    assert post(client(), "transfers", body).status_code == 201
    posting = Posting.objects.get(account_id={"paid": one, "received": other}[half], counterparty__isnull=False)
    page = f"/admin/accounts/posting/{posting.pk}/reverse/"
    assert "1 of 1 postings changed." in operator.post(page, follow=True).content.decode()
    assert (balance(one), balance(other)) == (10_00, 0)
    assert "1 refused: This entry has been reversed before." in operator.post(page, follow=True).content.decode()
    back = Posting.objects.filter(account_id=posting.account_id).latest("version")
    said = operator.post(f"/admin/accounts/posting/{back.pk}/reverse/", follow=True).content.decode()
    assert "What takes back is not taken back" in said
    assert off() == []


def test_a_transfer_of_which_one_half_cannot_go_back_stays_whole_in_the_console(operator: Client) -> None:
    one, other = account_with(10_00), account_with(0)
    run(transfer(one, other, 4_00), withdrawal(other, 1))
    posting = Posting.objects.get(account_id=one, counterparty=other)
    said = operator.post(f"/admin/accounts/posting/{posting.pk}/reverse/", follow=True).content.decode()
    assert "1 refused: The reversal would exceed what is available." in said
    assert (balance(one), balance(other)) == (6_00, 3_99)


def test_what_a_standing_order_transferred_is_reversed_whole_too(operator: Client) -> None:
    one, other = account_with(10_00), account_with(0)
    order_id = standing(one, 4_00, to=other)
    run(executing(StandingOrder.objects.get(pk=order_id), DAY))
    posting = Posting.objects.get(account_id=other)
    operator.post(f"/admin/accounts/posting/{posting.pk}/reverse/")
    assert (balance(one), balance(other)) == (10_00, 0)
    assert off() == []


def test_an_operator_changes_terms_settles_and_closes(operator: Client) -> None:
    account_id = account_with(0, kind="current")
    page = f"/admin/accounts/account/{account_id}"
    for action in ("change-terms", "settle", "close"):
        assert operator.get(f"{page}/{action}/").status_code == 200
    operator.post(f"{page}/change-terms/", {"interest_bps": "25", "overdraft_bps": "990", "monthly_fee": "1.99"})
    assert "0.25 % interest, 9.90 % overdrawn" in operator.get(f"{page}/change/").content.decode()
    operator.post(f"{page}/settle/")
    operator.post(f"{page}/close/")
    assert "closed" in operator.get(f"{page}/change/").content.decode()
    shown = queries.account(account_id)
    assert shown is not None
    assert shown.status == "closed"


def test_the_business_days_that_have_ended_are_listed(operator: Client) -> None:
    assert operator.get("/admin/accounts/businessday/").status_code == 200
    assert get(client(), "business-days").json() == {"items": [], "next": None}
    assert get(client(CUSTOMER), "business-days").status_code == 403
