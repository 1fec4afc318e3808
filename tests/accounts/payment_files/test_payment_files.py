"""Files of payments from the request to the report, whoever is killed, erased or poor meanwhile."""

import os
import subprocess
import sys
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings

from accounts.api import payment_files as api
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.payment_files import lines as kept
from accounts.payment_files import report
from accounts.payment_files.execution import execute_files, execute_part
from bank.context import Order, Unit
from bank.db import transaction
from bank.failpoints import EXIT_CODE, POINTS, Failed, armed
from bank.history.verification import verify
from tests.accounts.payment_files.files import as_csv, payments, whole
from tests.accounts.payment_files.sending import (
    CUSTOMER,
    SOME,
    accepted,
    balance,
    client,
    finish,
    get,
    send,
    send_csv,
    send_pain,
    told,
)
from tests.accounts.units import account_with, run

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


@pytest.mark.parametrize("send_in", ["csv", "pain001"])
def test_a_file_is_accepted_executed_and_told(send_in: str) -> None:
    pays, to = account_with(20_000_00, customer_id=CUSTOMER), [account_with(0) for _ in range(3)]
    answer = send_csv(pays, whole(as_csv(payments(to, SOME)))) if send_in == "csv" else send_pain(pays, to, SOME)
    assert answer.status_code == 202, answer.json()
    file_id = UUID(answer.json()["id"])
    assert answer["Location"] == f"/api/v1/payment-files/{file_id}"
    waiting = get(f"/{file_id}").json()
    assert (waiting["status"], waiting["format"], waiting["lines"]) == ("accepted", send_in, SOME)
    assert waiting["executed"] == 0
    assert (waiting["message_id"], waiting["amount"]["amount"]) == ("M-1", f"{SOME}.00")
    assert {line["outcome"] for line in told(file_id)} == {"waiting"}
    assert execute_part(file_id)
    assert (get(f"/{file_id}").json()["status"], get(f"/{file_id}").json()["executed"]) == ("executing", 500)
    assert len(told(file_id, "waiting")) == SOME - 500
    finish()
    done = get(f"/{file_id}").json()
    assert (done["status"], done["accepted"], done["refused"]) == ("completed", SOME, 0)
    assert done["accepted_amount"]["amount"] == f"{SOME}.00"
    assert balance(pays) == 20_000_00 - SOME * 100
    assert sum(map(balance, to)) == SOME * 100
    lines = told(file_id)
    assert [line["number"] for line in lines] == list(range(1, SOME + 1))
    assert {line["outcome"] for line in lines} == {"accepted"}
    assert (lines[1]["reference"], lines[1]["end_to_end_id"], lines[1]["name"]) == ("Invoice 2", "E-2", "Ada Byron")
    transfer = client().get(f"/api/v1/transfers/{lines[-1]['transfer_id']}").json()
    assert (transfer["from_account_id"], transfer["reference"]) == (pays, f"Invoice {SOME}")
    assert verify(ACCOUNTS).broken == []


def test_lines_that_cannot_be_executed_are_refused_and_the_others_are_not() -> None:
    pays, to, frozen, nobody = account_with(10_00, customer_id=CUSTOMER), account_with(0), account_with(0), str(uuid4())
    run(Unit(Order(ACCOUNT, frozen, FreezeAccount(frozen, "credit", "legal_order"))))
    file_id = accepted(pays, [to, frozen, nobody, pays], 12)
    finish()
    outcomes = [(line["outcome"], line["code"]) for line in told(file_id)]
    codes = ("payee_cannot_take", "payee_cannot_take", "same_account")
    wanted = [("accepted", ""), *(("refused", code) for code in codes)]
    assert outcomes == wanted * 3
    assert (balance(pays), balance(to)) == (7_00, 3_00)
    done = get(f"/{file_id}").json()
    assert (done["accepted"], done["refused"], done["accepted_amount"]["amount"]) == (3, 9, "3.00")
    assert [line["number"] for line in told(file_id, "accepted")] == [1, 5, 9]


def test_an_account_that_runs_out_of_money_refuses_what_is_left() -> None:
    pays, to = account_with(700_00, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to])
    finish()
    assert (balance(pays), balance(to)) == (0, 700_00)
    refused = told(file_id, "refused")
    assert {line["code"] for line in refused} == {"insufficient_funds"}
    assert [line["number"] for line in refused] == list(range(701, SOME + 1))


# Once and for ever.


