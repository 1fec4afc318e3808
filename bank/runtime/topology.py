"""Which processes make a bank: one service that serves all contexts, or five from the same code.

A service is a web server, a Celery worker, beat, and a consumer per context; the one that serves `bankview` has the
ASGI process beside it.
"""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from bank.runtime import databases, heartbeat
from bank.runtime.home import PROJECT
from bank.runtime.supervisor import Part

PRIVILEGED = ("ADMIN_DATABASE_URL", "OWNER_DATABASE_URL", "DATABASE_URL", "PGPASSWORD")
PORTS_BETWEEN_SERVICES = 10
OF_IDENTITY = (
    "BANK_OIDC_PRIVATE_KEY",
    "BANK_OPERATOR_PASSWORD",
    "BANK_CUSTOMER_PASSWORD",
    "BANK_DEMO_CLIENT_SECRET",
)
"""What nobody needs but the service that owns identity: whoever has the key makes tokens for anybody."""


@dataclass(frozen=True, slots=True)
class Service:
    """Contexts that share processes, and the port they answer on."""

    contexts: tuple[str, ...]
    port: int

    @property
    def is_whole(self) -> bool:
        return set(self.contexts) == set(databases.CONTEXTS)

    @property
    def owns_identity(self) -> bool:
        return "bankview" in self.contexts

    @property
    def has_sidecar(self) -> bool:
        return "bankview" in self.contexts

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port, self.port + 1) if self.has_sidecar else (self.port,)

    def named(self, part: str) -> str:
        return part if self.is_whole else f"{'-'.join(self.contexts)}/{part}"

    @property
    def canary(self) -> str:
        return "worker" if self.is_whole else f"worker-{'-'.join(self.contexts)}"


def one_service(port: int) -> list[Service]:
    return [Service(databases.CONTEXTS, port)]


