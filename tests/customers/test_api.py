"""Customers over HTTP: what operators and customers may do, and what they are answered."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from bank.http.principal import opened_by, principal
from customers.models import Customer

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "mobile_number": "+356 9900 0001"}


def client(customer_id: str | None = None, *, user_id: str = "1", is_operator: bool = False) -> APIClient:
    signed_in = APIClient()
    user = principal(user_id, customer_id, is_operator=is_operator)
    signed_in.force_authenticate(user)  # type: ignore[arg-type]
    return signed_in


def operator() -> APIClient:
    return client(is_operator=True)


def send(who: APIClient, method: str, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
    return who.generic(
        method,
        f"/api/v1/{path}",
        APIClient()._encode_data(body, "json")[0],  # type: ignore[attr-defined]
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4()), **headers},
    )


def post(who: APIClient, path: str, body: Any, **options: Any) -> Any:
    return send(who, "POST", path, body, **options)


def opened(number: str = "+35699000001", **changes: str) -> str:
    answer = post(operator(), "customers", {**ADA, "mobile_number": number, **changes})
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def test_an_operator_opens_a_customer_who_then_reads_himself() -> None:
    answer = post(operator(), "customers", ADA)
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    customer_id = answer.json()["id"]
    assert answer["Location"] == f"/api/v1/customers/{customer_id}"
    read = client(customer_id).get(f"/api/v1/customers/{customer_id}")
    assert read["ETag"] == '"1"'
    shown = read.json()
    assert (shown["name"], shown["email"], shown["mobile_number"]) == (
        "Ada Lovelace",
        "ada@example.com",
        "+35699000001",
    )
    assert (shown["address"], shown["version"]) == ("", 1)


def test_a_retry_opens_nobody_else_and_is_answered_alike() -> None:
    key = str(uuid4())
    first, again = (post(operator(), "customers", ADA, key=key) for _ in range(2))
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1


def test_a_taken_number_is_refused_however_it_is_written_and_a_retry_hears_the_same() -> None:
    opened()
    key = str(uuid4())
    for _ in range(2):
        answer = post(operator(), "customers", {**ADA, "mobile_number": "+356-99-00-00-01"}, key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "mobile_number_taken")
    assert answer["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 7),
        ("name", "a\nb"),
        ("email", "nobody"),
        ("email", "a@b"),
        ("mobile_number", "99000001"),
        ("mobile_number", "+35621234567"),
        ("nickname", "A"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    answer = post(operator(), "customers", {**ADA, field: value})
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_who_signed_in_and_is_no_customer_becomes_one_once() -> None:
    answer = post(client(user_id="17"), "customers", ADA)
    assert (answer.status_code, answer.json()["id"]) == (201, opened_by("17"))
    for again in (client(user_id="17"), client(answer.json()["id"], user_id="17")):
        refused = post(again, "customers", {**ADA, "mobile_number": "+35699000002"})
        assert (refused.status_code, refused.json()["code"]) == (422, "customer_exists")


def test_becoming_a_customer_leaves_local_logins_alone(settings: Any) -> None:
    """The token's user is kept where identity is; one of the same number here is somebody else."""
    settings.OWNS_IDENTITY = False
    stranger = get_user_model().objects.using("default").create(username="stranger")
    assert post(client(user_id=str(stranger.pk)), "customers", ADA).status_code == 201
    stranger.refresh_from_db(using="default")
    assert stranger.customer_id is None


def test_two_who_signed_in_become_two_customers() -> None:
    first = post(client(user_id="17"), "customers", ADA).json()["id"]
    second = post(client(user_id="18"), "customers", {**ADA, "mobile_number": "+35699000002"}).json()["id"]
    assert first != second


def test_who_was_refused_a_taken_number_opens_with_another() -> None:
    opened()
    assert post(client(user_id="17"), "customers", ADA).status_code == 422
    answer = post(client(user_id="17"), "customers", {**ADA, "mobile_number": "+35699000002"})
    assert (answer.status_code, answer.json()["id"]) == (201, opened_by("17"))


def test_another_customer_and_nobody_read_nothing() -> None:
    customer_id = opened()
    assert client(str(uuid4())).get(f"/api/v1/customers/{customer_id}").status_code == 404
    assert client(user_id="7").get(f"/api/v1/customers/{customer_id}").status_code == 404
    assert APIClient().get(f"/api/v1/customers/{customer_id}").status_code == 401
    assert operator().get(f"/api/v1/customers/{uuid4()}").status_code == 404


def test_another_customer_changes_nothing() -> None:
    customer_id, stranger = opened(), client(str(uuid4()))
    assert send(stranger, "PATCH", f"customers/{customer_id}", {"name": "X"}).status_code == 404
    number = {"mobile_number": "+35699000002"}
    assert post(stranger, f"customers/{customer_id}/mobile-number", number).status_code == 404


