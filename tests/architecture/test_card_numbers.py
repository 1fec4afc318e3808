"""No card number gets past the door: only a token and the last four digits exist anywhere."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from django import forms
from rest_framework.test import APIClient

from bank.console.operators import Questions
from bank.http.principal import principal
from bank.http.schemas import Body

NUMBER = "4111 1111 1111 1111"
CONTEXTS = ("customers", "accounts", "loans", "cards")
Shape = TypeVar("Shape")
ID = UUID("8a1b6d9e-3c55-4f6e-9d5f-0b8f5a2f6f10")


def writes(context: str) -> list[tuple[str, str]]:
    """What a context lets people write: how, and where. Files of payments have tests of their own."""
    views = [(one, one.callback.view_class) for one in import_module(f"{context}.api.urls").urlpatterns]
    return [
        (how, path(one))
        for one, view in views
        for how in ("post", "put", "patch", "delete")
        if hasattr(view, how) and not getattr(view, how).operation.uploads
    ]


def path(pattern: Any) -> str:
    route = str(pattern.pattern)
    for name in pattern.pattern.converters:
        route = route.replace(f"<uuid:{name}>", str(ID)).replace(f"<int:{name}>", "2")
    return f"/api/v1/{route}"


def send(how: str, to: str, body: dict[str, Any]) -> Any:
    client = APIClient()
    user: Any = principal("7", None, is_operator=True)
    client.force_authenticate(user)
    return getattr(client, how)(to, body, format="json", headers={"Idempotency-Key": str(uuid4())})


@pytest.mark.django_db(databases=["customers", "accounts", "loans", "cards", "default"], transaction=True)
@pytest.mark.parametrize("to", [to for context in CONTEXTS for to in writes(context)])
def test_every_write_refuses_a_card_number(to: tuple[str, str]) -> None:
    for body in ({"note": NUMBER}, {NUMBER: "note"}, {"amount": {"amount": NUMBER, "currency": "EUR"}}):
        refused = send(*to, body)
        assert (refused.status_code, "card number" in refused.content.decode()) == (400, True), to


def test_nothing_that_people_send_is_not_looked_through() -> None:
    unread = {shape for shape in shapes(Body) if not shape.refuses_card_numbers}
    assert {shape.__module__ for shape in unread} == {"bank.http.internal"}


def test_nothing_that_operators_write_in_the_console_is_not_looked_through() -> None:
    for context in CONTEXTS:
        import_module(f"{context}.admin")
    ours = [form for form in shapes(forms.Form) if form.__module__.partition(".")[0] in ("bank", *CONTEXTS)]
    written = {form for form in ours if any(map(is_written, form.base_fields.values()))}
    assert {form.__name__ for form in written} >= {"ContactForm"}
    assert {form for form in written if not issubclass(form, Questions)} == set()


def is_written(field: forms.Field) -> bool:
    """In words: a form's own key is no text."""
    return isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField)


def shapes(of: type[Shape]) -> Iterator[type[Shape]]:
    for shape in of.__subclasses__():
        yield shape
        yield from shapes(shape)
