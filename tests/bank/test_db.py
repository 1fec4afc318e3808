"""The door for transactions, and the fast cursor behind it."""

import time

import psycopg
import pytest
from psycopg import pq

from bank.db import after_commit, cursor, pipelined, refresh_connections, transaction

pytestmark = pytest.mark.django_db(transaction=True, databases=["accounts"])


def test_the_request_after_a_connection_died_gets_a_new_one() -> None:
    with pytest.raises(psycopg.OperationalError), cursor("accounts") as db:
        db.execute("select pg_terminate_backend(pg_backend_pid())")
    refresh_connections()
    with cursor("accounts") as db:
        assert db.execute("select 1").fetchone() == (1,)


def test_a_hint_that_fails_keeps_no_other_from_being_heard() -> None:
    heard: list[str] = []

    def fail() -> None:
        raise RuntimeError("nobody there")

    with transaction("accounts"):
        after_commit("accounts", fail)
        after_commit("accounts", lambda: heard.append("second"))
    assert heard == ["second"]


def test_a_hint_is_heard_after_its_own_databases_commit_and_not_after_a_rollback() -> None:
    heard: list[str] = []
    with transaction("accounts"):
        after_commit("accounts", lambda: heard.append("committed"))
        assert heard == []
    with pytest.raises(ZeroDivisionError), transaction("accounts"):
        after_commit("accounts", lambda: heard.append("rolled back"))
        raise ZeroDivisionError
    assert heard == ["committed"]


def test_what_fails_is_rolled_back_in_the_database_it_was_written_to() -> None:
    with pytest.raises(ZeroDivisionError), transaction("accounts") as db:
        db.execute("insert into bank_cursor (consumer, source) values ('a', 'b')")
        raise ZeroDivisionError
    with transaction("accounts") as db:
        assert db.execute("select count(*) from bank_cursor").fetchone() == (0,)


def test_statements_are_prepared_and_answered_in_binary() -> None:
    with cursor("accounts") as db:
        db.execute("select %b::int4", (4711,))
        assert db.pgresult is not None
        assert db.pgresult.fformat(0) == pq.Format.BINARY
        db.execute("select count(*) from pg_prepared_statements where statement like 'select $1::int4%%'")
        assert db.fetchone() == (1,)


def test_in_a_pipeline_each_reading_gets_the_answer_of_the_statement_before_it() -> None:
    with transaction("accounts") as db, pipelined(db):
        for n in range(1, 10):
            for _ in range(3):
                db.execute("select repeat('unread', 2000)")
            time.sleep(0.01)  # long answers are sent at once, and are there when the next statement follows
            db.execute("select %s::int", (n,))
            assert db.fetchall() == [(n,)]


def test_what_fails_in_a_pipeline_is_raised_at_its_end_and_leaves_nothing() -> None:
    with pytest.raises(psycopg.errors.UniqueViolation), transaction("accounts") as db, pipelined(db):
        for _ in range(2):
            db.execute("insert into bank_cursor (consumer, source) values ('a', 'b')")
    with transaction("accounts") as db:
        assert db.execute("select count(*) from bank_cursor").fetchone() == (0,)
