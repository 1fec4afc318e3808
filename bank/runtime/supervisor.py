"""Runs the parts of the bank as child processes: one readable log, restarts with backoff, a clean end.

Each part leads a session of its own, so that Ctrl-C reaches the supervisor alone, which then stops the parts in order;
and each dies with the supervisor even when that is killed, if need be by the reaper's hand.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bank.runtime import status
from bank.runtime.home import PROJECT
from bank.runtime.postgres import dies_with_parent
from bank.runtime.reaper import kill_group

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 15.0
LONG_ENOUGH_S = 30.0
STOP_TIMEOUT_S = 15.0
POLL_S = 0.05
REAPER = "reaper"
LONGEST_LINE = 1 << 20
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)


@dataclass(frozen=True)
class Part:
    """A process to keep running. `is_up` asks it, given when it was started; `stop` is the signal it ends well on."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_up: Callable[[float], bool]
    stop: signal.Signals = signal.SIGTERM
    wrapped: bool = True


class Log:
    """Everybody's lines, one at a time, each under the name of who said it."""

    def __init__(self, names: Sequence[str], *, colour: bool | None = None) -> None:
        self.width = max(map(len, names), default=4)
        self.colour = sys.stdout.isatty() if colour is None else colour
        self.codes = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
        self.last: dict[str, str] = {}
        self.repeats: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """What somebody says again and again is shown once, and counted when he says something else."""
        if text and text == self.last.get(name):
            self.repeats[name] = self.repeats.get(name, 0) + 1
            return
        if times := self.repeats.pop(name, 0):
            self._print(name, f"({times} times more)")
        self.last[name] = text
        self._print(name, text)

    def _print(self, name: str, text: str) -> None:
        label = f"{datetime.now(UTC):%H:%M:%S} {name:<{self.width}} │"
        if self.colour:
            label = f"\x1b[{self.codes.get(name, 1)}m{label}\x1b[0m"
        # A terminal that closed, a reader that went away (`up | head`) or a full disk must not keep anybody from
        # tending the parts. Past Python's buffer, which would try what was refused again at the end, and end in error.
        with contextlib.suppress(OSError):
            os.write(sys.stdout.fileno(), f"{label} {text}\n".encode())


@dataclass
class Running:
    part: Part
    process: "subprocess.Popen[bytes]"
    started_at: float


