"""The one door for transactions. Nobody else opens one, so nobody opens one on the wrong database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.db import close_old_connections, connections
from django.db import transaction as django_transaction
from psycopg import errors, pq

from bank import columns
from bank.context import Cursor

LIMITS: Final = (
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    errors.TooManyColumns,
    errors.TooManyArguments,
)
"""What exceeds a limit of PostgreSQL (SQLSTATE 54) will do so again, though by its class it is a lost connection."""


def exceeds_a_limit(error: BaseException) -> bool:
    """Whether it is one of `LIMITS`, also as Django wraps them."""
    return isinstance(error, LIMITS) or isinstance(error.__cause__, LIMITS)


class FastCursor(psycopg.Cursor[Any]):
    """Binds on the server, prepares every statement and sends whole columns; Django's own does none of these."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        super().__init__(connection)
        self.format = pq.Format.BINARY

    def execute(self, query: Any, params: Any = None, **options: Any) -> "FastCursor":
        if params and type(query) is str and type(params) in (list, tuple):
            params = columns.packed(query, params)
        return super().execute(query, params, **options)

    def fetchone(self) -> Any:
        self._wait()
        return super().fetchone()

    def fetchall(self) -> list[Any]:
        self._wait()
        return super().fetchall()

    def _wait(self) -> None:
        """In a pipeline, until the last statement has answered: what is there may be an earlier one's."""
        if self.connection.pgconn.pipeline_status:
            with self.connection.pipeline() as pipeline:
                pipeline.sync()


@contextmanager
def transaction(context: str) -> Iterator["psycopg.Cursor[Any]"]:
    """A transaction on one context's database, and a fast cursor inside it.

    The cursor binds on the server and prepares every statement (Django's own does neither); write array parameters as
    `%b`, so that psycopg sends them in binary. Nested use joins the outer transaction as a savepoint.
    """
    with django_transaction.atomic(using=context), cursor(context) as fast:
        yield fast


@contextmanager
def cursor(context: str) -> Iterator["psycopg.Cursor[Any]"]:
    """The fast cursor outside a transaction: each statement commits by itself."""
    wrapper = connections[context]
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    raw: psycopg.Connection[Any] = wrapper.connection
    if raw.prepare_threshold != 0:
        raw.prepare_threshold = 0
        columns.register(raw.adapters)
    with FastCursor(raw) as fast:
        yield fast


def select(context: str, statement: str, *params: Any) -> list[Any]:
    """All that one statement finds in a context's database, outside a transaction."""
    with cursor(context) as fast:
        fast.execute(statement, params)
        return fast.fetchall()


@contextmanager
def pipelined(cursor: Any) -> Iterator[None]:
    """Statements inside are sent without waiting for the one before: the server works on it while the next one's rows
    are put together here. Reading waits. The first that failed is raised at the end, or on reading; then the
    transaction must be rolled back."""
    with cursor.connection.pipeline():
        yield


@contextmanager
def alone(context: str, at: str) -> Iterator[bool]:
    """Whether nobody else is `at` it, for as long as it takes: a lock of the connection, and gone with it. No
    transaction is open meanwhile, so use it where a second one would be waste and not harm."""
    with cursor(context) as fast:
        fast.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (at,))
        ((taken,),) = fast.fetchall()
    try:
        yield taken
    finally:
        if taken:
            with cursor(context) as fast:
                fast.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (at,))


def take_time(cursor: Cursor) -> None:
    """The limits that protect the bank from slow requests are not meant for this transaction."""
    cursor.execute("set local statement_timeout = 0")
    cursor.execute("set local idle_in_transaction_session_timeout = 0")


def at_most(cursor: Cursor, timeout_ms: int) -> None:
    """No statement of this transaction takes longer, whatever the connection's own limit."""
    cursor.execute("select set_config('statement_timeout', %s, true)", (str(timeout_ms),))


def after_commit(context: str, hint: Callable[[], object]) -> None:
    """Run a hint once the transaction has committed. It may be lost or fail: never more than a hint."""
    django_transaction.on_commit(hint, using=context, robust=True)


def refresh_connections() -> None:
    """Drop connections that died, between two pieces of work of a long-running process."""
    close_old_connections()
