"""Authorizations come to an end by Cards' own clock."""

from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from bank.context import Order, Unit
from bank.models import Event
from cards import queries, tasks
from cards.clock import expiry
from cards.domain.card import CARD, ReserveSpend
from cards.domain.card.life import CancelCard, ReplaceCard
from cards.domain.payment import PAYMENT, AuthorizeOnCredit, AuthorizePayment, CapturePayment
from tests.cards.units import DAY, LAST_DAY, active_card, credit_card, paying, run, run_card, run_payment

pytestmark = pytest.mark.django_db(databases=["cards"], transaction=True)

AFTER = LAST_DAY + timedelta(days=1)


def authorized(*, auto_capture: bool = False) -> str:
    payment_id = str(uuid4())
    run(paying(active_card(), 1_00, payment_id=payment_id, auto_capture=auto_capture))
    run_payment(AuthorizePayment(payment_id))
    return payment_id


def status(payment_id: str) -> str:
    payment = queries.payment(payment_id)
    assert payment is not None
    return payment.status


def test_an_authorization_lives_through_its_last_day_and_no_longer() -> None:
    payment_id = authorized()
    assert expiry.expire_authorizations(LAST_DAY) == 0
    assert status(payment_id) == "authorized"
    assert expiry.expire_authorizations(AFTER) == 1
    assert status(payment_id) == "expired"


def test_what_was_never_answered_expires_too() -> None:
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id))
    assert expiry.expire_authorizations(AFTER) == 1
    assert status(payment_id) == "expired"


def test_what_was_captured_stays() -> None:
    at_once, later = authorized(auto_capture=True), authorized()
    run_payment(CapturePayment(later, None, DAY))
    assert expiry.expire_authorizations(AFTER) == 0
    assert (status(at_once), status(later)) == ("captured", "captured")


def test_many_expire_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    payments = [authorized() for _ in range(5)]
    assert expiry.expire_authorizations(AFTER) == 5
    assert {status(payment_id) for payment_id in payments} == {"expired"}
    assert expiry.expire_authorizations(AFTER) == 0


def test_an_authorization_on_credit_expires_alike() -> None:
    card_id, payment_id = credit_card(), str(uuid4())
    run(
        Unit(
            Order(CARD, card_id, ReserveSpend(card_id, payment_id, 20_00, "EUR", DAY)),
            Order(
                PAYMENT,
                payment_id,
                AuthorizeOnCredit(payment_id, card_id, "c1", 20_00, "EUR", "Kiosk", False, DAY, LAST_DAY),
            ),
        )
    )
    assert expiry.expire_authorizations(LAST_DAY) == 0
    assert expiry.expire_authorizations(AFTER) == 1
    assert status(payment_id) == "expired"
    assert Event.objects.using("cards").filter(type="CreditPaymentExpired.v1").count() == 1


def test_the_clock_is_named_and_the_payment_is_the_conversation() -> None:
    payment_id = authorized()
    expiry.expire_authorizations(AFTER)
    event = Event.objects.using("cards").get(stream=f"payment-{payment_id}", type="CardPaymentExpired.v1")
    assert '"actor":"service:cards"' in event.metadata
    assert f'"correlationid":"{payment_id}"' in event.metadata


def test_the_command_says_how_many() -> None:
    authorized()
    assert command("--dry-run", today=AFTER) == f"1 authorizations would expire as of {AFTER}\n"
    assert command(today=AFTER) == f"1 authorizations expired as of {AFTER}\n"
    assert command(today=AFTER) == f"0 authorizations expired as of {AFTER}\n"


def command(*arguments: str, today: Any) -> str:
    out = StringIO()
    call_command("expire_authorizations", *arguments, f"--today={today}", stdout=out)
    return out.getvalue()


def test_beat_asks_for_it() -> None:
    authorized()
    assert tasks.expire_authorizations() == 1, "its last day is long over"
    assert tasks.age_cards() == 0


CARDS_LAST_DAY = date(2030, 3, 31)
DAY_AFTER = date(2030, 4, 1)


def card_status(card_id: str) -> str:
    card = queries.card(card_id)
    assert card is not None
    return card.status


def test_a_card_lives_through_its_last_day_and_no_longer() -> None:
    card_id = active_card()
    assert expiry.expire_cards(CARDS_LAST_DAY) == 0
    assert card_status(card_id) == "active"
    assert (expiry.expire_cards(DAY_AFTER), expiry.expire_cards(DAY_AFTER)) == (1, 0)
    assert card_status(card_id) == "expired"


def test_a_card_that_was_replaced_has_a_new_last_day() -> None:
    card_id, cancelled = active_card(), active_card()
    run_card(ReplaceCard(card_id, "tok_2", "1111", DAY, date(2034, 3, 31)))
    run_card(CancelCard(cancelled, DAY))
    assert expiry.expire_cards(DAY_AFTER) == 0
    card = queries.card(card_id)
    assert card is not None
    assert (card.status, card.token, card.last_four, card.expires_on) == ("issued", "tok_2", "1111", date(2034, 3, 31))
    assert card_status(cancelled) == "cancelled"


def test_many_cards_expire_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    cards = [active_card() for _ in range(5)]
    assert expiry.expire_cards(DAY_AFTER) == 5
    assert {card_status(card_id) for card_id in cards} == {"expired"}
