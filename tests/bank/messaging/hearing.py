"""What the tests of consumers share: to publish, to hear, and to see what came of it."""

import threading
from contextlib import closing

from bank.history.eventstore import load
from bank.messaging import brokers, consumer, messages, relay
from bank.messaging.consumer import Listener
from bank.messaging.messages import Envelope
from tests.bank.conftest import Rows
from tests.bank.examples.ticking import ECHO, ECHOING

EVERY = ["accounts", "cards", "customers", "loans", "bankview", "default"]


def listener(context: object = ECHOING) -> Listener:
    (found,) = consumer.listeners(context, threading.Event())  # type: ignore[arg-type]
    return found


def publish() -> None:
    while relay.drain("accounts", brokers.publisher()):
        pass


def hear(of: object = ECHOING) -> Listener:
    """One consumer takes whatever is there."""
    heard = listener(of)
    with closing(brokers.consumer(heard.queue)) as broker:
        while heard.turn(broker, wait_s=0.3):
            pass
    return heard


def echoed(ticker: str) -> tuple[int, ...]:
    return tuple(load(ECHOING, ECHO, ticker)[0].numbers)


def tallied(rows: Rows, ticker: str) -> list[int]:
    found = rows("bankview", "select numbers from tally where ticker = %s and generation = 1", ticker)
    return list(found[0][0]) if found else []


def envelopes(rows: Rows) -> list[Envelope]:
    """What waits in the outbox, as its messages."""
    return [
        messages.unwrap(payload.encode())
        for (payload,) in rows("accounts", "select payload from bank_outbox order by seq")
    ]


def parked(rows: Rows, context: str = "cards") -> list[tuple[object, ...]]:
    return rows(context, "select stream, version from bank_parked order by stream, version")


def raise_epoch(rows: Rows) -> None:
    rows("accounts", "update bank_epoch set epoch = 2 returning 1")
