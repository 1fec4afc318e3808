"""One command starts the bank."""

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bank.context import load
from bank.messaging import sinks
from bank.runtime import databases, home
from bank.runtime.postgres import Cluster, PostgresFailed, free_port, port_is_free
from bank.runtime.supervisor import REAPER, Log, Part, Supervisor
from bank.runtime.topology import Topology, five_services, manage, never, one_service

START_TIMEOUT_S = 300.0


class Command(BaseCommand):
    help = "Start the whole bank: PostgreSQL, web, workers and consumers; Ctrl-C stops it and leaves nothing behind."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--services", action="store_true", help="five services, one per context, from the same code"
        )
        parser.add_argument("--no-demo", action="store_true", help="do not open demo customers on the first start")

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one(home.path()):
            try:
                ok = asyncio.run(Bank(services=options["services"], demo=not options["no_demo"]).run())
            except PostgresFailed as failure:
                raise CommandError(str(failure)) from failure
        if not ok:
            sys.exit(1)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two supervisors in one home would fight over its data; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / "lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(
                f"A bank already runs in {folder} (process {file.read().strip()}). "
                "Stop it first, or set BANK_HOME and PORT for another one."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


class Bank:
    """The parts of a bank on this machine, from what the data directory remembers."""

    def __init__(self, *, services: bool, demo: bool) -> None:
        self.began = time.monotonic()
        self.embedded = os.environ.get("BANK_RUNTIME", "embedded") == "embedded"
        self.remembered = remembered_secrets()
        self.cluster = self._cluster() if self.embedded else None
        port = int(os.environ.get("PORT", "8000"))
        folder = home.path() / "run"
        (folder / "heartbeats").mkdir(parents=True, exist_ok=True)
        self.topology = Topology(
            services=five_services(port) if services else one_service(port),
            found=self._found(),
            folder=folder,
            hears={context: sources for context in databases.CONTEXTS if (sources := heard_by(context))},
            host=os.environ.get("HOST", "127.0.0.1"),
        )
        self.parts = [part for service in self.topology.services for part in self.topology.parts(service)]
        self.demo = demo
        names = ["bank", REAPER, "postgres", *(part.name for part in self.parts)]
        self.supervisor = Supervisor(Log(names, colour=coloured()), self.topology.status_file)

    def _cluster(self) -> Cluster:
        port = int(self.remembered.get("POSTGRES_PORT") or free_port())
        if not port_is_free(port):
            port = free_port()
        if str(port) != self.remembered.get("POSTGRES_PORT"):
            self.remembered["POSTGRES_PORT"] = str(port)
            home.write("secrets.json", self.remembered)
        return Cluster(home.path() / "postgres", port, self.remembered["PASSWORD_postgres"])

    def _found(self) -> dict[str, str]:
        """Every URL and secret; in `services`, what the environment says wins, the rest is made up from its server."""
        passwords = passwords_in(self.remembered)
        secrets = {name: self.remembered[name] for name in home.SECRETS}
        if self.cluster:
            admin = databases.Login("postgres", passwords["postgres"], "127.0.0.1", self.cluster.port, "postgres")
            urls = databases.environment("127.0.0.1", self.cluster.port, passwords)
            return {**secrets, **urls, "ADMIN_DATABASE_URL": admin.url, "BROKER_URL": "", "CACHE_URL": ""}
        given = {name: value for name, value in os.environ.items() if name.startswith(GIVEN)}
        if "ADMIN_DATABASE_URL" not in given:
            return {**secrets, **given}
        server = databases.parse(given["ADMIN_DATABASE_URL"])
        return {
            **secrets,
            **databases.environment(
                server.host, server.port, passwords, prefix=os.environ.get("BANK_DATABASE_PREFIX", "bank_")
            ),
            **given,
        }

    async def run(self) -> bool:
        """Until Ctrl-C; false when the bank could not be started, or not be looked after."""
        self.supervisor.listen()
        self._require_free_ports()
        self.supervisor.say(f"starting in {home.path()}")
        watcher = self.supervisor.watch()
        try:
            started = await self._start()
            if started:
                await self.supervisor.stopping.wait()
            return (started or self.supervisor.stopping.is_set()) and not self.supervisor.failed
        finally:
            await self._stop()
            watcher.cancel()

    def _require_free_ports(self) -> None:
        for service in self.topology.services:
            for port in service.ports:
                if not port_is_free(port):
                    raise CommandError(f"Port {port} is in use by another program. Choose another: PORT=8100 make run")

    async def _start(self) -> bool:
        supervisor = self.supervisor
        if self.cluster and not await self._start_postgres(self.cluster):
            return False
        for service in self.topology.services:
            if not await supervisor.once(self.topology.setup(service)):
                return False
        home.write("environment.json", self._for_second_terminal())
        await self._once("seed_identity")
        supervisor.start(self.parts)
        if not await supervisor.until_up(START_TIMEOUT_S):
            self._explain()
            return False
        if self.demo:
            await self._once("demo_customers")
        if not supervisor.stopping.is_set():
            self._welcome()
        return True

    async def _start_postgres(self, cluster: Cluster) -> bool:
        if not cluster.data.exists():
            self.supervisor.say("creating the PostgreSQL cluster")
            cluster.create()
        self.supervisor.start([postgres(cluster)])
        return await self.supervisor.until_up(START_TIMEOUT_S)

    def _for_second_terminal(self) -> dict[str, str]:
        """What `manage.py` needs to find this bank; the superuser's password is not among it."""
        first = self.topology.services[0]
        found = {name: value for name, value in self.topology.found.items() if name != "ADMIN_DATABASE_URL"}
        runtime = "embedded" if self.embedded else "services"
        return {**found, **self.topology.addresses(), "PORT": str(first.port), "BANK_RUNTIME": runtime}

    def _explain(self) -> None:
        late = [f"{name} is {state}" for name, state in self.supervisor.states.items() if state != "up"]
        if not self.supervisor.stopping.is_set():
            self.supervisor.say(f"not up after {START_TIMEOUT_S:.0f} s: {', '.join(late)}")

    async def _once(self, command: str) -> None:
        """On the first day. Who signs in is there before the bank says that it is ready; customers come after."""
        done = home.read("first-day.json")
        environment = self.topology.environment(self.topology.services[0])
        if command not in done and await self.supervisor.once(Part("demo", manage(command), environment, never)):
            home.write("first-day.json", {**done, command: "done"})

    def _welcome(self) -> None:
        base, found = self.topology.addresses()["PUBLIC_URL"], self.topology.found
        token = (
            f"curl -s -u demo:{found['BANK_DEMO_CLIENT_SECRET']} -d grant_type=client_credentials"
            f" {base}/identity/o/api/token"
        )
        lines = [
            f"the bank is up after {time.monotonic() - self.began:.1f} s; Ctrl-C stops it, the data stay",
            f"  console    {base}/admin/    operator@bank.example / {found['BANK_OPERATOR_PASSWORD']}",
            f"  customers  {base}/identity/login/    ada@bank.example / {found['BANK_CUSTOMER_PASSWORD']}",
            f"  API        {base}/api/docs",
            f"  a token    {token}",
            f"  health     {base}/readyz",
            "  a day of banking: make demo",
        ]
        for line in lines if self.demo else [line for line in lines if "customers" not in line]:
            self.supervisor.say(line)

    async def _stop(self) -> None:
        others = [name for name in {**self.supervisor.running, **self.supervisor.keepers} if name != "postgres"]
        self.supervisor.say("stopping")
        await self.supervisor.stop(others)
        await self.supervisor.stop(["postgres"])
        self.topology.status_file.unlink(missing_ok=True)
        self.supervisor.say("stopped; nothing is left running")