def five_services(port: int) -> list[Service]:
    """`bankview`, which owns identity, on the port itself; the others on ports ten apart."""
    first = [Service(("bankview",), port)]
    others = [context for context in databases.CONTEXTS if context != "bankview"]
    return first + [
        Service((context,), port + PORTS_BETWEEN_SERVICES * place) for place, context in enumerate(others, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Topology:
    """The services of a bank and what all of them are told. `found` holds every URL and secret there is.

    `hears` names, for each context that hears messages and so has a consumer, the contexts they come from.
    """

    services: Sequence[Service]
    found: Mapping[str, str]
    folder: Path
    hears: Mapping[str, Sequence[str]]
    host: str = "127.0.0.1"

    @property
    def heartbeats(self) -> Path:
        return self.folder / "heartbeats"

    @property
    def status_file(self) -> Path:
        return self.folder / "status.json"

    def environment(self, service: Service) -> dict[str, str]:
        """What a service's processes see: their own databases as the application role and the keys they need, and
        nobody else's."""
        told = {name: value for name, value in {**os.environ, **self.found}.items() if self.may_know(service, name)}
        return {
            **told,
            **self.keys(service),
            **self.urls(service),
            **self.addresses(),
            "BANK_RUNTIME": "supervised",
            "BANK_ROLE": "application",
            "BANK_HEARTBEATS": str(self.heartbeats),
            "BANK_STATUS_FILE": str(self.status_file),
            "BEAT_SCHEDULE_FILE": str(self.folder / f"beat-{service.port}"),
            "CONTEXTS": ",".join(service.contexts),
            "PORT": str(service.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(PROJECT),
        }

    def may_know(self, service: Service, name: str) -> bool:
        if name in OF_IDENTITY:
            return service.owns_identity
        if name == "BANK_BLIND_INDEX_KEY":
            return "customers" in service.contexts
        return not name.startswith(PRIVILEGED)

    def keys(self, service: Service) -> dict[str, str]:
        """Message keys are its own and those of whom it hears; service keys its own and those of who asks it."""
        own = set(service.contexts)
        heard = {source for context in own for source in self.hears.get(context, ())}
        asking = {context for context, sources in self.hears.items() if own & set(sources)}
        wanted = {"BANK_MESSAGE_KEYS": own | heard, "BANK_SERVICE_KEYS": own | asking}
        return {name: only(self.found[name], contexts) for name, contexts in wanted.items() if name in self.found}

    def urls(self, service: Service, *, owner: bool = False) -> dict[str, str]:
        identity = "default" if service.is_whole else databases.identity(service.contexts[0])
        mapping = {"default": identity, **{context: context for context in service.contexts}}
        return {
            databases.variable(alias, owner=owner): self.found[databases.variable(name, owner=owner)]
            for alias, name in mapping.items()
            if databases.variable(name, owner=owner) in self.found
        }

    def addresses(self) -> dict[str, str]:
        home = {context: service.port for service in self.services for context in service.contexts}
        return {
            **{f"INTERNAL_URL_{context.upper()}": f"http://127.0.0.1:{port}" for context, port in home.items()},
            **{f"CONSOLE_URL_{context.upper()}": f"http://{self.host}:{port}" for context, port in home.items()},
            "PUBLIC_URL": f"http://{self.host}:{self.services[0].port}",
        }

    def setup(self, service: Service) -> Part:
        """The one process that is told the owners' passwords, and ends before the others start."""
        admin = {"ADMIN_DATABASE_URL": self.found["ADMIN_DATABASE_URL"]} if "ADMIN_DATABASE_URL" in self.found else {}
        environment = {**self.environment(service), **self.urls(service, owner=True), **admin, "BANK_ROLE": "owner"}
        return Part(service.named("setup"), manage("setup_databases"), environment, never)

    def parts(self, service: Service) -> list[Part]:
        environment = self.environment(service)
        beats = self.heartbeats
        found = [
            Part(service.named("web"), self._web(service), environment, answers(service.port, "/livez")),
            Part(service.named("worker"), worker(service), environment, progresses(beats, service.canary)),
            Part(service.named("beat"), BEAT, environment, progresses(beats, service.canary)),
        ]
        if service.has_sidecar:
            port = service.port + 1
            found.append(Part(service.named("sidecar"), self._sidecar(port), environment, answers(port, "/livez")))
        for context in [context for context in service.contexts if context in self.hears]:
            command = manage("consume", "--context", context)
            name = f"consume-{context}"
            found.append(Part(service.named(name), command, environment, progresses(beats, name)))
        return found

    def _web(self, service: Service) -> list[str]:
        workers = "2" if service.is_whole else "1"
        threads = ["--workers", workers, "--blocking-threads", "4", "--blocking-threads-idle-timeout", "600"]
        return [*self._granian("wsgi", service.port), *threads, "config.wsgi:application"]

    def _sidecar(self, port: int) -> list[str]:
        return [*self._granian("asgi", port), "config.asgi:application"]

    def _granian(self, interface: str, port: int) -> list[str]:
        address = ["--interface", interface, "--host", self.host, "--port", str(port)]
        return [sys.executable, "-m", "granian", *address, "--log-level", "warning"]


WITH_LONG_TASK = ("accounts", "loans", "cards")
"""The end of a day, and a look at every loan or card: each context has one task that may take minutes, or hours."""

CELERY = [sys.executable, "-W", "ignore::UserWarning:celery.platforms", "-m", "celery", "--quiet", "-A", "config"]
BEAT = [*CELERY, "beat", "-l", "WARNING", "--pidfile="]


def worker(service: Service) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    pool = ["--pool", "prefork", "--concurrency", str(places(service))]
    name = ["-n", f"{service.canary}@%h"]
    return [*CELERY, "worker", *pool, *quiet, *name]


def places(service: Service) -> int:
    """Whatever takes long has one of them each, so that one is left for what does not."""
    return max(2, 1 + len([context for context in service.contexts if context in WITH_LONG_TASK]))


def only(keys: str, contexts: Collection[str]) -> str:
    """Of `"context:key,context:key"` those of these contexts."""
    return ",".join(one for one in keys.split(",") if one.strip().partition(":")[0] in contexts)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(PROJECT / "manage.py"), *arguments]


def never(started_at: float) -> bool:
    return False


def answers(port: int, path: str) -> Callable[[float], bool]:
    """Up when it answers HTTP, whatever it says."""

    def is_up(started_at: float) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return True
        except urllib.error.HTTPError as answer:
            return answer.code < 500
        except (OSError, HTTPException):
            return False

    return is_up


def progresses(folder: Path, name: str) -> Callable[[float], bool]:
    """Up when it has made progress since it was started, and lately."""

    def is_up(started_at: float) -> bool:
        try:
            last = (folder / name).stat().st_mtime
        except FileNotFoundError:
            return False
        return last >= started_at and heartbeat.age_s(folder, name) < heartbeat.STALE_AFTER_S

    return is_up
