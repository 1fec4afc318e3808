"""What the bank offers, as everybody who has signed in may read it."""

import pytest
from rest_framework.test import APIClient

from accounts.domain.products import PRODUCTS
from tests.accounts.api.test_api import CUSTOMER, client, euro, get, post

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def test_an_account_is_opened_on_the_terms_that_are_offered() -> None:
    offered = get(client(CUSTOMER), "account-products").json()
    assert [one["kind"] for one in offered["items"]] == sorted(PRODUCTS)
    assert offered["next"] is None
    for one in offered["items"]:
        account_id = post(client(CUSTOMER), "accounts", {"kind": one["kind"]}).json()["id"]
        assert get(client(CUSTOMER), f"accounts/{account_id}").json()["terms"] == one["terms"]
    assert offered["items"][1]["terms"] == {"interest_bps": 150, "overdraft_bps": 0, "monthly_fee": euro("0.00")}


def test_operators_read_it_too_page_by_page_and_strangers_do_not() -> None:
    first = get(client(), "account-products?limit=1").json()
    assert [one["kind"] for one in first["items"]] == ["current"]
    second = get(client(), f"account-products?limit=1&cursor={first['next']}").json()
    assert ([one["kind"] for one in second["items"]], second["next"]) == (["savings"], None)
    assert get(APIClient(), "account-products").status_code == 401


def test_amounts_are_in_the_currency_asked_for() -> None:
    offered = get(client(CUSTOMER), "account-products?currency=JPY").json()["items"]
    assert {tuple(one["terms"]["monthly_fee"].values()) for one in offered} == {("0", "JPY")}
    refused = get(client(CUSTOMER), "account-products?currency=XXX")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["currency"])