GIVEN = (
    "ADMIN_DATABASE_URL",
    "OWNER_DATABASE_URL",
    "DATABASE_URL",
    "BROKER_",
    "CACHE_URL",
    "BANK_MASTER",
    "BANK_BLIND",
    "BANK_MESSAGE_KEYS",
    "BANK_SERVICE_KEYS",
    "BANK_OIDC",
    "BANK_OPERATOR",
    "DJANGO_SECRET_KEY",
)


def postgres(cluster: Cluster) -> Part:
    return Part(
        "postgres", cluster.command(), dict(os.environ), lambda started: cluster.answers(), signal.SIGINT, wrapped=False
    )


def heard_by(name: str) -> list[str]:
    """The contexts whose messages a context hears."""
    return sorted({source for sink in sinks.of(load(name)) for source in sink.sources})


def remembered_secrets() -> dict[str, str]:
    """This home's secrets, made on the first start and completed when a later version needs more."""
    found = home.read("secrets.json")
    needed = {f"PASSWORD_{role}": password for role, password in databases.new_passwords().items()}
    if not {*home.SECRETS, *needed} <= found.keys():
        found = {**home.new_secrets(), **needed, **found}
        home.write("secrets.json", found)
    return found


def passwords_in(found: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("PASSWORD_"): value for name, value in found.items() if name.startswith("PASSWORD_")}


def coloured() -> bool:
    return "NO_COLOR" not in os.environ and (sys.stdout.isatty() or "FORCE_COLOR" in os.environ)
