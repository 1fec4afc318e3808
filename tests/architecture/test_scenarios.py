"""The page of what is run of each process names processes, tests and stories that are there."""

import ast
import re

from tests.architecture.contexts import ALL
from tests.architecture.sources import ROOT
from tests.architecture.test_tests import TESTS

PAGE = (ROOT / "docs/scenarios.md").read_text()
DECLARED = {process.name for context in ALL.values() for process in context.choreographies}


def test_each_declared_process_has_a_section() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == DECLARED


def test_every_test_and_story_that_the_tables_name_is_there() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    there = {node.name for source in TESTS for node in source.walk() if isinstance(node, ast.FunctionDef)}
    assert named
    assert named - there == set()
