"""What exceeds a limit of PostgreSQL is not tried again: whoever sent it is told to send less."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connections
from rest_framework.test import APIClient

from bank.db import transaction
from bank.history.eventstore import load
from bank.http.principal import principal
from bank.http.problems import as_problem
from tests.bank.examples.counting import COUNTER, COUNTING
from tests.bank.examples.counting_api import OWNERS

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "default"], transaction=True),
    pytest.mark.urls("tests.bank.examples.counting_api"),
]

ALICE = principal("1", str(uuid4()), is_operator=False)
LIMITS = ("54000", "54001", "54011", "54023")


def raising(code: str) -> str:
    return f"begin raise exception using errcode = '{code}'; end"


@contextmanager
def no_command_fits(code: str) -> Iterator[None]:
    """The database answers so to whoever remembers a command."""
    body = f"create function too_much() returns trigger language plpgsql as $$ {raising(code)} $$"
    with transaction("accounts") as cursor:
        cursor.execute(body)
        cursor.execute("create trigger too_much before insert on bank_command execute function too_much()")
    try:
        yield
    finally:
        with transaction("accounts") as cursor:
            cursor.execute("drop function too_much() cascade")


def add(counter: str, key: str) -> Any:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(ALICE)  # type: ignore[arg-type]
    body = {"amount": {"amount": "0.05", "currency": "EUR"}}
    path = f"/api/v1/counters/{counter}/additions"
    return api.post(path, body, format="json", headers={"Idempotency-Key": key})


@pytest.mark.parametrize("code", LIMITS)
def test_a_write_that_exceeds_a_limit_of_the_database_is_told_so_and_took_no_effect(code: str) -> None:
    counter = str(uuid4())
    OWNERS[counter] = str(ALICE.customer_id)
    with no_command_fits(code):
        answer = add(counter, "k")
    assert (answer.status_code, answer.json()["code"], "Retry-After" in answer) == (413, "too_much", False)
    assert "Send less" in answer.json()["detail"]
    assert load(COUNTING, COUNTER, counter)[1] == 0
    assert add(counter, "k").json()["version"] == 1


@pytest.mark.parametrize(("code", "status"), [*((code, 413) for code in LIMITS), ("53200", 503), ("57P01", 503)])
def test_a_read_that_exceeds_a_limit_is_told_apart_from_a_database_that_is_gone(code: str, status: int) -> None:
    with pytest.raises(OperationalError) as caught, connections["accounts"].cursor() as cursor:
        cursor.execute(f"do $$ {raising(code)} $$")
    assert as_problem(caught.value).status_code == status
