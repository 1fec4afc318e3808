"""The whole bank in one process, on the real broker; the test says when relays and consumers run, and what goes wrong.

What is tested is the real relay, the real queues and the real consumers. Only the order of their turns is the test's,
and what a disturbance makes of the messages on their way.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import msgspec
from django.conf import settings
from rest_framework.test import APIClient

from bank import failpoints
from bank.context import load
from bank.failpoints import Failed, arm, disarm
from bank.http.principal import principal
from bank.messaging import brokers, consumer, messages, relay
from bank.messaging.brokers import Consumer, Delivery
from bank.messaging.consumer import Listener
from bank.messaging.topology import Queue
from tests.flows.harness import promises

Messages = list[tuple[str, bytes]]
"""Single messages on their way, each with the context that signed it."""

Disturbance = Callable[[Messages], Messages]


def undisturbed(messages: Messages) -> Messages:
    return messages


def twice(messages: Messages) -> Messages:
    """Everything comes, and then everything comes again."""
    return messages + messages


def backwards(messages: Messages) -> Messages:
    return messages[::-1]


def shuffled_and_doubled(messages: Messages) -> Messages:
    mixed = messages + messages
    Random(len(messages)).shuffle(mixed)
    return mixed


def lost(messages: Messages) -> Messages:
    return []


def every_other_lost(messages: Messages) -> Messages:
    return messages[1::2]


@dataclass(slots=True)
class Disturbed:
    """A consumer of the real queue that hands on what the disturbance leaves, each message in a bundle of its own."""

    real: Consumer
    disturb: Disturbance
    queue: Queue = field(init=False)
    last: Delivery | None = None
    handed_on: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = self.real.queue

    def read(self, limit: int, wait_s: float) -> list[Delivery]:
        deliveries = self.real.read(limit, wait_s)
        if not deliveries:
            return []
        self.last = deliveries[-1]
        left = self.disturb([(each.source, one) for each in deliveries for one in _singles(each.body)])
        if not left:
            self.real.ack(self.last)
        self.handed_on = [_delivery(self.last.tag, source, one) for source, one in left]
        return self.handed_on

    def ack(self, last: Delivery) -> None:
        """What was read is acknowledged once, with the last of what was made of it: a broker knows a tag no longer."""
        assert self.last is not None
        if last is self.handed_on[-1]:
            self.real.ack(self.last)

    def close(self) -> None:
        self.real.close()


def _singles(body: bytes) -> list[bytes]:
    return [bytes(one) for one in msgspec.json.decode(body, type=list[msgspec.Raw])]


def _delivery(tag: int, source: str, message: bytes) -> Delivery:
    body = messages.bundle([message])
    return Delivery(tag, source, messages.sign(settings.MESSAGE_KEYS[source], body), body)


class Client:
    """Somebody who speaks JSON with the bank, and repeats a request that was not answered until it is."""

    def __init__(self, customer_id: str | None = None, *, is_operator: bool = False) -> None:
        self.api = APIClient()
        self.crashes = 0
        user: Any = principal("1", customer_id, is_operator=is_operator)
        self.api.force_authenticate(user)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._write(self.api.post, path, body or {})

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._write(self.api.patch, path, body)

    def _write(self, write: Callable[..., Any], path: str, body: dict[str, Any]) -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        while True:
            answer = write(f"/api/v1{path}", body, format="json", headers=headers)
            if answer.status_code != 500:
                return answer
            self.crashes += 1

    def made(self, path: str, body: dict[str, Any] | None = None) -> str:
        """The id of what a request made or changed."""
        answer = self.post(path, body)
        assert answer.status_code in (200, 201, 202), answer.content
        return str(answer.json()["id"])

    def get(self, path: str) -> Any:
        answer = self.api.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()


@dataclass(slots=True)
class Hearing:
    """One queue, its consumer in a test's hands, and what it does with what it hears."""

    listener: Listener
    consumer: Consumer


