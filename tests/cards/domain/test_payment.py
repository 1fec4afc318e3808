"""What a card payment goes through, in every order its answers may come."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from bank.decider import Refused
from bank.money import MAX_MINOR
from bank.testing import Given, given
from cards.domain.payment import (
    MAX_REFUNDS,
    PAYMENT,
    AuthorizePayment,
    CapturePayment,
    Command,
    DeclinePayment,
    ExpirePayment,
    RefundPayment,
    RequestPayment,
    ReversePayment,
    SettlePayment,
    SettleRefund,
    capturable_minor,
)
from cards.domain.payment.facts import (
    CardPaymentAuthorized,
    CardPaymentCaptured,
    CardPaymentDeclined,
    CardPaymentExpired,
    CardPaymentRefunded,
    CardPaymentRefundSettled,
    CardPaymentRequested,
    CardPaymentReversed,
    CardPaymentSettled,
    Event,
    Payment,
)

TODAY = date(2026, 3, 2)
LAST_DAY = TODAY + timedelta(days=7)

REQUEST = RequestPayment(
    payment_id="p1",
    card_id="k1",
    account_id="a1",
    customer_id="c1",
    amount_minor=20_00,
    currency="EUR",
    merchant="Kiosk",
    auto_capture=False,
    requested_on=TODAY,
    expires_on=LAST_DAY,
)
REQUESTED = CardPaymentRequested(
    payment_id="p1",
    card_id="k1",
    account_id="a1",
    customer_id="c1",
    amount_minor=20_00,
    currency="EUR",
    merchant="Kiosk",
    auto_capture=False,
    requested_on=TODAY,
    expires_on=LAST_DAY,
)
AUTHORIZED = CardPaymentAuthorized("p1", "k1", 20_00, "EUR")
DECLINED = CardPaymentDeclined("p1", "k1", 20_00, "EUR", TODAY, "insufficient_funds")
CAPTURED = CardPaymentCaptured("p1", "k1", "a1", 20_00, "EUR", TODAY)
SETTLED = CardPaymentSettled("p1", "k1", 20_00, "EUR", TODAY)
REVERSED = CardPaymentReversed("p1", "k1", "a1", 20_00, "EUR", TODAY)
EXPIRED = CardPaymentExpired("p1", "k1", "a1", 20_00, "EUR", TODAY)

DECLINE = DeclinePayment("p1", "insufficient_funds")
EXPIRE = ExpirePayment("p1", LAST_DAY + timedelta(days=1))

HISTORIES: dict[str, tuple[Event, ...]] = {
    "requested": (REQUESTED,),
    "authorized": (REQUESTED, AUTHORIZED),
    "declined": (REQUESTED, DECLINED),
    "captured": (REQUESTED, AUTHORIZED, CAPTURED),
    "settled": (REQUESTED, AUTHORIZED, CAPTURED, SETTLED),
    "reversed": (REQUESTED, REVERSED),
    "expired": (REQUESTED, EXPIRED),
}


def payment(status: str) -> Given[Payment, Command, Event]:
    return given(PAYMENT, *HISTORIES[status])


def but(*statuses: str) -> list[str]:
    return [status for status in HISTORIES if status not in statuses]


def refunded(amount_minor: int, refund_id: str = "r1") -> CardPaymentRefunded:
    return CardPaymentRefunded("p1", "k1", "a1", refund_id, amount_minor, "EUR", TODAY)


def test_each_history_leads_to_its_status() -> None:
    assert {status: payment(status).state.status for status in HISTORIES} == {s: s for s in HISTORIES}


def test_a_payment_is_requested_once() -> None:
    assert given(PAYMENT).when(REQUEST) == [REQUESTED]
    assert payment("requested").refuses(REQUEST) == "payment_exists"


def test_a_hold_authorizes() -> None:
    assert payment("requested").when(AuthorizePayment("p1")) == [AUTHORIZED]


def test_a_hold_authorizes_and_captures_at_once_where_the_merchant_asked_for_it() -> None:
    at_once = given(PAYMENT, replace(REQUESTED, auto_capture=True))
    assert at_once.when(AuthorizePayment("p1")) == [AUTHORIZED, CAPTURED]


def test_a_declined_hold_declines() -> None:
    assert payment("requested").when(DECLINE) == [DECLINED]


@pytest.mark.parametrize("status", but("requested"))
def test_an_answer_about_the_hold_that_comes_late_or_twice_changes_nothing(status: str) -> None:
    assert payment(status).when(AuthorizePayment("p1")) == []
    assert payment(status).when(DECLINE) == []


@pytest.mark.parametrize(
    "report",
    [AuthorizePayment("x"), DeclinePayment("x", "c"), SettlePayment("x", TODAY), SettleRefund("x", "r", TODAY)],
)
def test_a_report_about_something_else_than_a_card_payment_changes_nothing(report: Command) -> None:
    assert given(PAYMENT).when(report) == []


def test_an_authorization_is_captured_whole_or_in_part() -> None:
    authorized = payment("authorized")
    assert authorized.when(CapturePayment("p1", None, TODAY)) == [CAPTURED]
    assert authorized.when(CapturePayment("p1", 20_00, TODAY)) == [CAPTURED]
    assert authorized.when(CapturePayment("p1", 1, TODAY)) == [replace(CAPTURED, amount_minor=1)]


@pytest.mark.parametrize("amount", [-1, 0])
def test_a_capture_is_of_something(amount: int) -> None:
    assert payment("authorized").refuses(CapturePayment("p1", amount, TODAY)) == "invalid_capture"


def test_a_fifth_above_what_was_authorized_is_captured_and_no_cent_more() -> None:
    authorized = payment("authorized")
    assert authorized.when(CapturePayment("p1", 20_01, TODAY)) == [replace(CAPTURED, amount_minor=20_01)]
    assert authorized.when(CapturePayment("p1", 24_00, TODAY)) == [replace(CAPTURED, amount_minor=24_00)]
    assert authorized.refuses(CapturePayment("p1", 24_01, TODAY)) == "over_capture_limit"


@pytest.mark.parametrize(
    ("authorized_minor", "most_minor"), [(1, 1), (4, 4), (5, 6), (9, 10), (MAX_MINOR - 1, MAX_MINOR)]
)
def test_the_fifth_is_whole_minor_units_and_never_more_than_the_bank_books(
    authorized_minor: int, most_minor: int
) -> None:
    asked = replace(REQUESTED, amount_minor=authorized_minor)
    authorized = given(PAYMENT, asked, replace(AUTHORIZED, amount_minor=authorized_minor))
    (captured,) = authorized.when(CapturePayment("p1", most_minor, TODAY))
    assert captured == replace(CAPTURED, amount_minor=most_minor)
    assert authorized.refuses(CapturePayment("p1", most_minor + 1, TODAY)) == "over_capture_limit"


def test_what_was_captured_above_the_authorization_is_settled_and_refunded_too() -> None:
    tipped = (REQUESTED, AUTHORIZED, replace(CAPTURED, amount_minor=24_00))
    settled = replace(SETTLED, amount_minor=24_00)
    assert given(PAYMENT, *tipped).when(SettlePayment("p1", TODAY)) == [settled]
    paid = given(PAYMENT, *tipped, settled)
    assert paid.when(RefundPayment("p1", "r1", None, TODAY)) == [refunded(24_00)]
    assert paid.refuses(RefundPayment("p1", "r1", 24_01, TODAY)) == "invalid_refund"


@pytest.mark.parametrize("status", but("authorized"))
def test_only_an_authorized_payment_is_captured(status: str) -> None:
    assert payment(status).refuses(CapturePayment("p1", None, TODAY)) == "payment_not_authorized"


def test_a_captured_hold_settles_what_was_captured() -> None:
    part = replace(CAPTURED, amount_minor=5_00)
    settling = given(PAYMENT, REQUESTED, AUTHORIZED, part)
    assert settling.when(SettlePayment("p1", TODAY)) == [replace(SETTLED, amount_minor=5_00)]


@pytest.mark.parametrize("status", but("captured"))
def test_settling_changes_nothing_but_a_captured_payment(status: str) -> None:
    assert payment(status).when(SettlePayment("p1", TODAY)) == []


@pytest.mark.parametrize("status", ["requested", "authorized"])
def test_a_payment_is_reversed_before_it_is_captured(status: str) -> None:
    assert payment(status).when(ReversePayment("p1")) == [REVERSED]


@pytest.mark.parametrize("status", ["declined", "captured", "settled", "expired"])
def test_a_payment_is_not_reversed_after_that(status: str) -> None:
    assert payment(status).refuses(ReversePayment("p1")) == "payment_not_reversible"


def test_reversing_twice_changes_nothing() -> None:
    assert payment("reversed").when(ReversePayment("p1")) == []


@pytest.mark.parametrize("status", ["requested", "authorized"])
def test_an_authorization_lives_through_its_last_day(status: str) -> None:
    assert payment(status).when(ExpirePayment("p1", LAST_DAY)) == []
    assert payment(status).when(EXPIRE) == [EXPIRED]


@pytest.mark.parametrize("status", but("requested", "authorized"))
def test_expiry_changes_nothing_that_has_come_to_an_end(status: str) -> None:
    assert payment(status).when(EXPIRE) == []


def test_a_settled_payment_is_refunded_whole_or_in_parts() -> None:
    settled = payment("settled")
    assert settled.when(RefundPayment("p1", "r1", None, TODAY)) == [refunded(20_00)]
    assert settled.when(RefundPayment("p1", "r1", 5_00, TODAY)) == [refunded(5_00)]
    part = given(PAYMENT, *HISTORIES["settled"], refunded(5_00))
    assert part.when(RefundPayment("p1", "r2", None, TODAY)) == [refunded(15_00, "r2")]
    assert part.when(RefundPayment("p1", "r2", 15_00, TODAY)) == [refunded(15_00, "r2")]


def test_refunds_stay_within_what_was_captured() -> None:
    part = given(PAYMENT, *HISTORIES["settled"], refunded(5_00))
    assert part.refuses(RefundPayment("p1", "r2", 15_01, TODAY)) == "invalid_refund"
    whole = given(PAYMENT, *HISTORIES["settled"], refunded(20_00))
    assert whole.refuses(RefundPayment("p1", "r2", None, TODAY)) == "invalid_refund"
    assert payment("settled").refuses(RefundPayment("p1", "r1", 0, TODAY)) == "invalid_refund"


@pytest.mark.parametrize("status", but("settled"))
def test_only_a_settled_payment_is_refunded(status: str) -> None:
    assert payment(status).refuses(RefundPayment("p1", "r1", None, TODAY)) == "payment_not_settled"


def test_refunds_come_to_an_end() -> None:
    parts = [refunded(1, f"r{n}") for n in range(MAX_REFUNDS)]
    assert given(PAYMENT, *HISTORIES["settled"], *parts[:-1]).when(RefundPayment("p1", "r", 1, TODAY))
    assert (
        given(PAYMENT, *HISTORIES["settled"], *parts).refuses(RefundPayment("p1", "r", 1, TODAY)) == "too_many_refunds"
    )


def test_a_credited_refund_is_settled_once() -> None:
    settled = CardPaymentRefundSettled("p1", "k1", "r1", 5_00, "EUR", TODAY)
    waiting = given(PAYMENT, *HISTORIES["settled"], refunded(5_00))
    assert waiting.when(SettleRefund("p1", "r1", TODAY)) == [settled]
    done = given(PAYMENT, *HISTORIES["settled"], refunded(5_00), settled)
    assert done.when(SettleRefund("p1", "r1", TODAY)) == []
    assert done.state.open_refunds == ()


@pytest.mark.parametrize(
    "command", [CapturePayment("p1", 1, TODAY), ReversePayment("p1"), RefundPayment("p1", "r1", 1, TODAY)]
)
def test_a_payment_nobody_requested_is_not_found(command: Command) -> None:
    assert given(PAYMENT).refuses(command) == "payment_not_found"


ANY_ORDER: list[Command] = [
    AuthorizePayment("p1"),
    DECLINE,
    CapturePayment("p1", None, TODAY),
    CapturePayment("p1", 5_00, TODAY),
    CapturePayment("p1", 24_00, TODAY),
    SettlePayment("p1", TODAY),
    ReversePayment("p1"),
    EXPIRE,
    RefundPayment("p1", "r1", 3_00, TODAY),
    RefundPayment("p1", "r2", None, TODAY),
    SettleRefund("p1", "r1", TODAY),
    SettleRefund("p1", "r2", TODAY),
]
ENDINGS = (CardPaymentDeclined, CardPaymentSettled, CardPaymentReversed, CardPaymentExpired)


@hypothesis_given(st.lists(st.sampled_from(ANY_ORDER), max_size=25), st.booleans())
def test_whatever_comes_in_any_order_and_again_a_payment_ends_at_most_once(commands: list[Command], auto: bool) -> None:
    history: list[Event] = [replace(REQUESTED, auto_capture=auto)]
    for command in commands:
        try:
            history += given(PAYMENT, *history).when(command)
        except Refused:
            assert not isinstance(
                command, (AuthorizePayment, DeclinePayment, SettlePayment, SettleRefund, ExpirePayment)
            )
    state = given(PAYMENT, *history).state
    assert sum(isinstance(event, ENDINGS) for event in history) <= 1, "a card gives a payment's spend back once"
    assert sum(isinstance(event, CardPaymentCaptured) for event in history) <= 1
    assert 0 <= state.refunded_minor <= state.captured_minor <= capturable_minor(state)
