"""Whatever is sent, the answer is an answer: a value, or a problem that says what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from bank import money
from bank.http.problems import Problem, as_problem
from bank.http.schemas import Body, Money, MoneyField, Text, as_money
from bank.http.strict_json import canonical, loads

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Payment(Body):
    amount = MoneyField()
    reference = Text(required=False)
    customer_id = serializers.UUIDField(required=False)
    booked_on = serializers.DateField(required=False)
    auto = serializers.BooleanField(required=False)


def read(raw: bytes) -> tuple[int, Any]:
    try:
        return 200, loads(raw)
    except Problem as problem:
        return problem.status_code, problem.code


@given(st.binary(max_size=200))
def test_any_bytes_are_a_body_or_a_bad_request(raw: bytes) -> None:
    status, value = read(raw)
    assert (status == 200 and canonical(value)) or (status, value) == (400, "malformed_json")


@given(anything)
def test_any_json_is_read_as_it_was_meant_or_is_a_bad_request(value: Any) -> None:
    assert read(json.dumps(value).encode()) in [(200, value), (400, "malformed_json")]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*Payment().fields, "unknown"), anything)) | anything)
def test_any_body_is_valid_or_its_fields_say_why(value: Any) -> None:
    body = Payment(data=value)
    if body.is_valid():
        assert body.validated_data["amount"].amount_minor > 0
    else:
        problem = as_problem(serializers.ValidationError(body.errors))
        assert (problem.status_code, bool(problem.errors)) == (400, True)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "JPY", "TND", "USD"]))
def test_money_comes_back_as_it_went(amount_minor: int, currency: str) -> None:
    field = MoneyField(minimum_minor=-money.MAX_MINOR)
    assert field.run_validation(as_money(amount_minor, currency)) == Money(amount_minor, currency)


@pytest.mark.parametrize("amount", ["10000000000000.01", "10000000000000000000", "9" * 40])
def test_an_amount_that_is_too_large_is_told_how_large_it_may_be(amount: str) -> None:
    body = Payment(data={"amount": {"amount": amount, "currency": "EUR"}})
    assert not body.is_valid()
    assert body.errors == {"amount": {"amount": ["The largest amount here is 10000000000000.00 EUR."]}}
