"""What Accounts does when Cards and Loans speak, folded without a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from pytest_django import Settings

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.facts import (
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    HoldReleased,
    MoneyCredited,
    MoneyDebited,
    OverdraftArranged,
)
from accounts.domain.process import PROCESS
from accounts.domain.process.facts import (
    CreditDeclined,
    DebitCancelled,
    DebitDeclined,
    OwnAccountsBooked,
    TransitCleared,
    TransitReceived,
    TransitReturnDeclined,
    TransitReturned,
)
from accounts.handlers import card_payments, credit_cards, loans
from accounts.inbound import (
    BillPaymentApplied,
    BillPaymentRejected,
    BillPaymentRequested,
    CardPaymentCaptured,
    CardPaymentEnded,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentSettled,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
    LoanCreditAsked,
    LoanCreditReturnAsked,
    LoanDisbursed,
    LoanRecovered,
    LoanRepaid,
    RepaymentRequested,
)
from bank.context import Unit, step_id
from bank.decider import Refused
from bank.messaging.messages import Envelope, typed
from tests.accounts.facts import DAY, LATER, credited, held, opened

History = Mapping[str, list[Any]]
RICH: History = {"account-a1": [opened(), credited(30_00)]}
RECEIVED = TransitReceived("p1", "card-payments", 20_00, "EUR", DAY)


def said(unit: Unit | None, history: History = RICH) -> list[Any]:
    """The events of a unit, as the kernel executes it: whole, or what is to be done otherwise."""
    assert unit is not None
    orders = unit.orders
    try:
        return [event for order in orders for event in _decided(order, history)]
    except Refused as refused:
        assert unit.otherwise is not None
        instead = unit.otherwise(refused)
        assert instead.stream == unit.otherwise(Refused("", "")).stream
        return _decided(instead, history)


def _decided(order: Any, history: History) -> list[Any]:
    state = order.decider.fold(order.decider.initial, history.get(order.stream, []))
    events: list[Any] = order.decider.decide(state, order.command)
    return events


def requested(amount_minor: int = 20_00, *, customer_id: str = "c1") -> CardPaymentRequested:
    return CardPaymentRequested("p1", "a1", customer_id, amount_minor, "EUR", "Kiosk", LATER)


def repayment(amount_minor: int = 20_00, *, customer_id: str = "c1") -> RepaymentRequested:
    return RepaymentRequested("r1", "a1", customer_id, amount_minor, "EUR", DAY)


def test_a_card_payment_is_answered_with_a_hold() -> None:
    assert said(card_payments.hold_for_payment(requested())) == [FundsHeld("a1", "p1", 20_00, "EUR", LATER, "Kiosk")]


def test_a_card_payment_that_cannot_be_held_is_declined_by_the_account() -> None:
    unit = card_payments.hold_for_payment(requested(30_01))
    assert said(unit) == [HoldDeclined("a1", "p1", 30_01, "EUR", "insufficient_funds")]
    anothers = card_payments.hold_for_payment(requested(customer_id="c2"))
    assert said(anothers) == [HoldDeclined("a1", "p1", 20_00, "EUR", "not_your_account")]


def test_a_card_payment_from_no_account_is_declined_by_its_process() -> None:
    unit = card_payments.hold_for_payment(requested())
    assert said(unit, {}) == [HoldDeclined("a1", "p1", 20_00, "EUR", "account_not_open")]
    assert unit.otherwise is not None
    assert unit.otherwise(Refused("", "")).stream == "process-p1"


def test_a_capture_moves_the_money_into_transit_and_settling_clears_it() -> None:
    history: History = {"account-a1": [*RICH["account-a1"], held(20_00, "p1")]}
    capture = card_payments.capture_for_payment(CardPaymentCaptured("p1", "a1", 20_00, "EUR", DAY))
    assert said(capture, history) == [
        HoldCaptured("a1", "p1", "p1", 20_00, 20_00, "EUR", "transit:card-payments", DAY, unarranged=False),
        RECEIVED,
    ]
    settled = card_payments.settle_payment(CardPaymentSettled("p1", 20_00, "EUR", LATER))
    cleared = TransitCleared("p1", "card-payments", 20_00, "EUR", "card-settlement", LATER)
    assert said(settled, {"process-p1": [RECEIVED]}) == [cleared]


def test_a_reversal_releases_the_hold_and_undoes_its_step() -> None:
    history: History = {"account-a1": [*RICH["account-a1"], held(20_00, "p1")]}
    unit = card_payments.release_for_payment(CardPaymentEnded("p1", "a1"))
    assert said(unit, history) == [HoldReleased("a1", "p1", 20_00, "EUR")]
    assert unit.undoes == card_payments.hold_for_payment(requested()).id == step_id("p1", "hold")
    assert said(unit, {}) == []


def test_a_refund_credits_the_account_even_when_it_is_frozen() -> None:
    frozen: History = {"account-a1": [opened(), AccountFrozen("a1", "both", "legal_order")]}
    unit = card_payments.refund_payment(CardPaymentRefunded("p1", "a1", "f1", 5_00, "EUR", "Kiosk", DAY))
    assert said(unit, frozen) == [
        MoneyCredited("a1", 5_00, "EUR", "card-settlement", DAY, "p1", reference="Kiosk", refund_id="f1")
    ]


def test_a_refund_reaches_who_has_been_forgotten_without_a_word_of_where_he_was() -> None:
    unit = card_payments.refund_payment(CardPaymentRefunded("p1", "a1", "f1", 5_00, "EUR", "Kiosk", DAY))
    assert unit.otherwise is not None
    instead = unit.otherwise(Refused("customer_erased", "Nothing more is written about him."))
    assert said(Unit(instead)) == [MoneyCredited("a1", 5_00, "EUR", "card-settlement", DAY, "p1", refund_id="f1")]


def test_a_refund_to_an_account_that_does_not_exist_is_refused_all_the_same() -> None:
    unit = card_payments.refund_payment(CardPaymentRefunded("p1", "a0", "f1", 5_00, "EUR", "Kiosk", DAY))
    with pytest.raises(Refused):
        said(unit)


def test_the_card_scheme_is_paid_for_what_was_bought_on_credit() -> None:
    bought = credit_cards.pay_scheme(CreditPaymentCaptured("p1", 20_00, "EUR", DAY))
    assert said(bought) == [OwnAccountsBooked("p1", 20_00, "EUR", "due-from-cards", "card-settlement", DAY)]
    back = credit_cards.take_back_from_scheme(CreditPaymentRefunded("p1", "f1", 5_00, "EUR", DAY))
    assert said(back) == [OwnAccountsBooked("p1", 5_00, "EUR", "card-settlement", "due-from-cards", DAY)]
    assert (bought.id, back.id) == (step_id("p1", "scheme"), step_id("p1", "scheme/f1"))


BILL = BillPaymentRequested("b1", "a1", "c1", 20_00, "EUR", DAY)
BILL_RECEIVED = TransitReceived("b1", "bill-payments", 20_00, "EUR", DAY)
BILL_DEBITED = MoneyDebited("a1", 20_00, "EUR", "transit:bill-payments", DAY, "b1", "Credit card bill")
REJECTED = BillPaymentRejected("b1", "a1", 20_00, "EUR", LATER)


def test_a_bill_is_debited_through_transit_to_what_cards_owes() -> None:
    assert said(credit_cards.debit_for_bill(BILL)) == [BILL_DEBITED, BILL_RECEIVED]
    cleared = TransitCleared("b1", "bill-payments", 20_00, "EUR", "due-from-cards", LATER)
    applied = credit_cards.clear_bill(BillPaymentApplied("b1", 20_00, "EUR", LATER))
    assert said(applied, {"process-b1": [BILL_RECEIVED]}) == [cleared]


def test_a_bill_that_the_account_cannot_pay_is_declined_by_its_process() -> None:
    unit = credit_cards.debit_for_bill(replace(BILL, amount_minor=30_01))
    assert said(unit) == [DebitDeclined("a1", "b1", 30_01, "EUR", "insufficient_funds")]
    assert said(unit, {}) == [DebitDeclined("a1", "b1", 30_01, "EUR", "account_not_open")]
    frozen: History = {"account-a1": [*RICH["account-a1"], AccountFrozen("a1", "debit", "legal_order")]}
    unit = credit_cards.debit_for_bill(BILL)
    assert said(unit, frozen) == [DebitDeclined("a1", "b1", 20_00, "EUR", "account_frozen")]
    anothers = credit_cards.debit_for_bill(replace(BILL, customer_id="c2"))
    assert said(anothers) == [DebitDeclined("a1", "b1", 20_00, "EUR", "not_your_account")]


def test_a_rejected_bill_goes_back_to_the_account_even_when_it_is_frozen() -> None:
    paid: History = {
        "account-a1": [*RICH["account-a1"], BILL_DEBITED, AccountFrozen("a1", "both", "legal_order")],
        "process-b1": [BILL_RECEIVED],
    }
    assert said(credit_cards.give_back_bill(REJECTED), paid) == [
        TransitReturned("b1", "bill-payments", 20_00, "EUR", LATER),
        MoneyCredited("a1", 20_00, "EUR", "transit:bill-payments", LATER, "b1"),
    ]


def test_a_rejected_bill_that_was_not_debited_never_is() -> None:
    cancelled = DebitCancelled("a1", "b1", 20_00, "EUR")
    unit = credit_cards.give_back_bill(REJECTED)
    assert said(unit) == [cancelled]
    late = credit_cards.debit_for_bill(BILL)
    assert said(late, {**RICH, "process-b1": [cancelled]}) == [DebitDeclined("a1", "b1", 20_00, "EUR", "cancelled")]
    declined = DebitDeclined("a1", "b1", 20_00, "EUR", "insufficient_funds")
    assert said(unit, {**RICH, "process-b1": [declined]}) == [cancelled]


def test_money_in_transit_is_not_forgotten_when_it_cannot_be_returned() -> None:
    """The message is parked, and the money stands in the transit account."""
    unit = credit_cards.give_back_bill(REJECTED)
    with pytest.raises(Refused, match="has received money"):
        said(unit, {"process-b1": [BILL_RECEIVED]})


@pytest.mark.parametrize(
    ("unit", "received", "contra"),
    [
        (card_payments.settle_payment(CardPaymentSettled("p1", 20_00, "EUR", LATER)), RECEIVED, "card-settlement"),
        (credit_cards.clear_bill(BillPaymentApplied("b1", 20_00, "EUR", LATER)), BILL_RECEIVED, "due-from-cards"),
        (
            loans.clear_repayment(LoanRepaid("r1", 20_00, "EUR", LATER)),
            TransitReceived("r1", "loan-repayments", 20_00, "EUR", DAY),
            "due-from-loans",
        ),
    ],
)
def test_what_people_moved_to_suspense_goes_on_from_there(unit: Unit, received: TransitReceived, contra: str) -> None:
    history = {unit.orders[0].stream: [received, resolved(received)]}
    booked = OwnAccountsBooked(received.process_id, 20_00, "EUR", "suspense", contra, LATER)
    assert said(unit, history) == [booked]


def resolved(received: TransitReceived) -> TransitCleared:
    return TransitCleared(received.process_id, received.kind, received.amount_minor, "EUR", "suspense", LATER)


def test_a_rejected_bill_whose_money_people_moved_ends_and_nothing_goes_back() -> None:
    history: History = {**RICH, "process-b1": [BILL_RECEIVED, resolved(BILL_RECEIVED)]}
    assert said(credit_cards.give_back_bill(REJECTED), history) == [
        TransitReturned("b1", "bill-payments", 0, "EUR", LATER)
    ]


def test_a_loan_is_paid_out_through_transit() -> None:
    unit = loans.pay_out_loan(LoanCreditAsked("o1", "c1", "a1", 20_00, "EUR", DAY))
    received = TransitReceived("o1", "loan-disbursements", 20_00, "EUR", DAY)
    assert said(unit) == [
        MoneyCredited("a1", 20_00, "EUR", "transit:loan-disbursements", DAY, "o1", "Loan paid out"),
        received,
    ]
    taken_up = loans.clear_disbursement(LoanDisbursed("l1", 20_00, "EUR", LATER, "o1"))
    cleared = TransitCleared("o1", "loan-disbursements", 20_00, "EUR", "due-from-loans", LATER)
    assert said(taken_up, {"process-o1": [received]}) == [cleared]
    old = loans.clear_disbursement(LoanDisbursed("l1", 20_00, "EUR", LATER))
    assert said(old, {"process-l1": [replace(received, process_id="l1")]}) == [replace(cleared, process_id="l1")]


def test_a_loan_that_cannot_be_paid_out_is_declined_by_its_process() -> None:
    unit = loans.pay_out_loan(LoanCreditAsked("o1", "c2", "a1", 20_00, "EUR", DAY))
    assert said(unit) == [CreditDeclined("a1", "o1", 20_00, "EUR", "not_your_account")]
    assert said(unit, {}) == [CreditDeclined("a1", "o1", 20_00, "EUR", "account_not_open")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ([AccountFrozen("a1", "credit", "legal_order")], "account_frozen"),
        ([AccountFrozen("a1", "both", "legal_order")], "account_frozen"),
        ([AccountBecameDormant("a1", "c1", DAY)], "account_dormant"),
        ([MoneyDebited("a1", 30_00, "EUR", "cash", DAY), AccountClosed("a1", "c1", DAY, 0, "EUR")], "account_closed"),
    ],
)
def test_a_loan_is_paid_out_to_an_account_in_use_only(state: list[Any], code: str) -> None:
    unit = loans.pay_out_loan(LoanCreditAsked("o1", "c1", "a1", 20_00, "EUR", DAY))
    history: History = {"account-a1": [*RICH["account-a1"], *state]}
    assert said(unit, history) == [CreditDeclined("a1", "o1", 20_00, "EUR", code)]


PAID_OUT = TransitReceived("o1", "loan-disbursements", 20_00, "EUR", DAY)


NOON = datetime.combine(LATER, time(12), UTC)


def taking_back(attempt: int = 1, at: datetime = NOON) -> Unit:
    """As it comes from the broker."""
    asked = LoanCreditReturnAsked("o1", "c1", "a1", 20_00, "EUR", attempt)
    ids = (UUID(int=1),) * 3
    envelope = Envelope(
        id=ids[0],
        source="/loans",
        type="loans.LoanCreditReturnAsked.v1",
        stream="s",
        version=1,
        time=at,
        epoch=1,
        customer_id="c1",
        correlation_id=ids[0],
        causation_id=ids[0],
        command_id=ids[0],
        actor="context:loans",
        data=msgspec.Raw(msgspec.json.encode(asked)),
    )
    return loans.take_back_loan(typed(envelope, LoanCreditReturnAsked))


def test_a_loan_that_did_not_come_about_is_taken_back_on_the_day_it_is_asked_for() -> None:
    history: History = {**RICH, "process-o1": [PAID_OUT]}
    unit = taking_back()
    assert said(unit, history) == [
        TransitReturned("o1", "loan-disbursements", 20_00, "EUR", LATER),
        MoneyDebited(
            *("a1", 20_00, "EUR", "transit:loan-disbursements", LATER, "o1", "Loan taken back"), automatic=True
        ),
    ]
    assert unit.undoes == loans.pay_out_loan(LoanCreditAsked("o1", "c1", "a1", 20_00, "EUR", DAY)).id
    assert unit.id != taking_back(2).id


@pytest.mark.parametrize(("hour", "day"), [(time(21, 59), LATER), (time(22, 0), LATER + timedelta(days=1))])
def test_a_loan_is_taken_back_on_the_banks_day_and_not_on_that_of_utc(
    settings: Settings, hour: time, day: date
) -> None:
    settings.TIME_ZONE = "Etc/GMT-2"
    unit = taking_back(at=datetime.combine(LATER, hour, UTC))
    returned, debited = said(unit, {**RICH, "process-o1": [PAID_OUT]})
    assert (returned.booked_on, debited.booked_on) == (day, day)


def test_a_loan_is_taken_back_to_the_last_cent_of_the_customers_own_and_not_from_the_overdraft() -> None:
    arranged = OverdraftArranged("a1", 50_00, "EUR")
    for spent_minor, answer in ((10_00, MoneyDebited), (10_01, TransitReturnDeclined)):
        spent = MoneyDebited("a1", spent_minor, "EUR", "cash", DAY)
        history: History = {"account-a1": [*RICH["account-a1"], arranged, spent], "process-o1": [PAID_OUT]}
        assert type(said(taking_back(), history)[-1]) is answer


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ([MoneyDebited("a1", 10_01, "EUR", "cash", DAY)], "insufficient_funds"),
        ([AccountFrozen("a1", "debit", "legal_order")], "account_frozen"),
    ],
)
def test_a_loan_whose_money_is_not_there_is_not_taken_back(state: list[Any], code: str) -> None:
    history: History = {"account-a1": [*RICH["account-a1"], *state], "process-o1": [PAID_OUT]}
    assert said(taking_back(3), history) == [TransitReturnDeclined("a1", "o1", 20_00, "EUR", code, 3)]


def test_what_was_not_paid_out_or_has_been_resolved_is_not_taken_from_the_account() -> None:
    nothing = TransitReturned("o1", "loan-disbursements", 0, "EUR", LATER)
    assert said(taking_back(), {**RICH}) == [nothing]
    assert said(taking_back(), {**RICH, "process-o1": [PAID_OUT, resolved(PAID_OUT)]}) == [nothing]
    disbursed = loans.clear_disbursement(LoanDisbursed("l1", 20_00, "EUR", LATER, "o1"))
    assert said(disbursed, {"process-o1": [PAID_OUT, resolved(PAID_OUT)]}) == [
        OwnAccountsBooked("o1", 20_00, "EUR", "due-from-loans", "suspense", LATER)
    ]


def test_a_repayment_is_debited_through_transit() -> None:
    received = TransitReceived("r1", "loan-repayments", 20_00, "EUR", DAY)
    assert said(loans.debit_for_repayment(repayment())) == [
        MoneyDebited("a1", 20_00, "EUR", "transit:loan-repayments", DAY, "r1", "Repayment of loan"),
        received,
    ]
    repaid = loans.clear_repayment(LoanRepaid("r1", 20_00, "EUR", LATER))
    assert loans.clear_recovery(LoanRecovered("r1", 20_00, "EUR", LATER)).orders == repaid.orders
    cleared = TransitCleared("r1", "loan-repayments", 20_00, "EUR", "due-from-loans", LATER)
    assert said(repaid, {"process-r1": [received]}) == [cleared]


def test_a_repayment_beyond_what_is_available_is_declined_and_nothing_is_in_transit() -> None:
    unit = loans.debit_for_repayment(repayment(30_01))
    assert said(unit) == [DebitDeclined("a1", "r1", 30_01, "EUR", "insufficient_funds")]
    anothers = loans.debit_for_repayment(repayment(customer_id="c2"))
    assert said(anothers) == [DebitDeclined("a1", "r1", 20_00, "EUR", "not_your_account")]


def test_every_subscription_has_a_reaction_to_the_class_it_reads() -> None:
    for name, subscription in ACCOUNTS.subscriptions.items():
        hints = subscription.react.__annotations__
        read = hints[next(iter(hints))]
        assert subscription.data in (get_args(read) if subscription.whole else (read,)), name


def test_the_two_deciders_share_no_stream() -> None:
    assert ACCOUNTS.decider("account-a1") is ACCOUNT
    assert ACCOUNTS.decider("process-p1") is PROCESS
