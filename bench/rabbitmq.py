"""RabbitMQ as the broker of a measured bank: exchange and queues of its own, gone at the end."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import kombu

from bank.runtime.databases import CONTEXTS

URL = "amqp://guest:guest@127.0.0.1:5672//"


def answers() -> bool:
    place = urlsplit(URL)
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((place.hostname, place.port)) == 0


@contextmanager
def broker() -> Iterator[None]:
    """Point the settings at it. Call before Django is set up."""
    prefix = f"bench{os.getpid()}."
    os.environ.update(BROKER_URL=URL, BROKER_PREFIX=prefix)
    try:
        yield
    finally:
        _forget(prefix)


def _forget(prefix: str) -> None:
    tasks = ["celery", *(f"celery-{context}" for context in CONTEXTS)]
    queues = [f"{context}.{kind}.0" for context in CONTEXTS for kind in ("reactions", "views")]
    with kombu.Connection(URL) as connection:
        channel: Any = connection.default_channel
        for name in [*queues, *tasks]:
            channel.queue_delete(f"{prefix}{name}")
        for name in ["bank.events", *tasks]:
            channel.exchange_delete(f"{prefix}{name}")
