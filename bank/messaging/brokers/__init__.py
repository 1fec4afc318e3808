"""The broker that the settings name, behind one small interface."""

import os
import threading

from django.conf import settings

from bank.messaging.brokers.base import BrokerLost, Bundle, Consumer, Delivery, Publisher
from bank.messaging.topology import Queue

__all__ = ["BrokerLost", "Bundle", "Consumer", "Delivery", "Publisher", "consumer", "forget_publisher", "publisher"]

_local = threading.local()


def publisher() -> Publisher:
    """This thread's publisher. It connects when it first publishes, and again after it lost its connection."""
    if getattr(_local, "pid", None) != os.getpid():
        _local.pid, _local.publisher = os.getpid(), new_publisher()
    found: Publisher = _local.publisher
    return found


def forget_publisher() -> None:
    """Close this thread's publisher; the next one reads the settings again."""
    if hasattr(_local, "publisher"):
        _local.publisher.close()
        del _local.publisher, _local.pid


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
