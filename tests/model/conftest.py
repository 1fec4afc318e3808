"""How many worlds each process was checked in, at the end of a run."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.model.exploring import Found

Count = Callable[[Any, str, Found], None]
COUNTED = "model check"


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    return lambda process, case, found: record_property(
        COUNTED, f"{process.name}, {case}: {found.worlds} worlds, {found.ends} ends"
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    passed = terminalreporter.getreports("passed")
    counted = [str(value) for report in passed for name, value in report.user_properties if name == COUNTED]
    if counted:
        terminalreporter.section(COUNTED)
    for line in counted:
        terminalreporter.write_line(line)
