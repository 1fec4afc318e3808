"""A private bank to measure on: its own cluster (fsync on), databases, roles and keys, gone at the end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bank.runtime import databases, home
from bank.runtime.postgres import Cluster, free_port


@contextmanager
def private_bank() -> Iterator[Cluster]:
    """Start a cluster in a temporary folder and point Django's settings at it. Call before Django is set up."""
    with private_cluster() as (cluster, passwords):
        found = databases.environment("127.0.0.1", cluster.port, passwords)
        os.environ.update({"BANK_HOME": str(cluster.home), **home.new_secrets(), **found})
        yield cluster


@contextmanager
def private_cluster() -> Iterator[tuple[Cluster, dict[str, str]]]:
    """A cluster, empty, and the passwords its roles will have; `ADMIN_DATABASE_URL` says how to make them."""
    folder = Path(tempfile.mkdtemp(prefix="bank-bench-"))
    passwords = databases.new_passwords()
    cluster = Cluster(folder, free_port(), passwords["postgres"])
    log = (folder / "postgres.log").open("wb")
    try:
        cluster.start(log)
        admin = databases.Login("postgres", passwords["postgres"], "127.0.0.1", cluster.port, "postgres")
        os.environ["ADMIN_DATABASE_URL"] = admin.url
        yield cluster, passwords
    finally:
        cluster.stop()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def postmaster_cpu_s(cluster: Cluster) -> float:
    """CPU seconds of the server so far: the postmaster, its living children, and those it has reaped."""
    root = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    pid = root if _is_postgres(root) else _find(cluster)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = sum(_ticks(pid)) + sum(sum(_ticks(int(child))[:2]) for child in children)
    return ticks / os.sysconf("SC_CLK_TCK")


def _is_postgres(pid: int) -> bool:
    return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"


def _find(cluster: Cluster) -> int:
    assert cluster.process is not None
    return cluster.process.pid


def _ticks(pid: int) -> list[int]:
    """User and system time of a process, and of the children it has waited for."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return [0, 0, 0, 0]
    return [int(value) for value in text.rpartition(")")[2].split()[11:15]]
