"""How many worlds each process was checked in, at the end of a run."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.model.exploring import Found

Count = Callable[[Any, str, Found], None]
COUNTED = pytest.StashKey[list[tuple[str, str, Found]]]()


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Count:
    counted = request.config.stash.setdefault(COUNTED, [])
    return lambda process, case, found: counted.append((process.name, case, found))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    counted = config.stash.get(COUNTED, [])
    if counted:
        terminalreporter.section("model check")
    for process, case, found in counted:
        terminalreporter.write_line(f"{process}, {case}: {found.worlds} worlds, {found.ends} ends")
