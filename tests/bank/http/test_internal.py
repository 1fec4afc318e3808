"""The feed and the command table, as services ask one another."""

import time
from typing import Any
from uuid import uuid4

import jwt
import msgspec
import pytest
from django.conf import settings
from django.test import Client

from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from bank.http import internal
from bank.http.service_tokens import service_token
from tests.bank.examples.counting import COUNTER, COUNTING, Add, add

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)


class Page(msgspec.Struct):
    watermark: int
    events: list["Row"]


class Row(msgspec.Struct):
    position: int
    message: msgspec.Raw


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal, "load", lambda name: COUNTING)


def get(path: str, token: str | None = None) -> Any:
    shown = token if token is not None else service_token("cards", "accounts")
    return Client(headers={"Authorization": f"Bearer {shown}"}).get(f"/internal/v1/{path}")


def feed(query: str = "") -> Page:
    answer = get(f"accounts/events?{query}")
    assert answer.status_code == 200, answer.content
    return msgspec.json.decode(answer.content, type=Page)


def subjects(page: Page) -> list[str]:
    return [msgspec.json.decode(row.message)["subject"] for row in page.events]


def test_the_feed_gives_the_bytes_that_the_outbox_publishes() -> None:
    execute(COUNTING, [add("a", 1), add("b", 2)])
    with transaction("accounts") as cursor:
        cursor.execute("select payload from bank_outbox order by seq")
        published = [payload.encode() for (payload,) in cursor.fetchall()]
    assert [bytes(row.message) for row in feed().events] == published


def test_a_reader_goes_on_from_the_watermark() -> None:
    execute(COUNTING, [add("a", 1), add("b", 2), add("c", 3)])
    first = feed("limit=2")
    second = feed(f"limit=2&after={first.watermark}")
    assert subjects(first) + subjects(second) == ["counter-a", "counter-b", "counter-c"]
    assert feed(f"after={second.watermark}").events == []


def test_types_may_be_named_as_stored_or_as_published() -> None:
    execute(COUNTING, [add("a", 1)])
    assert len(feed("types=Added.v1").events) == len(feed("types=accounts.Added.v1,Other.v1").events) == 1
    assert feed("types=Noted.v1").events == []


def test_shards_part_the_streams_without_rest() -> None:
    execute(COUNTING, [add(f"k{number}", 1) for number in range(20)])
    found = [subject for shard in range(3) for subject in subjects(feed(f"shard={shard}/3"))]
    assert sorted(found) == sorted(subjects(feed()))


def test_one_stream_is_read_from_a_version_on() -> None:
    execute(COUNTING, [add("a", 1), add("a", 2), add("b", 1), add("a", 3)])
    versions = [
        msgspec.json.decode(row.message)["streamversion"] for row in feed("stream=counter-a&after_version=1").events
    ]
    assert versions == [2, 3]


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "shard=3/3", "shard=x", "after=x", "unknown=1"])
def test_a_query_that_makes_no_sense_is_a_bad_request(query: str) -> None:
    assert get(f"accounts/events?{query}").status_code == 400


def test_a_command_tells_what_became_of_it() -> None:
    applied, refused = uuid4(), uuid4()
    execute(COUNTING, [Unit(Order(COUNTER, "a", Add(1)), id=applied), Unit(Order(COUNTER, "a", Add(-5)), id=refused)])
    assert get(f"accounts/commands/{applied}").json() == {
        "id": str(applied),
        "outcome": "applied",
        "code": "",
        "reason": "",
        "streams": ["counter-a"],
        "versions": [1],
    }
    assert get(f"accounts/commands/{refused}").json()["code"] == "below_zero"
    assert get(f"accounts/commands/{uuid4()}").status_code == 404


# Who may ask.


def signed(key: bytes | None = None, *, algorithm: str = "HS256", **claims: object) -> str:
    now = int(time.time())
    payload = {"iss": "cards", "aud": "accounts", "iat": now, "exp": now + 60, **claims}
    return jwt.encode(payload, settings.SERVICE_KEYS["cards"] if key is None else key, algorithm=algorithm)


def test_a_service_with_its_own_key_is_let_in() -> None:
    assert get("accounts/events", signed()).status_code == 200


def tokens_to_refuse() -> dict[str, str]:
    now = int(time.time())
    return {
        "another's key": signed(settings.SERVICE_KEYS["loans"]),
        "for somebody else": signed(aud="loans"),
        "expired": signed(iat=now - 120, exp=now - 60),
        "too long": signed(exp=now + 3600),
        "unknown caller": signed(iss="nobody"),
        "caller of no name": signed(iss=""),
        "unsigned": jwt.encode({"iss": "cards", "aud": "accounts", "exp": now + 60, "iat": now}, "", algorithm="none"),
        "no token": "x",
    }


@pytest.mark.parametrize("which", list(tokens_to_refuse()))
def test_any_other_token_is_refused(which: str) -> None:
    assert get("accounts/events", tokens_to_refuse()[which]).status_code == 401


def test_without_a_token_nobody_is_let_in() -> None:
    assert Client().get("/internal/v1/accounts/events").status_code == 401


def test_a_context_that_is_not_served_here_is_not_found() -> None:
    assert get("nowhere/events", service_token("cards", "nowhere")).status_code == 404
