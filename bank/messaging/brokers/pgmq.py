"""pgmq's queue tables by plain SQL: the embedded broker.

Bodies travel as JSON strings, so that their bytes stay as they were signed. The broker's database is not the context's:
a consumer applies in its own database, commits, and deletes here afterwards.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from typing import Any

import psycopg
from psycopg import sql

from bank.messaging.brokers.base import CONFIRM_TIMEOUT_S, BrokerLost, Bundle, Delivery, canary
from bank.messaging.topology import Queue, catch_alls

STANDBY_S = 0.5
"""How often a consumer that waits behind another one asks whether the other is gone."""

NOTICED = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""The server's side of it too: a consumer whose machine went away would keep its queue for two hours."""

SEND = """
    with sent as materialized (
        select distinct queue_name from pgmq.send_batch_topic(
            %s,
            (select array_agg(to_jsonb(body) order by n) from unnest(%b::text[]) with ordinality b(body, n)),
            (select array_agg(jsonb_build_object('bank-source', source, 'bank-signature', signature) order by n)
             from unnest(%b::text[], %b::text[]) with ordinality h(source, signature, n))
        )
    )
    select queue_name, pg_notify('bank.' || queue_name, '') from sent
"""


@contextmanager
def _lost_if_it_fails() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise BrokerLost(f"pgmq: {type(error).__name__}: {error}") from error


def _connect(url: str) -> "psycopg.Connection[Any]":
    limit_ms = int(CONFIRM_TIMEOUT_S * 1000)
    connection = psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        options=f"-c statement_timeout={limit_ms} -c lock_timeout={limit_ms} -c client_min_messages=warning {NOTICED}",
    )
    connection.prepare_threshold = 0
    return connection


def declare(connection: "psycopg.Connection[Any]", queue: Queue) -> None:
    """Bodies are not compressed: each queue's copy of a bundle was, which was half of this server's work."""
    table = _table(queue)
    with connection.transaction():
        connection.execute("select pgmq.create(%s)", (queue.name,))
        if connection.execute(COMPRESSED, (table.as_string(connection),)).fetchall():
            connection.execute(sql.SQL("alter table {} alter column message set storage external").format(table))
        bind(connection, queue)


def bind(connection: "psycopg.Connection[Any]", queue: Queue) -> None:
    connection.execute(
        "select pgmq.bind_topic(pattern, %s) from unnest(%b::text[]) pattern", (queue.name, list(queue.patterns))
    )


COMPRESSED = "select 1 from pg_attribute where attrelid = %s::regclass and attname = 'message' and attstorage <> 'e'"


def _table(queue: Queue) -> sql.Identifier:
    return sql.Identifier("pgmq", f"q_{queue.name}")


class PgmqPublisher:
    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def publish(self, bundles: Sequence[Bundle]) -> None:
        with self._closed_in_doubt() as connection:
            by_key = [(key, list(run)) for key, run in groupby(bundles, key=lambda bundle: bundle.routing_key)]
            with connection.transaction() if len(by_key) > 1 else nullcontext():
                for key, run in by_key:
                    _send(connection, key, run)

    def sing(self, queues: Sequence[Queue]) -> None:
        with self._closed_in_doubt() as connection:
            for queue in queues:
                bind(connection, queue)
                _send(connection, queue.canary, [canary(queue)])

    @contextmanager
    def _closed_in_doubt(self) -> "Iterator[psycopg.Connection[Any]]":
        try:
            with _lost_if_it_fails():
                yield self._connected()
        except BrokerLost:
            self.close()
            raise

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            self._connection = _connect(self._url)
            for queue in catch_alls():
                declare(self._connection, queue)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _send(connection: "psycopg.Connection[Any]", key: str, bundles: list[Bundle]) -> None:
    columns = (
        [bundle.body.decode() for bundle in bundles],
        [bundle.source for bundle in bundles],
        [bundle.signature for bundle in bundles],
    )
    if not connection.execute(SEND, (key, *columns)).fetchall():
        raise BrokerLost(f"pgmq: no queue is bound to {key}")


class PgmqConsumer:
    def __init__(self, url: str, queue: Queue) -> None:
        self.queue = queue
        table = _table(queue)
        self._select = sql.SQL(
            "select msg_id, headers->>'bank-source', headers->>'bank-signature', message #>> '{{}}'"
            " from {} order by msg_id limit %s"
        ).format(table)
        self._delete = sql.SQL("delete from {} where msg_id = any(%b)").format(table)
        self._active = False
        self._read: list[int] = []
        with _lost_if_it_fails():
            self._connection = _connect(url)
            declare(self._connection, queue)
            self._connection.execute(sql.SQL("listen {}").format(sql.Identifier(f"bank.{queue.name}")))

    def read(self, limit: int, wait_s: float) -> list[Delivery]:
        with _lost_if_it_fails():
            if not self._is_active():
                self._wait(min(wait_s, STANDBY_S))
                return []
            return self._take(limit) or (self._wait(wait_s) and self._take(limit)) or []

    def _is_active(self) -> bool:
        """Held until the connection goes: two consumers of a queue would break the order inside a stream."""
        if not self._active:
            row = self._connection.execute(
                "select pg_try_advisory_lock(hashtext('bank.queue'), hashtext(%s))", (self.queue.name,)
            )
            self._active = bool(row.fetchall()[0][0])
        return self._active

    def _take(self, limit: int) -> list[Delivery]:
        rows = self._connection.execute(self._select, (limit,)).fetchall()
        self._read = [row[0] for row in rows]
        return [
            Delivery(tag, source or "", signature or "", (body or "").encode()) for tag, source, signature, body in rows
        ]

    def _wait(self, seconds: float) -> bool:
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def ack(self, last: Delivery) -> None:
        """Deletes what was read, never what came since: ids of parallel publishers appear out of order."""
        done = [tag for tag in self._read if tag <= last.tag]
        self._read = [tag for tag in self._read if tag > last.tag]
        with _lost_if_it_fails():
            self._connection.execute(self._delete, (done,))

    def close(self) -> None:
        self._connection.close()
