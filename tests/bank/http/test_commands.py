"""Writes over HTTP: exactly once, answered the same for ever, and clear about what went wrong."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from rest_framework.test import APIClient

from bank.history.eventstore import load, read_stream
from bank.http import commands
from bank.http.principal import Principal, principal
from tests.bank.examples.counting import COUNTER, COUNTING
from tests.bank.examples.counting_api import OWNERS

pytestmark = [
    pytest.mark.django_db(databases=["accounts", "default"], transaction=True),
    pytest.mark.urls("tests.bank.examples.counting_api"),
]

ALICE = principal("1", str(uuid4()), is_operator=False)
BOB = principal("2", str(uuid4()), is_operator=False)
OPERATOR = principal("3", None, is_operator=True)


def client(who: Principal = ALICE) -> APIClient:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(who)  # type: ignore[arg-type]
    return api


def opened(owner: Principal = ALICE) -> str:
    counter = str(uuid4())
    OWNERS[counter] = str(owner.customer_id)
    return counter


def post(path: str, body: object = None, *, who: Principal = ALICE, key: str | None = None, **headers: str) -> Any:
    all_headers = {"Idempotency-Key": key or str(uuid4()), **headers}
    return client(who).post(f"/api/v1/{path}", body, format="json", headers=all_headers)


def add(counter: str, amount: str = "0.05", **more: Any) -> Any:
    return post(f"counters/{counter}/additions", {"amount": {"amount": amount, "currency": "EUR"}}, **more)


def total(counter: str) -> int:
    return int(load(COUNTING, COUNTER, counter)[0].total)


# Success.


def test_a_write_answers_with_its_version_its_etag_and_its_position() -> None:
    counter = opened()
    answer = add(counter)
    assert answer.status_code == 200
    assert answer.json() == {"id": counter, "version": 1, "position": f"accounts:counter-{counter}@1"}
    assert answer["ETag"] == '"1"'
    assert answer["Location"] == f"/api/v1/counters/{counter}"
    assert "Idempotency-Replayed" not in answer


def test_a_write_that_changes_nothing_has_no_version() -> None:
    answer = add(opened(), "0.00")
    assert (answer.status_code, answer.json()["version"], answer.json()["position"]) == (200, None, None)


def test_the_event_carries_who_asked_and_in_which_conversation() -> None:
    counter, conversation = opened(), uuid4()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    add(counter, **{"X-Correlation-Id": str(conversation), "traceparent": trace})
    (event,) = read_stream(COUNTING, f"counter-{counter}")
    assert event.metadata.actor == f"customer:{ALICE.customer_id}"
    assert event.metadata.correlation_id == conversation
    assert event.metadata.traceparent == trace


def test_without_a_conversation_the_command_is_its_own() -> None:
    counter = opened()
    add(counter, traceparent="00-broken")
    (event,) = read_stream(COUNTING, f"counter-{counter}")
    assert event.metadata.correlation_id == event.metadata.command_id
    assert event.metadata.traceparent is None


# Idempotency.


def test_the_same_key_again_gives_the_same_answer_and_one_effect() -> None:
    counter, key = opened(), "k-1"
    first, second = add(counter, key=key), add(counter, key=key)
    assert total(counter) == 5
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert second["ETag"] == first["ETag"]


def test_a_replay_answers_with_the_version_of_then() -> None:
    counter = opened()
    add(counter, key="then")
    add(counter)
    assert add(counter, key="then").json()["version"] == 1


def test_a_creation_repeated_names_the_same_resource() -> None:
    first, second = post("counters", {}, key="new"), post("counters", {}, key="new")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first["Location"] == f"/api/v1/counters/{first.json()['id']}"


def test_the_same_key_from_twenty_threads_has_one_effect() -> None:
    counter = opened()

    def once(_: int) -> Any:
        try:
            return add(counter, key="crowd")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(once, range(20)))
    assert total(counter) == 5
    assert {answer.status_code for answer in answers} <= {200, 409}
    taken = [answer for answer in answers if answer.status_code == 200]
    assert sum("Idempotency-Replayed" not in answer for answer in taken) == 1
    assert {answer.content for answer in taken} == {taken[0].content}


def test_the_same_key_with_another_body_is_refused() -> None:
    counter = opened()
    add(counter, key="k")
    answer = add(counter, "0.06", key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert total(counter) == 5


def test_spacing_and_the_order_of_names_do_not_make_another_body() -> None:
    counter = opened()
    path, headers = f"/api/v1/counters/{counter}/additions", {"Idempotency-Key": "spaced"}
    bodies = ['{"amount":{"amount":"1.00","currency":"EUR"}}', '{ "amount": {"currency": "EUR", "amount": "1.00"} }']
    answers = [client().post(path, body, content_type="application/json", headers=headers) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert total(counter) == 100


def test_the_same_key_on_another_address_or_by_another_user_is_another_command() -> None:
    mine, other, theirs = opened(), opened(), opened(BOB)
    answers = [add(mine, key="k"), add(other, key="k"), add(theirs, key="k", who=BOB)]
    assert ["Idempotency-Replayed" in answer for answer in answers] == [False, False, False]


def test_a_refusal_is_remembered_with_its_code() -> None:
    counter = opened()
    first = add(counter, "-1.00", key="k")
    add(counter, "5.00")
    second = add(counter, "-1.00", key="k")
    assert (first.status_code, first.json()["code"]) == (422, "below_zero")
    assert first["Content-Type"] == "application/problem+json"
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert total(counter) == 500


def test_what_took_effect_is_answered_the_same_though_the_view_says_no_by_now() -> None:
    counter, etag = opened(), '"0"'
    first = add(counter, key="k", **{"If-Match": etag})
    del OWNERS[counter]
    again = add(counter, key="k", **{"If-Match": etag})
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (200, first.json(), "true")
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert add(counter, key="another").status_code == 404
    assert total(counter) == 5


def test_what_was_made_is_named_the_same_though_the_view_says_no_by_now() -> None:
    first = post("counters", {"customer_id": ALICE.customer_id}, key="new")
    moved = principal(ALICE.user_id, str(uuid4()), is_operator=False)
    again = post("counters", {"customer_id": ALICE.customer_id}, key="new", who=moved)
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])


def test_what_was_refused_is_refused_for_the_same_reason_though_the_view_has_another_by_now() -> None:
    counter = opened()
    first = add(counter, "-1.00", key="k")
    del OWNERS[counter]
    again = add(counter, "-1.00", key="k")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (422, first.json(), "true")


def test_a_key_that_was_used_for_another_body_or_by_somebody_else_tells_nothing() -> None:
    counter = opened()
    add(counter, key="k")
    del OWNERS[counter]
    assert add(counter, "0.06", key="k").json()["code"] == "idempotency_key_reused"
    assert add(counter, key="k", who=BOB).json()["code"] == "not_found"


@pytest.mark.parametrize("key", ["", "a" * 256, "with space", "ümlaut"])
def test_a_key_that_is_no_key_is_a_bad_request(key: str) -> None:
    answer = client().post("/api/v1/counters", {}, format="json", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_a_key_of_255_characters_is_a_key() -> None:
    assert post("counters", {}, key="a" * 255).status_code == 201


def test_a_write_without_a_key_is_a_bad_request() -> None:
    answer = client().post("/api/v1/counters", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_command_that_is_still_running_is_a_conflict_to_be_retried() -> None:
    counter = opened()
    path = f"/api/v1/counters/{counter}/additions"
    id = uuid5(commands.COMMANDS, f"{ALICE.user_id}\nPOST {path}\nslow")
    with psycopg.connect(settings.DATABASE_URLS["accounts"]) as another:
        another.execute("select pg_advisory_xact_lock(%s, %s)", lock_key(id))
        running = add(counter, key="slow")
        owner = OWNERS.pop(counter)
        refused_by_now = add(counter, key="slow")
    for answer in (running, refused_by_now):
        assert (answer.status_code, answer["Retry-After"]) == (409, "1")
        assert answer.json()["code"] == "still_running"
    OWNERS[counter] = owner
    assert add(counter, key="slow").status_code == 200


def lock_key(id: UUID) -> tuple[int, int]:
    return int.from_bytes(id.bytes[:4], signed=True), int.from_bytes(id.bytes[4:8], signed=True)


# If-Match.


def test_if_match_lets_the_current_version_pass_and_stops_an_old_one() -> None:
    counter = opened()
    etag = add(counter)["ETag"]
    assert add(counter, **{"If-Match": etag}).status_code == 200
    stale = add(counter, **{"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert total(counter) == 10


def test_a_replay_does_not_mind_that_its_version_is_old_by_now() -> None:
    counter = opened()
    etag = add(counter)["ETag"]
    answers = [add(counter, key="k", **{"If-Match": etag}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_the_day_in_an_etag_does_not_count() -> None:
    counter = opened()
    add(counter)
    assert add(counter, **{"If-Match": '"1.20260302"'}).status_code == 200
    assert add(counter, **{"If-Match": '"1.20260302"'}).status_code == 412


@pytest.mark.parametrize("etag", ["7", 'W/"7"', '"7", "8"', '"x"', '""', '"7."', '"7.1"'])
def test_an_if_match_that_is_not_one_of_our_etags_is_a_bad_request(etag: str) -> None:
    answer = add(opened(), **{"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_invalid")


# Whose it is.


def test_another_customers_counter_looks_like_one_that_does_not_exist() -> None:
    theirs, nobodys = add(opened(BOB)), add(str(uuid4()))
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "trace_id": ""} == {**nobodys.json(), "trace_id": ""}


def test_an_operator_acts_for_anybody() -> None:
    assert add(opened(BOB), who=OPERATOR).status_code == 200


def test_a_customer_opens_for_himself_and_for_nobody_else() -> None:
    mine = post("counters", {"customer_id": ALICE.customer_id})
    theirs = post("counters", {"customer_id": BOB.customer_id})
    unsaid = post("counters", {}, who=OPERATOR)
    assert (mine.status_code, theirs.status_code, unsaid.status_code) == (201, 404, 400)


def test_what_is_for_operators_is_forbidden_to_customers() -> None:
    counter = opened()
    add(counter)
    assert post(f"counters/{counter}/resets").status_code == 403
    assert post(f"counters/{counter}/resets", who=OPERATOR).status_code == 200


def test_nobody_is_not_let_in() -> None:
    answer = APIClient().post("/api/v1/counters", {}, format="json")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"


# Malformed input.


def raw(body: bytes, content_type: str = "application/json") -> Any:
    path = f"/api/v1/counters/{opened()}/additions"
    return client().post(path, body, content_type=content_type, headers={"Idempotency-Key": str(uuid4())})


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b'"text"',
        b"null",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": 1e999}',
        b'{"amount": 1, "amount": 2}',
        b'{"amount": 123456789012345678901234567890}',
        b'{"amount": "\\ud800"}',
        b'{"amount": {"amount": "1.00", "currency": "\\u0000UR"}}',
        b"\xff\xfe",
        b'{"amount":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"amount": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_malformed_body_is_a_bad_request(body: bytes) -> None:
    answer = raw(body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["trace_id"]


def test_a_body_that_is_not_json_is_an_unsupported_media_type() -> None:
    assert raw(b"amount=1", "application/x-www-form-urlencoded").status_code == 415


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_a_body_over_the_limit_is_too_large() -> None:
    answer = raw(b'{"reference": "' + b"x" * 200 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("amount", "field"),
    [
        ({"amount": 1.5, "currency": "EUR"}, "amount.amount"),
        ({"amount": 1, "currency": "EUR"}, "amount.amount"),
        ({"amount": "NaN", "currency": "EUR"}, "amount.amount"),
        ({"amount": "1e3", "currency": "EUR"}, "amount.amount"),
        ({"amount": " 1", "currency": "EUR"}, "amount.amount"),
        ({"amount": "1.005", "currency": "EUR"}, "amount.amount"),
        ({"amount": "1.5", "currency": "JPY"}, "amount.amount"),
        ({"amount": "-10000000.01", "currency": "EUR"}, "amount.amount"),
        ({"amount": "99999999999999.00", "currency": "EUR"}, "amount.amount"),
        ({"amount": "1.00", "currency": "XYZ"}, "amount.currency"),
        ({"amount": "1.00"}, "amount.currency"),
        ({"amount": "1.00", "currency": "EUR", "cents": 1}, "amount.cents"),
        ("1.00 EUR", "amount"),
        (None, "amount"),
    ],
)
def test_money_that_is_not_money_names_the_field(amount: object, field: str) -> None:
    answer = post(f"counters/{opened()}/additions", {"amount": amount})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["errors"]) == [field]


def test_a_field_nobody_knows_is_an_error() -> None:
    answer = post("counters", {"custmer_id": "x"})
    assert answer.json()["errors"] == {"custmer_id": ["Unknown field."]}


@pytest.mark.parametrize("reference", ["4111 1111 1111 1111", "paid by 5500-0000-0000-0004.", "378282246310005"])
def test_a_card_number_is_refused_before_anything_is_stored(reference: str) -> None:
    counter = opened()
    body = {"amount": {"amount": "1.00", "currency": "EUR"}, "reference": reference}
    answer = post(f"counters/{counter}/additions", body)
    assert answer.status_code == 400
    assert "card number" in str(answer.json()["errors"])
    assert total(counter) == 0


@pytest.mark.parametrize(
    "reference", ["4111 1111 1111 1112", "+4915112345678", "invoice 20240117", "28b1eefb-ab76-455d-8da2-4aebf0c36d04"]
)
def test_other_numbers_are_no_card_numbers(reference: str) -> None:
    body = {"amount": {"amount": "1.00", "currency": "EUR"}, "reference": reference}
    assert post(f"counters/{opened()}/additions", body).status_code == 200
