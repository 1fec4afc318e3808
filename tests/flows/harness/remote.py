"""A bank that runs in processes of its own, seen through its public API; its databases are only looked at to see
whether anything still moves."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from amqp.exceptions import NotFound

from bank.runtime import databases
from bank.runtime.home import PROJECT
from bank.runtime.topology import five_services, one_service
from tests.running import PRIVATE, RunningBank, queues

OF_THE_VIEW = ("bank-view", "activity", "stream")
PLACES = {
    "customers": "customers",
    "accounts": "accounts",
    "transfers": "accounts",
    "books": "accounts",
    "cards": "cards",
    "credit-cards": "cards",
    "card-payments": "cards",
    "card-payouts": "cards",
    "bill-payments": "cards",
    "loans": "loans",
    "loan-repayments": "loans",
}
QUIET_S, LOOK_EVERY_S = 180.0, 0.1
QUIET_LOOKS = 5 if os.environ["BANK_RUNTIME"] == "services" else 1


@dataclass(slots=True)
class RemoteClient:
    """Speaks with each context where it is served, with a token of the bank's own identity provider."""

    addresses: dict[str, str]
    secret: str
    client_id: str = "demo"
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))
    token: str = ""

    def address(self, path: str) -> str:
        parts = path.partition("?")[0].strip("/").split("/")
        is_view = len(parts) > 2 and parts[2] in OF_THE_VIEW
        context = "bankview" if is_view else PLACES.get(parts[0], "bankview")
        return f"{self.addresses[context]}/api/v1{path}"

    def sign_in(self) -> None:
        """On its first day the bank writes down its clients while it answers already."""
        deadline = time.monotonic() + QUIET_S
        while (answer := self._token()).status_code != 200:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.5)
        self.token = answer.json()["access_token"]

    def _token(self) -> httpx.Response:
        base = self.addresses["bankview"]
        provider = self.http.get(f"{base}/.well-known/openid-configuration").json()
        path = httpx.URL(provider["token_endpoint"]).path
        form = {"grant_type": "client_credentials", "scope": "openid"}
        return self.http.post(f"{base}{path}", data=form, auth=(self.client_id, self.secret))

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self._write("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self._write("PATCH", path, body)

    def _write(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        headers = self.headers(**{"Idempotency-Key": str(uuid4())})
        return self.http.request(method, self.address(path), json=body or {}, headers=headers)

    def made(self, path: str, body: dict[str, Any] | None = None) -> str:
        answer = self.post(path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        return str(answer.json()["id"])

    def get(self, path: str) -> Any:
        answer = self.http.get(self.address(path), headers=self.headers())
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass(slots=True)
class RemoteBank:
    running: RunningBank
    environment: dict[str, str]
    operator: RemoteClient

    @classmethod
    def of(cls, running: RunningBank) -> "RemoteBank":
        environment: dict[str, str] = json.loads((running.home / "environment.json").read_text())
        services = five_services(running.port) if "--services" in running.arguments else one_service(running.port)
        addresses = {name: f"http://127.0.0.1:{one.port}" for one in services for name in one.contexts}
        operator = RemoteClient(addresses, environment["BANK_DEMO_CLIENT_SECRET"])
        operator.sign_in()
        return cls(running, environment, operator)

    def signed_up(self, *names: str) -> list[RemoteClient]:
        """People who have a login, each with an app that acts for him; no customers yet."""
        secrets = {name: token_urlsafe() for name in names}
        script = "from config.identity import logins, models\n" + "\n".join(
            f"logins.ensure_client({name!r}, {secret!r}, {name!r}, models.User.objects.create_user({name!r}))"
            for name, secret in secrets.items()
        )
        self.manage("shell", "-c", script).communicate()
        clients = [RemoteClient(self.operator.addresses, secret, name) for name, secret in secrets.items()]
        for client in clients:
            client.sign_in()
        return clients

    def manage(self, *words: str) -> "subprocess.Popen[str]":
        """A command of this bank's, from a second terminal."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(PRIVATE)}
        environment = {**clean, **self.running.environment, "BANK_HOME": str(self.running.home)}
        command = [sys.executable, str(PROJECT / "manage.py"), *words]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def texted(self, number: str) -> str:
        """The code in the last text to a mobile phone, as a bank without a mail server prints it."""
        text = re.compile(rf"To: {number.removeprefix('+')}@.*?Your code is ([0-9]+)\.", re.DOTALL)
        deadline = time.monotonic() + QUIET_S
        while not (codes := text.findall(self.running.log)):
            assert time.monotonic() < deadline, f"nobody texted {number}"
            time.sleep(LOOK_EVERY_S)
        return str(codes[-1])

    def clock(self, job: Callable[[], object]) -> None:
        raise AssertionError("A running bank keeps its own time: a story that moves the clock cannot be told to it.")

    def rows(self, url: str, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(statement).fetchall()

    def moved(self) -> tuple[int, int]:
        """How many events there are, and how many messages are on their way, or were too early and are tried again."""
        urls = [self.environment[databases.variable(context)] for context in databases.CONTEXTS]
        events = sum(self.rows(url, "select count(*) from bank_event")[0][0] for url in urls)
        left = "select (select count(*) from bank_outbox) + (select count(*) from bank_parked)"
        waiting = sum(self.rows(url, left)[0][0] for url in urls)
        return events, waiting + self.queued()

    def queued(self) -> int:
        """How many messages the broker has. RabbitMQ does not count those which it has handed out."""
        if self.running.environment:
            prefix = self.running.environment["BROKER_PREFIX"]
            with self.running.rabbitmq() as channel:
                return sum(messages_in(channel, prefix + name) for name in queues())
        metrics = "select coalesce(sum(queue_length), 0)::int from pgmq.metrics_all() where queue_name like '%.%.%'"
        return int(self.rows(self.environment["BROKER_DATABASE_URL"], metrics)[0][0])

    def catch_up(self) -> None:
        """It does so by itself."""
        self.flow()

    def flow(self) -> None:
        """Wait until nothing is on its way and nothing has happened between looks."""
        deadline = time.monotonic() + QUIET_S
        before, quiet = self.moved(), 0
        while quiet < QUIET_LOOKS:
            time.sleep(LOOK_EVERY_S)
            now = self.moved()
            assert time.monotonic() < deadline, f"still moving: {now}"
            before, quiet = now, quiet + 1 if now == before and now[1] == 0 else 0


def messages_in(channel: Any, queue: str) -> int:
    """None where nobody has declared it: not every context has views, or hears of others."""
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except NotFound:
        return 0
