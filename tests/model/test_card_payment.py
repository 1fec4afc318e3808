"""The payment by debit card and its refunds, in every interleaving."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.money import DebitMoney
from accounts.domain.chart import CARD_SETTLEMENT, CASH
from accounts.handlers.card_payments import refund_payment, release_for_payment
from bank.context import Context, Order, Unit
from cards.context import CARDS
from cards.domain.card import CARD, ReserveSpend
from cards.domain.card.life import CancelCard
from cards.domain.payment import (
    PAYMENT,
    CapturePayment,
    ExpirePayment,
    RefundPayment,
    RequestPayment,
    ReversePayment,
)
from cards.sagas import CARD_REFUND, DEBIT_CARD_PAYMENT
from tests.model.conftest import Count
from tests.model.exploring import Asked, Model, explore
from tests.model.people import LATER, TODAY, deaf, did, may, with_account, with_debit_card, without_views
from tests.model.promises import all_of, at_most_once, books_agree, ended, ledger, nothing_in_flight
from tests.model.world import World

CHECKED = (DEBIT_CARD_PAYMENT, CARD_REFUND)
AVAILABLE, PAID, PART, TIPPED = 100_00, 60_00, 20_00, 72_00

always = all_of(books_agree, at_most_once(*CHECKED))


def contexts() -> list[Context]:
    return without_views(ACCOUNTS, CARDS)


def pays(world: World, *, auto_capture: bool, id: str = "p1", amount_minor: int = PAID) -> World:
    reserved = ReserveSpend("k1", id, amount_minor, "EUR", TODAY)
    asked = RequestPayment(id, "k1", "a1", "c1", amount_minor, "EUR", "Kiosk", auto_capture, TODAY, TODAY)
    return did(world, CARDS, f"{id} asked", Order(CARD, "k1", reserved), Order(PAYMENT, id, asked))


def holder() -> World:
    return Model(contexts()).quiet(with_debit_card(with_account(balance_minor=AVAILABLE)))


def expiry(id: str = "p1") -> Asked:
    return may(CARDS, f"{id} expires", Order(PAYMENT, id, ExpirePayment(id, LATER)), by_clock=True)


def capture(id: str, amount_minor: int | None) -> Asked:
    wanted = CapturePayment(id, amount_minor, TODAY)
    return may(CARDS, f"the merchant captures {amount_minor or 'all'} of {id}", Order(PAYMENT, id, wanted))


REVERSAL = may(CARDS, "the merchant takes p1 back", Order(PAYMENT, "p1", ReversePayment("p1")))
WITHDRAWAL = may(
    ACCOUNTS, "the customer takes out 80.00", Order(ACCOUNT, "a1", DebitMoney("a1", 80_00, "EUR", CASH, TODAY))
)
LEAVES_WHAT_IS_HELD = may(
    ACCOUNTS, "the customer takes out 40.00", Order(ACCOUNT, "a1", DebitMoney("a1", 40_00, "EUR", CASH, TODAY))
)
FREEZE = may(ACCOUNTS, "a court freezes the account", Order(ACCOUNT, "a1", FreezeAccount("a1", "both", "legal_order")))


def paid_as_said(world: World) -> str:
    """The account has lost what was captured and not given back, the scheme is owed it, the card has spent it."""
    payments = world.states(CARDS, PAYMENT)
    captured = sum(one.captured_minor - one.refunded_minor for one in payments)
    taken = ledger(world)[CARD_SETTLEMENT]
    if captured != taken:
        return f"captured and not refunded is {captured}, and the card scheme is owed {taken}"
    open_refunds = [refund for one in payments for refund in one.open_refunds]
    spent = sum(one.amount_minor for one in payments if one.status == "settled")
    counted = world.state(CARDS, CARD, "k1").spent_minor
    if spent != counted:
        return f"the card has paid {spent}, and {counted} counts against its limit"
    return f"not given back: {open_refunds}" if open_refunds else ""


at_the_end = all_of(ended(*CHECKED), nothing_in_flight, paid_as_said)

CASES: dict[str, tuple[World, list[Asked]]] = {
    "captured at once": (pays(holder(), auto_capture=True), [expiry(), REVERSAL, WITHDRAWAL, FREEZE]),
    "captured in part": (
        pays(holder(), auto_capture=False),
        [expiry(), capture("p1", PART), capture("p1", None), REVERSAL, WITHDRAWAL],
    ),
    "captured above its hold": (
        pays(holder(), auto_capture=False),
        [expiry(), capture("p1", TIPPED), REVERSAL, LEAVES_WHAT_IS_HELD],
    ),
    "two at once": (
        pays(pays(holder(), auto_capture=True), auto_capture=True, id="p2"),
        [expiry("p1"), expiry("p2")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_payment_settles_or_leaves_nothing(case: str, count: Count) -> None:
    start, asked = CASES[case]
    found = explore(start, Model(contexts(), asked), at_the_end, always)
    count(DEBIT_CARD_PAYMENT, case, found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def settled() -> World:
    return Model(contexts()).quiet(pays(holder(), auto_capture=True))


def refund(id: str, amount_minor: int | None) -> Asked:
    back = RefundPayment("p1", id, amount_minor, TODAY, "Kiosk")
    return may(CARDS, f"the merchant gives back {amount_minor or 'the rest'}", Order(PAYMENT, "p1", back))


LEAVING = [
    may(ACCOUNTS, "the customer takes out all", Order(ACCOUNT, "a1", DebitMoney("a1", 40_00, "EUR", CASH, TODAY))),
    may(ACCOUNTS, "the customer closes the account", Order(ACCOUNT, "a1", CloseAccount("a1", TODAY))),
    may(CARDS, "the customer cancels the card", Order(CARD, "k1", CancelCard("k1", TODAY))),
]


def test_every_refund_reaches_the_account_whatever_became_of_it(count: Count) -> None:
    asked = [refund("r1", PART), refund("r2", None), FREEZE, *LEAVING]
    found = explore(settled(), Model(contexts(), asked), at_the_end, always)
    count(CARD_REFUND, "in two parts", found)
    assert not found.counter_example, found.counter_example
    assert found.ends


def broken(everybody: list[Context], case: str) -> str:
    start, asked = CASES[case]
    return explore(start, Model(everybody, asked), at_the_end, always).counter_example


@pytest.mark.parametrize(
    ("who", "forgotten", "left"),
    [
        ("accounts", "cards.CardPaymentReversed.v1", "reversed, but nobody took back ['accounts.FundsHeld.v1']"),
        ("accounts", "cards.CardPaymentExpired.v1", "expired, but nobody took back ['accounts.FundsHeld.v1']"),
        ("cards", "cards.CardPaymentDeclined.v1", "declined, but nobody took back ['cards.SpendReserved.v1']"),
        ("cards", "cards.CardPaymentReversed.v1", "reversed, but nobody took back ['cards.SpendReserved.v1']"),
        ("cards", "cards.CardPaymentExpired.v1", "expired, but nobody took back ['cards.SpendReserved.v1']"),
    ],
)
def test_a_compensation_taken_away_is_found_and_told(who: str, forgotten: str, left: str) -> None:
    told = broken(deaf(contexts(), who, forgotten), "captured in part")
    sys.stdout.write(told)
    lines = told.splitlines()
    assert lines[0].startswith("given AccountOpened(account_id='a1'")
    assert any(line.startswith("when ") for line in lines)
    assert lines[-1] == f"then debit-card-payment p1 {left}"


def test_an_undo_that_does_not_forbid_its_step_is_found_and_told() -> None:
    """The reversal overtakes the hold, which nobody releases any more."""
    everybody = contexts()
    release = everybody[0].subscriptions["cards.CardPaymentReversed.v1"]

    def forgetful(payment: Any) -> Unit:
        unit = release_for_payment(payment)
        return Unit(*unit.orders, id=unit.id)

    heard = {**everybody[0].subscriptions, "cards.CardPaymentReversed.v1": replace(release, react=forgetful)}
    told = broken([replace(everybody[0], subscriptions=heard), everybody[1]], "captured at once")
    sys.stdout.write(told)
    when = [line.partition("(")[0] for line in told.splitlines() if line.startswith("when ")]
    assert when.index("when accounts hears CardPaymentReversed") < when.index(
        "when accounts hears CardPaymentRequested"
    )
    assert told.endswith("then debit-card-payment p1 reversed, but nobody took back ['accounts.FundsHeld.v1']")


def test_a_refund_made_twice_is_found_and_told() -> None:
    """As if its message were executed anew each time it is heard."""
    everybody = contexts()
    asked = everybody[0].subscriptions["cards.CardPaymentRefunded.v1"]

    def again(payment: Any) -> list[Unit]:
        return [refund_payment(payment), Unit(*refund_payment(payment).orders)]

    heard = {**everybody[0].subscriptions, "cards.CardPaymentRefunded.v1": replace(asked, react=again)}
    twice = Model([replace(everybody[0], subscriptions=heard), everybody[1]], [refund("r1", PART)])
    told = explore(settled(), twice, at_the_end, always).counter_example
    sys.stdout.write(told)
    assert told.endswith("then accounts.MoneyCredited.v1 of card-refund r1 happened 2 times")
