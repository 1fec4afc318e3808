"""What operators do with card payments in the console, as merchants ask for it."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from bank.models import Event
from cards import queries
from cards.domain.payment import AuthorizePayment, SettlePayment
from cards.models import Payment
from tests import factories
from tests.cards.units import DAY, active_card, paying, run, run_payment
from tests.factories import staff

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)

PAYMENTS = "/admin/cards/payment/"


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def authorized() -> str:
    """20.00, not captured."""
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id, auto_capture=False))
    run_payment(AuthorizePayment(payment_id))
    return payment_id


def settled() -> str:
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id))
    run_payment(AuthorizePayment(payment_id))
    run_payment(SettlePayment(payment_id, DAY))
    return payment_id


def order(operator: Client, payment_id: str, action: str, **answers: str) -> str:
    answer = operator.post(f"{PAYMENTS}{payment_id}/{action}/", answers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def payment(payment_id: str) -> Payment:
    found = queries.payment(payment_id)
    assert found is not None
    return found


def refunds() -> int:
    return Event.objects.using("cards").filter(type="CardPaymentRefunded.v1").count()


@pytest.mark.parametrize(("typed", "captured"), [("", 20_00), ("12.5", 12_50), ("24.00", 24_00)])
def test_an_operator_captures_a_payment_whole_in_part_or_above_it(operator: Client, typed: str, captured: int) -> None:
    payment_id = authorized()
    assert "1 of 1 payments changed." in order(operator, payment_id, "capture", amount=typed)
    assert (payment(payment_id).status, payment(payment_id).captured_minor) == ("captured", captured)


def test_a_capture_that_is_too_large_or_no_amount_leaves_the_payment_as_it_was(operator: Client) -> None:
    payment_id = authorized()
    assert "At most 24.00 EUR is captured" in order(operator, payment_id, "capture", amount="24.01")
    assert "EUR has 2 decimal places." in order(operator, payment_id, "capture", amount="12.345")
    assert "The smallest amount here is 0.01 EUR." in order(operator, payment_id, "capture", amount="-5.00")
    assert payment(payment_id).status == "authorized"


def test_an_operator_reverses_what_is_not_captured(operator: Client) -> None:
    payment_id, paid = authorized(), settled()
    assert "1 of 1 payments changed." in order(operator, payment_id, "reverse")
    assert payment(payment_id).status == "reversed"
    assert "Only what is not captured is reversed" in order(operator, paid, "reverse")


def test_a_refund_that_is_sent_twice_is_one_refund(operator: Client) -> None:
    payment_id = settled()
    form = operator.get(f"{PAYMENTS}{payment_id}/refund/").content.decode()
    (key,) = re.findall(r'name="once" value="([^"]+)"', form)
    assert "In EUR" in form
    for _ in range(2):
        assert "1 of 1 payments changed." in order(operator, payment_id, "refund", amount="5.00", once=key)
    assert "sent before" in order(operator, payment_id, "refund", amount="6.00", once=key)
    assert refunds() == 1
    assert payment(payment_id).refunded_minor == 5_00


def test_two_forms_are_two_refunds_up_to_what_was_captured(operator: Client) -> None:
    payment_id = settled()
    order(operator, payment_id, "refund", amount="5.00")
    assert "within what was captured" in order(operator, payment_id, "refund", amount="15.01")
    order(operator, payment_id, "refund")
    assert (refunds(), payment(payment_id).refunded_minor) == (2, 20_00)


@pytest.mark.parametrize("action", ["capture", "reverse", "refund"])
def test_who_may_only_look_gives_no_orders(action: str) -> None:
    payment_id, clerk = authorized(), staff("cards.view_payment")
    assert clerk.get(f"{PAYMENTS}{payment_id}/change/").status_code == 200
    for answer in (clerk.get, clerk.post):
        assert answer(f"{PAYMENTS}{payment_id}/{action}/").status_code == 403
    assert payment(payment_id).status == "authorized"
