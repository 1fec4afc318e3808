"""Files of payments as they are kept: erased, tampered with, rebuilt."""

from collections.abc import Callable
from io import BytesIO
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.holder.erasure import ERASURE
from accounts.payment_files.execution import execute_part, giving_up
from accounts.payment_files.lines import Line, in_parts
from bank.context import Order, Unit
from bank.db import transaction
from bank.decider import ERASED
from bank.erasure import BeginErasure
from bank.execution import execute
from bank.history import attachments, sealing
from bank.history.verification import verify
from bank.projections.inline import rebuild_inline
from tests.accounts.facts import DAY
from tests.accounts.payment_files.files import as_csv, payments, whole
from tests.accounts.payment_files.sending import CUSTOMER, SOME, accepted, balance, finish, get, send_csv, told
from tests.accounts.units import account_with, run

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def erase(customer_id: str) -> None:
    with transaction("accounts") as cursor:
        sealing.destroy(cursor, customer_id)


def test_nobody_reads_or_executes_what_an_erased_customer_has_left() -> None:
    pays, to = account_with(2_000_00, customer_id=CUSTOMER), account_with(0)
    file_id = accepted(pays, [to])
    assert execute_part(file_id)
    erase(CUSTOMER)
    finish()
    assert balance(to) == 500_00
    done = get(f"/{file_id}").json()
    assert (done["status"], done["accepted"], done["refused"]) == ("completed", 500, SOME - 500)
    refused = told(file_id, "refused")
    assert {(line["code"], line["iban"], line["amount"]) for line in refused} == {("customer_erased", None, None)}
    assert [line["number"] for line in refused] == list(range(501, SOME + 1))
    assert {line["name"] for line in told(file_id, "accepted")} == {None}
    assert verify(ACCOUNTS).broken == []


def test_what_an_erased_customer_called_a_file_is_forgotten() -> None:
    file_id = accepted(account_with(10_00, customer_id=CUSTOMER), [account_with(0)], 1, message_id="Salaries of Ada")
    run(Unit(Order(ERASURE, CUSTOMER, BeginErasure(CUSTOMER, DAY))))
    assert get(f"/{file_id}").json()["message_id"] == ERASED


def test_an_erased_customer_sends_no_file() -> None:
    pays, to = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    erase(CUSTOMER)
    answer = send_csv(pays, whole(as_csv(payments([to], 1))))
    assert (answer.status_code, answer.json()["code"]) == (422, "customer_erased")


def test_what_a_file_says_is_nowhere_in_the_clear() -> None:
    pays, to = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    accepted(pays, [to], 2, message_id="Secret-1")
    with transaction("accounts") as cursor:
        cursor.execute("select body from bank_attachment union all select data from bank_event where type like 'Pay%'")
        stored = [row[0] for row in cursor.fetchall()]
    assert len(stored) == 2
    assert not [text for text in stored for secret in ("Ada", "Invoice", "Secret-1", "iban") if secret in text]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from bank_attachment where part = 1",
        "update bank_attachment set body = overlay(body placing 'AAAA' from 80) where part = 1",
    ],
)
def test_a_file_that_was_tampered_with_is_found_and_keeps_no_other_waiting(statement: str) -> None:
    to = account_with(0)
    broken, sound = (accepted(account_with(2_000_00, customer_id=CUSTOMER), [to], message_id=f"M-{n}") for n in (1, 2))
    [(digest,)] = digests(broken)
    with transaction("accounts") as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(f"{statement} and digest = %s", (digest,))
    finish()
    assert get(f"/{broken}").json()["executed"] == 500
    assert get(f"/{sound}").json()["status"] == "completed"
    assert verify(ACCOUNTS).broken == [f"accounts attachment {digest}: its parts do not match its digest"]
    for file_id, code in ((sound, "payment_file_completed"), (broken, "")):
        row = queries.payment_file(file_id)
        assert row is not None
        [result] = execute(ACCOUNTS, [Unit(giving_up(row), id=uuid4())])
        assert result.code == code
    ended = get(f"/{broken}").json()
    assert (ended["status"], ended["executed"], ended["accepted"]) == ("given_up", SOME, 500)
    assert ended["refused"] == SOME - 500
    refused = told(broken, "refused")
    assert {(line["code"], line["iban"] is None) for line in refused if line["number"] <= 1_000} == {
        ("payment_file_unreadable", True)
    }
    assert [line["number"] for line in refused] == list(range(501, SOME + 1))
    assert queries.unfinished_payment_files(limit=2) == []


def test_a_file_that_is_only_slow_is_not_given_up() -> None:
    row = queries.payment_file(accepted(account_with(2_000_00, customer_id=CUSTOMER), [account_with(0)]))
    assert row is not None
    [result] = execute(ACCOUNTS, [Unit(giving_up(row), id=uuid4())])
    assert result.code == "payment_file_readable"


def digests(file_id: UUID) -> list[tuple[str]]:
    with transaction("accounts") as cursor:
        cursor.execute("select digest from accounts_payment_file where id = %s", (file_id,))
        return cursor.fetchall()


def test_history_keeps_its_attachments(application_url: Callable[[str], str]) -> None:
    accepted(account_with(10_00, customer_id=CUSTOMER), [account_with(0)], 1)
    with psycopg.connect(application_url("accounts")) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("delete from bank_attachment")
    with pytest.raises(errors.InsufficientPrivilege), transaction("accounts") as cursor:
        cursor.execute("delete from bank_attachment")


def test_an_attachment_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError):
        attachments.read("accounts", "none", 0)


def test_an_attachment_may_be_stored_again_when_a_transaction_is_tried_again() -> None:
    scratch = BytesIO()
    texts = list(in_parts([Line(1, "a", "b", 1)]))
    attachment = attachments.seal("accounts", CUSTOMER, texts, scratch)
    assert list(attachment.parts()) == list(attachment.parts())
    with transaction("accounts") as cursor:
        attachments.write(cursor, attachment)
    assert attachments.read("accounts", attachment.digest, 0) == texts[0]


def test_the_table_of_files_is_rebuilt_from_their_events() -> None:
    pays, to = account_with(2_000_00, customer_id=CUSTOMER), account_with(0)
    files = [accepted(pays, [to], message_id=name) for name in ("M-1", "M-2")]
    execute_part(files[0])
    before = [get(f"/{file_id}").json() for file_id in files]
    files_of = next(one for one in ACCOUNTS.inline_projections if one.name == "payment-files")
    rebuild_inline(ACCOUNTS, files_of)
    assert [get(f"/{file_id}").json() for file_id in files] == before
