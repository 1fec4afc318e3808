"""View and composition as a page: the verdict, what each took, what differs, and both answers."""

from typing import Any

import pytest

from bankview.side_by_side import MEANING, page
from bankview.sidecar import comparison

ACCOUNT = {"id": "a1", "version": 2, "balance": {"amount": "5.00", "currency": "EUR"}}
DOCUMENT: dict[str, Any] = {
    "customer_id": "c1",
    "profile": {"version": 1, "name": "<Ada>"},
    **{"accounts": [ACCOUNT], "loans": [], "cards": [], "card_payments": [], "payment_files": []},
}
VIEW = DOCUMENT | {"revision": 7, "updated_at": "2026-03-01T12:00:00Z"}
LATENCY = {"view_ms": 1.5, "composed_ms": 20.25}


def shown(composed: dict[str, Any], *missing: str) -> str:
    return page(comparison(VIEW, composed | {"missing": list(missing)}, LATENCY))


def test_equal_answers_stand_side_by_side_with_what_they_took() -> None:
    found = shown(DOCUMENT)
    for text in (MEANING["equal"], "1.5 ms", "20.25 ms", "revision 7", "&lt;Ada&gt;", "/bankview/customerbankview/c1/"):
        assert text in found
    assert "What differs" not in found


def test_what_differs_is_named_with_both_sides() -> None:
    newer = ACCOUNT | {"version": 3, "balance": {"amount": "6.00", "currency": "EUR"}}
    found = shown(DOCUMENT | {"accounts": [newer]})
    assert MEANING["behind"] in found
    assert "What differs" in found
    assert "balance" in found


@pytest.mark.parametrize("missing", ["loans", "cards"])
def test_a_context_that_did_not_answer_is_named(missing: str) -> None:
    assert f"Missing: {missing}." in shown(DOCUMENT, missing)
