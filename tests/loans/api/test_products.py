"""What the bank offers, as everybody who has signed in may read it: the limits shown are those that hold."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from loans.domain.products import PRODUCTS
from tests.loans.api.test_api import ACCOUNT, CUSTOMER, client, euro, get, known_account, post

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)


def offered(query: str = "") -> dict[str, dict[str, Any]]:
    page = get(client(CUSTOMER), f"loan-products{query}").json()
    return {one["product"]: one for one in page["items"]}


def test_whoever_has_signed_in_reads_what_is_offered() -> None:
    assert list(offered()) == sorted(PRODUCTS)
    assert offered()["personal"] == {
        "product": "personal",
        "rate_bps": 890,
        "min_term_months": 3,
        "max_term_months": 84,
        "min_principal": euro("500.00"),
        "max_principal": euro("75000.00"),
        "second_approval_above": euro("25000.00"),
        "late_fee": euro("10.00"),
        "penalty_bps": 500,
    }
    assert get(client(), "loan-products").status_code == 200
    assert get(APIClient(), "loan-products").status_code == 401


def test_pages_follow_one_another_by_name() -> None:
    first = get(client(), "loan-products?limit=3").json()
    second = get(client(), f"loan-products?limit=3&cursor={first['next']}").json()
    assert [one["product"] for one in (*first["items"], *second["items"])] == sorted(PRODUCTS)
    assert second["next"] is None


def test_the_limits_shown_are_those_that_hold() -> None:
    known_account(ACCOUNT, CUSTOMER)
    shown = offered()["personal"]
    least, most = Decimal(shown["min_principal"]["amount"]), Decimal(shown["max_principal"]["amount"])
    cent = Decimal("0.01")
    asked = [(least, "min"), (most, "max"), (least - cent, "min"), (most + cent, "max")]
    statuses = []
    for principal, term in asked:
        wish = {"account_id": ACCOUNT, "product": "personal", "principal": euro(f"{principal}")}
        answer = post(client(CUSTOMER), "loans", {**wish, "term_months": shown[f"{term}_term_months"]})
        statuses.append(answer.status_code)
    assert statuses == [201, 201, 422, 422]


def test_amounts_are_in_the_currency_asked_for() -> None:
    assert offered("?currency=JPY")["personal"]["late_fee"] == {"amount": "1000", "currency": "JPY"}
    refused = get(client(CUSTOMER), "loan-products?currency=XXX")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["currency"])
