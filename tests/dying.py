"""A process that is killed at a commit, and started again until it gets through."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def exits(code: str, points: Sequence[str]) -> list[int]:
    """What each process that runs this code ends with, the fail point armed for it (`""` for none)."""
    return [_exit(code, {**os.environ, "BANK_FAILPOINTS": point}) for point in points]


def _exit(code: str, environment: dict[str, str]) -> int:
    whole = f"import django; django.setup()\n{code}"
    done = subprocess.run([sys.executable, "-c", whole], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.returncode
