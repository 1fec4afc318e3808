"""Loans over HTTP: what operators and customers may do, and what they are answered."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from bank.context import Unit
from bank.execution import execute
from bank.http.principal import Principal, principal
from loans import handlers
from loans.context import LOANS
from loans.inbound import (
    AccountOpened,
    CustomerClosed,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
)
from tests.loans import steps
from tests.loans.facts import DAY

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)

CUSTOMER, ACCOUNT = str(uuid4()), str(uuid4())


@pytest.fixture(autouse=True)
def known() -> None:
    known_account(ACCOUNT, CUSTOMER)


def known_account(account_id: str, customer_id: str, currency: str = "EUR") -> None:
    verified = handlers.verify(CustomerVerified(customer_id, DAY, 1))
    hear(verified, handlers.know_account(AccountOpened(account_id, customer_id, currency)))


def client(customer_id: str | None = None) -> APIClient:
    """An operator's, or a customer's."""
    return signed_in(
        principal("1" if customer_id is None else customer_id, customer_id, is_operator=customer_id is None)
    )


def signed_in(user: Principal) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)  # type: ignore[arg-type]
    return api


def post(who: APIClient, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
    headers = {"Idempotency-Key": key or str(uuid4()), **headers}
    return who.post(f"/api/v1/{path}", body or {}, format="json", headers=headers)


def get(who: APIClient, path: str) -> Any:
    return who.get(f"/api/v1/{path}")


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def application(**changes: Any) -> dict[str, Any]:
    body = {"account_id": ACCOUNT, "product": "personal", "principal": euro("1200.00"), "term_months": 12}
    return body | changes


def applied(customer_id: str = CUSTOMER, account_id: str = ACCOUNT) -> str:
    answer = post(client(customer_id), "loans", application(account_id=account_id))
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def active() -> str:
    loan_id = applied()
    assert post(client(), f"loans/{loan_id}/approve").status_code == 202
    steps.pay_out(loan_id)
    return loan_id


def hear(*units: Any) -> None:
    execute(LOANS, [unit for unit in units if unit is not None])


def test_a_customer_applies_and_reads_the_application() -> None:
    answer = post(client(CUSTOMER), "loans", application())
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"/api/v1/loans/{answer.json()['id']}"
    read = get(client(CUSTOMER), f"loans/{answer.json()['id']}")
    shown = read.json()
    assert read["ETag"] == '"1"'
    assert (shown["status"], shown["customer_id"], shown["rate_bps"]) == ("applied", CUSTOMER, 890)
    assert (shown["principal"], shown["outstanding"]) == (euro("1200.00"), euro("0.00"))


def test_an_application_waits_for_an_account_that_loans_has_not_heard_of() -> None:
    """The refusal is not remembered: the same request succeeds once the account is known."""
    body, key = application(account_id=str(uuid4())), str(uuid4())
    early = post(client(CUSTOMER), "loans", body, key=key)
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "account_not_known", "1")
    known_account(body["account_id"], CUSTOMER)
    assert post(client(CUSTOMER), "loans", body, key=key).status_code == 201


def test_an_application_waits_until_its_customer_is_verified() -> None:
    customer_id, account_id, key = str(uuid4()), str(uuid4()), str(uuid4())
    hear(handlers.know_account(AccountOpened(account_id, customer_id, "EUR")))
    body = application(account_id=account_id)
    early = post(client(customer_id), "loans", body, key=key)
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "customer_not_verified", "1")
    hear(handlers.verify(CustomerVerified(customer_id, DAY, 1)))
    assert post(client(customer_id), "loans", body, key=key).status_code == 201


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        (handlers.reject(CustomerRejected(CUSTOMER, DAY, 2)), "customer_rejected"),
        (handlers.suspend(CustomerSuspended(CUSTOMER, DAY, 2)), "customer_suspended"),
        (handlers.close(CustomerClosed(CUSTOMER, DAY, 2)), "customer_closed"),
    ],
)
def test_nothing_is_lent_or_approved_to_whom_the_bank_begins_nothing_new_with(heard: Unit, code: str) -> None:
    loan_id = applied()
    hear(heard)
    refused = post(client(CUSTOMER), "loans", application())
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    refused = post(client(), f"loans/{loan_id}/approve")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert get(client(), f"loans/{loan_id}").json()["status"] == "applied"


def test_who_is_reinstated_is_lent_to_again() -> None:
    loan_id = applied()
    suspended = handlers.suspend(CustomerSuspended(CUSTOMER, DAY, 2))
    hear(handlers.reinstate(CustomerReinstated(CUSTOMER, DAY, 3)), suspended)
    assert post(client(), f"loans/{loan_id}/approve").status_code == 202


def test_no_loan_is_paid_out_to_anothers_account_or_in_another_currency() -> None:
    anothers, in_crowns = str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(in_crowns, CUSTOMER, "CZK")
    for who, more in ((client(CUSTOMER), {}), (client(), {"customer_id": CUSTOMER})):
        refused = [post(who, "loans", application(account_id=id, **more)) for id in (anothers, in_crowns)]
        assert [answer.status_code for answer in refused] == [422, 422]
        assert [answer.json()["code"] for answer in refused] == ["not_your_account", "currency_mismatch"]


def test_a_retry_applies_once() -> None:
    key = str(uuid4())
    first, again = (post(client(CUSTOMER), "loans", application(), key=key) for _ in range(2))
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert len(get(client(CUSTOMER), "loans").json()["items"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", "yacht"),
        ("principal", euro("-1.00")),
        ("principal", euro("1.001")),
        ("principal", {"amount": 5.0, "currency": "EUR"}),
        ("term_months", 0),
        ("term_months", "many"),
        ("account_id", "mine"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    answer = post(client(CUSTOMER), "loans", application(**{field: value}))
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["errors"])


def test_what_the_bank_does_not_lend_is_refused_with_a_code() -> None:
    answer = post(client(CUSTOMER), "loans", application(term_months=85))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_term")


def test_nobody_applies_for_another_customer_but_operators() -> None:
    other, account_id = str(uuid4()), str(uuid4())
    known_account(account_id, other)
    body = application(customer_id=other, account_id=account_id)
    assert post(client(CUSTOMER), "loans", body).status_code == 404
    assert post(client(), "loans", body).status_code == 201


def test_another_customers_loan_is_not_there() -> None:
    loan_id, stranger = active(), client(str(uuid4()))
    for path in (f"loans/{loan_id}", f"loans/{loan_id}/schedule", f"loans/{loan_id}/repayments"):
        assert get(stranger, path).status_code == 404
    assert get(stranger, f"loans?customer_id={CUSTOMER}").status_code == 404
    assert post(stranger, f"loans/{loan_id}/repayments", {"amount": euro("1.00")}).status_code == 404
    assert get(client(), f"loans/{uuid4()}").status_code == 404


def test_only_operators_decide_about_loans() -> None:
    loan_id = applied()
    for path, body in (("approve", {}), ("reject", {"reason": "documents"}), ("write-off", {})):
        assert post(client(CUSTOMER), f"loans/{loan_id}/{path}", body).status_code == 403
    assert get(client(CUSTOMER), "loan-books").status_code == 403


def test_an_operator_rejects_an_application() -> None:
    loan_id = applied()
    assert post(client(), f"loans/{loan_id}/reject", {"reason": "affordability"}).status_code == 200
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["status"], shown["code"]) == ("rejected", "affordability")


def test_approval_begins_the_origination_which_activates_the_loan() -> None:
    loan_id = applied()
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["origination_id"] is None
    answer = post(client(), f"loans/{loan_id}/approve")
    assert (answer.status_code, answer.json()["version"]) == (202, 2)
    begun = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert begun["status"] == "originating"
    assert begun["origination_id"] not in (None, loan_id)
    steps.pay_out(loan_id)
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["status"], shown["disbursed_on"], shown["next_due_on"]) == ("active", "2026-01-31", "2026-02-28")
    assert (shown["instalment"], shown["outstanding"]) == (euro("104.89"), euro("1258.63"))


def test_a_large_loan_waits_for_another_operator() -> None:
    loan_id = str(post(client(CUSTOMER), "loans", application(principal=euro("25000.01"))).json()["id"])
    first = post(client(), f"loans/{loan_id}/approve")
    assert (first.status_code, first.json()["version"]) == (202, 2)
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["status"] == "awaiting_second_approval"
    again = post(client(), f"loans/{loan_id}/approve")
    assert (again.status_code, again.json()["code"]) == (422, "second_operator_needed")
    other = signed_in(principal("2", None, is_operator=True))
    assert post(other, f"loans/{loan_id}/approve").status_code == 202
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["status"] == "originating"


def test_a_customer_withdraws_his_own_application() -> None:
    loan_id = applied()
    assert post(client(str(uuid4())), f"loans/{loan_id}/withdraw").status_code == 404
    assert post(client(CUSTOMER), f"loans/{loan_id}/withdraw").status_code == 200
    assert get(client(CUSTOMER), f"loans/{loan_id}").json()["status"] == "withdrawn"
    late = post(client(CUSTOMER), f"loans/{active()}/withdraw")
    assert (late.status_code, late.json()["code"]) == (422, "loan_not_withdrawable")


def test_a_loan_that_could_not_be_paid_out_goes_to_another_account() -> None:
    loan_id, other = applied(), str(uuid4())
    known_account(other, CUSTOMER)
    post(client(), f"loans/{loan_id}/approve")
    steps.fail(loan_id, "account_frozen")
    shown = get(client(), f"loans/{loan_id}").json()
    assert (shown["status"], shown["code"]) == ("applied", "account_frozen")
    assert post(client(CUSTOMER), f"loans/{loan_id}/account", {"account_id": other}).status_code == 200
    assert post(client(), f"loans/{loan_id}/approve").status_code == 202
    shown = get(client(), f"loans/{loan_id}").json()
    assert (shown["status"], shown["code"], shown["account_id"]) == ("originating", None, other)


def test_only_an_account_of_the_customer_is_named_instead() -> None:
    loan_id, anothers, in_crowns = applied(), str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(in_crowns, CUSTOMER, "CZK")
    tries = {anothers: "not_your_account", in_crowns: "currency_mismatch", str(uuid4()): "account_not_known"}
    for account_id, code in tries.items():
        assert post(client(CUSTOMER), f"loans/{loan_id}/account", {"account_id": account_id}).json()["code"] == code
    stranger = post(client(str(uuid4())), f"loans/{loan_id}/account", {"account_id": ACCOUNT})
    assert stranger.status_code == 404
    late = post(client(CUSTOMER), f"loans/{active()}/account", {"account_id": ACCOUNT})
    assert (late.status_code, late.json()["code"]) == (422, "loan_not_applied")


def test_the_customer_chooses_from_where_an_active_loan_is_collected() -> None:
    loan_id, other = active(), str(uuid4())
    path, into = f"loans/{loan_id}/collection", {"collect_on_due_date": True, "account_id": other}
    early = post(client(CUSTOMER), path, into)
    assert (early.status_code, early.json()["code"]) == (409, "account_not_known")
    known_account(other, CUSTOMER)
    assert post(client(CUSTOMER), path, into).status_code == 200
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["account_id"], shown["collect_on_due_date"]) == (other, True)
    assert post(client(CUSTOMER), path, {"collect_on_due_date": False}).status_code == 200
    shown = get(client(CUSTOMER), f"loans/{loan_id}").json()
    assert (shown["account_id"], shown["collect_on_due_date"]) == (other, False)


def test_collected_is_from_the_customers_own_account_and_of_an_active_loan_alone() -> None:
    loan_id, anothers, in_crowns = active(), str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(in_crowns, CUSTOMER, "CZK")
    for account_id, code in {anothers: "not_your_account", in_crowns: "currency_mismatch"}.items():
        for collects in (True, False):
            body = {"collect_on_due_date": collects, "account_id": account_id}
            refused = post(client(CUSTOMER), f"loans/{loan_id}/collection", body)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
    stranger = post(client(str(uuid4())), f"loans/{loan_id}/collection", {"collect_on_due_date": False})
    assert stranger.status_code == 404
    too_early = post(client(CUSTOMER), f"loans/{applied()}/collection", {"collect_on_due_date": False})
    assert (too_early.status_code, too_early.json()["code"]) == (422, "loan_not_active")


def test_a_decision_about_what_changed_meanwhile_is_refused() -> None:
    loan_id = applied()
    assert post(client(), f"loans/{loan_id}/approve", **{"If-Match": '"7"'}).status_code == 412
    assert post(client(), f"loans/{loan_id}/approve", **{"If-Match": '"1"'}).status_code == 202


def test_loans_are_listed_page_by_page_and_by_status() -> None:
    ids = {applied() for _ in range(3)}
    stranger, account_id = str(uuid4()), str(uuid4())
    known_account(account_id, stranger)
    other = applied(stranger, account_id)
    first = get(client(CUSTOMER), "loans?limit=2").json()
    second = get(client(CUSTOMER), f"loans?limit=2&cursor={first['next']}").json()
    assert {one["id"] for one in first["items"] + second["items"]} == ids
    assert second["next"] is None
    assert {one["id"] for one in get(client(), "loans").json()["items"]} == ids | {other}
    assert get(client(), "loans?status=active").json()["items"] == []
    assert len(get(client(), f"loans?customer_id={CUSTOMER}&status=applied").json()["items"]) == 3