def test_a_customer_changes_name_email_and_address_in_one_step() -> None:
    customer_id = opened()
    body = {"name": "Ada King", "email": "ada@king.example", "address": "12 St James's Square, London"}
    answer = send(client(customer_id), "PATCH", f"customers/{customer_id}", body)
    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"4"', 4)
    shown = client(customer_id).get(f"/api/v1/customers/{customer_id}").json()
    assert {name: shown[name] for name in body} == body


def test_a_change_of_nothing_is_an_error() -> None:
    customer_id = opened()
    answer = send(client(customer_id), "PATCH", f"customers/{customer_id}", {})
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing_to_change")


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused() -> None:
    customer_id = opened()
    path, headers = f"customers/{customer_id}", {"If-Match": '"1"'}
    assert send(operator(), "PATCH", path, {"name": "First"}, **headers).status_code == 200
    answer = send(operator(), "PATCH", path, {"name": "Second"}, **headers)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


def standing(customer_id: str) -> tuple[str, str, str | None]:
    shown = client(customer_id).get(f"/api/v1/customers/{customer_id}").json()
    return shown["status"], shown["kyc"], shown["kyc_reason"]


def test_an_operator_says_whether_the_bank_knows_a_customer() -> None:
    customer_id = opened()
    path = f"customers/{customer_id}/kyc"
    assert standing(customer_id) == ("active", "pending", None)
    assert post(operator(), path, {"status": "rejected", "reason": "documents_missing"}).status_code == 200
    assert standing(customer_id) == ("active", "rejected", "documents_missing")
    assert post(operator(), path, {"status": "verified"}).status_code == 200
    assert standing(customer_id) == ("active", "verified", None)


@pytest.mark.parametrize(
    "body",
    [{"status": "rejected"}, {"status": "verified", "reason": "underage"}, {"status": "rejected", "reason": "ugly"}],
)
def test_a_rejection_has_one_of_the_banks_reasons_and_a_verification_none(body: dict[str, str]) -> None:
    answer = post(operator(), f"customers/{opened()}/kyc", body)
    assert (answer.status_code, "reason" in answer.json()["errors"]) == (400, True)


def test_an_operator_suspends_and_reinstates_a_customer() -> None:
    customer_id = opened()
    assert post(operator(), f"customers/{customer_id}/suspend", {"reason": "fraud"}).status_code == 200
    assert standing(customer_id)[0] == "suspended"
    assert "fraud" not in client(customer_id).get(f"/api/v1/customers/{customer_id}").content.decode()
    assert post(operator(), f"customers/{customer_id}/reinstate", {}).status_code == 200
    assert standing(customer_id)[0] == "active"


@pytest.mark.parametrize(
    ("what", "body"),
    [("kyc", {"status": "verified"}), ("suspend", {"reason": "fraud"}), ("reinstate", {}), ("close", {})],
)
def test_nobody_but_operators_judges_a_customer(what: str, body: dict[str, str]) -> None:
    customer_id = opened()
    assert post(client(customer_id), f"customers/{customer_id}/{what}", body).status_code == 403
    assert post(operator(), f"customers/{uuid4()}/{what}", body).status_code == 404


def test_a_customer_asks_to_be_forgotten_and_operators_read_how_far_it_is() -> None:
    customer_id = opened()
    path = f"customers/{customer_id}/erasure"
    assert post(client(customer_id), path, {}).json()["code"] == "customer_not_closed"
    assert post(client(str(uuid4())), path, {}).status_code == 404
    assert operator().get(f"/api/v1/{path}").status_code == 404
    post(operator(), f"customers/{customer_id}/close", {})
    assert post(client(customer_id), path, {}).status_code == 202
    assert client(customer_id).get(f"/api/v1/{path}").status_code == 403
    shown = operator().get(f"/api/v1/{path}").json()
    assert (shown["certified_at"], shown["covered"]) == (None, [])
    assert client(customer_id).get(f"/api/v1/customers/{customer_id}").json()["name"] == "[erased]"


def test_operators_page_through_customers_and_find_one_by_number() -> None:
    ids = {opened(f"+3569900000{n}") for n in range(1, 6)}
    seen, cursor = [], ""
    while True:
        page = operator().get(f"/api/v1/customers?limit=2{cursor}").json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == 5
    assert set(seen) == ids
    found = operator().get("/api/v1/customers", {"mobile_number": "+356 9900 0003"}).json()["items"]
    assert [one["mobile_number"] for one in found] == ["+35699000003"]


def test_customers_list_nobody() -> None:
    assert client(opened()).get("/api/v1/customers").status_code == 403
