"""The embedded PostgreSQL: starts, survives, goes when told to, and trusts nobody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psutil
import psycopg
import pytest

from bank.runtime.postgres import Cluster, free_port, unprivileged, user_namespaces

PASSWORD = "only for this test"
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root must give up its powers")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "postgres", free_port(), PASSWORD)
    cluster.start(subprocess.DEVNULL)
    yield cluster
    cluster.stop()


def query(cluster: Cluster, statement: str) -> str:
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        done = connection.execute(statement.encode())
        row = done.fetchone() if done.description else None
    return str(row[0]) if row else ""


def test_it_is_postgresql_18_with_logical_wal_and_fsync(cluster: Cluster) -> None:
    assert query(cluster, "show server_version").startswith("18.")
    assert query(cluster, "show wal_level") == "logical"
    assert query(cluster, "show fsync") == "on"
    assert query(cluster, "show server_encoding") == "UTF8"


def test_a_slot_that_nobody_reads_keeps_the_log_up_to_a_limit(cluster: Cluster) -> None:
    assert query(cluster, "show max_slot_wal_keep_size") == "1GB"


def test_it_leads_a_session_of_its_own(cluster: Cluster) -> None:
    """Ctrl-C in a terminal then reaches those who need the server before it reaches the server."""
    assert cluster.process is not None
    assert os.getsid(cluster.process.pid) != os.getsid(0)


def test_tcp_asks_for_a_scram_password_and_listens_on_loopback_alone(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host="127.0.0.1", port=cluster.port, user="postgres", dbname="postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host="127.0.0.1", port=cluster.port, user="postgres", dbname="postgres", password="wrong")
    assert "trust" not in methods(cluster)
    assert query(cluster, "show listen_addresses") == "127.0.0.1"
    assert query(cluster, "show unix_socket_directories") == ""


def methods(cluster: Cluster) -> set[str]:
    lines = (cluster.data / "pg_hba.conf").read_text().splitlines()
    return {line.split()[-1] for line in lines if line and not line.startswith("#")}


def test_the_data_directory_is_its_owners_alone(cluster: Cluster) -> None:
    assert cluster.data.stat().st_mode & 0o077 == 0
    assert not (cluster.home / "password").exists()


def test_a_stop_leaves_no_process_and_a_second_start_keeps_the_data(cluster: Cluster) -> None:
    query(cluster, "create table kept as select 42 as answer")
    server = psutil.Process(cluster.process.pid) if cluster.process else None
    assert server is not None
    children = server.children(recursive=True)
    cluster.stop()
    assert not psutil.wait_procs([server, *children], timeout=30)[1]
    assert not (cluster.data / "postmaster.pid").exists()
    began = time.monotonic()
    cluster.start(subprocess.DEVNULL)
    assert time.monotonic() - began < 5
    assert query(cluster, "select answer from kept") == "42"


def test_a_killed_server_starts_again_with_what_was_committed(cluster: Cluster) -> None:
    query(cluster, "create table kept as select 42 as answer")
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()
    cluster.start(subprocess.DEVNULL)
    assert query(cluster, "select answer from kept") == "42"


@pytest.mark.skipif(os.geteuid() == 0 and not user_namespaces(), reason="nobody's server cannot see root's processes")
def test_a_lock_file_that_names_a_process_which_is_about_to_go_is_waited_for(cluster: Cluster) -> None:
    cluster.stop()
    leaving = subprocess.Popen(["sleep", "1"], start_new_session=True)
    (cluster.data / "postmaster.pid").write_text(f"{leaving.pid}\n{cluster.data}\n")
    (cluster.data / "postmaster.pid").chmod(0o600)
    Thread(target=leaving.wait).start()
    cluster.start(subprocess.DEVNULL)
    assert query(cluster, "select 1") == "1"


def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    port = free_port()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "postgres"), str(port)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    server = psutil.Process(int(parent.stdout.readline()))
    assert server.is_running()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert not psutil.wait_procs([server], timeout=60)[1]


PARENT = """
import sys, time
from pathlib import Path
from bank.runtime.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), int(sys.argv[2]), "secret")
cluster.start(2)
print(cluster.process.pid, flush=True)
time.sleep(600)
"""


def test_an_interrupted_creation_is_begun_again(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres", free_port(), PASSWORD, durable=False)
    (cluster.home / "data.unfinished").mkdir(parents=True)
    (cluster.home / "data.unfinished" / "PG_VERSION").write_text("18")
    cluster.start(subprocess.DEVNULL)
    assert query(cluster, "select 1") == "1"
    cluster.stop()


class Interrupted(Cluster):
    """Its power fails while initdb writes."""

    def _initdb(self, folder: Path, secret: Path) -> None:
        folder.mkdir()
        (folder / "PG_VERSION").write_text("18")
        raise KeyboardInterrupt


def test_half_a_cluster_is_never_taken_for_one(tmp_path: Path) -> None:
    home, port = tmp_path / "postgres", free_port()
    with pytest.raises(KeyboardInterrupt):
        Interrupted(home, port, PASSWORD).start(subprocess.DEVNULL)
    cluster = Cluster(home, port, PASSWORD, durable=False)
    cluster.start(subprocess.DEVNULL)
    assert query(cluster, "select 1") == "1"
    cluster.stop()


@ROOT
def test_root_runs_it_where_there_are_no_user_namespaces_below_a_closed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bank.runtime.postgres.user_namespaces", lambda: False)
    tmp_path.chmod(0o700)
    cluster = Cluster(tmp_path / "postgres", free_port(), PASSWORD, durable=False)
    cluster.start(subprocess.DEVNULL)
    assert cluster.process is not None
    assert psutil.Process(cluster.process.pid).uids().effective == 65534
    assert query(cluster, "select 1") == "1"
    cluster.stop()


@ROOT
def test_root_runs_it_as_nobody() -> None:
    seen = subprocess.run([*unprivileged(), "id", "-u"], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "65534"
