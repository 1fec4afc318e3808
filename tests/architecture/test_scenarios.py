"""The page of what is run of each process names processes, tests and stories that are there."""

import ast
import re

from tests.architecture.contexts import ALL
from tests.architecture.sources import ROOT
from tests.architecture.test_tests import TESTS
from tests.flows import test_topologies
from tests.flows.test_topologies import TOLD

PAGE = (ROOT / "docs/scenarios.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("|")]
RUN_ON_LESS = ("purely", "in the model", "one context alone", "with an example process")
DECLARED = {process.name for context in ALL.values() for process in context.choreographies}


def test_each_declared_process_has_a_section() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == DECLARED


def test_every_test_and_story_that_the_tables_name_is_there() -> None:
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row)}
    there = {node.name for source in TESTS for node in source.walk() if isinstance(node, ast.FunctionDef)}
    assert named
    assert named - there == set()


def test_what_is_run_on_less_than_all_contexts_is_said_to_be() -> None:
    """A cell's parts are set apart by semicolons, and each that does not say so names tests and stories of all."""
    parts = [part.strip() for row in ROWS for cell in row.split("|") for part in cell.split(";")]
    said = {name for part in parts if not part.startswith(RUN_ON_LESS) for name in re.findall(r"`(\w+)`", part)}
    flows = [source for source in TESTS if source.path.startswith("tests/flows/")]
    told = {node.name for source in flows for node in source.walk() if isinstance(node, ast.FunctionDef)}
    assert said - told == set()


def test_each_process_is_told_to_five_services_as_the_page_says() -> None:
    rows = [row for row in ROWS if row.startswith("| in five services |")]
    assert len(rows) == len(DECLARED)
    told = {story.__name__ for story in TOLD} | {name for name in vars(test_topologies) if name.startswith("test_")}
    said = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert (said - told, {story.__name__ for story in TOLD} - said) == (set(), set())