@dataclass(slots=True)
class Bank:
    disturb: Disturbance = undisturbed
    operator: Client = field(default_factory=lambda: Client(is_operator=True))
    hearings: dict[str, Hearing] = field(default_factory=dict)
    crashes: int = 0
    down: frozenset[str] = frozenset()

    # Consumers.

    def start(self, *contexts: str) -> None:
        """Start the consumers of these contexts (of all unless said), as their processes do: they catch up first."""
        for context in sorted({*(contexts or settings.CONTEXTS)} - self.down):
            for listener in consumer.listeners(load(context), threading.Event()):
                heard = Disturbed(brokers.consumer(listener.queue), lambda messages: self.disturb(messages))
                self.hearings[listener.queue.name] = Hearing(listener, heard)

    def stop(self) -> None:
        """All consumers die: whatever they knew is gone."""
        for hearing in self.hearings.values():
            hearing.consumer.close()
        self.hearings.clear()
        brokers.publisher().close()

    @contextmanager
    def without(self, context: str) -> Iterator[None]:
        """This context hears nothing; what is said to it waits."""
        self.down |= {context}
        self.restart()
        yield
        self.down -= {context}
        self.restart()

    def restart(self) -> None:
        self.stop()
        self.start()

    # Time passes.

    def clock(self, job: Callable[[], object]) -> None:
        """What beat does, again and again until it gets through."""
        while True:
            try:
                job()
                return
            except Failed:
                self.crashes += 1

    def flow(self) -> None:
        """Let every relay and consumer work until there is nothing left to do. A crash is followed by a restart."""
        while True:
            try:
                while self._round():
                    pass
                return
            except Failed:
                self.crashes += 1
                self.restart()

    def _round(self) -> int:
        sent = sum(relay.drain(context, brokers.publisher()) for context in settings.CONTEXTS)
        return sent + sum(hearing.listener.turn(hearing.consumer, wait_s=0) for hearing in self.hearings.values())

    def step(self, chance: Random) -> None:
        """One relay or one consumer, whichever comes, does one piece of its work."""
        drains = [partial(relay.drain, context, brokers.publisher()) for context in settings.CONTEXTS]
        turns = [partial(each.listener.turn, each.consumer, wait_s=0) for each in self.hearings.values()]
        try:
            chance.choice([*drains, *turns])()
        except Failed:
            self.crashes += 1
            self.restart()

    def catch_up(self) -> None:
        """What the broker lost is found in the feeds, hop by hop."""
        while True:
            self.restart()
            before = promises.history()
            self.flow()
            if promises.history() == before:
                return

    @property
    def unanswered(self) -> int:
        """How often something died in somebody's hands."""
        return self.crashes + self.operator.crashes


@contextmanager
def crashing(point: str, nth: int) -> Iterator[None]:
    """Whoever comes by this point as the nth dies there, once."""
    arm(point, nth=nth)
    try:
        yield
    finally:
        disarm()


EVERY = {"before_commit": 3, "after_commit": 3, "after_publish": 3, "after_apply": 8}
"""Who dies, of those who come by: they do much the same, and what is applied is projected too, by all."""


def wherever_somebody_dies(bank: Bank, point: str, story: Callable[[], object], *, every: int = 0) -> None:
    """The story again and again, until it ends without a death: in each, somebody else dies of coming by this point.

    Only who comes by as the first, and as each `every`th after him (`EVERY`, unless said), dies: tests are to end.
    """
    every = every or EVERY[point]
    for nth in count(1, every):
        deaths = bank.unanswered
        with crashing(point, nth):
            story()
        if bank.unanswered == deaths:
            break
    assert nth > every, "nobody ever came by"


@contextmanager
def unharmed() -> Iterator[None]:
    """Nobody dies of what only prepares a story."""
    with patch.dict(failpoints._armed, clear=True):
        yield


DISTURBANCES: Sequence[Disturbance] = (
    undisturbed,
    twice,
    backwards,
    shuffled_and_doubled,
    every_other_lost,
    lost,
)