def test_the_same_request_is_answered_the_same_and_the_same_message_id_is_refused() -> None:
    pays, to, key = account_with(10_00, customer_id=CUSTOMER), account_with(0), str(uuid4())
    body = whole(as_csv(payments([to], 2)))
    first, again = (send_csv(pays, body, key=key) for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (202, 202, "true")
    assert first.json() == again.json()
    other = send_csv(pays, whole(as_csv(payments([to], 3))))
    assert (other.status_code, other.json()["code"]) == (422, "payment_file_exists")
    reused = send_csv(pays, whole(as_csv(payments([to], 3))), key=key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    finish()
    assert balance(to) == 2_00
    assert stored_parts() == 1


def stored_parts() -> int:
    with transaction("accounts") as cursor:
        cursor.execute("select count(*) from bank_attachment")
        ((count,),) = cursor.fetchall()
    return int(count)


def test_another_customer_may_use_the_same_message_id() -> None:
    other, to = str(uuid4()), account_with(0)
    body = whole(as_csv(payments([to], 2)))
    first = send_csv(account_with(10_00, customer_id=CUSTOMER), body)
    second = send_csv(account_with(10_00, customer_id=other), body, who=client(other))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
@pytest.mark.parametrize("nth", [1, 2])
def test_what_failed_in_the_middle_is_executed_once(point: str, nth: int) -> None:
    pays, to = account_with(2_000_00, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to])
    assert execute_part(file_id)
    with pytest.raises(Failed), armed(point, nth=nth):
        execute_part(file_id)
    assert get(f"/{file_id}").json()["executed"] == 500
    finish()
    assert balance(to) == SOME * 100
    assert get(f"/{file_id}").json()["accepted"] == SOME
    assert verify(ACCOUNTS).broken == []


WORKER = """
import django
django.setup()
from accounts.tasks import execute_payment_files
execute_payment_files()
"""


def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_half_done() -> None:
    assert {"before_commit", "after_commit"} <= POINTS
    pays, to = account_with(2_000_00, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to])
    exits = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", WORKER],
            env={**os.environ, "BANK_FAILPOINTS": f"{point}=exit:{nth}", "BANK_ROLE": "owner"},
            cwd=Path(settings.BASE_DIR),
        ).returncode
        for point, nth in (("before_commit", 3), ("after_commit", 1), ("before_commit", 2))
    ]
    assert exits == [EXIT_CODE] * 3
    executed = get(f"/{file_id}").json()["executed"]
    assert executed == 500
    assert balance(to) == executed * 100
    finish()
    assert (balance(pays), balance(to)) == (2_000_00 - SOME * 100, SOME * 100)
    assert verify(ACCOUNTS).broken == []


def test_two_workers_do_not_work_on_one_file() -> None:
    pays, to = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to], 2)
    url = settings.OWNER_DATABASE_URLS["accounts"]
    with psycopg.connect(url, autocommit=True) as cursor:
        key = kept.lock(file_id)
        cursor.execute("select pg_advisory_lock(%s, %s)", key)
        assert not execute_part(file_id)
        finish()
        assert balance(to) == 0
        cursor.execute("select pg_advisory_unlock(%s, %s)", key)
    finish()
    assert balance(to) == 2_00
    assert not execute_part(file_id)
    assert not execute_part(uuid4())


def most_kb(pays: str, to: list[str], lines: int) -> int:
    """The most memory that executing a file of so many lines takes beside what was taken before."""
    accepted(pays, to, lines, message_id=f"{lines} lines")
    tracemalloc.start()
    try:
        finish()
        return tracemalloc.get_traced_memory()[1] // 1024
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file_that_is_executed() -> None:
    """What is kept of 2,000 lines more would be a megabyte, if it were the lines alone."""
    pays, to = account_with(3_700_00, customer_id=CUSTOMER), [account_with(0) for _ in range(3)]
    most_kb(pays, to, 500)
    few = most_kb(pays, to, 600)
    assert most_kb(pays, to, 2_600) - few < 300
    assert sum(map(balance, to)) == 3_700_00


def test_files_take_turns_until_the_time_is_over() -> None:
    to = account_with(0)
    files = [accepted(account_with(2_000_00, customer_id=CUSTOMER), [to], message_id=name) for name in ("M-1", "M-2")]
    left = iter([True, True, True, False])
    assert execute_files(lambda: next(left)) is True
    assert [get(f"/{file_id}").json()["executed"] for file_id in files] == [1000, 500]
    finish()
    assert balance(to) == 2 * SOME * 100


# Who may, and what is wrong.


def test_files_are_their_customers_own_and_an_operator_sees_all() -> None:
    pays, to, other = account_with(10_00, customer_id=CUSTOMER), account_with(0), str(uuid4())
    file_id = accepted(pays, [to], 2)
    assert get(f"/{file_id}", client(other)).status_code == 404
    assert get(f"/{file_id}/lines", client(other)).status_code == 404
    assert get(f"/{uuid4()}").status_code == 404
    assert get("", client(other)).json()["items"] == []
    assert get("", client(other), customer_id=CUSTOMER).status_code == 404
    assert [row["id"] for row in get("").json()["items"]] == [str(file_id)]
    assert [row["id"] for row in get("", client(None)).json()["items"]] == [str(file_id)]
    stolen = send_csv(pays, whole(as_csv(payments([to], 1))), who=client(other))
    assert (stolen.status_code, list(stolen.json()["errors"])) == (400, ["account_id"])


