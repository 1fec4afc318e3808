"""The bill of a credit card, paid from an account, in every interleaving."""

import sys
from dataclasses import replace

import pytest

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.money import DebitMoney
from accounts.domain.chart import CASH
from accounts.handlers.credit_cards import give_back_bill
from accounts.inbound import BillPaymentRejected
from bank.context import Context, Order, Unit
from cards.context import CARDS
from cards.domain.bill_payment import BILL_PAYMENT, BeginBillPayment
from cards.domain.card import CARD
from cards.domain.card.bill import GiveUpBillPayment, RequestBillPayment
from cards.domain.card.life import CancelCard
from cards.domain.payment import PAYMENT, RefundPayment
from cards.sagas import BILL_PAID_FROM_SAVINGS
from tests.model.conftest import Count
from tests.model.exploring import Asked, Model, explore
from tests.model.people import TODAY, deaf, did, may, with_account, with_credit_card, without_views
from tests.model.promises import (
    all_of,
    at_most_once,
    books_agree,
    cards_and_accounts_agree,
    ended,
    nothing_in_flight,
)
from tests.model.world import World

CHECKED = (BILL_PAID_FROM_SAVINGS,)
HAD, OWED = 100_00, 60_00


def contexts() -> list[Context]:
    return without_views(ACCOUNTS, CARDS)


def owing() -> World:
    return Model(contexts()).quiet(with_credit_card(with_account(balance_minor=HAD), bought_minor=OWED))


def pays(world: World, amount_minor: int = OWED, id: str = "b1") -> World:
    asked = RequestBillPayment(id, "k2", "a1", TODAY, amount_minor=amount_minor)
    begin = BeginBillPayment(id, "k2", "c1")
    return did(world, CARDS, f"{id} asked", Order(CARD, "k2", asked), Order(BILL_PAYMENT, id, begin))


def giving_up(id: str = "b1") -> Asked:
    late = Order(CARD, "k2", GiveUpBillPayment(id, "k2", TODAY))
    return may(CARDS, f"nobody has answered {id} in time", late)


REFUND = may(
    CARDS, "the merchant gives all back", Order(PAYMENT, "p2", RefundPayment("p2", "f1", None, TODAY, "Kiosk"))
)
CANCEL = may(CARDS, "the customer cancels the card", Order(CARD, "k2", CancelCard("k2", TODAY)))
WITHDRAWAL = may(
    ACCOUNTS, "the customer takes out 80.00", Order(ACCOUNT, "a1", DebitMoney("a1", 80_00, "EUR", CASH, TODAY))
)
FREEZE = may(ACCOUNTS, "a court freezes the account", Order(ACCOUNT, "a1", FreezeAccount("a1", "both", "legal_order")))


def nothing_on_its_way(world: World) -> str:
    credit = world.state(CARDS, CARD, "k2").credit
    return f"the card still waits for {credit.bill_payments}" if credit.bill_payments else ""


always = all_of(books_agree, at_most_once(*CHECKED))
at_the_end = all_of(ended(*CHECKED), nothing_in_flight, nothing_on_its_way, cards_and_accounts_agree)

CASES: dict[str, tuple[World, list[Asked]]] = {
    "the account may refuse": (pays(owing()), [giving_up(), WITHDRAWAL, FREEZE]),
    "the card may end": (pays(owing()), [giving_up(), REFUND, CANCEL]),
    "two at once": (pays(pays(owing(), 25_00), 35_00, "b2"), [giving_up(), giving_up("b2"), WITHDRAWAL]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bill_is_paid_or_the_money_is_where_it_was(case: str, count: Count) -> None:
    start, asked = CASES[case]
    found = explore(start, Model(contexts(), asked), at_the_end, always)
    count(BILL_PAID_FROM_SAVINGS, case, found)
    assert not found.counter_example, found.counter_example
    assert found.ends


@pytest.mark.parametrize(
    ("who", "forgotten", "left"),
    [
        ("accounts", "cards.BillPaymentRejected.v1", "bill-paid-from-savings b1 began 1 times and ended 0 times"),
        ("cards", "accounts.TransitReturned.v1", "bill-paid-from-savings b1 began 1 times and ended 0 times"),
        ("cards", "accounts.DebitDeclined.v1", "bill-paid-from-savings b1 began 1 times and ended 0 times"),
        ("accounts", "cards.BillPaymentApplied.v1", f"in flight: {{'transit:bill-payments': {OWED}}}"),
    ],
)
def test_what_somebody_forgets_to_hear_is_found_and_told(who: str, forgotten: str, left: str) -> None:
    start, asked = CASES["the account may refuse"]
    told = explore(start, Model(deaf(contexts(), who, forgotten), asked), at_the_end, always).counter_example
    sys.stdout.write(told)
    assert told.splitlines()[-1] == f"then {left}"


def test_a_debit_that_was_forbidden_is_told_twice_so_that_either_message_ends_it() -> None:
    """At once, and when it comes and is declined."""
    start, asked = CASES["the account may refuse"]
    everybody = deaf(contexts(), "cards", "accounts.DebitCancelled.v1")
    assert not explore(start, Model(everybody, asked), at_the_end, always).counter_example


def test_a_taking_back_that_does_not_forbid_the_debit_is_found_and_told() -> None:
    """As if nothing were said where there is nothing to give back."""
    everybody = contexts()
    rejected = everybody[0].subscriptions["cards.BillPaymentRejected.v1"]

    def forgetful(bill: BillPaymentRejected) -> Unit:
        unit = give_back_bill(bill)
        return Unit(*unit.orders, id=unit.id)

    heard = {**everybody[0].subscriptions, "cards.BillPaymentRejected.v1": replace(rejected, react=forgetful)}
    start, asked = CASES["the account may refuse"]
    model = Model([replace(everybody[0], subscriptions=heard), everybody[1]], asked)
    told = explore(start, model, at_the_end, always).counter_example
    sys.stdout.write(told)
    when = [line.partition("(")[0] for line in told.splitlines() if line.startswith("when ")]
    assert when.index("when accounts hears BillPaymentRejected") < when.index(
        "when accounts hears BillPaymentRequested"
    )
