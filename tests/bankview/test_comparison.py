from typing import Any

from bankview.comparison import differences, verdict

PROFILE = {"name": "Ada", "version": 1}
ACCOUNT = {"id": "a1", "balance": {"amount": "10.00", "currency": "EUR"}, "version": 3}
EMPTY: dict[str, Any] = {
    "profile": None,
    "accounts": [],
    "loans": [],
    "cards": [],
    "card_payments": [],
    "payment_files": [],
}
VIEW = EMPTY | {"profile": PROFILE, "accounts": [ACCOUNT]}


def judged(view: dict[str, Any], composed: dict[str, Any]) -> str:
    return verdict(differences(view, composed), composed.get("missing", []))


def with_account(**changed: Any) -> dict[str, Any]:
    return VIEW | {"accounts": [ACCOUNT | changed]}


def test_the_same_answers_are_equal() -> None:
    assert judged(VIEW, VIEW) == "equal"


def test_an_older_version_in_the_view_is_behind() -> None:
    assert judged(VIEW, with_account(balance={"amount": "12.00", "currency": "EUR"}, version=4)) == "behind"


def test_a_newer_version_in_the_view_is_ahead_of_the_composition() -> None:
    assert judged(VIEW, with_account(balance={"amount": "9.00", "currency": "EUR"}, version=2)) == "ahead"


def test_the_same_version_with_other_content_is_drift() -> None:
    found = differences(VIEW, with_account(balance={"amount": "12.00", "currency": "EUR"}))
    assert [(one.part, one.id, one.field, one.verdict) for one in found] == [("accounts", "a1", "balance", "drift")]
    assert verdict(found, []) == "drift"


def test_drift_is_worse_than_being_behind() -> None:
    other = with_account(version=4) | {"profile": {"name": "Grace", "version": 1}}
    assert judged(VIEW, other) == "drift"


def test_an_item_the_view_has_not_heard_of_is_behind() -> None:
    assert judged(EMPTY, VIEW) == "behind"


def test_an_item_only_the_view_knows_is_ahead() -> None:
    assert judged(VIEW, EMPTY) == "ahead"


def test_a_missing_part_is_not_compared_and_the_verdict_is_incomplete() -> None:
    assert judged(VIEW, VIEW | {"accounts": [], "missing": ["accounts"]}) == "incomplete"
