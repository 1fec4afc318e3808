"""Notices on their way through a real mail server: once each, and what is not known is called so."""

import socket
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from bank.context import Order, Unit
from bank.db import transaction
from bank.execution import execute
from customers import notifying
from customers.context import CUSTOMERS, TOLD
from customers.domain.notices import NOTICES, BeginNotice, RequestNotice, WantNotices
from customers.models import Notice
from customers.orders import open_customer
from tests import factories
from tests.customers import mail_server
from tests.customers.test_api import client, opened, post

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[mail_server.Server]:
    with mail_server.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def give(customer_id: str, *commands: Any) -> None:
    execute(CUSTOMERS, [Unit(*(Order(NOTICES, customer_id, command) for command in commands))])


def asked(kind: str = "payment_settled", code: str = "") -> Notice:
    """A notice of 12.50 to a customer who wants to be told."""
    customer_id, notice_id = str(uuid4()), str(uuid4())
    contact = {"name": "Ada Lovelace", "email": "ada@example.com", "mobile_number": "+35699000001"}
    execute(CUSTOMERS, [Unit(*open_customer(customer_id, **contact, opened_on=date(2026, 3, 1)))])
    give(customer_id, WantNotices(customer_id, True), RequestNotice(notice_id, customer_id, kind, 1250, "EUR", code))
    return Notice.objects.get(pk=notice_id)


def how(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.status, notice.outcome_code


def an_hour_later() -> None:
    with transaction("customers") as cursor:
        cursor.execute(
            "update customers_notice set retry_at = retry_at - interval '1 hour',"
            " turned_at = turned_at - interval '1 hour'"
        )


def test_a_notice_is_sent_once_under_the_message_id_written_down(server: mail_server.Server) -> None:
    notice = asked()
    assert (notifying.send_notices(), notifying.send_notices()) == (1, 0)
    assert how(notice) == ("sent", "")
    (mail,) = server.mails
    assert f"Message-ID: {notice.message_id}" in mail
    assert "To: ada@example.com" in mail
    assert "12.50 EUR was settled" in mail


def test_when_the_servers_answer_is_lost_nobody_knows_and_it_is_not_sent_again(server: mail_server.Server) -> None:
    notice = asked()
    server.data = None
    assert notifying.send_notices() == 0
    assert how(notice) == ("unknown", "SMTPServerDisconnected")
    assert notice.message_id in server.mails[0]
    server.data = "250 ok"
    an_hour_later()
    assert notifying.send_notices() == 0
    assert len(server.mails) == 1


def test_a_sender_that_died_leaves_a_notice_of_which_nobody_knows(server: mail_server.Server) -> None:
    notice = asked()
    give(str(notice.customer_id), BeginNotice(str(notice.pk), str(notice.customer_id), "<m1>"))
    assert notifying.send_notices() == 0
    assert how(notice) == ("sending", "")
    an_hour_later()
    notifying.send_notices()
    assert how(notice) == ("unknown", "sender_died")
    assert server.mails == []


@pytest.mark.parametrize(
    ("recipient", "data", "outcome"),
    [
        ("550 nobody here", "250 ok", ("failed", "smtp_550")),
        ("250 ok", "554 no", ("failed", "smtp_554")),
        ("451 later", "250 ok", ("waiting", "smtp_451")),
        ("250 ok", "452 full", ("waiting", "smtp_452")),
    ],
)
def test_a_refusal_for_good_ends_a_notice_and_one_for_now_puts_it_off(
    server: mail_server.Server, recipient: str, data: str, outcome: tuple[str, str]
) -> None:
    notice = asked()
    server.recipient, server.data = recipient, data
    assert notifying.send_notices() == 0
    assert how(notice) == outcome


def test_while_no_server_is_there_a_notice_waits_and_then_leaves(server: mail_server.Server, settings: Any) -> None:
    notice = asked()
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    assert notifying.send_notices() == 0
    assert how(notice) == ("waiting", "ConnectionRefusedError")
    settings.EMAIL_PORT = server.port
    assert notifying.send_notices() == 0
    an_hour_later()
    assert notifying.send_notices() == 1
    assert (how(notice), len(server.mails)) == (("sent", ""), 1)


def test_an_operator_sends_again_what_may_not_have_come(server: mail_server.Server) -> None:
    console = factories.operator()
    notice = asked()
    server.data = None
    notifying.send_notices()
    page = f"/admin/customers/notice/{notice.pk}"
    assert "unknown" in console.get(f"{page}/change/").content.decode()
    assert console.post(f"{page}/send-again/").status_code == 302
    server.data = "250 ok"
    an_hour_later()
    assert notifying.send_notices() == 1
    assert how(notice) == ("sent", "")


def test_every_kind_of_notice_has_a_text(server: mail_server.Server) -> None:
    assert {kind for _, kind in TOLD.values()} <= notifying.TEXTS.keys()
    notice = asked("payment_declined", "insufficient_funds")
    for kind in notifying.TEXTS:
        notice.kind = kind
        assert "{" not in notifying.mail(notice, "ada@example.com", "<m>").body


def test_a_customer_switches_notices_on_and_off() -> None:
    customer_id = opened()
    path = f"customers/{customer_id}/consent"
    assert client(customer_id).get(f"/api/v1/{path}").json() == {"notices": False}
    assert post(client(customer_id), path, {"notices": True}).status_code == 200
    assert client(customer_id).get(f"/api/v1/{path}").json() == {"notices": True}
    assert post(client(str(uuid4())), path, {"notices": False}).status_code == 404
