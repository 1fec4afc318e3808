"""When the answer to COMMIT is lost on the wire: nothing is reported that is not so."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from rest_framework.test import APIClient

from bank.history.eventstore import load
from bank.http.principal import principal
from tests.bank.examples.counting import COUNTER, COUNTING
from tests.bank.examples.counting_api import OWNERS

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "default"], transaction=True),
    pytest.mark.urls("tests.bank.examples.counting_api"),
]

ALICE = principal("1", str(uuid4()), is_operator=False)


class Wire:
    """A wire to PostgreSQL that breaks at the next COMMIT: on the way there, or on the way back."""

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.breaks: str | None = None
        self.broken = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server)
                Thread(target=self._forward, args=(client, server), daemon=True).start()
                Thread(target=self._return, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(client):
            if b"COMMIT" in data and self.breaks == "before":
                return self._break(client, server)
            server.sendall(data)
        server.close()

    def _return(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            if b"COMMIT\0" in data and self.breaks == "after":
                return self._break(client, server)
            with suppress(OSError):
                client.sendall(data)

    def _break(self, client: socket.socket, server: socket.socket) -> None:
        self.breaks = None
        self.broken += 1
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


@pytest.fixture
def wire() -> Iterator[Wire]:
    connection = connections["accounts"]
    before = connection.settings_dict
    wire = Wire(before["HOST"], int(before["PORT"]))
    connection.close()
    connection.settings_dict = {**before, "HOST": "127.0.0.1", "PORT": wire.port}
    yield wire
    connection.close()
    connection.settings_dict = before
    wire.listener.close()


def add(counter: str, key: str) -> Any:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(ALICE)  # type: ignore[arg-type]
    body = {"amount": {"amount": "0.05", "currency": "EUR"}}
    path = f"/api/v1/counters/{counter}/additions"
    return api.post(path, body, format="json", headers={"Idempotency-Key": key})


def opened() -> str:
    counter = str(uuid4())
    OWNERS[counter] = str(ALICE.customer_id)
    return counter


def total(counter: str) -> int:
    return int(load(COUNTING, COUNTER, counter)[0].total)


def test_what_was_committed_before_its_answer_was_lost_is_reported_as_done(wire: Wire) -> None:
    counter = opened()
    wire.breaks = "after"
    answer = add(counter, "k")
    assert wire.broken == 1
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert add(counter, "k")["Idempotency-Replayed"] == "true"
    assert total(counter) == 5


def test_what_cannot_be_known_is_not_called_failed_and_a_retry_tells_the_truth(wire: Wire) -> None:
    counter = opened()
    wire.breaks = "before"
    answer = add(counter, "k")
    assert wire.broken == 1
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "1", "unavailable")
    assert "same Idempotency-Key tells the truth" in answer.json()["detail"]
    assert add(counter, "k").json()["version"] == 1
    assert total(counter) == 5


def test_a_database_that_is_gone_is_unavailable_and_not_a_defect(wire: Wire) -> None:
    connections["accounts"].close()
    connections["accounts"].settings_dict["PORT"] = 1
    answer = add(opened(), "k")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
