"""Consumers as processes of their own, which may be killed, and somebody who starts them again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from bank.messaging import brokers, relay

ROOT = Path(__file__).parents[3]
CONSUMING = ("accounts", "cards", "bankview")
START_S = 180.0


@dataclass(slots=True)
class Consumers:
    """One process per context. `folder` is where failpoints are armed: each fails whoever comes by first, once."""

    folder: Path
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    exits: list[int] = field(default_factory=list)

    def start(self, context: str) -> None:
        command = [sys.executable, "-W", "ignore", "manage.py", "consume", "--context", context]
        environment = {**os.environ, "BANK_FAILPOINTS_DIR": str(self.folder)}
        self.running[context] = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def await_ready(self) -> None:
        for process in self.running.values():
            assert process.stdout is not None
            assert process.stdout.readline().startswith("consuming")

    def arm(self, point: str) -> None:
        (self.folder / point).write_text("exit")

    def kill(self, context: str) -> None:
        self.running[context].kill()

    def look_after(self) -> None:
        """Start again what has died, and relay what waits: the supervisor's work, and beat's sweep."""
        for context, process in list(self.running.items()):
            if (code := process.poll()) is not None:
                self.exits.append(code)
                self.start(context)
        for context in settings.CONTEXTS:
            relay.drain(context, brokers.publisher())

    def until(self, done: Callable[[], bool], *, within_s: float = START_S) -> None:
        end = time.monotonic() + within_s
        while not done():
            assert time.monotonic() < end, f"not done after {within_s} s; exits: {self.exits}"
            self.look_after()
            time.sleep(0.05)

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def consumers(folder: Path) -> Iterator[Consumers]:
    started = Consumers(folder)
    try:
        for context in CONSUMING:
            started.start(context)
        started.await_ready()
        yield started
    finally:
        started.stop()
