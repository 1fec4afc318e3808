"""What documents say must be so, and findable."""

import ast
import re
from collections import Counter

from tests.architecture.sources import ROOT
from tests.architecture.test_tests import TESTS

DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))


def test_the_tests_that_documents_name_are_there() -> None:
    named = {name for file in DOCUMENTS for name in re.findall(r"`(test_\w+)`", file.read_text())}
    there = {node.name for source in TESTS for node in source.walk() if isinstance(node, ast.FunctionDef)}
    assert named
    assert named - there == set()


def test_a_number_names_one_decision() -> None:
    decisions = [file for file in DOCUMENTS if file.parent.name == "decisions"]
    assert decisions
    assert {number for number, times in Counter(file.name[:4] for file in decisions).items() if times > 1} == set()
    assert [file.name for file in decisions if not file.read_text().startswith(f"# {file.name[:4]} ")] == []
