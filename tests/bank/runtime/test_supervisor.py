"""The supervisor: every death is noticed and answered, and the end is clean. Run as its own process, as people do."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bank.runtime import status
from bank.runtime.home import PROJECT

SCRIPT = """
import asyncio, os, sys
from pathlib import Path
from bank.runtime.supervisor import Log, Part, Supervisor

folder = Path(sys.argv[1])
kinds = {
    "sleeper": "import os, subprocess, time; subprocess.Popen(['sleep', '600']); print('born', os.getpid(), flush=1);"
    " time.sleep(600)",
    "stubborn": "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True);"
    " time.sleep(600)",
    "fleeting": "import sys; print('gone', flush=True); sys.exit(3)",
}

def part(name):
    if name == "missing":
        return Part(name, [str(folder / "program")], dict(os.environ), lambda started: True, wrapped=False)
    if name == "baffling":
        return Part(name, [sys.executable, "-c", kinds["sleeper"]], dict(os.environ), lambda started: 1 / 0)
    kind = kinds[name.rstrip("0123456789")]
    return Part(name, [sys.executable, "-c", kind], dict(os.environ), lambda started: True)

async def main():
    supervisor = Supervisor(Log(sys.argv[2:], colour=False), folder / "status.json")
    supervisor.listen()
    watcher = supervisor.watch()
    supervisor.start([part(name) for name in sys.argv[2:]])
    await supervisor.stopping.wait()
    supervisor.say("stopping")
    await supervisor.stop(list(supervisor.keepers))
    watcher.cancel()
    sys.exit(supervisor.failed)