@dataclass
class Supervisor:
    log: Log
    status_file: Path
    running: dict[str, Running] = field(default_factory=dict)
    keepers: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    failed: bool = False

    def listen(self) -> None:
        """End well on Ctrl-C, on `kill`, and when the terminal closes."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stopping.set)

    def say(self, text: str) -> None:
        self.log.line("bank", text)

    def start(self, parts: Sequence[Part]) -> None:
        """Keep these running; with the first comes the reaper."""
        for part in parts if REAPER in self.keepers else [reaper(self.status_file), *parts]:
            self.states[part.name] = "starting"
            self.keepers[part.name] = self._task(f"keeper of {part.name}", self._keep(part))

    def _task(self, name: str, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """A piece of the supervisor itself. Nobody awaits it, and without it a part would be neither kept nor seen: so
        one that ends by an error ends the bank, in order."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._notice)
        return task

    def _notice(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            self.failed = True
            self.say(f"{task.get_name()} ended by itself: {type(error).__name__}: {error}")
            self.stopping.set()

    async def _keep(self, part: Part) -> None:
        """Start it, and again whenever it ends, later each time unless it had lived a while."""
        delay = FIRST_DELAY_S
        while not self.stopping.is_set():
            started = time.monotonic()
            how = await self._attempt(part)
            if self.stopping.is_set():
                return
            self.states[part.name] = "down"
            self.restarts[part.name] = self.restarts.get(part.name, 0) + 1
            if time.monotonic() - started > LONG_ENOUGH_S:
                delay = FIRST_DELAY_S
            self.say(f"{part.name} {how}; starting it again in {delay:.1f} s")
            await self._pause(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)

    async def _attempt(self, part: Part) -> str:
        """How it ended. A machine that has no room for a process now may have it later."""
        try:
            return how_it_ended(await self._run(part))
        except (OSError, subprocess.SubprocessError) as error:
            return f"could not be started: {error}"

    async def _run(self, part: Part) -> int:
        process = spawn(part)
        self.running[part.name] = Running(part, process, time.time())
        if self.stopping.is_set():
            process.send_signal(part.stop)
        lines = self._task(f"log of {part.name}", self._copy_lines(part.name, process))
        code = await ended(process)
        kill_group(process.pid)
        await asyncio.wait([lines], timeout=2)
        lines.cancel()
        del self.running[part.name]
        return code

    async def _copy_lines(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(lines)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, process.stdout)
        with contextlib.closing(transport):
            while line := await whole_line(lines):
                self.log.line(name, line.decode(errors="replace").rstrip())

    async def once(self, part: Part) -> bool:
        """Run something to its end; true when it succeeded."""
        code = await self._run(part)
        if code and not self.stopping.is_set():
            self.say(f"{part.name} {how_it_ended(code)}")
        return code == 0

    def watch(self) -> "asyncio.Task[None]":
        """Ask every part twice a second, and write down what they say, until cancelled."""
        return self._task("watch", self._watch())

    async def _watch(self) -> None:
        """A disk that is full, or a machine without room for a thread, may be well again in a moment."""
        while True:
            try:
                await self._look()
            except (OSError, RuntimeError) as error:
                self.say(f"cannot look after the parts: {error}")
            await asyncio.sleep(0.5)

    async def _look(self) -> None:
        for name, running in list(self.running.items()):
            if name in self.states:
                self.states[name] = await asyncio.to_thread(self._state, running)
        groups = [running.process.pid for name, running in self.running.items() if name != REAPER]
        status.write(self.status_file, self.states, groups)

    def _state(self, running: Running) -> str:
        if running.part.is_up(running.started_at):
            return status.UP
        return "stalled" if self.states[running.part.name] in (status.UP, "stalled") else "starting"

    async def until_up(self, timeout_s: float) -> bool:
        """True once every part is up; false when time is up or the end has been asked for."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not self.stopping.is_set():
            if self.states and all(state == status.UP for state in self.states.values()):
                return True
            await self._pause(0.2)
        return False

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def stop(self, names: Sequence[str]) -> None:
        """Ask these parts to end, insist after a while, and return when they are gone."""
        self.stopping.set()
        for name in names:
            if name in self.running:
                with contextlib.suppress(ProcessLookupError):
                    self.running[name].process.send_signal(self.running[name].part.stop)
        keepers = [self.keepers[name] for name in names if name in self.keepers]
        if not keepers:
            return
        _, stubborn = await asyncio.wait(keepers, timeout=STOP_TIMEOUT_S)
        for name in [name for name in names if self.keepers.get(name) in stubborn]:
            self.say(f"{name} does not end; killing it")
            if name in self.running:
                kill_group(self.running[name].process.pid)
        await asyncio.wait(keepers, timeout=STOP_TIMEOUT_S)


def reaper(status_file: Path) -> Part:
    command = [sys.executable, "-m", "bank.runtime.reaper", str(status_file), str(STOP_TIMEOUT_S)]
    return Part(REAPER, command, {"PYTHONPATH": str(PROJECT)}, lambda started: True, wrapped=False)


def spawn(part: Part) -> "subprocess.Popen[bytes]":
    prefix = dies_with_parent(signal.SIGTERM) if part.wrapped else []
    return subprocess.Popen(
        [*prefix, *part.command],
        env=dict(part.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


async def ended(process: "subprocess.Popen[bytes]") -> int:
    """Its exit status, as soon as it has one. asyncio's own `wait` also waits for children that hold its output."""
    while (code := process.poll()) is None:
        await asyncio.sleep(POLL_S)
    return code


async def whole_line(lines: asyncio.StreamReader) -> bytes:
    """The next line, or nothing at the end; what is longer than the buffer is cut."""
    try:
        return await lines.readline()
    except ValueError:
        return b"(a line too long to show)"


def how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
