"""The raw limit of this server at this minute: pgbench from the wheel, prepared statements, one call per posting."""

import os
import re
import subprocess
from pathlib import Path

import psycopg

from bank.runtime.postgres import Cluster, binaries

SQL = Path(__file__).parent / "sql"
BULK = 500


class Raw:
    """A database of its own on the measured cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
            connection.execute("create database raw")
        with psycopg.connect(cluster.dsn("raw"), autocommit=True) as connection:
            connection.execute((SQL / "raw.sql").read_bytes())

    def commands_per_s(self, *, clients: int = 1, seconds: int = 3) -> float:
        return self._pgbench("one.sql", clients, seconds)

    def bulk_per_s(self, *, clients: int = 1, seconds: int = 3) -> float:
        """Postings a second in calls of 500."""
        return self._pgbench("bulk.sql", clients, seconds) * BULK

    def _pgbench(self, script: str, clients: int, seconds: int) -> float:
        environment = dict(os.environ, PGPASSWORD=self.cluster.password)
        place = ["-h", "127.0.0.1", "-p", str(self.cluster.port), "-U", "postgres"]
        load = ["-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-f", str(SQL / script)]
        command = [str(binaries() / "pgbench"), *place, *load, "raw"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if found is None:
            raise RuntimeError(f"pgbench said neither how fast nor why not: {done.stdout}{done.stderr}")
        return float(found.group(1))