import bank.runtime.supervisor
bank.runtime.supervisor.STOP_TIMEOUT_S = 2.0
asyncio.run(main())
"""


class Run:
    """A supervisor in a process of its own, and what it has said."""

    def __init__(self, folder: Path, *parts: str, prefix: tuple[str, ...] = (), stdout: int | None = None) -> None:
        self.log = folder / "log"
        self.status_file = folder / "status.json"
        with open(self.log, "w") as file:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-c", SCRIPT, str(folder), *parts],
                stdin=stdout,
                stdout=file if stdout is None else stdout,
                stderr=file,
                cwd=PROJECT,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def until(self, true: Callable[[], object], timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def reaper(self) -> psutil.Process | None:
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                if "bank.runtime.reaper" in process.cmdline():
                    return process
        return None

    def born(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"born (\d+)", self.said)]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*parts: str, **where: Any) -> Run:
        runs.append(Run(tmp_path, *parts, **where))
        return runs[-1]

    yield start
    for started in runs:
        if started.process.poll() is None:
            for process in started.family():
                process.kill()
            started.process.kill()
        started.process.wait()


def test_a_killed_part_is_reported_and_started_again(run: Callable[..., Run]) -> None:
    bank = run("sleeper")
    bank.until(lambda: len(bank.born()) == 1)
    os.kill(bank.born()[0], signal.SIGKILL)
    bank.until(lambda: len(bank.born()) == 2)
    assert "sleeper was killed by SIGKILL; starting it again in 0.5 s" in bank.said


def test_a_part_that_keeps_ending_is_started_later_each_time(run: Callable[..., Run]) -> None:
    bank = run("fleeting")
    bank.until(lambda: "again in 2.0 s" in bank.said)
    assert re.findall(r"ended with status 3; starting it again in (\S+) s", bank.said)[:3] == ["0.5", "1.0", "2.0"]


def test_a_part_that_cannot_be_started_is_reported_and_tried_again(run: Callable[..., Run], tmp_path: Path) -> None:
    bank = run("missing")
    bank.until(lambda: "starting it again in 1.0 s" in bank.said)
    assert "missing could not be started: [Errno 2] No such file" in bank.said
    assert json.loads(bank.status_file.read_text())["parts"] == {"reaper": "up", "missing": "down"}

    program = tmp_path / "program.unfinished"
    program.write_text("#!/bin/sh\necho born $$\nexec sleep 600\n")
    program.chmod(0o755)
    program.rename(tmp_path / "program")
    bank.until(lambda: bank.born())


def test_what_a_killed_part_leaves_behind_is_killed(run: Callable[..., Run]) -> None:
    bank = run("sleeper")
    bank.until(lambda: bank.born() and [process for process in bank.family() if process.name() == "sleep"])
    orphan = next(process for process in bank.family() if process.name() == "sleep")
    os.kill(bank.born()[0], signal.SIGKILL)
    assert not psutil.wait_procs([orphan], timeout=30)[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_end_leaves_no_process(run: Callable[..., Run], number: signal.Signals) -> None:
    bank = run("sleeper1", "sleeper2")
    bank.until(lambda: len(bank.born()) == 2 and len(bank.family()) == 5)
    family = bank.family()
    bank.process.send_signal(number)
    assert bank.process.wait(timeout=60) == 0
    assert not psutil.wait_procs(family, timeout=30)[1]


def test_the_end_leaves_no_process_when_the_terminal_closes(run: Callable[..., Run]) -> None:
    """Who wrote to it may write no more: each line is an error from then on, also the one that says it stops."""
    terminal, inside = pty.openpty()
    bank = run("sleeper1", "sleeper2", prefix=("setsid", "--ctty"), stdout=inside)
    os.close(inside)
    bank.until(lambda: len(status.groups(bank.status_file)) == 2 and len(bank.family()) == 5)
    family = bank.family()
    os.close(terminal)
    assert bank.process.wait(timeout=60) == 0, bank.said
    assert not psutil.wait_procs(family, timeout=30)[1]
    assert bank.said == ""


def test_a_part_is_started_again_while_nothing_can_be_written(run: Callable[..., Run]) -> None:
    full = os.open("/dev/full", os.O_RDWR)
    bank = run("sleeper", stdout=full)
    os.close(full)
    bank.until(lambda: len(status.groups(bank.status_file)) == 1)
    (first,) = status.groups(bank.status_file)
    os.kill(first, signal.SIGKILL)
    bank.until(lambda: status.groups(bank.status_file) not in ([], [first]))


def test_a_status_that_could_not_be_written_is_written_when_it_can(run: Callable[..., Run], tmp_path: Path) -> None:
    bank = run("sleeper")
    bank.until(lambda: bank.status_file.exists())
    (tmp_path / "status.unfinished").mkdir()
    bank.until(lambda: "cannot look after the parts" in bank.said)
    bank.status_file.unlink()
    (tmp_path / "status.unfinished").rmdir()
    bank.until(bank.status_file.exists)


def test_a_supervisor_of_which_a_piece_has_died_says_so_and_ends_in_order(run: Callable[..., Run]) -> None:
    bank = run("baffling")
    bank.until(lambda: bank.process.poll() is not None)
    assert bank.process.returncode == 1
    assert "watch ended by itself: ZeroDivisionError: division by zero" in bank.said
    assert not [pid for pid in bank.born() if psutil.pid_exists(pid)]


def test_a_part_that_will_not_end_is_killed(run: Callable[..., Run]) -> None:
    bank = run("stubborn")
    bank.until(lambda: "deaf" in bank.said)
    family = bank.family()
    bank.process.send_signal(signal.SIGINT)
    assert bank.process.wait(timeout=60) == 0
    assert "stubborn does not end; killing it" in bank.said
    assert not psutil.wait_procs(family, timeout=30)[1]


def test_parts_do_not_outlive_a_killed_supervisor(run: Callable[..., Run]) -> None:
    bank = run("sleeper")
    bank.until(lambda: len(bank.born()) == 1)
    part = psutil.Process(bank.born()[0])
    bank.process.kill()
    bank.process.wait()
    assert not psutil.wait_procs([part], timeout=30)[1]


def test_a_part_that_will_not_end_does_not_outlive_a_killed_supervisor(run: Callable[..., Run]) -> None:
    bank = run("stubborn", "sleeper")
    bank.until(lambda: "deaf" in bank.said and len(bank.born()) == 1 and len(status.groups(bank.status_file)) == 2)
    family = bank.family()
    bank.process.kill()
    bank.process.wait()
    assert not psutil.wait_procs(family, timeout=60)[1]


def test_a_killed_reaper_is_replaced(run: Callable[..., Run]) -> None:
    bank = run("sleeper")
    bank.until(lambda: bank.born() and bank.reaper())
    first = bank.reaper()
    assert first is not None
    first.kill()
    bank.until(lambda: bank.reaper() not in (None, first))
    assert "reaper was killed by SIGKILL" in bank.said


def test_it_is_ready_only_while_every_part_is_up(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    bank = run("sleeper", "fleeting")
    monkeypatch.setenv("BANK_STATUS_FILE", str(bank.status_file))
    bank.until(lambda: "again in 2.0 s" in bank.said)
    found = status.read()
    assert found is not None
    assert found.parts == {"reaper": "up", "sleeper": "up", "fleeting": "down"}
    assert not found.is_ready


def test_an_old_status_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_STATUS_FILE", str(tmp_path / "status.json"))
    status.write(tmp_path / "status.json", {"web": "up"})
    found = status.read()
    assert found is not None
    assert found.is_ready
    assert not status.Status(found.parts, found.written_at - status.STALE_AFTER_S).is_ready
