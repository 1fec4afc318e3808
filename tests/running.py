"""A whole bank in processes of its own, started as people start it: `manage.py up`, in a home of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import kombu
import psutil

from bank.runtime import databases
from bank.runtime.home import PROJECT
from bank.runtime.postgres import port_is_free

START_TIMEOUT_S = 300.0
PRIVATE = ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL", "BROKER_", "CACHE_URL", "BANK_", "DJANGO_")


def free_base_port() -> int:
    """A port with free neighbours for the ASGI process and four more services."""
    ports = list(range(20_000, 32_000, 50))
    first = os.getpid() % len(ports)  # several runs at a time look in different places first
    for port in ports[first:] + ports[:first]:
        if all(port_is_free(port + offset) for offset in (0, 1, 10, 20, 30, 40)):
            return port
    raise AssertionError("no free ports")


def surroundings() -> dict[str, str]:
    """What points a bank at the servers these tests use, under names of its own; nothing where they use none."""
    if os.environ["BANK_RUNTIME"] == "embedded":
        return {}
    run, names = f"up{os.getpid()}", ("ADMIN_DATABASE_URL", "BROKER_URL", "CACHE_URL")
    given = {name: os.environ[name] for name in names}
    return {**given, "BANK_RUNTIME": "services", "BANK_DATABASE_PREFIX": f"{run}_", "BROKER_PREFIX": f"{run}."}


def queues() -> list[str]:
    """The queues of domain events, as RabbitMQ knows them."""
    return [f"{context}.{kind}.0" for context in databases.CONTEXTS for kind in ("reactions", "views")]


@dataclass
class RunningBank:
    """`home` outlives the bank, so that it can be started again. `environment` is added to a clean one."""

    home: Path
    arguments: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_base_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home.parent / "up.log").read_text()

    def spawn(self) -> "subprocess.Popen[bytes]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
        environment = {**clean, "BANK_HOME": str(self.home), "PORT": str(self.port), **self.environment}
        with open(self.home.parent / "up.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, str(PROJECT / "manage.py"), "up", *self.arguments],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
            )

    def start(self) -> None:
        self.process = self.spawn()
        self.until_ready()

    def until_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < deadline, self.log
            assert self.process is None or self.process.poll() is None, self.log
            time.sleep(0.2)

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON; status 0 when nobody answers."""
        try:
            with urlopen(f"{self.url}{path}", timeout=5) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as answer:
            return answer.code, json.loads(answer.read() or b"null")
        except (URLError, OSError):
            return 0, None

    def family(self) -> list[psutil.Process]:
        """The supervisor and everybody under it."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def part(self, *words: str) -> psutil.Process:
        """The child of the supervisor whose command line has all these words."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            line = child.cmdline()
            if all(any(word == piece or piece.endswith(f"/{word}") for piece in line) for word in words):
                return child
        raise AssertionError(f"no part with {words}")

    def stop(self) -> int:
        """Ctrl-C, and its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=60)
        self.process = None
        return status

    def forget(self) -> None:
        """Databases, roles, queues and exchanges that it had on real servers."""
        if not self.environment:
            return
        found = json.loads((self.home / "environment.json").read_text())
        for alias in databases.names():
            url, owner_url = found[databases.variable(alias)], found[databases.variable(alias, owner=True)]
            databases.drop(self.environment["ADMIN_DATABASE_URL"], url, owner_url)
        tasks = ["celery", *(f"celery-{context}" for context in databases.CONTEXTS)]
        with self.rabbitmq() as channel:
            for name in [*queues(), *tasks]:
                channel.queue_delete(self.environment["BROKER_PREFIX"] + name)
            for name in ["bank.events", *tasks]:
                channel.exchange_delete(self.environment["BROKER_PREFIX"] + name)

    @contextmanager
    def rabbitmq(self) -> Iterator[Any]:
        with kombu.Connection(self.environment["BROKER_URL"]) as connection:
            yield connection.default_channel
