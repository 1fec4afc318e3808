"""Which databases and roles there are, and how a server gets them.

Each context has a database and two roles: the *owner* migrates, the *application* may add to history and never change
it. `identity` is Django's `default`; `broker` carries domain events and tasks where there is no RabbitMQ.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

CONTEXTS = ("customers", "accounts", "loans", "cards", "bankview")
APPEND_ONLY = ("bank_event", "bank_command", "bank_attachment")
OWNERS_ALONE = ("bank_epoch", "django_migrations")


def aliases(contexts: Sequence[str]) -> tuple[str, ...]:
    return ("default", *contexts)


def variable(alias: str, *, owner: bool = False) -> str:
    """The environment variable that holds a database's URL."""
    name = "DATABASE_URL" if alias == "default" else f"DATABASE_URL_{alias.upper()}"
    return f"OWNER_{name}" if owner else name


@dataclass(frozen=True, slots=True)
class Login:
    """A role and a database, as its URL says."""

    role: str
    password: str
    host: str
    port: int
    database: str

    @property
    def url(self) -> str:
        password = f":{quote(self.password, safe='')}" if self.password else ""
        return f"postgresql://{self.role}{password}@{self.host}:{self.port}/{self.database}"


def parse(url: str) -> Login:
    parts = urlsplit(url)
    return Login(
        role=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5432,
        database=parts.path.lstrip("/"),
    )


def names(prefix: str = "") -> dict[str, str]:
    """Each alias' database, which is also the name of its application role.

    A context that runs as a service of its own has an identity database of its own: alias `identity_<context>`, which
    that service calls `default`.
    """
    identities = {identity(context): f"{prefix}{identity(context)}" for context in CONTEXTS if context != "bankview"}
    return {"default": f"{prefix}identity", **{context: f"{prefix}{context}" for context in CONTEXTS}, **identities}


def identity(context: str) -> str:
    """The alias of the identity database of a service that serves this context alone."""
    return "default" if context == "bankview" else f"identity_{context}"


def new_passwords() -> dict[str, str]:
    """One per role, and the superuser's."""
    roles = [role for alias in names() for role in (alias, f"{alias}_owner")]
    return {role: secrets.token_urlsafe(24) for role in (*roles, "broker", "postgres")}


def environment(host: str, port: int, passwords: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """The variables with which settings find every database of one server."""
    found: dict[str, str] = {}
    for alias, name in names(prefix).items():
        found[variable(alias)] = Login(name, passwords[alias], host, port, name).url
        owner = Login(f"{name}_owner", passwords[f"{alias}_owner"], host, port, name)
        found[variable(alias, owner=True)] = owner.url
    broker = f"{prefix}broker"
    found["BROKER_DATABASE_URL"] = Login(broker, passwords["broker"], host, port, broker).url
    return found


def create(admin: str, url: str, owner_url: str) -> None:
    """Make a database and its two roles where they are missing; passwords are set to what the URLs say."""
    app, owner = parse(url), parse(owner_url)
    with psycopg.connect(admin, autocommit=True) as connection:
        for login in {app.role: app, owner.role: owner}.values():
            _ensure_role(connection, login)
        _ensure_database(connection, app.database, owner.role)
        name, role = sql.Identifier(app.database), sql.Identifier(app.role)
        connection.execute(sql.SQL("revoke all on database {} from public").format(name))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(name, role))


def drop(admin: str, url: str, owner_url: str) -> None:
    app, owner = parse(url), parse(owner_url)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(app.database)))
        for role in {app.role, owner.role}:
            if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                with one_at_a_time(connection):
                    connection.execute(sql.SQL("drop owned by {0}").format(sql.Identifier(role)))
                connection.execute(sql.SQL("drop role {0}").format(sql.Identifier(role)))


def allow_resets(admin: str, owner_url: str) -> None:
    """Let an owner switch triggers off for a transaction: how tests empty append-only tables. Never in production."""
    owner = sql.Identifier(parse(owner_url).role)
    with psycopg.connect(admin, autocommit=True) as connection, one_at_a_time(connection):
        connection.execute(sql.SQL("grant set on parameter session_replication_role to {}").format(owner))


@contextmanager
def one_at_a_time(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """All rights to a parameter stand in one row, and of two who change it at once PostgreSQL refuses one."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('bank: rights to parameters'))")
        yield


def _ensure_role(connection: "psycopg.Connection[tuple[object, ...]]", login: Login) -> None:
    role = sql.Identifier(login.role)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [login.role]).fetchone():
        connection.execute(sql.SQL("create role {} login").format(role))
    if login.password:
        connection.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(login.password)))


def _ensure_database(connection: "psycopg.Connection[tuple[object, ...]]", name: str, owner: str) -> None:
    if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return
    statement = sql.SQL("create database {} owner {} template template0 encoding 'UTF8'")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))


def grant(owner_url: str, role: str) -> None:
    """Give the application role what it may do, and no more, on every table there is now."""
    with psycopg.connect(owner_url) as connection:
        grantee = sql.Identifier(role)
        for statement in (
            "grant usage on schema public to {}",
            "grant select, insert, update, delete on all tables in schema public to {}",
            "grant usage, select on all sequences in schema public to {}",
        ):
            connection.execute(sql.SQL(statement).format(grantee))
        for table in _tables(connection):
            _restrict(connection, table, grantee)


def _tables(connection: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    rows = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    return [str(name) for (name,) in rows]


def _restrict(connection: "psycopg.Connection[tuple[object, ...]]", table: str, role: sql.Identifier) -> None:
    if table in APPEND_ONLY:
        withheld = "update, delete, truncate"
    elif table in OWNERS_ALONE:
        withheld = "insert, update, delete, truncate"
    elif table.startswith("bank_event_"):
        withheld = "all"  # partitions are reached through their parent, which has the trigger
    else:
        return
    statement = sql.SQL("revoke " + withheld + " on {} from {}")
    connection.execute(statement.format(sql.Identifier(table), role))


def is_a_session(url: str) -> bool:
    """Whether a connection there is a session of the server's, with what it asked for when it began. A pooler tells its
    clients a number of its own for the server's process, and leaves out what it does not know; behind one a lock, or
    what is listened for, may land in anybody's session."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5, options=f"-c {ASKED}=yes") as connection:
        found = connection.execute("select pg_backend_pid(), current_setting(%s, true)", [ASKED]).fetchone()
        return found == (connection.info.backend_pid, "yes")


ASKED = "bank.asked"


def install_pgmq(url: str) -> None:
    """pgmq's functions and tables by plain SQL, once."""
    from pgmq.install import get_embedded_install_sql

    with psycopg.connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(7061)")
        installed = connection.execute("select to_regclass('pgmq.meta')").fetchone()
        if installed == (None,):
            connection.execute(get_embedded_install_sql().encode())
