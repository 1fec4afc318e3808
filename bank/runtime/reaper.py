"""Ends what a supervisor that was killed leaves behind: `python -m bank.runtime.reaper STATUS_FILE GRACE_S`.

Every part is told to stop when its parent dies (`dies_with_parent`); this process is for a part that does not obey in
time, for what a part has started itself, and for machines where the kernel cannot tell.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from bank.runtime import status

POLL_S = 0.2


def main(file: Path, grace_s: float) -> None:
    parent, groups = os.getppid(), status.groups(file)
    while os.getppid() == parent:
        time.sleep(POLL_S)
        groups = status.groups(file) or groups
    for leader in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(leader, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while any(map(lives, groups)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for group in groups:
        kill_group(group)


def kill_group(leader: int) -> None:
    """Whatever a part leaves behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
