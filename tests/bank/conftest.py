"""What the kernel's tests share: a service without identity, a broker that starts empty, and two tiny contexts that
talk over it."""

import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

from bank.db import transaction
from bank.messaging import brokers, feed
from bank.runtime.home import PROJECT
from tests.bank.examples.ticking import CONTEXTS, TROUBLE, Trouble

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def rows(transactional_db: None) -> Rows:
    """Query one context's database: `rows("cards", "select …")`."""

    def query(context: str, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with transaction(context) as cursor:
            cursor.execute(statement, params or None)
            return cursor.fetchall()

    return query


@pytest.fixture
def elsewhere(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URLs of a service that keeps no identity, such as Accounts' own."""
    settings.OWNS_IDENTITY = False
    module = ModuleType("urls_elsewhere")
    module.__dict__.update(runpy.run_path(str(PROJECT / "config" / "urls.py")))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.ROOT_URLCONF = module.__name__


@pytest.fixture
def broker(django_db_setup: None) -> Iterator[None]:
    """The broker that the settings name, without queues: nobody has declared any."""
    _forget_queues()
    yield
    _forget_queues()


def _forget_queues() -> None:
    brokers.forget_publisher()
    if settings.BROKER_DATABASE_URL:
        import psycopg

        with psycopg.connect(settings.BROKER_DATABASE_URL, options="-c client_min_messages=error") as connection:
            connection.execute("select pgmq.drop_queue(queue_name) from pgmq.meta where queue_name like '%.%.%'")
        return
    from bank.messaging.brokers import amqp
    from bank.messaging.topology import EXCHANGE

    with closing(amqp._connect(settings.BROKER_URL)) as connection:
        channel = connection.channel()
        for context in ("accounts", "cards", "bankview"):
            for kind in ("reactions", "views"):
                channel.queue_delete(amqp.named(f"{context}.{kind}.0"))
        channel.exchange_delete(amqp.named(EXCHANGE))


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch, transactional_db: None, broker: None) -> Iterator[Trouble]:
    """Tickers, echoes and the tally; the feed knows their contexts, and the tally has its table."""
    monkeypatch.setattr(feed, "load", CONTEXTS.__getitem__)
    with transaction("bankview") as cursor:
        cursor.execute(
            "create table if not exists tally"
            " (generation smallint, ticker text, numbers int[], primary key (generation, ticker))"
        )
    yield TROUBLE
    TROUBLE.raises.clear()
    TROUBLE.refuses.clear()
    TROUBLE.kills.clear()
    TROUBLE.names = False
