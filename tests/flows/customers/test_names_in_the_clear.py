"""Personal data stands in the clear where it is served from, and nowhere in what is kept for ever."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from bank.context import load
from bank.messaging.feed import Feed
from bank.messaging.inbox import Inbox
from bank.messaging.messages import unwrap
from bank.messaging.retrying import retry_parked
from bank.messaging.sinks import Projector
from bank.models import Event
from tests.flows.harness import Bank, promises
from tests.flows.harness.stories import eur, holder

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

PLANTED = ("Zebedee Quux", "zebedee@quux.example", "+35699123456", "7 Planted Lane", "Yolanda Quux")
PLANTED_CARD = "4111111111111111"
PLANTED_TEXTS = ("For Xanthippe's operation", "Surgery of Dr. Quux")
"""What a customer writes to another one, and where he paid by card."""

KEPT = ("bank_event", "bank_head", "bank_snapshot", "bank_command", "bank_parked", "bank_outbox", "bank_cursor")


def found(text: str) -> Iterator[str]:
    """Where a text stands in a kernel table of any context, as text or as JSON would escape it."""
    for context in settings.CONTEXTS:
        for table in KEPT:
            statement = f"select count(*) from {table} t where t::text like %s"  # noqa: S608 - names of our own
            if promises.rows(context, statement, f"%{text}%")[0][0]:
                yield f"{context}.{table}"


@pytest.fixture
def zebedee(bank: Bank) -> str:
    """A customer who has said everything about himself that the bank asks for, and has paid by card."""
    known = {"name": PLANTED[0], "email": PLANTED[1], "mobile_number": PLANTED[2]}
    customer_id = bank.operator.made("/customers", known)
    patch(bank, customer_id, {"address": PLANTED[3]})
    patch(bank, customer_id, {"name": PLANTED[4]})
    wanted = {"customer_id": customer_id, "kind": "savings", "currency": "EUR"}
    account_id = bank.operator.made("/accounts", wanted)
    bank.operator.made(f"/accounts/{account_id}/deposits", {"amount": eur("50.00"), "reference": "Salary"})
    return customer_id


def test_planted_texts_are_sealed_on_every_stream_they_come_to(bank: Bank, zebedee: str) -> None:
    """A reference stands in two customers' events, a merchant in two contexts'."""
    anna, (lunch, surgery) = holder(bank), PLANTED_TEXTS
    (account,) = bank.operator.get(f"/accounts?customer_id={zebedee}")["items"]
    between = {"from_account_id": anna.account_id, "to_account_id": account["id"]}
    bank.operator.made("/transfers", {**between, "amount": eur("1.00"), "reference": lunch})
    payment_id = anna.pays("5.00", merchant=surgery)
    bank.flow()
    bank.operator.made(f"/card-payments/{payment_id}/refund", {"amount": eur("2.00")})
    bank.flow()
    assert {text: list(found(text)) for text in PLANTED_TEXTS} == {text: [] for text in PLANTED_TEXTS}
    assert bank.operator.get(f"/accounts/{account['id']}/entries")["items"][0]["reference"] == lunch
    entries = bank.operator.get(f"/accounts/{anna.account_id}/entries")["items"]
    assert [entry["reference"] for entry in entries] == [surgery, surgery, lunch, "Salary"]
    read = [one["text"] for one in bank.operator.get(f"/customers/{anna.customer_id}/activity")["items"]]
    assert [text for text in read if surgery in text or lunch in text] == [
        f"Refund of 2.00 EUR from {surgery}",
        f"2.00 EUR is on its way back from {surgery}",
        f"Card payment of 5.00 EUR at {surgery}",
        f"Transfer of 1.00 EUR to another account: {lunch}",
    ]


def patch(bank: Bank, customer_id: str, change: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": json.dumps(change).replace(" ", "")}
    answer = bank.operator.api.patch(f"/api/v1/customers/{customer_id}", change, format="json", headers=headers)
    assert answer.status_code == 200, answer.content


def test_planted_names_are_found_in_no_event_head_snapshot_or_command(bank: Bank, zebedee: str) -> None:
    bank.flow()
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}
    assert promises.rows("customers", "select count(*) from bank_event where data like '%%sealed:%%'")[0][0] > 0


def test_the_view_shows_them_all_the_same(bank: Bank, zebedee: str) -> None:
    bank.flow()
    shown = json.dumps(bank.operator.get(f"/customers/{zebedee}/bank-view"))
    assert PLANTED[4] in shown
    assert PLANTED[2] in shown


def test_planted_names_are_found_in_no_parked_message(
    bank: Bank, zebedee: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A projection that chokes on a customer parks his messages, names and all."""

    def choke(*_: object) -> None:
        raise ValueError(f"cannot fold {PLANTED[0]}")

    monkeypatch.setattr(Projector, "apply", choke)
    bank.flow()
    assert promises.rows("bankview", "select count(*) from bank_parked")[0][0] > 0
    assert {text: list(found(text)) for text in PLANTED} == {text: [] for text in PLANTED}

    monkeypatch.undo()
    promises.rows("bankview", "update bank_parked set retry_at = now() returning 1")
    for projection in load("bankview").async_projections:
        retry_parked(Inbox(Projector("bankview", projection), Feed("bankview")))
    promises.every_event_was_published_and_heard()
    assert PLANTED[4] in json.dumps(bank.operator.get(f"/customers/{zebedee}/bank-view"))


def test_the_feed_opens_what_is_sealed_as_the_outbox_sent_it(bank: Bank, zebedee: str) -> None:
    page = Feed("bankview").read("customers", after=0)
    data = b"".join(bytes(unwrap(row.message).data) for row in page.events)
    assert all(text.encode() in data for text in PLANTED)
    sent = promises.rows("customers", "select payload from bank_outbox order by seq")
    assert [payload for (payload,) in sent] == [row.message.decode() for row in page.events]


def test_a_card_number_that_was_sent_is_found_nowhere(bank: Bank) -> None:
    card_id = holder(bank).card_id
    for body in ({"merchant": f"Kiosk {PLANTED_CARD}"}, {"merchant": "Kiosk", "pan": PLANTED_CARD}):
        answer = bank.operator.post(f"/cards/{card_id}/payments", {"amount": eur("1.00"), **body})
        assert answer.status_code == 400
        assert PLANTED_CARD not in answer.content.decode()
    bank.flow()
    assert list(found(PLANTED_CARD)) == []
    assert not Event.objects.using("cards").filter(type="CardPaymentRequested.v1").exists()
