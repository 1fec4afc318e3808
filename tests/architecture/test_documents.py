"""What documents say must be so, and findable."""

import ast
import re
from collections import Counter

from tests.architecture.sources import ROOT
from tests.architecture.test_tests import TESTS

DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
INDEX = ROOT / "docs" / "decisions" / "README.md"
DECISIONS = [file for file in DOCUMENTS if file.parent == INDEX.parent and file != INDEX]


def test_the_tests_that_documents_name_are_there() -> None:
    named = {name for file in DOCUMENTS for name in re.findall(r"`(test_\w+)`", file.read_text())}
    there = {node.name for source in TESTS for node in source.walk() if isinstance(node, ast.FunctionDef)}
    assert named
    assert named - there == set()


def test_a_number_names_one_decision() -> None:
    assert DECISIONS
    assert {number for number, times in Counter(file.name[:4] for file in DECISIONS).items() if times > 1} == set()
    assert [file.name for file in DECISIONS if not file.read_text().startswith(f"# {file.name[:4]} ")] == []


def test_the_index_of_decisions_has_each_once_under_its_title() -> None:
    titles = {file.name: file.read_text().partition("\n")[0].removeprefix("# ") for file in DECISIONS}
    listed = re.findall(r"^- \[(\d+)\]\(([^)]+)\) (.+)$", INDEX.read_text(), re.MULTILINE)
    assert sorted((name, f"{number} {title}") for number, name, title in listed) == sorted(titles.items())
