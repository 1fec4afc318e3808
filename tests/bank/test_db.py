import psycopg
import pytest

from bank.db import cursor, refresh_connections

pytestmark = pytest.mark.django_db(transaction=True, databases=["accounts"])


def test_the_request_after_a_connection_died_gets_a_new_one() -> None:
    with pytest.raises(psycopg.OperationalError), cursor("accounts") as db:
        db.execute("select pg_terminate_backend(pg_backend_pid())")
    refresh_connections()
    with cursor("accounts") as db:
        assert db.execute("select 1").fetchone() == (1,)
