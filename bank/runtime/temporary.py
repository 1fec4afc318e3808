"""A bank's databases for one run of the tests, which no other run can see, and nothing of them afterwards."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlsplit

from bank.runtime import databases, home
from bank.runtime.postgres import Cluster, reserved_port

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


@dataclass
class TemporaryBank:
    """Where tests run: on an embedded cluster of their own, or (`BANK_RUNTIME=services`) in databases of their own.

    `environment` is known before anything runs, so that settings can be read and tests without a database stay quick.
    """

    embedded: bool
    passwords: dict[str, str] = field(default_factory=databases.new_passwords)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="bank-test-")))
    place: socket = field(default_factory=reserved_port)
    environment: dict[str, str] = field(init=False)
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        self.environment = {
            **home.new_secrets(),
            **(self._embedded() if self.embedded else self._services()),
            "BANK_HOME": str(self.folder),
            "BANK_ROLE": "owner",
            "DOORBELL": "0",
            "BANK_STATEMENT_TIMEOUT_MS": "60000",
        }

    @property
    def port(self) -> int:
        """Kept from now on: the server starts when the first test needs it, which may be minutes later."""
        return int(self.place.getsockname()[1])

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def _embedded(self) -> dict[str, str]:
        self.cluster = Cluster(self.folder / "postgres", self.port, self.passwords["postgres"], durable=False)
        admin = databases.Login("postgres", self.passwords["postgres"], "127.0.0.1", self.port, "postgres")
        found = databases.environment("127.0.0.1", self.port, self.passwords)
        return {**found, "ADMIN_DATABASE_URL": admin.url, "BROKER_URL": "", "CACHE_URL": "", "BANK_RUNTIME": "embedded"}

    def _services(self) -> dict[str, str]:
        admin = os.environ.get("ADMIN_DATABASE_URL", SERVER)
        server = urlsplit(admin)
        host, port = server.hostname or "127.0.0.1", server.port or 5432
        return {
            **databases.environment(host, port, self.passwords, prefix=f"test{os.getpid()}_"),
            "ADMIN_DATABASE_URL": admin,
            "BROKER_URL": os.environ.get("BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//"),
            "CACHE_URL": os.environ["CACHE_URL"],
            "BROKER_PREFIX": f"test{os.getpid()}.",
            "BANK_RUNTIME": "services",
        }

    @property
    def logins(self) -> list[tuple[str, str]]:
        """Each database's URL as the application and as its owner."""
        found = self.environment
        pairs = [
            (found[databases.variable(alias)], found[databases.variable(alias, owner=True)])
            for alias in databases.aliases(databases.CONTEXTS)
        ]
        return [*pairs, (found["BROKER_DATABASE_URL"], found["BROKER_DATABASE_URL"])]

    def start(self) -> None:
        """Roles and databases, still empty; owners may empty append-only tables."""
        if self.cluster:
            with open(self.log, "wb") as log:
                self.cluster.start(log)
        for url, owner_url in self.logins:
            databases.create(self.environment["ADMIN_DATABASE_URL"], url, owner_url)
            databases.allow_resets(self.environment["ADMIN_DATABASE_URL"], owner_url)

    def lost(self) -> str:
        """Why nothing can be tested any more: the server has ended, which nobody asked it to. Empty while it lives."""
        process = self.cluster and self.cluster.process
        if not process or process.poll() is None:
            return ""
        end = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        return f"The PostgreSQL of this run ended with status {process.returncode}. Its last words:\n{end}"

    def stop(self) -> None:
        self.place.close()
        if self.cluster:
            self.cluster.stop()
        else:
            for url, owner_url in self.logins:
                databases.drop(self.environment["ADMIN_DATABASE_URL"], url, owner_url)
            self._forget_tasks()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _forget_tasks(self) -> None:
        """Celery's queue on RabbitMQ, which any test that rang the doorbell has declared."""
        import kombu

        name = f"{self.environment['BROKER_PREFIX']}celery"
        with kombu.Connection(self.environment["BROKER_URL"]) as connection:
            channel: Any = connection.default_channel
            channel.queue_delete(name)
            channel.exchange_delete(name)
