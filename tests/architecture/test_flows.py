"""The diagrams of the processes are those of their declarations."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bank.sagas.flows import pages
from tests.architecture.contexts import ALL

KEPT = Path(__file__).parents[2] / "docs/flows"


def test_the_pages_in_docs_are_up_to_date() -> None:
    call_command("flows", "--check", folder=KEPT)


def test_every_declared_process_has_a_page_that_names_all_its_events() -> None:
    drawn = pages(ALL.values())
    for context in ALL.values():
        for process in context.choreographies if context.deciders else ():
            assert [event for event in process.events if event not in drawn[f"{process.name}.md"]] == []
        for saga in context.sagas:
            said = [one[0] for step in saga.steps for one in (step.do, step.undo) if one]
            assert [event for event in said if event not in drawn[f"{saga.name.replace('_', '-')}.md"]] == []


def test_a_page_that_is_stale_is_named_and_drawn_again(tmp_path: Path) -> None:
    call_command("flows", folder=tmp_path)
    (tmp_path / "loan-repayment.md").write_text("stale")
    (tmp_path / "forgotten.md").write_text("of no process")
    with pytest.raises(CommandError, match=r"forgotten\.md, loan-repayment\.md"):
        call_command("flows", "--check", folder=tmp_path)
    call_command("flows", folder=tmp_path)
    call_command("flows", "--check", folder=tmp_path)
