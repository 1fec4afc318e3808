"""The kernel's pages of a long history: newest first, found by what became of it, and by index."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client

from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from config.identity import logins
from tests.bank.examples.counting import COUNTER, COUNTING, Add

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)

COMMANDS, STREAMS = "/admin/accounts/commandrow/", "/admin/accounts/head/"


@pytest.fixture
def operator() -> Client:
    browser = Client()
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def given(key: str, amount: int) -> str:
    id = uuid4()
    execute(COUNTING, [Unit(Order(COUNTER, key, Add(amount)), id=id)])
    return str(id)


def rows(operator: Client, path: str, **query: str) -> list[str]:
    answer = operator.get(path, query)
    assert answer.status_code == 200
    return [str(row.pk) for row in answer.context["cl"].result_list]


def test_commands_stand_newest_first_and_are_filtered_by_what_became_of_them(operator: Client) -> None:
    first, refused, last = given("a", 1), given("a", -5), given("b", 2)
    assert rows(operator, COMMANDS) == [last, refused, first]
    assert rows(operator, COMMANDS, outcome="refused") == [refused]
    assert rows(operator, COMMANDS, outcome="applied") == [last, first]
    page = operator.get(f"{COMMANDS}{first}/change/").content.decode()
    assert "/admin/accounts/event/?q=counter-a" in page


@pytest.mark.parametrize("query", [{}, {"outcome": "refused"}])
def test_the_first_page_of_commands_is_read_by_index(operator: Client, query: dict[str, str]) -> None:
    given("a", 1)
    found = operator.get(COMMANDS, query).context["cl"].queryset
    with transaction("accounts") as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(f"explain {limited(found)}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "bank_command_" in plan
    assert "bank_command_pkey" not in plan


def limited(found: Any) -> str:
    return str(found[:50].query).replace(" = refused", " = 'refused'")


def test_streams_are_listed_by_name_and_by_kind(operator: Client) -> None:
    for key in ("b", "a"):
        given(key, 1)
    assert rows(operator, STREAMS) == ["counter-a", "counter-b"]
    assert rows(operator, STREAMS, kind="account") == []
    assert not admin.site._registry[operator.get(STREAMS).context["cl"].model].show_full_result_count


def test_an_empty_list_invites_nobody_to_make_something(operator: Client) -> None:
    assert "There is nothing here." in operator.get(COMMANDS).content.decode()
    found = operator.get(COMMANDS, {"outcome": "refused"}).content.decode()
    assert "Nothing here fits" in found
    assert "Create a new item" not in found
