"""The broker that the settings name, behind one small interface."""

import os

from django.conf import settings

from bank.messaging.brokers.base import BrokerLost, Bundle, Consumer, Delivery, Publisher
from bank.messaging.topology import Queue

__all__ = ["BrokerLost", "Bundle", "Consumer", "Delivery", "Publisher", "consumer", "publisher"]

_publisher: tuple[int, Publisher] | None = None


def publisher() -> Publisher:
    """This process's publisher. It connects when it first publishes, and again after it lost its connection."""
    global _publisher
    if _publisher is None or _publisher[0] != os.getpid():
        _publisher = (os.getpid(), new_publisher())
    return _publisher[1]


def new_publisher() -> Publisher:
    if settings.BROKER_DATABASE_URL:
        from bank.messaging.brokers.pgmq import PgmqPublisher

        return PgmqPublisher(settings.BROKER_DATABASE_URL)
    from bank.messaging.brokers.amqp import AmqpPublisher

    return AmqpPublisher(settings.BROKER_URL)


def consumer(queue: Queue) -> Consumer:
    """The queue is declared and bound when this returns. Raises `BrokerLost`."""
    if settings.BROKER_DATABASE_URL:
        from bank.messaging.brokers.pgmq import PgmqConsumer

        return PgmqConsumer(settings.BROKER_DATABASE_URL, queue)
    from bank.messaging.brokers.amqp import AmqpConsumer

    return AmqpConsumer(settings.BROKER_URL, queue)
