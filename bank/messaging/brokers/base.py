"""What relay and consumers ask of a broker. Two faces: RabbitMQ (`amqp`) and pgmq's tables in PostgreSQL (`pgmq`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bank.messaging.topology import Queue

CANARY = "canary"
"""Where a message comes from that says nothing, but that it came."""

CONFIRM_TIMEOUT_S = 10.0
"""How long a publisher waits for the broker: below the idle-in-transaction timeout of the relay that waits for it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One broker message on its way out: a CloudEvents batch and its signature."""

    routing_key: str
    source: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One broker message as it arrived. `tag` is the broker's name for it, ascending in the order of arrival."""

    tag: int
    source: str
    signature: str
    body: bytes

    @property
    def is_canary(self) -> bool:
        return self.source == CANARY


def canary(queue: Queue) -> Bundle:
    """Not signed, since nothing is believed of it; not empty, since an empty body hangs."""
    return Bundle(queue.canary, CANARY, "", CANARY.encode())


class BrokerLost(Exception):
    """The broker did not do as asked, or perhaps did not. The connection is gone, and nothing counts as sent."""


class Publisher(Protocol):
    def publish(self, bundles: Sequence[Bundle]) -> None:
        """Return when the broker has taken every bundle, in order. Raises `BrokerLost`; some may have arrived."""

    def sing(self, queues: Sequence[Queue]) -> None:
        """Bind these queues once more, and send each a canary as every message is sent. Raises `BrokerLost`."""

    def close(self) -> None: ...


class Consumer(Protocol):
    """The only active consumer of one queue; another one of the same queue waits until this one is gone."""

    queue: Queue

    def read(self, limit: int, wait_s: float) -> list[Delivery]:
        """What is there, oldest first; if nothing is, what comes within `wait_s`. Raises `BrokerLost`."""

    def ack(self, last: Delivery) -> None:
        """Everything read up to and including `last` has been applied and committed. Raises `BrokerLost`."""

    def close(self) -> None: ...
