"""A broker without queues, and a bank around it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from django.conf import settings

from bank.context import load
from bank.messaging import brokers, topology
from tests.flows.harness import Bank


@pytest.fixture
def bank(transactional_db: None) -> Iterator[Bank]:
    """All consumers are there, and nothing has happened yet."""
    forget_queues()
    bank = Bank()
    bank.start()
    yield bank
    bank.stop()
    forget_queues()


def forget_queues() -> None:
    brokers.publisher().close()
    names = [queue.name for context in settings.CONTEXTS for queue in queues_of(context)]
    if settings.BROKER_DATABASE_URL:
        forget_in_postgres(names)
    else:
        forget_in_rabbitmq(names)


def queues_of(context: str) -> list[topology.Queue]:
    groups = topology.groups()
    return [
        queue
        for group in groups
        for queue in (topology.reactions(load(context), group), topology.views(context, group))
    ]


def forget_in_postgres(names: list[str]) -> None:
    import psycopg

    with psycopg.connect(settings.BROKER_DATABASE_URL, options="-c client_min_messages=error") as connection:
        connection.execute("select pgmq.drop_queue(queue_name) from pgmq.meta where queue_name = any(%s)", (names,))


def forget_in_rabbitmq(names: list[str]) -> None:
    from bank.messaging.brokers import amqp

    with closing(amqp._connect(settings.BROKER_URL)) as connection:
        channel = connection.channel()
        for name in names:
            channel.queue_delete(amqp.named(name))
        channel.exchange_delete(amqp.named(topology.EXCHANGE))
