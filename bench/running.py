"""A whole bank, as `make run` starts it, in a home of its own."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bank.runtime import home
from bank.runtime.postgres import Cluster, port_is_free
from bench.rabbitmq import broker
from bench.server import postmaster_cpu_s, private_cluster

START_S = 120
HZ = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class RunningBank:
    url: str
    process: "subprocess.Popen[bytes]"
    log: Path
    cluster: Cluster | None = None

    @property
    def server(self) -> Cluster:
        """Its PostgreSQL: the one beside it, or the embedded one."""
        secrets = home.read("secrets.json")
        return self.cluster or Cluster(
            home.path() / "postgres", int(secrets["POSTGRES_PORT"]), secrets["PASSWORD_postgres"]
        )

    def cpu_s(self) -> float:
        """CPU seconds of every process of the bank and of its PostgreSQL so far; those that ended are counted."""
        apart = postmaster_cpu_s(self.cluster) if self.cluster else 0.0
        return sum(cpu_ticks(pid) for pid in family(self.process.pid)) / HZ + apart


@contextmanager
def running_bank_on_rabbitmq() -> Iterator[RunningBank]:
    """The same, with RabbitMQ as its broker, beside a PostgreSQL of its own."""
    with private_cluster() as (cluster, _), broker():
        os.environ["BANK_RUNTIME"] = "services"
        with running_bank() as bank:
            yield replace(bank, cluster=cluster)


@contextmanager
def running_bank() -> Iterator[RunningBank]:
    """Start it and let this process find it, as a command in a second terminal would. Call before Django is set up."""
    folder, port = Path(tempfile.mkdtemp(prefix="bank-bench-")), two_free_ports()
    os.environ.update(BANK_HOME=str(folder), PORT=str(port))
    log = folder / "up.log"
    with log.open("wb") as output:
        command = [sys.executable, "manage.py", "up", "--no-demo"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    bank = RunningBank(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_ready(bank)
        home.load_environment(os.environ.get("BANK_RUNTIME", "embedded"))
        yield bank
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def two_free_ports() -> int:
    """The first of two neighbours, below those which the system gives to clients."""
    return next(
        port for port in random.sample(range(20_000, 30_000, 2), 100) if all(map(port_is_free, (port, port + 1)))
    )


def _wait_until_ready(bank: RunningBank) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and bank.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{bank.url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"the bank did not become ready:\n{bank.log.read_text()[-4000:]}")


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(int(ticks) for ticks in fields[11:15])
