"""Accounts over HTTP: what operators and customers may do, and what they are answered."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import queries
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.holder import HOLDER, HearStanding
from accounts.iban import iban_for
from bank.context import Order, Unit
from bank.http.principal import principal
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, deposit, hold, run, verified

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

CUSTOMER = str(uuid4())


def client(customer_id: str | None = None) -> APIClient:
    """An operator's, or a customer's."""
    user = principal("1" if customer_id is None else customer_id, customer_id, is_operator=customer_id is None)
    signed_in = APIClient()
    signed_in.force_authenticate(user)  # type: ignore[arg-type]
    return signed_in


def post(who: APIClient, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
    return who.post(f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": key or str(uuid4()), **headers})


def get(who: APIClient, path: str) -> Any:
    return who.get(f"/api/v1/{path}")


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_customer_opens_an_account_of_his_own_and_reads_it() -> None:
    answer = post(client(CUSTOMER), "accounts", {"kind": "savings"})
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"/api/v1/accounts/{answer.json()['id']}"
    read = get(client(CUSTOMER), answer["Location"].removeprefix("/api/v1/"))
    shown = read.json()
    assert read["ETag"] == '"1"'
    assert (shown["customer_id"], shown["kind"], shown["status"]) == (CUSTOMER, "savings", "open")
    assert (shown["balance"], shown["available"], shown["iban"][:2]) == (euro("0.00"), euro("0.00"), "MT")


def test_an_account_that_was_opened_is_answered_the_same_when_its_customer_is_suspended_meanwhile() -> None:
    first = post(client(CUSTOMER), "accounts", {"kind": "savings"}, key="k")
    run(Unit(Order(HOLDER, CUSTOMER, HearStanding(CUSTOMER, "suspended", DAY, 1))))
    again = post(client(CUSTOMER), "accounts", {"kind": "savings"}, key="k")
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert post(client(CUSTOMER), "accounts", {"kind": "savings"}).json()["code"] == "customer_suspended"


def test_an_account_is_read_as_it_stood_at_an_instant() -> None:
    before = timezone.now().isoformat()
    account_id = account_with(10_00, customer_id=CUSTOMER)
    then = timezone.now().isoformat()
    post(client(), f"accounts/{account_id}/deposits", {"amount": euro("5.00")})

    def at(instant: str) -> Any:
        return client(CUSTOMER).get(f"/api/v1/accounts/{account_id}", {"as_of": instant})

    assert (at(then).json()["balance"], at(then)["ETag"]) == (euro("10.00"), '"2"')
    assert at(timezone.now().isoformat()).json()["balance"] == euro("15.00")
    assert at(before).status_code == 404
    assert at("yesterday").status_code == 400


def test_an_operator_opens_an_account_with_an_overdraft_and_a_customer_does_not() -> None:
    body = {"kind": "current", "customer_id": CUSTOMER, "overdraft_limit": euro("100.00")}
    assert post(client(CUSTOMER), "accounts", body).status_code == 403
    assert post(client(), "accounts", body).json()["code"] == "customer_not_verified"
    run(verified(CUSTOMER))
    account_id = post(client(), "accounts", body).json()["id"]
    assert get(client(), f"accounts/{account_id}").json()["available"] == euro("100.00")


def test_an_account_bears_what_its_product_says_or_what_an_operator_agrees_to() -> None:
    by_himself = post(client(CUSTOMER), "accounts", {"kind": "savings"}).json()["id"]
    terms = {"interest_bps": 150, "overdraft_bps": 0, "monthly_fee": euro("0.00")}
    assert get(client(CUSTOMER), f"accounts/{by_himself}").json()["terms"] == terms
    agreed = {"interest_bps": 200, "monthly_fee": euro("2.50")}
    body = {"kind": "savings", "customer_id": CUSTOMER, "terms": agreed}
    assert post(client(CUSTOMER), "accounts", body).status_code == 403
    account_id = post(client(), "accounts", body).json()["id"]
    shown = get(client(), f"accounts/{account_id}").json()
    assert shown["terms"] == {"interest_bps": 200, "overdraft_bps": 0, "monthly_fee": euro("2.50")}
    assert (shown["accrued_interest"], shown["fees_due"]) == (euro("0.00"), euro("0.00"))


def test_an_operator_changes_the_terms_of_an_account() -> None:
    account_id = account_with(0, customer_id=CUSTOMER)
    assert post(client(CUSTOMER), f"accounts/{account_id}/terms", {"interest_bps": 10_000}).status_code == 403
    assert post(client(), f"accounts/{account_id}/terms", {"interest_bps": 10_001}).status_code == 400
    dollars = {"monthly_fee": {"amount": "1.00", "currency": "USD"}}
    assert post(client(), f"accounts/{account_id}/terms", dollars).status_code == 400
    assert post(client(), f"accounts/{account_id}/terms", {"interest_bps": 10_000}).status_code == 200
    assert get(client(), f"accounts/{account_id}").json()["terms"]["interest_bps"] == 10_000
    assert post(client(), f"accounts/{uuid4()}/terms", {"interest_bps": 1}).status_code == 404


def test_nobody_opens_an_account_for_another_customer() -> None:
    body = {"kind": "savings", "customer_id": str(uuid4())}
    assert post(client(CUSTOMER), "accounts", body).status_code == 404


def test_what_the_business_refuses_is_a_problem_with_its_code() -> None:
    body = {"kind": "savings", "customer_id": CUSTOMER, "overdraft_limit": euro("1.00")}
    answer = post(client(), "accounts", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_overdraft")


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "piggy"}, {}, {"kind": "savings", "branch": "12"}, {"kind": "savings", "unknown": 1}],
)
def test_a_body_that_is_wrong_is_answered_with_the_field(wrong: dict[str, Any]) -> None:
    answer = post(client(CUSTOMER), "accounts", wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_an_operator_pays_in_and_out_and_a_retry_changes_nothing() -> None:
    account_id = account_with(0, customer_id=CUSTOMER)
    key = str(uuid4())
    first = post(client(), f"accounts/{account_id}/deposits", {"amount": euro("30.00")}, key=key)
    again = post(client(), f"accounts/{account_id}/deposits", {"amount": euro("30.00")}, key=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["position"] == f"accounts:account-{account_id}@2"
    assert post(client(), f"accounts/{account_id}/withdrawals", {"amount": euro("10.00")}).status_code == 200
    assert get(client(), f"accounts/{account_id}").json()["balance"] == euro("20.00")


def test_a_withdrawal_beyond_what_is_available_is_refused_and_remembered() -> None:
    account_id, key = account_with(10_00), str(uuid4())
    for _ in range(2):
        answer = post(client(), f"accounts/{account_id}/withdrawals", {"amount": euro("10.01")}, key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")


@pytest.mark.parametrize("path", ["deposits", "withdrawals", "freeze", "unfreeze", "overdraft"])
def test_what_operators_do_is_not_for_customers(path: str) -> None:
    account_id = account_with(10_00, customer_id=CUSTOMER)
    body = {
        "freeze": {"reason": "legal_order"},
        "unfreeze": {"reason": "legal_order"},
        "overdraft": {"limit": euro("1.00")},
    }.get(path, {"amount": euro("1.00")})
    assert post(client(CUSTOMER), f"accounts/{account_id}/{path}", body).status_code == 403


def test_a_card_number_is_never_stored_as_a_reference() -> None:
    account_id = account_with(0)
    body = {"amount": euro("1.00"), "reference": "card 4242 4242 4242 4242"}
    assert post(client(), f"accounts/{account_id}/deposits", body).status_code == 400


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.001", "NaN", "1e3", 10])
def test_an_amount_is_a_positive_decimal_string(amount: Any) -> None:
    account_id = account_with(0)
    answer = post(client(), f"accounts/{account_id}/deposits", {"amount": {"amount": amount, "currency": "EUR"}})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["", "/entries", "/holds"])
def test_another_customers_account_is_not_found(path: str) -> None:
    account_id = account_with(10_00, customer_id=CUSTOMER)
    assert get(client(CUSTOMER), f"accounts/{account_id}{path}").status_code == 200
    assert get(client(str(uuid4())), f"accounts/{account_id}{path}").status_code == 404
    assert get(client(), f"accounts/{uuid4()}{path}").status_code == 404


def test_a_customer_transfers_from_his_own_account_only() -> None:
    own, other = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    body = {"from_account_id": own, "to_account_id": other, "amount": euro("4.00"), "reference": "rent"}
    answer = post(client(CUSTOMER), "transfers", body)
    assert (answer.status_code, answer["ETag"]) == (201, '"3"')
    assert answer.json()["position"] == f"accounts:account-{own}@3"
    [entry, _] = get(client(CUSTOMER), f"accounts/{own}/entries").json()["items"]
    assert (entry["amount"], entry["balance"]) == (euro("-4.00"), euro("6.00"))
    assert (entry["reference"], entry["counterparty"]) == ("rent", other)
    back = body | {"from_account_id": other, "to_account_id": own}
    assert post(client(CUSTOMER), "transfers", back).status_code == 404
    assert post(client(), "transfers", back).status_code == 201


def test_a_customer_transfers_to_an_iban_of_this_bank() -> None:
    own, other = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    iban = get(client(), f"accounts/{other}").json()["iban"]
    printed = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    body = {"from_account_id": own, "amount": euro("4.00")}
    made = post(client(CUSTOMER), "transfers", body | {"to_iban": printed})
    assert made.status_code == 201
    assert get(client(CUSTOMER), f"transfers/{made.json()['id']}").json()["to_account_id"] == other
    for unknown in (iban_for(str(uuid4())), "DE89 3704 0044 0532 0130 00"):
        refused = post(client(CUSTOMER), "transfers", body | {"to_iban": unknown})
        assert (refused.status_code, refused.json()["code"]) == (422, "payee_not_found")
    for wrong in ({}, {"to_iban": iban[:-1]}, {"to_iban": iban, "to_account_id": other}):
        assert list(post(client(CUSTOMER), "transfers", body | wrong).json()["errors"]) == ["to_iban"]


def test_a_transfer_is_read_by_who_paid_it() -> None:
    own, other = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    body = {"from_account_id": own, "to_account_id": other, "amount": euro("4.00"), "reference": "rent"}
    made = post(client(CUSTOMER), "transfers", body)
    path = f"transfers/{made.json()['id']}"
    assert made["Location"] == f"/api/v1/{path}"
    shown = get(client(CUSTOMER), path).json()
    assert shown.items() >= body.items()
    assert get(client(str(uuid4())), path).status_code == 404
    assert get(client(CUSTOMER), f"transfers/{uuid4()}").status_code == 404


def test_what_is_no_transfer_is_not_read_as_one() -> None:
    account_id = account_with(0)
    [deposited] = run(deposit(account_id, 1_00))
    assert get(client(), f"transfers/{deposited.id}").status_code == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": {"amount": "10.01", "currency": "EUR"}}, "insufficient_funds"),
        ({"amount": {"amount": "1", "currency": "JPY"}}, "currency_mismatch"),
        ({"to_account_id": str(UUID(int=1))}, "payee_cannot_take"),
        ({"to_account_id": None}, "same_account"),
    ],
)
def test_a_transfer_that_is_refused_moves_nothing(change: dict[str, Any], code: str) -> None:
    own, other = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    body = {"from_account_id": own, "to_account_id": other, "amount": euro("4.00")} | change
    answer = post(client(CUSTOMER), "transfers", body | ({"to_account_id": own} if code == "same_account" else {}))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert get(client(), f"accounts/{own}").json()["version"] == 2


def test_a_payer_is_not_told_why_anothers_account_takes_nothing_and_the_bank_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own, other = account_with(0, customer_id=CUSTOMER), account_with(0)
    for account_id in (own, other):
        run(Unit(Order(ACCOUNT, account_id, FreezeAccount(account_id, "credit", "legal_order"))))
    saved = account_with(10_00, customer_id=CUSTOMER)
    body = {"from_account_id": saved, "to_account_id": other, "amount": euro("4.00")}
    told = post(client(CUSTOMER), "transfers", body).json()
    assert (told["code"], "frozen" in told["detail"]) == ("payee_cannot_take", False)
    assert f"account-{other}) was refused as payee_cannot_take, because of account_frozen" in caplog.text
    assert post(client(CUSTOMER), "transfers", body | {"to_account_id": own}).json()["code"] == "account_frozen"
    assert post(client(), "transfers", body).json()["code"] == "account_frozen"


def test_a_stale_etag_is_refused() -> None:
    account_id = account_with(10_00)
    body = {"amount": euro("1.00")}
    stale = post(client(), f"accounts/{account_id}/deposits", body, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert post(client(), f"accounts/{account_id}/deposits", body, **{"If-Match": '"2"'}).status_code == 200


def test_a_frozen_account_says_so_until_it_is_unfrozen() -> None:
    account_id = account_with(10_00)
    body = {"side": "debit", "reason": "suspected_fraud"}
    assert post(client(), f"accounts/{account_id}/freeze", body).status_code == 200
    refused = post(client(), f"accounts/{account_id}/withdrawals", {"amount": euro("1.00")})
    assert (refused.status_code, refused.json()["code"]) == (422, "account_frozen")
    shown = get(client(), f"accounts/{account_id}").json()
    assert (shown["debit_frozen"], shown["debit_freezes"], shown["credit_freezes"]) == (True, ["suspected_fraud"], [])
    assert post(client(), f"accounts/{account_id}/unfreeze", {}).status_code == 400
    assert post(client(), f"accounts/{account_id}/unfreeze", body).status_code == 200
    assert post(client(), f"accounts/{account_id}/withdrawals", {"amount": euro("1.00")}).status_code == 200


def test_an_overdraft_is_arranged_for_a_current_account() -> None:
    account_id = account_with(0, kind="current", customer_id=CUSTOMER)
    run(verified(CUSTOMER))
    assert post(client(), f"accounts/{account_id}/overdraft", {"limit": euro("50.00")}).status_code == 200
    assert get(client(), f"accounts/{account_id}").json()["overdraft_limit"] == euro("50.00")


def test_an_overdraft_of_a_customer_who_is_not_verified_is_lowered_and_not_raised() -> None:
    account_id = account_with(0, kind="current", overdraft_minor=50_00)
    path = f"accounts/{account_id}/overdraft"
    refused = post(client(), path, {"limit": euro("50.01")})
    assert (refused.status_code, refused.json()["code"]) == (422, "customer_not_verified")
    assert post(client(), path, {"limit": euro("50.00")}).status_code == 200
    assert post(client(), path, {"limit": euro("20.00")}).status_code == 200
    assert get(client(), f"accounts/{account_id}").json()["overdraft_limit"] == euro("20.00")


def test_entries_and_accounts_come_in_pages() -> None:
    customer = str(uuid4())
    account_id = account_with(1_00, customer_id=customer)
    account_with(0, customer_id=customer)
    for _ in range(4):
        post(client(), f"accounts/{account_id}/deposits", {"amount": euro("1.00")})
    seen, path = [], f"accounts/{account_id}/entries?limit=2"
    while path:
        page = get(client(customer), path).json()
        seen += [entry["version"] for entry in page["items"]]
        path = f"accounts/{account_id}/entries?limit=2&cursor={page['next']}" if page["next"] else ""
    assert seen == [6, 5, 4, 3, 2]
    first = get(client(customer), "accounts?limit=1").json()
    second = get(client(customer), f"accounts?limit=1&cursor={first['next']}").json()
    assert second["next"] is None
    assert first["items"][0]["id"] != second["items"][0]["id"]


def test_operators_list_the_accounts_of_all_in_pages_and_customers_their_own() -> None:
    one, other = str(uuid4()), str(uuid4())
    made = {account_with(0, customer_id=one), account_with(0, customer_id=other)}
    seen, path = set(), "accounts?limit=1"
    while path:
        page = get(client(), path).json()
        seen |= {account["id"] for account in page["items"]}
        path = f"accounts?limit=1&cursor={page['next']}" if page["next"] else ""
    assert seen == made
    assert {account["customer_id"] for account in get(client(one), "accounts").json()["items"]} == {one}
    assert {account["customer_id"] for account in get(client(), f"accounts?customer_id={one}").json()["items"]} == {one}
    assert get(client(one), f"accounts?customer_id={other}").status_code == 404


def test_holds_are_listed() -> None:
    account_id, hold_id = account_with(10_00, customer_id=CUSTOMER), str(uuid4())
    run(hold(account_id, CUSTOMER, hold_id, 3_00))
    [shown] = get(client(CUSTOMER), f"accounts/{account_id}/holds").json()["items"]
    assert (shown["id"], shown["amount"]) == (hold_id, euro("3.00"))


def test_the_books_are_shown_to_operators() -> None:
    account_with(10_00)
    assert get(client(CUSTOMER), "books").status_code == 403
    shown = get(client(), "books").json()
    assert shown["agree"] is True
    assert {check["difference"]["amount"] for check in shown["checks"]} == {"0.00"}
    assert shown["transit"] == []
    assert {row["name"]: row["balance"] for row in shown["trial_balance"]} == {
        "cash": euro("10.00"),
        "customer-savings": euro("10.00"),
    }
    assert get(client(), "books?until=2020-01-01").json()["trial_balance"] == []


def test_reading_an_account_costs_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    account_id = account_with(10_00, customer_id=CUSTOMER)
    with django_assert_num_queries(1, using="accounts"):  # whose it is, the kernel's own cursor asks: not counted
        assert get(client(CUSTOMER), f"accounts/{account_id}/entries").status_code == 200
    assert queries.account(account_id) is not None
