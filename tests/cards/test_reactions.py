"""What Cards does with what it hears."""

from datetime import date

from bank.context import Order, Unit
from cards.context import CARDS
from cards.domain.card import CARD, ReleaseSpend
from cards.domain.payment import PAYMENT, AuthorizePayment, DeclinePayment, SettlePayment, SettleRefund
from cards.handlers.payments import authorize, decline, release_spend, settle, settle_refund
from cards.inbound import FundsHeld, HoldCaptured, HoldDeclined, MoneyCredited, PaymentGivenUp

DAY = date(2026, 3, 2)


def order(unit: Unit | None) -> Order:
    assert unit is not None
    (only,) = unit.orders
    return only


def test_a_hold_is_known_by_the_payment_it_is_for() -> None:
    assert order(authorize(FundsHeld("p1"))) == Order(PAYMENT, "p1", AuthorizePayment("p1"))
    assert order(decline(HoldDeclined("p1", "insufficient_funds"))) == Order(
        PAYMENT, "p1", DeclinePayment("p1", "insufficient_funds")
    )
    assert order(settle(HoldCaptured("p1", DAY))) == Order(PAYMENT, "p1", SettlePayment("p1", DAY))


def test_a_credit_that_no_process_asked_for_is_nobodys_refund() -> None:
    assert settle_refund(MoneyCredited(DAY)) is None
    assert settle_refund(MoneyCredited(DAY, process_id="l1")) is None


def test_a_credit_says_which_refund_it_is() -> None:
    credited = MoneyCredited(DAY, process_id="p1", refund_id="r1")
    assert order(settle_refund(credited)) == Order(PAYMENT, "p1", SettleRefund("p1", "r1", DAY))


def test_a_payment_given_up_widens_its_cards_day_again() -> None:
    given_up = PaymentGivenUp("p1", "k1", 5_00, "EUR", DAY)
    assert order(release_spend(given_up)) == Order(CARD, "k1", ReleaseSpend("k1", "p1", 5_00, "EUR", DAY))


def test_cards_hears_every_way_a_payment_of_its_own_is_given_up() -> None:
    given_up = {name for name, heard in CARDS.subscriptions.items() if heard.data is PaymentGivenUp}
    assert given_up == {
        "cards.CardPaymentDeclined.v1",
        "cards.CardPaymentReversed.v1",
        "cards.CardPaymentExpired.v1",
        "cards.CreditPaymentReversed.v1",
        "cards.CreditPaymentExpired.v1",
    }
