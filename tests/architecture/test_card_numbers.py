"""No card number gets past the door of Cards or of Accounts: only a token and the last four digits exist anywhere."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

import accounts.api.payment_files
import accounts.api.schemas
import accounts.api.urls
import cards.api.schemas
import cards.api.urls
from bank.http.principal import principal
from bank.http.schemas import Body, Text

NUMBER = "4111 1111 1111 1111"
SHORTEST = 13
FREE = (Text, serializers.CharField)
ID = UUID("8a1b6d9e-3c55-4f6e-9d5f-0b8f5a2f6f10")


def writes(module: Any) -> list[str]:
    """The paths of a context that take a POST; files of payments have tests of their own."""
    views = [(one, one.callback.view_class) for one in module.urlpatterns]
    return sorted(path(one) for one, view in views if hasattr(view, "post") and not view.post.operation.uploads)


def path(pattern: Any) -> str:
    route = str(pattern.pattern)
    for name in pattern.pattern.converters:
        route = route.replace(f"<uuid:{name}>", str(ID)).replace(f"<int:{name}>", "2")
    return f"/api/v1/{route}"


def post(to: str, body: dict[str, Any]) -> Any:
    client = APIClient()
    user: Any = principal("7", None, is_operator=True)
    client.force_authenticate(user)
    return client.post(to, body, format="json", headers={"Idempotency-Key": str(uuid4())})


def bodies(module: Any) -> Iterator[type[Body]]:
    for shape in vars(module).values():
        if isinstance(shape, type) and issubclass(shape, Body) and shape.__module__ == module.__name__:
            yield shape


@pytest.mark.django_db(databases=["cards", "default"], transaction=True)
@pytest.mark.parametrize("to", writes(cards.api.urls))
def test_every_write_of_cards_refuses_a_card_number(to: str) -> None:
    for body in ({"note": NUMBER}, {NUMBER: "note"}, {"amount": {"amount": NUMBER, "currency": "EUR"}}):
        refused = post(to, body)
        assert (refused.status_code, "card number" in refused.content.decode()) == (400, True), to


@pytest.mark.django_db(databases=["accounts", "default"], transaction=True)
@pytest.mark.parametrize("to", writes(accounts.api.urls))
def test_every_write_of_accounts_refuses_a_card_number(to: str) -> None:
    assert post(to, {"reference": NUMBER}).status_code == 400


@pytest.mark.parametrize(
    "module", [accounts.api.schemas, accounts.api.payment_files, cards.api.schemas], ids=lambda module: module.__name__
)
def test_a_body_in_which_somebody_may_write_freely_looks_for_card_numbers(module: Any) -> None:
    for shape in bodies(module):
        free = [field for field in shape().fields.values() if isinstance(field, serializers.CharField)]
        if any(type(field) in FREE and (field.max_length or SHORTEST) >= SHORTEST for field in free):
            assert shape.refuses_card_numbers, shape
