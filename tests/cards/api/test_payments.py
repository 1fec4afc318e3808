"""Card payments by HTTP: taken before they are decided, and shown as far as they are."""

from uuid import uuid4

import pytest

from bank.models import Event
from cards.context import CARDS
from cards.domain.payment import PAYMENT, AuthorizePayment, DeclinePayment, SettlePayment, SettleRefund
from tests.cards.client import ME, Client, active_card, active_credit_card, eur, issue, pay
from tests.cards.units import DAY, known_account, run_payment

pytestmark = [
    pytest.mark.django_db(databases=["cards", "default"], transaction=True),
    pytest.mark.usefixtures("known"),
]


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


def test_a_tip_is_captured_with_the_payment_and_counts_against_no_limit(customer: Client, operator: Client) -> None:
    card_id = active_card(customer)
    payment_id: str = pay(customer, card_id, "500.00", auto_capture=False).json()["id"]
    run_payment(AuthorizePayment(payment_id))
    over = operator.post(f"/card-payments/{payment_id}/capture", {"amount": eur("600.01")})
    assert (over.status_code, over.json()["code"]) == (422, "over_capture_limit")
    assert "600.00 EUR" in over.json()["detail"]
    assert operator.post(f"/card-payments/{payment_id}/capture", {"amount": eur("600.00")}).status_code == 202
    shown = customer.get(f"/card-payments/{payment_id}").json()
    assert (shown["amount"], shown["captured"]) == (eur("500.00"), eur("600.00"))
    assert customer.get(f"/cards/{card_id}").json()["spent_today"] == eur("500.00")


def test_a_payment_on_credit_is_reversed_before_it_is_captured(customer: Client, operator: Client) -> None:
    card_id = active_credit_card(operator)
    payment_id = pay(customer, card_id, auto_capture=False).json()["id"]
    assert operator.post(f"/card-payments/{payment_id}/reverse").status_code == 202
    assert customer.get(f"/card-payments/{payment_id}").json()["status"] == "reversed"
    settled = pay(customer, card_id).json()["id"]
    assert operator.post(f"/card-payments/{settled}/reverse").json()["code"] == "payment_not_reversible"


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
