"""What consumers say of themselves, also when the cache they say it to is down."""

import socket
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bank.console import dashboard
from bank.messaging import liveness, topology
from bank.messaging.inbox import Tally
from bank.runtime.postgres import free_port
from config import environment
from config.identity import logins
from tests.bank.examples.ticking import ECHOING

pytestmark = pytest.mark.django_db(databases=["default", *django_settings.CONTEXTS], transaction=True)

QUEUE = topology.reactions(ECHOING, 0).name


@pytest.fixture(autouse=True)
def not_just_reported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(liveness, "EVERY_S", 0)
    cache.clear()
    yield
    connections["default"].close()


def test_a_redis_that_is_down_silences_the_report_and_the_console_says_so(settings: Settings) -> None:
    settings.CACHES = {"default": environment.redis_cache(f"redis://127.0.0.1:{free_port()}")}

    liveness.report(QUEUE, 0, [Tally()])

    assert "not known: the cache does not answer" in dashboard.consumers(ECHOING)
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "not known: the cache" in browser.get(reverse("admin:index")).content.decode()


def test_a_redis_that_never_answers_holds_up_nobody_and_lifts_no_limit(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        settings.CACHES = {"default": environment.redis_cache(f"redis://127.0.0.1:{hung.getsockname()[1]}")}

        liveness.report(QUEUE, 0, [Tally()])

        assert "not known: the cache does not answer" in dashboard.consumers(ECHOING)
        with pytest.raises(liveness.CACHE_DOWN):
            cache.get("a limit on signing in")


def test_a_cache_in_the_database_is_reported_to_again_once_its_connection_has_died(settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
    }
    call_command("createcachetable", database="default", verbosity=0)  # where the bank's own cache is Redis
    liveness.report(QUEUE, 0, [Tally()])
    cache.clear()
    kill_connection("default")

    liveness.report(QUEUE, 0, [Tally()])
    assert cache.get(liveness._key(QUEUE)) is None
    liveness.report(QUEUE, 0, [Tally()])

    assert "s ago" in dashboard.consumers(ECHOING)


def kill_connection(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections[alias].copy(f"{alias}_killer")
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    other.close()


def test_the_console_names_the_sources_whose_feed_a_consumer_cannot_read() -> None:
    liveness.report(QUEUE, 0, [Tally(), Tally(no_feed={"accounts": "accounts: OperationalError"})])
    assert "no feed of accounts" in dashboard.consumers(ECHOING)
