"""Every write of the API is declared to the kernel, which asks its key before the view's no is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from bank.context import load
from bank.http.commands import NAMED
from bank.http.openapi import Operation
from bank.http.views import BankView

WRITING = ("post", "put", "patch", "delete")


@dataclass(frozen=True)
class Written:
    """A method that writes, with the address at which it is called."""

    address: str
    method: str
    answer: Any

    @property
    def operation(self) -> Operation | None:
        return getattr(self.answer, "operation", None)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.address}"


def writes(patterns: Any, before: str = "") -> Iterator[Written]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from writes(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and issubclass(getattr(pattern.callback, "view_class", type), BankView):
            view: Any = pattern.callback.view_class  # type: ignore[attr-defined]
            yield from (Written(address, name, getattr(view, name)) for name in WRITING if hasattr(view, name))


WRITES = sorted(writes(get_resolver().url_patterns), key=str)
STREAMS = {decider.name for context in map(load, settings.CONTEXTS) for decider in context.deciders}


def test_there_are_writes_in_every_context_that_decides() -> None:
    named = {write.address.removeprefix("api/v1/").partition("/")[0] for write in WRITES}
    assert named >= {"accounts", "cards", "customers", "loans"}


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_a_write_is_declared_and_its_answer_is_named_by_its_address_or_by_its_streams(write: Written) -> None:
    """What a repetition is told when the view says no by now, is told by the command's row alone."""
    assert write.operation is not None
    (name,) = NAMED.findall(write.operation.location)
    in_address = re.findall(r"<\w+:(\w+)>", write.address)
    assert f"{name}_id" in in_address or name in STREAMS | {"command"}
