"""Notices on their way through a real mail server: once each, and what is not known is called so."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils.timezone import now

from bank.context import Order, Unit
from bank.db import alone
from bank.decider import ERASED
from bank.execution import execute
from bank.history.eventstore import load
from customers import notifying
from customers.context import CUSTOMERS, TOLD
from customers.domain.mail_server import MAIL_SERVER, THE_SERVER
from customers.domain.notices import NOTICES, BeginNotice, RequestNotice, WantNotices
from customers.models import Notice
from customers.orders import open_customer
from tests import factories
from tests.customers import mail_server
from tests.customers.test_api import client, opened, operator, post, send

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[mail_server.Server]:
    with mail_server.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def give(customer_id: str, *commands: Any) -> None:
    execute(CUSTOMERS, [Unit(*(Order(NOTICES, customer_id, command) for command in commands))])


numbers = count(35699000001)


def asked(kind: str = "payment_settled", code: str = "") -> Notice:
    """A notice of 12.50 to a customer who wants to be told."""
    customer_id, notice_id = str(uuid4()), str(uuid4())
    contact = {"name": "Ada Lovelace", "email": "ada@example.com", "mobile_number": f"+{next(numbers)}"}
    execute(CUSTOMERS, [Unit(*open_customer(customer_id, **contact, opened_on=date(2026, 3, 1)))])
    give(customer_id, WantNotices(customer_id, True), RequestNotice(notice_id, customer_id, kind, 1250, "EUR", code))
    return Notice.objects.get(pk=notice_id)


def how(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.status, notice.outcome_code


def an_hour_later() -> datetime:
    return now() + timedelta(hours=1)


def mail_server_failures() -> int:
    server, _ = load(CUSTOMERS, MAIL_SERVER, THE_SERVER)
    return int(server.failures)


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
    assert notifying.send_notices(an_hour_later()) == 0
    assert len(server.mails) == 1


def test_a_sender_that_died_leaves_a_notice_of_which_nobody_knows(server: mail_server.Server) -> None:
    notice = asked()
    give(str(notice.customer_id), BeginNotice(str(notice.pk), str(notice.customer_id), "<m1>"))
    assert notifying.send_notices() == 0
    assert how(notice) == ("sending", "")
    notifying.send_notices(an_hour_later())
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


def test_while_no_server_is_there_nothing_is_begun_and_sending_rests(server: mail_server.Server, settings: Any) -> None:
    notices = [asked(), asked()]
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    assert notifying.send_notices() == 0
    assert [(how(notice), notice.message_id) for notice in notices] == [(("waiting", ""), "")] * 2
    settings.EMAIL_PORT = server.port
    assert notifying.send_notices() == 0
    assert (server.connections, mail_server_failures()) == (0, 1)
    assert notifying.send_notices(an_hour_later()) == 2
    assert (server.connections, mail_server_failures()) == (1, 0)


def test_a_server_that_takes_no_mail_is_looked_at_once_for_all_that_wait(server: mail_server.Server) -> None:
    notices = [asked(), asked()]
    server.greeting = "554 not from you"
    assert [notifying.send_notices() for _ in range(3)] == [0, 0, 0]
    assert (server.connections, mail_server_failures()) == (1, 1)
    assert [how(notice) for notice in notices] == [("waiting", "")] * 2


def test_notices_go_over_one_connection_or_over_another_when_the_server_has_left(server: mail_server.Server) -> None:
    asked(), asked()
    assert (notifying.send_notices(), server.connections) == (2, 1)
    server.is_patient = False
    asked(), asked()
    assert (notifying.send_notices(), server.connections) == (2, 3)
    assert len(server.mails) == 4


@pytest.mark.parametrize(
    ("recipient", "data", "first"),
    [
        (None, "250 ok", ("waiting", "SMTPServerDisconnected")),
        ("421 going down", "250 ok", ("waiting", "smtp_421")),
        ("250 ok", None, ("unknown", "SMTPServerDisconnected")),
    ],
)
def test_nobody_knows_only_when_the_answer_to_the_text_was_lost_and_the_next_notice_is_not_begun(
    server: mail_server.Server, recipient: str | None, data: str | None, first: tuple[str, str]
) -> None:
    notices = [asked(), asked()]
    server.recipient, server.data = recipient, data
    assert notifying.send_notices() == 0
    assert sorted(map(how, notices)) == sorted([first, ("waiting", "")])
    assert mail_server_failures() == 1


def test_one_sends_at_a_time(server: mail_server.Server) -> None:
    notice = asked()
    with ThreadPoolExecutor(1) as another, alone("customers", notifying.AT_IT) as mine:
        assert mine
        assert another.submit(sends_elsewhere).result() == 0
    assert how(notice) == ("waiting", "")
    assert notifying.send_notices() == 1


def sends_elsewhere() -> int:
    try:
        return notifying.send_notices()
    finally:
        connections.close_all()


def test_an_operator_sends_again_what_may_not_have_come(server: mail_server.Server) -> None:
    console = factories.operator()
    notice = asked()
    server.data = None
    notifying.send_notices()
    page = f"/admin/customers/notice/{notice.pk}"
    assert "unknown" in console.get(f"{page}/change/").content.decode()
    assert console.post(f"{page}/send-again/").status_code == 302
    server.data = "250 ok"
    assert notifying.send_notices(an_hour_later()) == 1
    assert how(notice) == ("sent", "")


def test_every_kind_of_notice_has_a_text(server: mail_server.Server) -> None:
    assert {kind for _, kind in TOLD.values()} <= notifying.TEXTS.keys()
    notice = asked("payment_declined", "insufficient_funds")
    for kind in notifying.TEXTS:
        notice.kind = kind
        assert "{" not in notifying.mail(notice, "ada@example.com", "<m>").body


def test_the_address_that_is_replaced_is_told_by_api_and_console_and_the_same_address_is_none(
    server: mail_server.Server,
) -> None:
    console, customer_id = factories.operator(), opened(email="ada@example.com")
    path = f"customers/{customer_id}"
    for email in ("ada@example.com", "ada@lovelace.example"):
        assert send(client(customer_id), "PATCH", path, {"email": email}).status_code == 200
    data = {"name": "Ada Lovelace", "email": "ada@byron.example", "mobile_number": "+35699000001", "address": ""}
    assert console.post(f"/admin/customers/customer/{customer_id}/contact-data/", data).status_code == 302
    assert notifying.send_notices() == 2
    to = [line for one in server.mails for line in one.splitlines() if line.startswith("To: ")]
    assert to == ["To: ada@example.com", "To: ada@lovelace.example"]
    assert all("Your e-mail address was changed." in one for one in server.mails)


def test_who_is_forgotten_meanwhile_is_told_nothing_at_a_former_address_either(server: mail_server.Server) -> None:
    customer_id = opened()
    send(client(customer_id), "PATCH", f"customers/{customer_id}", {"email": "ada@lovelace.example"})
    assert post(operator(), f"customers/{customer_id}/close", {}).status_code == 200
    assert post(operator(), f"customers/{customer_id}/erasure", {}).status_code == 202
    assert notifying.send_notices() == 0
    (notice,) = Notice.objects.filter(customer_id=customer_id)
    assert (*how(notice), notice.address) == ("failed", "no_address", ERASED)
    assert server.mails == []


def test_a_customer_switches_notices_on_and_off() -> None:
    customer_id = opened()
    path = f"customers/{customer_id}/consent"
    assert client(customer_id).get(f"/api/v1/{path}").json() == {"notices": False}
    assert post(client(customer_id), path, {"notices": True}).status_code == 200
    assert client(customer_id).get(f"/api/v1/{path}").json() == {"notices": True}
    assert post(client(str(uuid4())), path, {"notices": False}).status_code == 404
