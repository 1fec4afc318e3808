"""Make every database this process serves ready: the one command that may touch them all.

Django's own `migrate` and `createcachetable` act on one database, or on none in silence.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from bank.runtime import databases

ONE_AT_A_TIME = 7060


class Command(BaseCommand):
    help = (
        "Create what is missing: databases and roles (where ADMIN_DATABASE_URL is set), tables, grants, the cache's "
        "table, pgmq's queues. Repeating it does no harm."
    )
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.quiet = options["verbosity"] == 0
        admin = os.environ.get("ADMIN_DATABASE_URL", "")
        for alias in databases.aliases(settings.CONTEXTS):
            if admin:
                databases.create(admin, settings.DATABASE_URLS[alias], owner_url(alias))
            with owner(alias):
                self.migrate(alias)
            self.grant(alias)
            require_session(settings.DATABASE_URLS[alias], databases.variable(alias))
        if settings.BROKER_DATABASE_URL:
            if admin:
                databases.create(admin, settings.BROKER_DATABASE_URL, settings.BROKER_DATABASE_URL)
            databases.install_pgmq(settings.BROKER_DATABASE_URL)
            require_session(settings.BROKER_DATABASE_URL, "BROKER_DATABASE_URL")

    def migrate(self, alias: str) -> None:
        labels = None if alias == "default" else {alias, "bank"}
        executor = MigrationExecutor(connections[alias])
        targets = [node for node in executor.loader.graph.leaf_nodes() if labels is None or node[0] in labels]
        waiting = executor.migration_plan(targets)
        if waiting and labels is None:
            call_command("migrate", database=alias, interactive=False, verbosity=0)
        elif waiting:
            executor.migrate(targets)
        if alias == "default":
            call_command("createcachetable", database=alias, verbosity=0)
        if not self.quiet:
            self.stdout.write(f"{alias}: {len(waiting)} migrations applied" if waiting else f"{alias}: up to date")

    def grant(self, alias: str) -> None:
        role = databases.parse(settings.DATABASE_URLS[alias]).role
        if role != databases.parse(owner_url(alias)).role:
            databases.grant(owner_url(alias), role)


def require_session(url: str, name: str) -> None:
    """Refuses a pooler: session locks and LISTEN are lost in one, and the limits of a connection too."""
    if not databases.is_a_session(url):
        raise CommandError(f"{name} leads to a pooler, such as PgBouncer. The bank needs PostgreSQL's own sessions.")


def owner_url(alias: str) -> str:
    """The owner's login, or the only one there is."""
    url: str = settings.OWNER_DATABASE_URLS[alias] or settings.DATABASE_URLS[alias]
    return url


@contextmanager
def owner(alias: str) -> Iterator[None]:
    """Django's connection as the database's owner, without a time limit, one process at a time."""
    connection = connections[alias]
    connection.close()
    usual, login = connection.settings_dict, databases.parse(owner_url(alias))
    options = {**usual["OPTIONS"], "options": "-c statement_timeout=0"}
    connection.settings_dict = {**usual, "USER": login.role, "PASSWORD": login.password, "OPTIONS": options}
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        yield
    finally:
        connection.close()
        connection.settings_dict = usual
