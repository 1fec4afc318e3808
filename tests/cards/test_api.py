"""Cards by HTTP: who may do what, and what they are shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate
from rest_framework.test import APIClient

from bank.http.principal import principal
from bank.models import Event
from cards.context import CARDS
from cards.domain.payment import PAYMENT, AuthorizePayment, DeclinePayment, SettlePayment, SettleRefund
from cards.handlers import close_holder, reinstate_holder, reject_holder, suspend_holder, verify_holder
from cards.inbound import (
    CustomerClosed,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
)
from cards.statements import close_statements
from tests.cards.units import DAY, known_account, run, run_payment

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)

ME, ACCOUNT = str(uuid4()), str(uuid4())


class Client:
    """Speaks JSON, and gives each write a key of its own unless told."""

    def __init__(self, customer_id: str | None = None, *, is_operator: bool = False) -> None:
        self.api = APIClient()
        user: Any = principal("7", customer_id, is_operator=is_operator)
        self.api.force_authenticate(user)

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self.api.post(f"/api/v1{path}", body or {}, format="json", headers=headers)

    def get(self, path: str, **query: str) -> Any:
        return self.api.get(f"/api/v1{path}", query)


@pytest.fixture(autouse=True)
def known() -> None:
    known_account(ACCOUNT, ME)


@pytest.fixture
def customer() -> Client:
    return Client(ME)


@pytest.fixture
def operator() -> Client:
    return Client(is_operator=True)


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def issue(client: Client, **changes: Any) -> Any:
    body = {"account_id": ACCOUNT, "per_payment_limit": eur("500.00"), "per_day_limit": eur("800.00"), **changes}
    return client.post("/cards", body)


def active_card(client: Client) -> str:
    card_id: str = issue(client).json()["id"]
    assert client.post(f"/cards/{card_id}/activate").status_code == 200
    return card_id


def pay(client: Client, card_id: str, amount: str = "20.00", **changes: Any) -> Any:
    return client.post(f"/cards/{card_id}/payments", {"amount": eur(amount), "merchant": "Kiosk", **changes})


def test_a_customer_is_issued_a_card_and_sees_it(customer: Client) -> None:
    issued = issue(customer)
    assert issued.status_code == 201
    assert issued["Location"] == f"/api/v1/cards/{issued.json()['id']}"
    assert issued["ETag"] == '"1"'
    shown = customer.get(f"/cards/{issued.json()['id']}")
    assert shown["ETag"] == f'"1.{localdate():%Y%m%d}"'
    card = shown.json()
    assert (card["status"], card["customer_id"], card["account_id"]) == ("issued", ME, ACCOUNT)
    assert (card["per_payment_limit"], card["per_day_limit"]) == (eur("500.00"), eur("800.00"))
    assert card["token"].startswith("tok_")
    assert len(card["last_four"]) == 4


def test_a_card_is_shown_again_on_the_next_day_when_nothing_is_spent_yet(
    customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    card_id = active_card(customer)
    pay(customer, card_id, "20.00")
    today = customer.get(f"/cards/{card_id}")
    assert today.json()["spent_today"] == eur("20.00")
    seen = {"If-None-Match": today["ETag"]}
    assert customer.api.get(f"/api/v1/cards/{card_id}", headers=seen).status_code == 304
    monkeypatch.setattr("cards.api.views.localdate", lambda: localdate() + timedelta(days=1))
    tomorrow = customer.api.get(f"/api/v1/cards/{card_id}", headers=seen)
    assert (tomorrow.status_code, tomorrow.json()["spent_today"]) == (200, eur("0.00"))


def test_the_same_request_again_issues_one_card(customer: Client) -> None:
    body = {"account_id": ACCOUNT, "per_payment_limit": eur("1.00"), "per_day_limit": eur("1.00")}
    first, again = customer.post("/cards", body, key="k"), customer.post("/cards", body, key="k")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(customer.get("/cards").json()["items"]) == 1


def test_a_card_waits_for_an_account_that_cards_has_not_heard_of(customer: Client) -> None:
    """The refusal is not remembered: the same request succeeds once the account is known."""
    account_id = str(uuid4())
    body = {"account_id": account_id, "per_payment_limit": eur("1.00"), "per_day_limit": eur("1.00")}
    early = customer.post("/cards", body, key="early")
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "account_not_known", "1")
    known_account(account_id, ME)
    assert customer.post("/cards", body, key="early").status_code == 201


def test_no_card_draws_on_anothers_account_or_in_another_currency(customer: Client, operator: Client) -> None:
    anothers, in_crowns = str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(in_crowns, ME, currency="CZK")
    for client, more in ((customer, {}), (operator, {"customer_id": ME})):
        refused = [issue(client, account_id=id, **more) for id in (anothers, in_crowns)]
        assert [answer.status_code for answer in refused] == [422, 422]
        assert [answer.json()["code"] for answer in refused] == ["not_your_account", "currency_mismatch"]


def test_what_changes_nothing_answers_the_version_there_is(customer: Client) -> None:
    card_id = active_card(customer)
    again = customer.post(f"/cards/{card_id}/activate", key="again")
    replayed = customer.post(f"/cards/{card_id}/activate", key="again")
    assert (again.status_code, again.json()["version"], again["ETag"]) == (200, 2, '"2"')
    assert replayed.json() == again.json()


def test_limits_are_in_one_currency(customer: Client) -> None:
    refused = issue(customer, per_payment_limit={"amount": "500.00", "currency": "CZK"})
    assert refused.status_code == 400
    assert "per_payment_limit" in refused.json()["errors"]


def test_limits_that_do_not_fit_are_refused_by_the_domain(customer: Client) -> None:
    refused = issue(customer, per_payment_limit=eur("800.01"))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_limits")


def test_a_customers_cards_come_in_pages(customer: Client) -> None:
    cards = {issue(customer).json()["id"] for _ in range(3)}
    first = customer.get("/cards", limit="2").json()
    rest = customer.get("/cards", limit="2", cursor=first["next"]).json()
    assert rest["next"] is None
    assert {card["id"] for card in first["items"] + rest["items"]} == cards


def test_a_card_is_controlled_by_its_customer(customer: Client) -> None:
    card_id = active_card(customer)
    assert customer.get(f"/cards/{card_id}").json()["status"] == "active"
    assert customer.post(f"/cards/{card_id}/block").status_code == 200
    shown = customer.get(f"/cards/{card_id}").json()
    assert (shown["status"], shown["blocked_for"]) == ("blocked", "customer_request")
    assert customer.post(f"/cards/{card_id}/unblock").status_code == 200
    limits = {"per_payment_limit": eur("10.00"), "per_day_limit": eur("20.00")}
    assert customer.post(f"/cards/{card_id}/limits", limits).status_code == 200
    shown = customer.get(f"/cards/{card_id}").json()
    assert (shown["status"], shown["per_day_limit"]) == ("active", eur("20.00"))


def test_a_stolen_card_is_replaced_and_the_old_one_is_dead(customer: Client) -> None:
    card_id = active_card(customer)
    old = customer.get(f"/cards/{card_id}").json()
    assert customer.post(f"/cards/{card_id}/block", {"reason": "stolen"}).status_code == 200
    assert customer.post(f"/cards/{card_id}/replace").status_code == 200
    new = customer.get(f"/cards/{card_id}").json()
    assert (new["status"], new["blocked_for"]) == ("issued", None)
    assert new["token"] != old["token"]
    assert (new["per_payment_limit"], new["per_day_limit"]) == (old["per_payment_limit"], old["per_day_limit"])
    assert customer.post(f"/cards/{card_id}/activate").status_code == 200
    refused = pay(customer, card_id, token=old["token"])
    assert (refused.status_code, refused.json()["code"]) == (422, "card_replaced")
    assert pay(customer, card_id, token=new["token"]).status_code == 202


def test_a_card_is_cancelled_for_good(customer: Client) -> None:
    card_id = active_card(customer)
    assert customer.post(f"/cards/{card_id}/cancel").status_code == 200
    assert customer.get(f"/cards/{card_id}").json()["status"] == "cancelled"
    for path in ("activate", "unblock", "replace"):
        refused = customer.post(f"/cards/{card_id}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (422, "card_cancelled")
    assert pay(customer, card_id).json()["code"] == "card_cancelled"


def verified(customer_id: str, *, sequence: int = 0) -> None:
    run(verify_holder(CustomerVerified(customer_id, DAY, sequence)))


def issue_credit(client: Client, **changes: Any) -> Any:
    return client.post("/credit-cards", {"customer_id": ME, "credit_limit": eur("1000.00"), **changes})


def active_credit_card(operator: Client) -> str:
    verified(ME)
    card_id: str = issue_credit(operator).json()["id"]
    assert operator.post(f"/cards/{card_id}/activate").status_code == 200
    return card_id


def test_a_verified_customer_is_issued_a_credit_card_by_the_bank(customer: Client, operator: Client) -> None:
    refused = issue_credit(operator, customer_id=ME)
    assert (refused.status_code, refused.json()["code"]) == (422, "customer_not_verified")
    card_id = active_credit_card(operator)
    assert issue_credit(customer).status_code == 403
    card = customer.get(f"/cards/{card_id}").json()
    assert (card["kind"], card["account_id"], card["rate_bps"]) == ("credit", None, 1990)
    assert [card[name] for name in ("credit_limit", "available", "per_day_limit")] == [eur("1000.00")] * 3
    assert (card["outstanding"], card["minimum_due"], card["is_late"]) == (eur("0.00"), eur("0.00"), False)


def test_who_was_suspended_or_rejected_later_gets_no_credit_card(operator: Client) -> None:
    verified(ME, sequence=1)
    run(suspend_holder(CustomerSuspended(ME, DAY, 2)))
    assert issue_credit(operator).json()["code"] == "customer_suspended"
    run(reinstate_holder(CustomerReinstated(ME, DAY, 3)), suspend_holder(CustomerSuspended(ME, DAY, 2)))
    assert issue_credit(operator).status_code == 201
    run(reject_holder(CustomerRejected(ME, DAY, 4)), verify_holder(CustomerVerified(ME, DAY, 1)))
    assert issue_credit(operator).json()["code"] == "customer_not_verified"
    run(close_holder(CustomerClosed(ME, DAY, 5)))
    assert issue_credit(operator).json()["code"] == "customer_closed"


def test_a_payment_on_credit_is_authorized_at_once(customer: Client, operator: Client) -> None:
    card_id = active_credit_card(operator)
    payment_id = pay(customer, card_id, "300.00", auto_capture=False).json()["id"]
    shown = customer.get(f"/card-payments/{payment_id}").json()
    assert (shown["status"], shown["account_id"]) == ("authorized", None)
    card = customer.get(f"/cards/{card_id}").json()
    assert (card["outstanding"], card["available"]) == (eur("0.00"), eur("700.00"))
    over = pay(customer, card_id, "700.01")
    assert (over.status_code, over.json()["code"]) == (422, "over_daily_limit")
    assert operator.post(f"/card-payments/{payment_id}/capture", {"amount": eur("200.00")}).status_code == 202
    assert customer.get(f"/card-payments/{payment_id}").json()["status"] == "settled"
    assert operator.post(f"/card-payments/{payment_id}/refund", {"amount": eur("50.00")}).status_code == 202
    shown = customer.get(f"/card-payments/{payment_id}").json()
    assert (shown["captured"], shown["refunded"]) == (eur("200.00"), eur("50.00"))
    assert shown["refunds"][0]["settled_at"] is not None


def test_a_payment_on_credit_is_reversed_before_it_is_captured(customer: Client, operator: Client) -> None:
    card_id = active_credit_card(operator)
    payment_id = pay(customer, card_id, auto_capture=False).json()["id"]
    assert operator.post(f"/card-payments/{payment_id}/reverse").status_code == 202
    assert customer.get(f"/card-payments/{payment_id}").json()["status"] == "reversed"
    settled = pay(customer, card_id).json()["id"]
    assert operator.post(f"/card-payments/{settled}/reverse").json()["code"] == "payment_not_reversible"


def test_statements_come_the_newest_first(customer: Client, operator: Client) -> None:
    card_id = active_credit_card(operator)
    close_statements(localdate() + timedelta(days=70))
    first = customer.get(f"/cards/{card_id}/statements", limit="1").json()
    assert [row["number"] for row in first["items"]] == [2]
    rest = customer.get(f"/cards/{card_id}/statements", cursor=first["next"]).json()["items"]
    assert [(row["number"], row["balance"]) for row in rest] == [(1, eur("0.00"))]
    assert Client(str(uuid4())).get(f"/cards/{card_id}/statements").status_code == 404


def test_what_the_bank_blocked_the_customer_does_not_unblock(customer: Client, operator: Client) -> None:
    card_id = active_card(customer)
    assert operator.post(f"/cards/{card_id}/block", {"reason": "fraud"}).status_code == 200
    refused = customer.post(f"/cards/{card_id}/unblock")
    assert (refused.status_code, refused.json()["code"]) == (422, "blocked_by_the_bank")
    assert operator.post(f"/cards/{card_id}/unblock").status_code == 200


def test_somebody_elses_card_and_payment_are_not_found(customer: Client) -> None:
    card_id = active_card(customer)
    payment_id = pay(customer, card_id).json()["id"]
    stranger = Client(str(uuid4()))
    assert issue(stranger, customer_id=ME).status_code == 404
    assert stranger.get("/cards", customer_id=ME).status_code == 404
    assert stranger.get(f"/cards/{card_id}").status_code == 404
    assert stranger.get(f"/cards/{card_id}/payments").status_code == 404
    assert stranger.get(f"/card-payments/{payment_id}").status_code == 404
    for path in ("activate", "block", "unblock", "replace", "cancel"):
        assert stranger.post(f"/cards/{card_id}/{path}").status_code == 404
    assert pay(stranger, card_id).status_code == 404
    for path in ("capture", "reverse", "refund"):
        assert stranger.post(f"/card-payments/{payment_id}/{path}").status_code == 404


def test_a_payment_is_accepted_before_it_is_decided(customer: Client) -> None:
    card_id = active_card(customer)
    accepted = pay(customer, card_id)
    assert accepted.status_code == 202
    payment_id = accepted.json()["id"]
    assert accepted["Location"] == f"/api/v1/card-payments/{payment_id}"
    assert accepted.json()["position"] == f"cards:payment-{payment_id}@1"
    shown = customer.get(f"/card-payments/{payment_id}").json()
    assert (shown["status"], shown["amount"], shown["merchant"]) == ("requested", eur("20.00"), "Kiosk")
    assert customer.get(f"/cards/{card_id}").json()["spent_today"] == eur("20.00")


@pytest.mark.parametrize(
    ("amount", "code"), [("500.01", "over_payment_limit"), ("400.01", "over_daily_limit"), ("400.00", None)]
)
def test_the_card_refuses_at_once_what_is_above_its_limits(customer: Client, amount: str, code: str | None) -> None:
    card_id = active_card(customer)
    assert pay(customer, card_id, "400.00").status_code == 202
    answer = pay(customer, card_id, amount)
    assert answer.json().get("code") == code
    assert answer.status_code == (422 if code else 202)


def test_a_blocked_card_refuses_and_nothing_is_remembered_of_the_payment(customer: Client) -> None:
    card_id = active_card(customer)
    customer.post(f"/cards/{card_id}/block")
    refused = pay(customer, card_id)
    assert (refused.status_code, refused.json()["code"]) == (422, "card_blocked")
    assert not Event.objects.using("cards").filter(type__startswith="CardPayment").exists()
    assert customer.get("/card-payments").json()["items"] == []


@pytest.mark.parametrize("merchant", ["4111111111111111", "Shop 4111 1111 1111 1111"])
def test_a_card_number_is_never_taken(customer: Client, merchant: str) -> None:
    card_id = active_card(customer)
    refused = pay(customer, card_id, merchant=merchant)
    assert refused.status_code == 400
    assert merchant not in refused.content.decode()


@pytest.mark.parametrize("path", ["activate", "block", "unblock", "limits", "payments"])
def test_no_body_may_carry_a_card_number(customer: Client, path: str) -> None:
    assert customer.post(f"/cards/{active_card(customer)}/{path}", {"pan": "4111111111111111"}).status_code == 400


def test_only_the_bank_captures_reverses_and_refunds(customer: Client) -> None:
    payment_id = pay(customer, active_card(customer)).json()["id"]
    for path in ("capture", "reverse", "refund"):
        refused = customer.post(f"/card-payments/{payment_id}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_a_payment_shows_how_far_it_is(customer: Client, operator: Client) -> None:
    card_id = active_card(customer)
    payment_id: str = pay(customer, card_id, auto_capture=False).json()["id"]
    run_payment(AuthorizePayment(payment_id))
    assert customer.get(f"/card-payments/{payment_id}").json()["status"] == "authorized"

    captured = operator.post(f"/card-payments/{payment_id}/capture", {"amount": eur("15.00")})
    assert captured.status_code == 202
    run_payment(SettlePayment(payment_id, DAY))
    settled = customer.get(f"/card-payments/{payment_id}").json()
    assert (settled["status"], settled["captured"], settled["refunded"]) == ("settled", eur("15.00"), eur("0.00"))
    assert settled["requested_at"] <= settled["authorized_at"] <= settled["captured_at"] <= settled["settled_at"]

    assert operator.post(f"/card-payments/{payment_id}/refund", {"amount": eur("5.00")}).status_code == 202
    refunded = customer.get(f"/card-payments/{payment_id}").json()
    assert (refunded["status"], refunded["refunded"]) == ("settled", eur("5.00"))
    (refund,) = refunded["refunds"]
    assert (refund["amount"], refund["settled_at"]) == (eur("5.00"), None)
    run_payment(SettleRefund(payment_id, refund["id"], DAY))
    (refund,) = customer.get(f"/card-payments/{payment_id}").json()["refunds"]
    assert refund["settled_at"] is not None


def test_a_declined_payment_says_why(customer: Client) -> None:
    payment_id = pay(customer, active_card(customer)).json()["id"]
    run_payment(DeclinePayment(payment_id, "insufficient_funds"))
    shown = customer.get(f"/card-payments/{payment_id}").json()
    assert (shown["status"], shown["code"]) == ("declined", "insufficient_funds")


def test_a_capture_in_another_currency_is_wrong(customer: Client, operator: Client) -> None:
    payment_id = pay(customer, active_card(customer)).json()["id"]
    wrong = operator.post(f"/card-payments/{payment_id}/capture", {"amount": {"amount": "1.00", "currency": "CZK"}})
    assert wrong.status_code == 400


def test_the_payments_of_a_card_come_newest_first(customer: Client) -> None:
    one, other = active_card(customer), active_card(customer)
    paid = [pay(customer, one, "1.00").json()["id"] for _ in range(3)]
    elsewhere = pay(customer, other, "1.00").json()["id"]
    first = customer.get(f"/cards/{one}/payments", limit="2").json()
    rest = customer.get(f"/cards/{one}/payments", limit="2", cursor=first["next"]).json()
    assert [payment["id"] for payment in first["items"] + rest["items"]] == paid[::-1]
    assert customer.get("/card-payments").json()["items"][0]["id"] == elsewhere


def test_operators_list_the_cards_and_payments_of_all_in_pages_and_customers_their_own(
    customer: Client, operator: Client
) -> None:
    other_id, other_account = str(uuid4()), str(uuid4())
    known_account(other_account, other_id)
    other = Client(other_id)
    cards = {active_card(customer), issue(other, account_id=other_account).json()["id"]}
    theirs = (cards - {item["id"] for item in customer.get("/cards").json()["items"]}).pop()
    other.post(f"/cards/{theirs}/activate")
    paid = [pay(who, card, "1.00").json()["id"] for who in (customer, other) for card in owned_cards(who)]

    for path, expected in (("/cards", cards), ("/card-payments", set(paid))):
        first = operator.get(path, limit="1").json()
        rest = operator.get(path, limit="1", cursor=first["next"]).json()
        assert {item["id"] for item in first["items"] + rest["items"]} == expected
        assert rest["next"] is None
        assert {item["customer_id"] for item in customer.get(path).json()["items"]} == {ME}
        assert {item["customer_id"] for item in operator.get(path, customer_id=other_id).json()["items"]} == {other_id}


def owned_cards(who: Client) -> list[str]:
    return [card["id"] for card in who.get("/cards").json()["items"]]


def test_the_authorization_names_its_decider() -> None:
    assert CARDS.decider("payment-1") is PAYMENT
