"""What the fast cursor sends as a batch's column is what PostgreSQL reads."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank.columns import write
from bank.db import cursor

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

small = st.integers(-(2**15), 2**15 - 1)
medium = st.integers(-(2**31), 2**31 - 1)
large = st.integers(-(2**63), 2**63 - 1)
text = st.text(st.characters(exclude_characters="\x00", codec="utf-8"))


def echoed(values: list[Any], type: str) -> list[Any]:
    with cursor("accounts") as fast:
        fast.execute(f"select x from unnest(%b::{type}[]) with ordinality u(x, n) order by n", (values,))  # noqa: S608
        return [x for (x,) in fast.fetchall()]


@pytest.mark.parametrize(
    ("type", "elements"),
    [("int8", small), ("int8", medium), ("int8", large), ("text", text), ("bytea", st.binary()), ("uuid", st.uuids())],
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_columns_arrive_as_they_were(type: str, elements: st.SearchStrategy[Any], data: st.DataObject) -> None:
    values = data.draw(st.lists(elements | st.none(), max_size=20))
    if all(value is None for value in values):
        values = []
    assert echoed(values, type) == values


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("bool", [True, False]),
        ("date", [date(2026, 1, 2)]),
        ("timestamptz", [datetime(2026, 1, 2, tzinfo=UTC)]),
        ("text", ["", "a,b", '"', "{}", "NULL"]),
        ("uuid", [uuid4(), UUID(int=0)]),
    ],
)
def test_other_types_are_left_to_psycopg(type: str, values: list[Any]) -> None:
    assert echoed(values, type) == values


def test_rows_are_written_in_one_statement_and_none_for_no_rows() -> None:
    with cursor("accounts") as fast:
        statement = "select %b::int + n, t from unnest(%b::int[], %b::text[]) u(n, t) order by n"
        write(fast, statement, [(1, "one"), (2, "two")], 10)
        assert fast.fetchall() == [(11, "one"), (12, "two")]
        write(fast, "no statement at all", [])
