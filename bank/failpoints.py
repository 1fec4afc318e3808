"""Named points at which a test makes the process fail. Not armed, they cost one look at an empty dictionary.

    BANK_FAILPOINTS="before_commit=raise,after_publish=exit:3"     the third time, and once
    BANK_FAILPOINTS_DIR=/some/folder                               a file there, named after the point, arms it once

The folder serves processes that are restarted: whoever hits the point takes the file away, so it fails only once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POINTS = frozenset({"before_commit", "after_commit", "after_publish", "after_apply"})
EXIT_CODE = 70


class Failed(Exception):
    """Raised at an armed point."""


_armed: dict[str, list[str | int]] = {}
_folder: Path | None = None


def failpoint(name: str) -> None:
    if _armed or _folder:
        _hit(name)


def arm(name: str, action: str = "raise", *, nth: int = 1) -> None:
    """Fail the nth time this process comes by: `raise` or `exit` (at once, as kill -9 would)."""
    if name not in POINTS or action not in ("raise", "exit"):
        raise ValueError(f"{name}={action}: points are {sorted(POINTS)}, actions raise and exit")
    _armed[name] = [action, nth]


def disarm() -> None:
    _armed.clear()


@contextmanager
def armed(name: str, action: str = "raise", *, nth: int = 1) -> Iterator[None]:
    arm(name, action, nth=nth)
    try:
        yield
    finally:
        disarm()


def _hit(name: str) -> None:
    if name in _armed:
        action, left = _armed[name]
        if left == 1:
            del _armed[name]
            _fail(name, str(action))
        else:
            _armed[name] = [action, int(left) - 1]
    if _folder is not None:
        _hit_file(name, _folder / name)


def _hit_file(name: str, file: Path) -> None:
    try:
        action = file.read_text().strip() or "exit"
        file.unlink()
    except FileNotFoundError:
        return
    _fail(name, action)


def _fail(name: str, action: str) -> None:
    if action == "exit":
        os._exit(EXIT_CODE)
    raise Failed(name)


def _from_environment() -> None:
    global _folder
    for entry in filter(None, os.environ.get("BANK_FAILPOINTS", "").split(",")):
        name, _, action = entry.partition("=")
        action, _, nth = action.partition(":")
        arm(name, action or "raise", nth=int(nth or 1))
    if folder := os.environ.get("BANK_FAILPOINTS_DIR"):
        _folder = Path(folder)


_from_environment()
