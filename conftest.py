"""Tests run on a PostgreSQL of their own, started when the first of them needs it; with `-n`, on one per process."""

import os
from collections.abc import Callable, Iterator

import django
import hypothesis
import pytest

from bank.runtime.temporary import TemporaryBank

SURROUNDINGS = dict(os.environ)
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ.setdefault("CACHE_URL", f"redis://127.0.0.1:6379/{9 + WORKER % 7}")  # tests empty theirs

BANK = TemporaryBank(embedded=os.environ.get("BANK_RUNTIME", "embedded") == "embedded")
os.environ.update(BANK.environment, DJANGO_SETTINGS_MODULE="config.settings", DOORBELL="0")
django.setup()

hypothesis.settings.register_profile(
    "bank", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # no test passes or fails by the clock
hypothesis.settings.load_profile("bank")

# A few rows are deleted, because truncating costs about a millisecond a table. Permissions and content types are kept:
# they are made by migrations. Triggers are off, because history refuses to be emptied.
RESET = """
do $$
declare
    candidate record;
    rows integer;
    tables text := '';
begin
    set local session_replication_role = replica;
    for candidate in
        select oid::regclass::text as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
          and relname not in ('django_migrations', 'django_content_type', 'auth_permission', 'bank_epoch')
    loop
        execute 'select count(*) from (select from ' || candidate.name || ' limit 300) few' into rows;
        if rows = 300 then
            tables := tables || ', ' || candidate.name;
        elsif rows > 0 then
            execute 'delete from ' || candidate.name;
        end if;
    end loop;
    if tables <> '' then
        execute 'truncate ' || substr(tables, 3) || ' cascade';
    end if;
    perform setval(quote_ident(sequencename)::regclass, 1, false) from pg_sequences
    where schemaname = 'public' and last_value is not null
      and sequencename not in ('django_migrations_id_seq', 'django_content_type_id_seq', 'auth_permission_id_seq');
    if to_regclass('bank_epoch') is not null then
        update bank_epoch set epoch = 1 where epoch <> 1;
    end if;
end $$
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process of a run makes an environment of its own, and inherits nothing of this one's."""
    os.environ.clear()
    os.environ.update(SURROUNDINGS)


def pytest_runtest_setup() -> None:
    """A server that has ended fails every test after it, each with another error: it is said once, with its log."""
    if lost := BANK.lost():
        pytest.exit(lost, returncode=3)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)


def pytest_unconfigure() -> None:
    BANK.stop()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """A good hash takes a quarter of a second, which is what it is good for."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The databases as `setup_databases` makes them for everybody; tests act as their owners."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.backends.postgresql.operations import DatabaseOperations

    def reset(operations: DatabaseOperations, sql_list: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            cursor.execute(RESET)

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:  # type: ignore[attr-defined]
        BANK.start()
        call_command("setup_databases", verbosity=0)
        patch.setattr(DatabaseOperations, "execute_sql_flush", reset)
        yield
        connections.close_all()


@pytest.fixture
def application_url(django_db_setup: None) -> Callable[[str], str]:
    """The URL of an alias' database as the application role, which may add to history and never change it."""
    from django.conf import settings

    return lambda alias: str(settings.DATABASE_URLS[alias])
