"""The raw limit of this server at this minute: pgbench from the wheel, prepared statements, one call per operation."""

import os
import re
import subprocess
from pathlib import Path

import psycopg

from bank.runtime.postgres import Cluster, binaries

SQL = Path(__file__).parent / "sql"
BULK = 500
SECONDS = 3


class Raw:
    """A database of its own on the measured cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
            connection.execute("create database raw")
        with psycopg.connect(cluster.dsn("raw"), autocommit=True) as connection:
            connection.execute((SQL / "raw.sql").read_bytes())

    def commands_per_s(self) -> float:
        return self._pgbench("one.sql")

    def command_ms(self) -> float:
        return 1e3 / self.commands_per_s()

    def bulk_per_s(self, *, clients: int = 1) -> float:
        """Postings a second in calls of 500."""
        return self._pgbench("bulk.sql", clients) * BULK

    def relayed_per_s(self, rows: int) -> float:
        """Outbox rows a second moved into a queue, 500 a call, of so many that are waiting."""
        with psycopg.connect(self.cluster.dsn("raw"), autocommit=True) as connection:
            connection.execute("truncate outbox, queue")
            connection.execute(
                "insert into outbox (topic, payload) select type, data || meta from history where version <= %s",
                (rows,),
            )
        return self._pgbench("relay.sql", calls=rows // BULK) * BULK

    def upserts_per_s(self, *, clients: int = 1) -> float:
        """Rows of a view a second, 500 a call."""
        return self._pgbench("view.sql", clients) * BULK

    def heads_per_s(self) -> float:
        return self._pgbench("head.sql")

    def histories_per_s(self) -> float:
        """Histories of 100,000 events a second, sent to the client."""
        return self._pgbench("history.sql")

    def documents_per_s(self, *, clients: int) -> float:
        return self._pgbench("document.sql", clients)

    def _pgbench(self, script: str, clients: int = 1, *, calls: int | None = None) -> float:
        """Transactions a second: of three seconds, or of so many calls."""
        environment = dict(os.environ, PGPASSWORD=self.cluster.password)
        place = ["-h", "127.0.0.1", "-p", str(self.cluster.port), "-U", "postgres"]
        load = ["-n", "-M", "prepared", "-c", str(clients), "-f", str(SQL / script)]
        load += ["-T", str(SECONDS)] if calls is None else ["-t", str(calls)]
        command = [str(binaries() / "pgbench"), *place, *load, "raw"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if found is None:
            raise RuntimeError(f"pgbench said neither how fast nor why not: {done.stdout}{done.stderr}")
        return float(found.group(1))
