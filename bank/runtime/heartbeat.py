"""Proof of progress: a part that says it is alive touches a file after each round of real work.

The supervisor reads it; so may a liveness probe (`find $BANK_HEARTBEATS/worker -mmin -1`). Where `BANK_HEARTBEATS` is
not set, nothing is written.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

STALE_AFTER_S = 30.0


def beat(*parts: str) -> None:
    """Call it after each round of work, at most a few times a second; cheap, and never an error."""
    folder = os.environ.get("BANK_HEARTBEATS")
    if not folder:
        return
    for part in parts:
        # A part that cannot say so on a full disk looks stalled, and that is said; it must not die of it too.
        with suppress(OSError):
            Path(folder, part).touch()


def age_s(folder: Path, part: str) -> float:
    """Seconds since the part last made progress; infinite when it never did."""
    try:
        return time.time() - (folder / part).stat().st_mtime
    except FileNotFoundError:
        return float("inf")
