"""What a run of the tests stands on: a port nobody else gets, and a server whose end is told."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from bank.runtime.temporary import TemporaryBank


@pytest.fixture
def bank() -> Iterator[TemporaryBank]:
    made = TemporaryBank(embedded=True)
    yield made
    made.stop()


def test_its_port_is_nobody_elses_until_its_server_listens_there(bank: TemporaryBank) -> None:
    """As PostgreSQL does, which says that the address may be used again."""
    address = ("127.0.0.1", bank.port)
    with closing(socket.socket()) as somebody, pytest.raises(OSError, match="in use"):
        somebody.bind(address)
    with closing(socket.socket()) as server, closing(socket.socket()) as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()
        client.connect(address)


def test_a_server_that_ended_is_told_with_its_last_words(bank: TemporaryBank) -> None:
    assert bank.cluster is not None
    assert bank.lost() == "", "it has not started"
    bank.log.write_text("first words\n" + "words\n" * 20 + "PANIC: no more\n")
    bank.cluster.process = subprocess.Popen(["sh", "-c", "read line; exit 7"], stdin=subprocess.PIPE)
    assert bank.lost() == "", "it lives"
    bank.cluster.process.communicate(b"\n")
    told = bank.lost()
    assert "ended with status 7" in told
    assert "PANIC: no more" in told
    assert "first words" not in told
