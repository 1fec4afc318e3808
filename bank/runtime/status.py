"""What the supervisor knows of its parts, written where the web can read it."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UP = "up"
STALE_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Status:
    parts: Mapping[str, str]
    written_at: float

    @property
    def is_ready(self) -> bool:
        """Every part is up, and somebody has looked just now."""
        fresh = time.time() - self.written_at < STALE_AFTER_S
        return fresh and bool(self.parts) and all(state == UP for state in self.parts.values())


def write(file: Path, parts: Mapping[str, str], groups: Sequence[int] = ()) -> None:
    """`groups` are the process groups that the parts lead."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({"parts": dict(parts), "groups": list(groups), "written_at": time.time()}))
    unfinished.rename(file)


def groups(file: Path) -> list[int]:
    """The process groups that ran when the status was written; none when there is no status."""
    try:
        found: list[int] = json.loads(file.read_text())["groups"]
    except FileNotFoundError:
        return []
    return found


def read() -> Status | None:
    """None when no supervisor runs this process."""
    name = os.environ.get("BANK_STATUS_FILE")
    if not name:
        return None
    try:
        values = json.loads(Path(name).read_text())
    except FileNotFoundError:
        return Status({}, 0.0)
    return Status(values["parts"], values["written_at"])
