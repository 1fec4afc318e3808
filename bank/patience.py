"""How long the database may work for us: its own limits are for requests."""

from bank.context import Cursor


def take_time(cursor: Cursor) -> None:
    """The limits that protect the bank from slow requests are not meant for this transaction."""
    cursor.execute("set local statement_timeout = 0")
    cursor.execute("set local idle_in_transaction_session_timeout = 0")


def at_most(cursor: Cursor, timeout_ms: int) -> None:
    """No statement of this transaction takes longer, whatever the connection's own limit."""
    cursor.execute("select set_config('statement_timeout', %s, true)", (str(timeout_ms),))
