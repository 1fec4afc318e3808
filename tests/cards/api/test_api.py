"""Cards by HTTP: who may do what, and what they are shown."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from cards.clock.statements import close_statements
from cards.handlers.customers import close_holder, reinstate_holder, reject_holder, suspend_holder, verify_holder
from cards.inbound import (
    CustomerClosed,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
)
from tests.cards.client import (
    ACCOUNT,
    ME,
    Client,
    active_card,
    active_credit_card,
    eur,
    issue,
    issue_credit,
    pay,
    verified,
)
from tests.cards.units import DAY, known_account, run

pytestmark = [
    pytest.mark.django_db(databases=["cards", "default"], transaction=True),
    pytest.mark.usefixtures("known"),
]


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


def test_a_verified_customer_is_issued_a_credit_card_by_the_bank(customer: Client, operator: Client) -> None:
    refused = issue_credit(operator, customer_id=ME)
    assert (refused.status_code, refused.json()["code"]) == (409, "customer_not_verified")
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


def test_who_was_suspended_or_closed_gets_no_debit_card_either(customer: Client) -> None:
    """Debit draws on what is his: nobody has to be verified for it."""
    assert issue(customer).status_code == 201
    run(suspend_holder(CustomerSuspended(ME, DAY, 2)))
    refused = issue(customer)
    assert (refused.status_code, refused.json()["code"]) == (422, "customer_suspended")
    run(reinstate_holder(CustomerReinstated(ME, DAY, 3)))
    assert issue(customer).status_code == 201
    run(close_holder(CustomerClosed(ME, DAY, 4)))
    assert issue(customer).json()["code"] == "customer_closed"


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


def test_a_report_of_the_customer_does_not_get_him_round_the_block_of_the_bank(
    customer: Client, operator: Client
) -> None:
    card_id = active_card(customer)
    assert operator.post(f"/cards/{card_id}/block", {"reason": "fraud"}).status_code == 200
    assert customer.post(f"/cards/{card_id}/block", {"reason": "lost"}).status_code == 200
    assert customer.get(f"/cards/{card_id}").json()["blocked_for"] == "lost"
    for way_out in ("replace", "cancel"):
        refused = customer.post(f"/cards/{card_id}/{way_out}")
        assert (refused.status_code, refused.json()["code"]) == (422, "blocked_by_the_bank")
    assert operator.post(f"/cards/{card_id}/replace").status_code == 200
    assert customer.post(f"/cards/{card_id}/activate").status_code == 200
    assert pay(customer, card_id).status_code == 202
    assert customer.post(f"/cards/{card_id}/cancel").status_code == 200


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
