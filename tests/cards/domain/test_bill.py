"""The bill of a credit card, paid from an account: what the card asks for, and what it makes of the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bank.testing import given
from cards.domain.bill_payment import (
    BILL_PAYMENT,
    BeginBillPayment,
    BillPaymentBegun,
    BillPaymentCollected,
    BillPaymentReturned,
    BillPaymentUncollected,
    CollectBillPayment,
    Command,
    FailBillPayment,
    ReturnBillPayment,
)
from cards.domain.bill_payment import Event as Routed
from cards.domain.card import CARD
from cards.domain.card.bill import (
    MAX_BILL_PAYMENTS,
    ApplyBillPayment,
    DeclineBillPayment,
    GiveUpBillPayment,
    Portion,
    RefundBillPayment,
    RequestBillPayment,
)
from cards.domain.card.credit_facts import (
    BillPayment,
    BillPaymentApplied,
    BillPaymentDeclined,
    BillPaymentRefunded,
    BillPaymentRejected,
    BillPaymentRequested,
)
from cards.domain.card.facts import CardCancelled, CardExpired, Event
from cards.domain.postings import ACCOUNTS, RECEIVABLE, Posting, posting
from cards.handlers.bills import hear_return
from cards.inbound import TransitReturned
from tests.cards.domain.test_card import ACTIVE as DEBIT_CARD
from tests.cards.domain.test_credit import ACTIVE, CLOSES, DUE, TODAY, bought, credit_after, returned, statement

FULL = RequestBillPayment("b1", "k1", "a1", TODAY, portion="full")
FIGURE = RequestBillPayment("b1", "k1", "a1", TODAY, amount_minor=60_00, currency="EUR")
APPLY = ApplyBillPayment("b1", "k1", TODAY)
DECLINE = DeclineBillPayment("b1", "k1", "insufficient_funds")
REFUND = RefundBillPayment("b1", "k1", TODAY)
GIVE_UP = GiveUpBillPayment("b1", "k1", TODAY)
OWING = (*ACTIVE, *bought(60_00))


def requested(amount_minor: int = 60_00, payment_id: str = "b1") -> BillPaymentRequested:
    return BillPaymentRequested("k1", "c1", payment_id, "a1", amount_minor, "EUR", TODAY)


def rejected(code: str = "no_answer") -> BillPaymentRejected:
    return BillPaymentRejected("k1", "c1", "b1", "a1", 60_00, "EUR", code, TODAY)


APPLIED = BillPaymentApplied("k1", "c1", "b1", 60_00, "EUR", TODAY)
DECLINED = BillPaymentDeclined("k1", "c1", "b1", 60_00, "EUR", "insufficient_funds")
REFUNDED = BillPaymentRefunded("k1", "c1", "b1", 60_00, "EUR", "no_answer", TODAY)


# Asking.


def test_all_that_is_owed_is_asked_for_and_paid() -> None:
    assert given(CARD, *OWING).when(FULL) == [requested()]
    assert given(CARD, *OWING, requested()).when(APPLY) == [APPLIED]
    credit = credit_after(*OWING, requested(), APPLIED)
    assert (credit.outstanding_minor, credit.bill_payments) == (0, ())


def test_a_figure_is_paid_up_to_what_is_owed_and_not_a_cent_more() -> None:
    assert given(CARD, *OWING).when(FIGURE) == [requested()]
    assert given(CARD, *OWING).refuses(replace(FIGURE, amount_minor=60_01)) == "overpayment"
    assert given(CARD, *OWING).when(replace(FIGURE, amount_minor=1)) == [requested(1)]
    assert given(CARD, *OWING).refuses(replace(FIGURE, amount_minor=0)) == "invalid_amount"
    assert given(CARD, *OWING).refuses(replace(FIGURE, amount_minor=None)) == "invalid_amount"


def test_what_is_on_its_way_counts_as_paid() -> None:
    on_its_way = (*OWING, requested(40_00, "b0"))
    assert credit_after(*on_its_way).on_its_way_minor == 40_00
    assert given(CARD, *on_its_way).when(FULL) == [requested(20_00)]
    assert given(CARD, *on_its_way).when(replace(FIGURE, amount_minor=20_00)) == [requested(20_00)]
    assert given(CARD, *on_its_way).refuses(replace(FIGURE, amount_minor=20_01)) == "overpayment"
    assert given(CARD, *OWING, requested(60_00, "b0")).refuses(FULL) == "nothing_due"


def test_what_was_rejected_is_not_on_its_way() -> None:
    again = replace(FULL, payment_id="b2")
    assert given(CARD, *OWING, requested(), rejected()).when(again) == [requested(60_00, "b2")]


@pytest.mark.parametrize(("portion", "amount_minor"), [("minimum", 25_00), ("statement", 60_00), ("full", 90_00)])
def test_a_portion_is_what_is_left_of_it(portion: Portion, amount_minor: int) -> None:
    stated = (*OWING, statement(60_00, 25_00), *bought(30_00, CLOSES))
    ask = replace(FULL, portion=portion)
    assert given(CARD, *stated).when(ask) == [requested(amount_minor)]
    part = requested(10_00, "b0")
    paid = BillPaymentApplied("k1", "c1", "b0", 10_00, "EUR", CLOSES)
    for history in ((*stated, part), (*stated, part, paid)):
        assert given(CARD, *history).when(ask) == [requested(amount_minor - 10_00)]


def test_a_statement_that_bears_interest_by_now_is_left_to_pay_as_before() -> None:
    stated = (*OWING, statement(60_00, 25_00), *bought(30_00, DUE + timedelta(days=3)))
    assert given(CARD, *stated).when(replace(FULL, portion="statement")) == [requested(60_00)]


@pytest.mark.parametrize("portion", ["minimum", "statement"])
def test_nothing_is_due_before_the_first_statement(portion: Portion) -> None:
    assert given(CARD, *OWING).refuses(replace(FULL, portion=portion)) == "nothing_due"


def test_nothing_is_due_on_a_card_on_which_the_bank_owes() -> None:
    owed_to_him = (*OWING, returned(60_01, TODAY))
    assert given(CARD, *owed_to_him).refuses(FULL) == "nothing_due"
    assert given(CARD, *owed_to_him).refuses(replace(FIGURE, amount_minor=1)) == "overpayment"


def test_only_a_credit_card_has_a_bill_and_it_is_in_its_currency() -> None:
    assert given(CARD, *DEBIT_CARD).refuses(FULL) == "not_a_credit_card"
    assert given(CARD).refuses(FULL) == "card_not_found"
    assert given(CARD, *OWING).refuses(replace(FIGURE, currency="USD")) == "currency_mismatch"
    assert given(CARD, *ACTIVE, CardCancelled("k1", "c1", TODAY)).refuses(FULL) == "card_cancelled"


def test_the_same_payment_is_not_asked_for_twice() -> None:
    assert given(CARD, *OWING, requested(1)).refuses(replace(FIGURE, amount_minor=1)) == "payment_exists"


def test_so_many_are_under_way_at_once_and_no_more() -> None:
    many = [requested(1, f"b{n}") for n in range(2, MAX_BILL_PAYMENTS + 1)]
    one_more = replace(FIGURE, amount_minor=1)
    assert given(CARD, *OWING, *many).when(one_more) == [requested(1)]
    assert given(CARD, *OWING, *many, requested(1, "b0")).refuses(one_more) == "too_many_bill_payments"


# Answers.


def test_a_declined_payment_changes_nothing_of_what_is_owed() -> None:
    assert given(CARD, *OWING, requested()).when(DECLINE) == [DECLINED]
    assert credit_after(*OWING, requested(), DECLINED) == credit_after(*OWING)


@pytest.mark.parametrize(
    ("ending", "code"),
    [(CardCancelled("k1", "c1", TODAY), "card_cancelled"), (CardExpired("k1", "c1", TODAY), "card_expired")],
)
def test_what_arrives_at_a_card_that_has_ended_is_rejected_and_goes_back(ending: Event, code: str) -> None:
    """A merchant gave everything back meanwhile, so the card could end."""
    ended = (*OWING, requested(), returned(60_00, TODAY), ending)
    assert given(CARD, *ended).when(APPLY) == [rejected(code)]
    assert given(CARD, *ended, rejected(code)).when(APPLY) == []
    assert given(CARD, *ended, rejected(code)).when(REFUND) == [replace(REFUNDED, code=code)]


def test_what_arrives_when_a_merchant_has_given_back_is_owed_to_the_customer() -> None:
    assert given(CARD, *OWING, requested(), returned(60_00, TODAY)).when(APPLY) == [APPLIED]
    credit = credit_after(*OWING, requested(), returned(60_00, TODAY), APPLIED)
    assert (credit.outstanding_minor, credit.available_minor) == (-60_00, 1_060_00)


def test_what_nobody_answers_in_time_is_taken_back_once() -> None:
    assert given(CARD, *OWING, requested()).when(GIVE_UP) == [rejected()]
    assert given(CARD, *OWING, requested(), rejected()).when(GIVE_UP) == []
    assert credit_after(*OWING, requested(), rejected()).bill_payments == (BillPayment("b1", "a1", 60_00, "no_answer"),)


def test_a_late_answer_after_that_changes_nothing_until_the_account_has_answered_it() -> None:
    given_up = (*OWING, requested(), rejected())
    assert given(CARD, *given_up).when(APPLY) == []
    assert given(CARD, *given_up).when(REFUND) == [REFUNDED]
    assert given(CARD, *given_up).when(DECLINE) == [replace(DECLINED, code="no_answer")]
    for end in (REFUNDED, replace(DECLINED, code="no_answer")):
        assert credit_after(*given_up, end) == credit_after(*OWING)


@pytest.mark.parametrize("end", [APPLIED, DECLINED])
@pytest.mark.parametrize("late", [APPLY, DECLINE, REFUND, GIVE_UP])
def test_what_has_ended_is_answered_with_nothing(
    end: Event, late: ApplyBillPayment | DeclineBillPayment | RefundBillPayment | GiveUpBillPayment
) -> None:
    assert given(CARD, *OWING, requested(), end).when(late) == []
    assert given(CARD, *OWING).when(late) == []


def test_money_is_not_refunded_that_was_not_rejected() -> None:
    assert given(CARD, *OWING, requested()).when(REFUND) == []


def test_a_payment_of_the_minimum_makes_a_late_card_punctual_again() -> None:
    stated = (*OWING, statement(60_00, 25_00))
    paid = BillPaymentApplied("k1", "c1", "b1", 25_00, "EUR", DUE)
    credit = credit_after(*stated, requested(25_00), paid)
    assert (credit.minimum_left_minor, credit.statement_left_minor, credit.interest_minor) == (0, 35_00, 0)


def test_it_is_booked_when_it_is_applied() -> None:
    assert posting(APPLIED) == Posting(ACCOUNTS, RECEIVABLE, 60_00)


# Which card it is for.

BEGUN = BillPaymentBegun("b1", "k1", "c1")
COLLECTED = BillPaymentCollected("b1", "k1", TODAY)
UNCOLLECTED = BillPaymentUncollected("b1", "k1", "insufficient_funds")
BACK = BillPaymentReturned("b1", "k1", TODAY)
COLLECT, FAIL = CollectBillPayment("b1", TODAY), FailBillPayment("b1", "insufficient_funds")
BRING_BACK = ReturnBillPayment("b1", TODAY)


def test_a_payment_begins_once() -> None:
    begin = BeginBillPayment("b1", "k1", "c1")
    assert given(BILL_PAYMENT).when(begin) == [BEGUN]
    assert given(BILL_PAYMENT, BEGUN).refuses(begin) == "payment_exists"


@pytest.mark.parametrize(
    ("history", "answer", "said"),
    [
        ((BEGUN,), COLLECT, [COLLECTED]),
        ((BEGUN,), FAIL, [UNCOLLECTED]),
        ((BEGUN,), BRING_BACK, [BACK]),
        ((BEGUN, COLLECTED), BRING_BACK, [BACK]),
        ((BEGUN, COLLECTED), COLLECT, []),
        ((BEGUN, COLLECTED), FAIL, []),
        ((BEGUN, UNCOLLECTED), COLLECT, []),
        ((BEGUN, UNCOLLECTED), BRING_BACK, []),
        ((BEGUN, BACK), COLLECT, []),
        ((BEGUN, BACK), BRING_BACK, []),
        ((), COLLECT, []),
        ((), FAIL, []),
        ((), BRING_BACK, []),
    ],
)
def test_each_answer_is_passed_on_once_in_any_order(
    history: tuple[Routed, ...], answer: Command, said: list[Routed]
) -> None:
    assert given(BILL_PAYMENT, *history).when(answer) == said


def test_what_people_have_did_not_come_back_and_is_said_so_to_the_end() -> None:
    assert given(BILL_PAYMENT, BEGUN).when(replace(BRING_BACK, by_hand=True)) == [replace(BACK, by_hand=True)]
    given_up = (*OWING, requested(), rejected())
    assert given(CARD, *given_up).when(replace(REFUND, by_hand=True)) == [replace(REFUNDED, by_hand=True)]
    assert credit_after(*given_up, replace(REFUNDED, by_hand=True)).bill_payments == ()


@pytest.mark.parametrize(("amount_minor", "by_hand"), [(0, True), (1, False)])
def test_nothing_that_was_returned_is_left_to_people(amount_minor: int, by_hand: bool) -> None:
    (order,) = hear_return(TransitReturned("b1", TODAY, amount_minor)).orders
    assert order.command == replace(BRING_BACK, by_hand=by_hand)
