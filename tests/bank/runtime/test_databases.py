"""The databases that `setup_databases` makes, and what each role may do in them."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from bank.management.commands.setup_databases import require_session
from bank.runtime import databases
from tests.bank.messaging.wire import Wire

EVENT = """
    insert into bank_event (stream, version, type, data, metadata, recorded_at, hash)
    values ('account-1', %s, 'AccountOpened.v1', '{}', '{}', now(), '\\x00')
"""

pytestmark = pytest.mark.django_db(databases=["accounts", "cards", "default"], transaction=True)


@pytest.fixture
def application(application_url: Callable[[str], str]) -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
    with psycopg.connect(application_url("accounts"), autocommit=True) as connection:
        yield connection


def count(alias: str, table: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608 - the tests' own names
        return int(cursor.fetchone()[0])


def test_the_application_role_may_add_to_history(application: "psycopg.Connection[tuple[object, ...]]") -> None:
    application.execute(EVENT, [1])
    assert count("accounts", "bank_event") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update bank_event set data = 'x'",
        "delete from bank_event",
        "truncate bank_event",
        "delete from bank_event_0",
        "update bank_command set outcome = 'refused'",
        "update bank_epoch set epoch = 2",
        "drop table bank_head",
        "alter table bank_event disable trigger all",
        "set session_replication_role = replica",
    ],
)
def test_the_application_role_may_not_change_history(
    application: "psycopg.Connection[tuple[object, ...]]", statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement.encode())


def test_the_owner_is_refused_by_the_trigger() -> None:
    with connections["accounts"].cursor() as cursor:
        cursor.execute(EVENT, [1])
        with pytest.raises(Exception, match="history is append-only"):
            cursor.execute("delete from bank_event")


def test_one_contexts_role_is_refused_by_anothers_database(application_url: Callable[[str], str]) -> None:
    cards = databases.parse(application_url("cards"))
    accounts = databases.parse(application_url("accounts"))
    trespasser = databases.Login(accounts.role, accounts.password, cards.host, cards.port, cards.database)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(trespasser.url)


@pytest.mark.parametrize("leaves", [1, 2])
def test_each_test_finds_empty_tables_and_the_first_epoch(leaves: int) -> None:
    assert count("accounts", "bank_event") == 0
    with connections["accounts"].cursor() as cursor:
        cursor.execute(EVENT, [1])
        cursor.execute("select epoch from bank_epoch")
        assert cursor.fetchone() == (1,)
        cursor.execute("select position from bank_event")
        assert cursor.fetchone() == (1,)
        cursor.execute("update bank_epoch set epoch = 7")


@pytest.mark.django_db(databases=["default", *settings.CONTEXTS], transaction=True)
def test_setting_up_again_does_no_harm() -> None:
    call_command("setup_databases", verbosity=0)
    assert count("default", "django_migrations") > 0


class Pooler(Wire):
    """Tells its clients a number of its own for the server's process, as PgBouncer does."""

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(re.sub(rb"(?s)K\0\0\0\x0c....", b"K\0\0\0\x0c\0\0\0\1", data))


def test_a_pooler_between_the_bank_and_its_database_is_refused() -> None:
    url = settings.DATABASE_URLS["accounts"]
    require_session(url, "DATABASE_URL_ACCOUNTS")
    pooler = Pooler(url, 5432)
    with closing(pooler), pytest.raises(CommandError, match="DATABASE_URL_ACCOUNTS leads to a pooler"):
        require_session(pooler.url, "DATABASE_URL_ACCOUNTS")


@pytest.mark.skipif(not settings.BROKER_DATABASE_URL, reason="the broker is RabbitMQ")
def test_the_broker_database_has_pgmqs_queues() -> None:
    with psycopg.connect(settings.BROKER_DATABASE_URL, autocommit=True) as connection:
        connection.execute("select pgmq.create('test_runtime')")
        connection.execute("select pgmq.send('test_runtime', '\"hello\"'::jsonb)")
        assert connection.execute("select message from pgmq.read('test_runtime', 1, 10)").fetchall() == [("hello",)]
        connection.execute("select pgmq.drop_queue('test_runtime')")
