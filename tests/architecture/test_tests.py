"""What tests may not do, because they would then see less than happens."""

import ast

import pytest

from tests.architecture.sources import ROOT, Source

TESTS = tuple(
    Source(str(file.relative_to(ROOT)), ast.parse(file.read_text())) for file in sorted((ROOT / "tests").rglob("*.py"))
)


def marks() -> list[tuple[str, dict[str | None, ast.expr]]]:
    """Every `django_db(…)` or bare `django_db`: where it stands, and what it is told."""
    found = []
    for source in TESTS:
        called = {id(node.func): node for node in source.walk() if isinstance(node, ast.Call)}
        for node in source.walk():
            if isinstance(node, ast.Attribute) and node.attr == "django_db":
                call = called.get(id(node))
                found.append((source.at(node), {k.arg: k.value for k in call.keywords} if call else {}))
    return found


def test_tests_commit_as_the_bank_does() -> None:
    """Inside one great transaction no callback runs on commit, and no lock is waited for."""
    rolled_back = [
        place
        for place, told in marks()
        if not (isinstance(transactional := told.get("transaction"), ast.Constant) and transactional.value is True)
    ]
    assert marks()
    assert rolled_back == []


@pytest.mark.parametrize("name", ["TestCase", "TransactionTestCase", "db"])
def test_nobody_goes_round_the_mark(name: str) -> None:
    imported = [s.at(node) for s in TESTS for node, dotted in s.imported() if dotted == f"django.test.{name}"]
    asked = [s.at(node) for s in TESTS for node in s.walk() if isinstance(node, ast.arg) and node.arg == name == "db"]
    assert imported + asked == []


def test_tests_name_the_databases_they_use() -> None:
    """Emptying one takes a moment: all of them, at every test, is a coffee."""
    everything = [
        place
        for place, told in marks()
        if isinstance(databases := told.get("databases"), ast.Constant) and databases.value == "__all__"
    ]
    assert everything == []