def test_an_operator_sends_a_file_for_a_customer() -> None:
    pays, to = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    body = whole(as_csv(payments([to], 1)))
    query = f"?account_id={pays}&message_id=M-1&customer_id={CUSTOMER}"
    assert send(body, "text/csv", query, who=client(None)).status_code == 202
    finish()
    assert balance(to) == 1_00


def test_the_newest_files_come_first_and_in_pages() -> None:
    to = account_with(0)
    pays = account_with(10_00, customer_id=CUSTOMER)
    files = [str(accepted(pays, [to], 1, message_id=f"M-{n}")) for n in range(3)]
    page = get("", limit=2).json()
    rest = get("", limit=2, cursor=page["next"]).json()
    assert [row["id"] for row in (*page["items"], *rest["items"])] == files[::-1]
    assert rest["next"] is None


def test_a_report_of_few_among_many_goes_on_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PARTS_A_PAGE", 1)
    pays, to = account_with(SOME * 100 - 1, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to])
    finish()
    assert [line["number"] for line in told(file_id, "refused")] == [SOME]
    first = get(f"/{file_id}/lines", outcome="refused").json()
    assert first["items"] == []
    assert first["next"]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data"])
def test_only_files_of_payments_are_taken(content_type: str) -> None:
    assert send(b"{}", content_type).status_code == 415


def test_a_file_that_is_too_large_or_cut_off_is_not_looked_into() -> None:
    sent: Any = client().generic
    path, options = "/api/v1/payment-files", {"content_type": "text/csv", "headers": {"Idempotency-Key": "k"}}
    large = sent("POST", path, b"x", CONTENT_LENGTH=str(api.MAX_BYTES + 1), **options)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    cut = sent("POST", path, b"x", CONTENT_LENGTH="1000", **{"wsgi.input": BytesIO(b"iban")}, **options)
    assert (cut.status_code, cut.json()["code"]) == (400, "body_incomplete")


def test_a_file_with_a_fault_leaves_nothing_and_its_key_may_be_used_again() -> None:
    pays, to, key = account_with(10_00, customer_id=CUSTOMER), account_with(0), str(uuid4())
    wrong = send_csv(pays, whole(as_csv([*payments([to], 2), *payments([to], 1, amount="0")])), key=key)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "payment_file_invalid")
    assert list(wrong.json()["errors"]) == ["lines.3.amount"]
    assert stored_parts() == 0
    assert send_csv(pays, whole(as_csv(payments([to], 2))), key=key).status_code == 202


def test_a_sheet_is_refused_whole_unless_it_is_what_was_said_of_it() -> None:
    pays, to = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    query, body = f"?account_id={pays}&message_id=M-1", whole(as_csv(payments([to], 2)))
    for said, place in (("lines=3", "lines"), ("total=2.01", "total")):
        wrong = send(body, "text/csv", f"{query}&{said}")
        assert (wrong.status_code, wrong.json()["code"]) == (400, "payment_file_invalid")
        assert list(wrong.json()["errors"]) == [place]
    assert stored_parts() == 0
    assert send(body, "text/csv", f"{query}&lines=2&total=2.00").status_code == 202


@pytest.mark.parametrize("content_type", ["application/xml", "text/csv"])
def test_ten_megabytes_of_anything_are_answered(content_type: str) -> None:
    pays = account_with(10_00, customer_id=CUSTOMER)
    query = f"?account_id={pays}&message_id=M-1" if content_type == "text/csv" else ""
    for garbage in (b"x" * 10**7, b"<a>" * (10**7 // 3), b"\n" * 10**7, os.urandom(10**7)):
        answer = send(garbage, content_type, query)
        assert answer.status_code == 400, answer.json()
        assert answer.json()["code"] in ("payment_file_malformed", "payment_file_invalid")


@pytest.mark.parametrize(
    ("query", "content_type", "place"),
    [
        ("", "text/csv", "message_id"),
        ("?message_id=M-1", "text/csv", "account_id"),
        (f"?account_id={UUID(int=7)}", "text/csv", "message_id"),
        (f"?account_id={UUID(int=7)}&message_id=M-1", "text/csv", "account_id"),
        ("?message_id=M-1", "application/xml", "message_id"),
        ("?total=1.00", "application/xml", "total"),
        (f"?account_id={UUID(int=7)}&message_id=M-1&lines=0", "text/csv", "lines"),
        (f"?account_id={UUID(int=7)}&message_id=M-1&total=1e3", "text/csv", "total"),
        (f"?account_id={UUID(int=7)}&message_id=M-1&total=-1.00", "text/csv", "total"),
        ("?colour=red", "application/xml", "colour"),
    ],
)
def test_a_query_that_does_not_fit_says_what_is_wrong(query: str, content_type: str, place: str) -> None:
    answer = send(b"iban,amount,currency\n", content_type, query)
    assert answer.status_code == 400
    assert place in answer.json()["errors"]


def test_a_file_needs_a_key_of_the_clients_making() -> None:
    answer = client().post("/api/v1/payment-files", b"x", content_type="text/csv")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
