"""RabbitMQ on bare py-amqp: confirms in a window, with tags accounted for here because py-amqp does not.

After any doubt (a nack, a return, a timeout, an acknowledgement of something else) the connection is dropped: the same
channel would take a late confirm for the next message's.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import AMQPError
from django.conf import settings

from bank.messaging.brokers.base import CONFIRM_TIMEOUT_S, BrokerLost, Bundle, Delivery, canary
from bank.messaging.messages import CONTENT_TYPE
from bank.messaging.topology import EXCHANGE, Queue, catch_alls

WINDOW = 200
"""Bundles that may await their confirm at a time."""

PREFETCH = 500
HEARTBEAT_S = 30
BURST_S = 0.02
"""How long a consumer goes on collecting once the first message is there, so that bursts become batches."""

PERSISTENT = 2
DECLARE = {"x-queue-type": "quorum", "x-single-active-consumer": True}


@contextmanager
def _lost_if_it_fails() -> Iterator[None]:
    try:
        yield
    except (AMQPError, OSError) as error:
        raise BrokerLost(f"amqp: {type(error).__name__}: {error}") from error


def _connect(url: str, *, heartbeat_s: int = 0) -> Any:
    """py-amqp sets TCP_NODELAY itself."""
    parts = urlsplit(url)
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}",
        userid=_user(url),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        ssl=parts.scheme == "amqps",
        connect_timeout=5,
        write_timeout=int(CONFIRM_TIMEOUT_S),
        heartbeat=heartbeat_s,
    )
    connection.connect()
    return connection


def _user(url: str) -> str:
    return unquote(urlsplit(url).username or "guest")


def named(name: str) -> str:
    """The name of an exchange or queue on this broker."""
    return f"{settings.BROKER_PREFIX}{name}"


def declare(channel: Any, queue: Queue) -> None:
    channel.exchange_declare(named(EXCHANGE), "topic", durable=True, auto_delete=False)
    channel.queue_declare(named(queue.name), durable=True, auto_delete=False, arguments=DECLARE)
    bind(channel, queue)


def bind(channel: Any, queue: Queue) -> None:
    for pattern in queue.patterns:
        channel.queue_bind(named(queue.name), named(EXCHANGE), pattern)


class AmqpPublisher:
    def __init__(self, url: str) -> None:
        self._url = url
        self._user = _user(url)
        self._exchange = named(EXCHANGE)
        self._connection: Any = None
        self._channel: Any = None
        self._last_tag = 0
        self._unconfirmed: set[int] = set()

    def publish(self, bundles: Sequence[Bundle]) -> None:
        with self._closed_in_doubt():
            self._publish(bundles)

    def sing(self, queues: Sequence[Queue]) -> None:
        with self._closed_in_doubt():
            self._ready()
            for queue in queues:
                bind(self._channel, queue)
            self._publish([canary(queue) for queue in queues])

    @contextmanager
    def _closed_in_doubt(self) -> Iterator[None]:
        try:
            with _lost_if_it_fails():
                yield
        except BrokerLost:
            self.close()
            raise

    def _publish(self, bundles: Sequence[Bundle]) -> None:
        self._ready()
        for bundle in bundles:
            self._send(bundle)
            if len(self._unconfirmed) >= WINDOW:
                self._await(WINDOW // 2)
        self._await(0)

    def _ready(self) -> None:
        if self._channel is not None:
            return
        self._connection = _connect(self._url)
        channel = self._connection.channel()
        for queue in catch_alls():
            declare(channel, queue)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)
        self._channel, self._last_tag, self._unconfirmed = channel, 0, set()

    def _send(self, bundle: Bundle) -> None:
        self._last_tag += 1
        self._unconfirmed.add(self._last_tag)
        message = amqp.Message(
            bundle.body,
            content_type=CONTENT_TYPE,
            delivery_mode=PERSISTENT,
            user_id=self._user,
            application_headers={"bank-source": bundle.source, "bank-signature": bundle.signature},
        )
        self._channel.basic_publish(message, self._exchange, bundle.routing_key, mandatory=True)

    def _await(self, at_most: int) -> None:
        """Until no more than so many confirms are outstanding."""
        deadline = time.monotonic() + CONFIRM_TIMEOUT_S
        while len(self._unconfirmed) > at_most:
            left = deadline - time.monotonic()
            if left <= 0:
                raise BrokerLost(f"amqp: {len(self._unconfirmed)} messages not confirmed in {CONFIRM_TIMEOUT_S} s")
            self._connection.drain_events(timeout=left)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        if tag not in self._unconfirmed:
            raise BrokerLost(f"amqp: confirm of tag {tag}, which was not awaited")
        if multiple:
            self._unconfirmed = {waiting for waiting in self._unconfirmed if waiting > tag}
        else:
            self._unconfirmed.discard(tag)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        raise BrokerLost(f"amqp: tag {tag} was refused")

    def _on_return(self, reason: Exception, exchange: str, routing_key: str, message: Any) -> None:
        raise BrokerLost(f"amqp: no queue is bound to {routing_key}: {reason}")

    def close(self) -> None:
        _drop(self._connection)
        self._connection = self._channel = None


class AmqpConsumer:
    def __init__(self, url: str, queue: Queue) -> None:
        self.queue = queue
        self._arrived: list[Delivery] = []
        self._connection: Any = None
        try:
            with _lost_if_it_fails():
                self._connection = _connect(url, heartbeat_s=HEARTBEAT_S)
                self._channel = self._connection.channel()
                declare(self._channel, queue)
                self._channel.basic_qos(0, PREFETCH, False)
                self._channel.basic_consume(named(queue.name), callback=self._on_message, on_cancel=self._on_cancel)
        except BrokerLost:
            self.close()
            raise

    def read(self, limit: int, wait_s: float) -> list[Delivery]:
        with _lost_if_it_fails():
            self._connection.heartbeat_tick()
            if not self._arrived:
                self._drain(wait_s)
            deadline = time.monotonic() + BURST_S
            while self._arrived and len(self._arrived) < limit and time.monotonic() < deadline and self._drain(0):
                pass
        taken, self._arrived = self._arrived[:limit], self._arrived[limit:]
        return taken

    def _drain(self, wait_s: float) -> bool:
        try:
            self._connection.drain_events(timeout=wait_s)
        except TimeoutError:
            return False
        return True

    def ack(self, last: Delivery) -> None:
        with _lost_if_it_fails():
            self._channel.basic_ack(last.tag, multiple=True)

    def _on_message(self, message: Any) -> None:
        headers = message.properties.get("application_headers") or {}
        body = message.body if isinstance(message.body, bytes) else message.body.encode()
        self._arrived.append(
            Delivery(
                message.delivery_info["delivery_tag"],
                str(headers.get("bank-source", "")),
                str(headers.get("bank-signature", "")),
                body,
            )
        )

    def _on_cancel(self, consumer_tag: str) -> None:
        raise BrokerLost(f"amqp: the broker cancelled the consumer of {self.queue.name}")

    def close(self) -> None:
        _drop(self._connection)


def _drop(connection: Any) -> None:
    """Without a farewell: whoever is in doubt does not ask the other side to agree."""
    if connection is None:
        return
    try:
        connection.collect()
    except (AMQPError, OSError):
        return
