"""Settings: production refuses to start on defaults, and connections are limited and watched."""

import base64
import os
import subprocess
import sys
from typing import Any

import pytest
from celery.backends.base import DisabledBackend
from django.conf import settings
from django.db import connections

from bank.runtime import databases, home
from bank.runtime.home import PROJECT
from bank.runtime.topology import Service, five_services, one_service, places, worker
from config.celery import app
from tests.running import PRIVATE

KEY = base64.b64encode(bytes(32)).decode()


def production(
    script: str = "import django; django.setup(); print('started')", **given: str
) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
    environment = {
        **clean,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "BANK_ENV": "production",
        "BANK_HOME": "/nonexistent",
        **given,
    }
    return subprocess.run([sys.executable, "-c", script], env=environment, cwd=PROJECT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def complete() -> dict[str, str]:
    return {**home.new_secrets(), **databases.environment("127.0.0.1", 1, databases.new_passwords())}


def test_production_starts_with_every_secret(complete: dict[str, str]) -> None:
    assert production(**complete).stdout.strip() == "started"


@pytest.mark.parametrize(
    "name",
    [
        "DJANGO_SECRET_KEY",
        "BANK_MASTER_KEYS",
        "BANK_MASTER_KEY_ID",
        "BANK_BLIND_INDEX_KEY",
        "BANK_MESSAGE_KEYS",
        "BANK_SERVICE_KEYS",
        "BANK_OIDC_PRIVATE_KEY",
        "DATABASE_URL",
        "DATABASE_URL_CARDS",
    ],
)
def test_production_does_not_start_without_one(complete: dict[str, str], name: str) -> None:
    answer = production(**{key: value for key, value in complete.items() if key != name})
    assert answer.returncode != 0
    assert f"Set {name}: production does not start without it." in answer.stderr


def test_a_service_needs_its_own_databases_alone(complete: dict[str, str]) -> None:
    others = {"DATABASE_URL_CUSTOMERS", "DATABASE_URL_ACCOUNTS", "DATABASE_URL_LOANS", "DATABASE_URL_BANKVIEW"}
    own = {key: value for key, value in complete.items() if key not in others}
    assert production(**own, CONTEXTS="cards").stdout.strip() == "started"


@pytest.mark.parametrize(
    ("contexts", "needless"),
    [
        ("accounts", {"BANK_OIDC_PRIVATE_KEY", "BANK_BLIND_INDEX_KEY"}),
        ("customers", {"BANK_OIDC_PRIVATE_KEY"}),
        ("bankview", {"BANK_BLIND_INDEX_KEY"}),
    ],
)
def test_a_service_starts_without_what_is_not_its_to_know(
    complete: dict[str, str], contexts: str, needless: set[str]
) -> None:
    own = {key: value for key, value in complete.items() if key not in needless}
    assert production(**own, CONTEXTS=contexts).stdout.strip() == "started"


def test_a_key_to_make_tokens_is_not_looked_at_where_identity_is_not_kept(complete: dict[str, str]) -> None:
    script = (
        "import django; django.setup(); from django.conf import settings; print(repr(settings.IDP_OIDC_PRIVATE_KEY))"
    )
    assert production(script, **complete, CONTEXTS="accounts").stdout.strip() == "''"


def test_a_key_of_the_wrong_length_is_refused(complete: dict[str, str]) -> None:
    short = base64.b64encode(b"short").decode()
    answer = production(**{**complete, "BANK_MASTER_KEYS": f"k1:{KEY},k2:{short}"})
    assert "BANK_MASTER_KEYS: a key is 32 bytes, base64." in answer.stderr


@pytest.mark.django_db(databases=["accounts"], transaction=True)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "1min"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("plan_cache_mode", "force_generic_plan"),
        ("tcp_keepalives_idle", "30"),
    ],
)
def test_connections_are_limited(setting: str, value: str) -> None:
    with connections["accounts"].cursor() as cursor:
        cursor.execute(f"show {setting}")
        assert cursor.fetchone() == (value,)
    assert connections["accounts"].settings_dict["CONN_HEALTH_CHECKS"]
    assert connections["accounts"].settings_dict["CONN_MAX_AGE"] > 0


@pytest.mark.parametrize("alias", databases.aliases(databases.CONTEXTS))
def test_a_server_that_does_not_answer_is_noticed(alias: str) -> None:
    options = connections[alias].settings_dict["OPTIONS"]
    assert 0 < options["connect_timeout"] <= 10
    assert options["keepalives"] == 1
    assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 60


@pytest.mark.parametrize("alias", databases.aliases(databases.CONTEXTS))
def test_no_pool_is_taken_along_into_a_fork(alias: str) -> None:
    assert "pool" not in connections[alias].settings_dict["OPTIONS"]


def test_a_task_whose_worker_dies_is_run_again_and_leaves_no_result() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.task_ignore_result
    assert isinstance(app.backend, DisabledBackend)


@pytest.fixture(scope="module")
def tasks() -> dict[str, Any]:
    """The bank's own."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def takes_long(task: Any) -> bool:
    return bool(task.time_limit > settings.CELERY_TASK_TIME_LIMIT)


def test_no_broker_gives_a_task_to_another_worker_while_one_may_still_be_at_it(tasks: dict[str, Any]) -> None:
    """RabbitMQ waits half an hour for an acknowledgement, then it closes the channel, and what ran comes again."""
    late = {name: task.time_limit for name, task in tasks.items() if task.acks_late}
    assert "bank.sweep" in late
    assert max(late.values()) < settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", 1800)


def test_what_takes_long_is_not_delivered_again_when_it_ends_its_worker(tasks: dict[str, Any]) -> None:
    assert {name for name, task in tasks.items() if takes_long(task)} >= {"accounts.end_of_day", "cards.age_cards"}
    assert [name for name, task in tasks.items() if takes_long(task) and task.acks_late] == []


def test_what_takes_long_never_meets_itself(tasks: dict[str, Any]) -> None:
    """Of the end of a day the second one leaves at once."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = tasks[entry["task"]]
        if takes_long(task) and task.name != "accounts.end_of_day":
            assert task.time_limit < entry["schedule"], task.name


@pytest.mark.parametrize("service", [*one_service(8000), *five_services(8000)], ids=lambda s: s.contexts[-1])
def test_a_worker_has_a_place_left_when_all_that_takes_long_is_under_way(
    tasks: dict[str, Any], service: Service
) -> None:
    long = [name for name, task in tasks.items() if takes_long(task) and name.partition(".")[0] in service.contexts]
    assert places(service) > len(long)
    command = worker(service)
    assert command[command.index("--concurrency") + 1] == str(places(service))
