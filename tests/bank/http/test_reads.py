"""Reads over HTTP, and errors of every kind."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from bank.execution import execute
from bank.http.principal import Principal, principal
from tests.bank.examples.counting import COUNTING, add
from tests.bank.examples.counting_api import OWNERS

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "default"], transaction=True),
    pytest.mark.urls("tests.bank.examples.counting_api"),
]

ALICE = principal("1", str(uuid4()), is_operator=False)
BOB = principal("2", str(uuid4()), is_operator=False)


def get(path: str, *, who: Principal = ALICE, headers: dict[str, str] | None = None) -> Any:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(who)  # type: ignore[arg-type]
    return api.get(f"/api/v1/{path}", headers=headers)


def counter_with(amount: int) -> str:
    counter = str(uuid4())
    OWNERS[counter] = str(ALICE.customer_id)
    execute(COUNTING, [add(counter, amount)])
    return counter


def test_a_resource_shows_its_version_as_etag() -> None:
    counter = counter_with(1234)
    answer = get(f"counters/{counter}")
    assert answer.json() == {"id": counter, "total": {"amount": "12.34", "currency": "EUR"}}
    assert answer["ETag"] == '"1"'
    assert answer["Cache-Control"] == "private, no-cache"


def test_what_the_client_has_is_not_sent_again_until_it_changes() -> None:
    counter = counter_with(1)
    assert get(f"counters/{counter}", headers={"If-None-Match": '"0", W/"1"'}).status_code == 304
    execute(COUNTING, [add(counter, 1)])
    assert get(f"counters/{counter}", headers={"If-None-Match": '"1"'}).status_code == 200


def test_another_customers_resource_is_not_found() -> None:
    counter = counter_with(1)
    answer = get(f"counters/{counter}", who=BOB)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def numbers(page: Any) -> list[int]:
    return [item["number"] for item in page.json()["items"]]


def test_pages_follow_one_another_to_the_end() -> None:
    first = get("lines?limit=2")
    second = get(f"lines?limit=2&cursor={first.json()['next']}")
    third = get(f"lines?limit=2&cursor={second.json()['next']}")
    assert [numbers(first), numbers(second), numbers(third)] == [[1, 2], [3, 4], [5]]
    assert third.json()["next"] is None


def test_a_page_that_fits_exactly_is_the_last() -> None:
    assert get("lines?limit=5").json()["next"] is None


def test_a_filter_narrows() -> None:
    assert numbers(get("lines?above=3&limit=200")) == [4, 5]


@pytest.mark.parametrize("limit", [201, 100_000, 10**12])
def test_a_limit_above_the_maximum_is_told_the_maximum(limit: int) -> None:
    answer = get(f"lines?limit={limit}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_limit")
    assert answer.json()["errors"] == {"limit": ["A number from 1 to 200."]}


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=²", "cursor=x", "above=-1", "unknown=1"])
def test_a_query_that_makes_no_sense_is_a_bad_request(query: str) -> None:
    assert get(f"lines?{query}").status_code == 400


def test_a_cursor_is_good_for_its_own_list_only() -> None:
    cursor = get("lines?limit=2&above=1").json()["next"]
    assert get(f"lines?limit=2&above=2&cursor={cursor}").json()["code"] == "invalid_cursor"


def test_a_page_has_an_etag_too() -> None:
    etag = get("lines")["ETag"]
    assert get("lines", headers={"If-None-Match": etag}).status_code == 304


# Errors.


@pytest.mark.parametrize("path", ["nowhere", "counters/not-a-uuid"])
def test_an_unknown_address_is_a_problem_too(path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_defect_says_nothing_about_itself() -> None:
    answer = get("defect")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert b"secret" not in answer.content


def test_a_method_nobody_offers_is_a_problem() -> None:
    api = APIClient()
    api.force_authenticate(ALICE)  # type: ignore[arg-type]
    answer = api.delete("/api/v1/lines")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_the_callers_correlation_id_is_the_trace_id() -> None:
    conversation = str(uuid4())
    answer = get(f"counters/{uuid4()}", headers={"X-Correlation-Id": conversation})
    assert answer.json()["trace_id"] == conversation
