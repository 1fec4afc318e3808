"""What a part says of itself, and what the web says of what stands behind it."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from psycopg.pq import PGconn

from bank.runtime import databases, heartbeat

EVERY = databases.aliases(settings.CONTEXTS)


def test_a_heartbeat_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_HEARTBEATS", str(tmp_path / "gone"))
    heartbeat.beat("worker")
    assert heartbeat.age_s(tmp_path / "gone", "worker") == float("inf")


@pytest.mark.django_db(databases=EVERY, transaction=True)
def test_ready_is_a_service_whose_databases_all_answer() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database cards"]) == (200, "up")


@pytest.mark.django_db(databases=EVERY, transaction=True)
def test_a_database_whose_connection_is_in_no_state_to_be_asked_is_down() -> None:
    cards = connections["cards"]
    cards.ensure_connection()
    cards.health_check_done = True  # type: ignore[attr-defined]
    cards.connection.pgconn = PGconn.connect_start(cards.connection.info.dsn.encode())  # half way: an InterfaceError
    try:
        answer = Client().get("/readyz")
    finally:
        cards.close()
    assert (answer.status_code, answer.json()["parts"]["database cards"]) == (503, "down")
