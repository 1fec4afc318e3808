"""What the bank owes on a credit card, paid out to an account, in every interleaving."""

import sys
from dataclasses import replace

import pytest

from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, FreezeAccount
from accounts.domain.account.closing import CloseAccount
from accounts.handlers.credit_cards import credit_payout
from accounts.inbound import CardPayoutRequested
from bank.context import Context, Order, Unit
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.life import CancelCard
from cards.domain.card.payout import RequestPayout
from cards.domain.payment import PAYMENT, RefundPayment
from cards.domain.payout import PAYOUT, BeginPayout
from cards.sagas import CARD_BALANCE_PAYOUT
from tests.model.conftest import Count
from tests.model.exploring import Asked, Model, explore
from tests.model.people import TODAY, deaf, may, with_account, with_credit_card, without_views
from tests.model.promises import all_of, at_most_once, books_agree, cards_and_accounts_agree, ended, nothing_in_flight
from tests.model.test_bill_payment import pays
from tests.model.world import World

CHECKED = (CARD_BALANCE_PAYOUT,)
HAD, BOUGHT = 60_00, 60_00


def contexts() -> list[Context]:
    return without_views(ACCOUNTS, CARDS)


def refund(id: str, amount_minor: int) -> Asked:
    back = RefundPayment("p2", id, amount_minor, TODAY, "Kiosk")
    return may(CARDS, f"the merchant gives back {amount_minor}", Order(PAYMENT, "p2", back))


def paid() -> World:
    """He has bought for 60.00 and paid his bill, and his account is empty."""
    model = Model(contexts())
    return model.quiet(pays(model.quiet(with_credit_card(with_account(balance_minor=HAD), bought_minor=BOUGHT))))


def payout(id: str) -> Asked:
    wanted = RequestPayout(id, "k2", "a1", TODAY)
    return may(
        CARDS, f"the customer wants {id}", Order(CARD, "k2", wanted), Order(PAYOUT, id, BeginPayout(id, "k2", "c1"))
    )


CLOSE = may(ACCOUNTS, "the customer closes the account", Order(ACCOUNT, "a1", CloseAccount("a1", TODAY)))
FREEZE = may(ACCOUNTS, "a court freezes the account", Order(ACCOUNT, "a1", FreezeAccount("a1", "both", "legal_order")))
CANCEL = may(CARDS, "the customer cancels the card", Order(CARD, "k2", CancelCard("k2", TODAY)))


def everybody_has_his_own(world: World) -> str:
    """What the merchant gave back is on the account or owed on the card, and nothing is on its way."""
    credit = world.state(CARDS, CARD, "k2").credit
    given_back = world.state(CARDS, PAYMENT, "p2").refunded_minor
    has = world.state(ACCOUNTS, ACCOUNT, "a1").balance_minor - credit.outstanding_minor
    if credit.payouts:
        return f"the card still waits for {credit.payouts}"
    return "" if has == given_back else f"{given_back} was given back, and he has {has}"


always = all_of(books_agree, at_most_once(*CHECKED))
at_the_end = all_of(ended(*CHECKED), nothing_in_flight, everybody_has_his_own, cards_and_accounts_agree)

CASES: dict[str, list[Asked]] = {
    "the account may refuse": [refund("f1", 20_00), payout("y1"), CLOSE, FREEZE],
    "the card may end": [refund("f1", 20_00), payout("y1"), CANCEL, refund("f2", 40_00), payout("y2")],
}


@pytest.mark.parametrize("case", CASES)
def test_a_balance_is_on_the_account_or_on_the_card(case: str, count: Count) -> None:
    found = explore(paid(), Model(contexts(), CASES[case]), at_the_end, always)
    count(CARD_BALANCE_PAYOUT, case, found)
    assert not found.counter_example, found.counter_example
    assert found.ends


@pytest.mark.parametrize(
    ("who", "forgotten"),
    [
        ("cards", "accounts.CreditDeclined.v1"),
        ("cards", "cards.PayoutUncredited.v1"),
        ("cards", "cards.PayoutCredited.v1"),
        ("accounts", "cards.CardPayoutRequested.v1"),
    ],
)
def test_what_somebody_forgets_to_hear_is_found_and_told(who: str, forgotten: str) -> None:
    told = explore(paid(), Model(deaf(contexts(), who, forgotten), CASES["the account may refuse"]), at_the_end, always)
    sys.stdout.write(told.counter_example)
    assert told.counter_example.endswith("then card-balance-payout y1 began 1 times and ended 0 times")


def test_a_payout_made_twice_is_found_and_told() -> None:
    """As if its message were executed anew each time it is heard."""
    everybody = contexts()
    asked = everybody[0].subscriptions["cards.CardPayoutRequested.v1"]

    def again(wanted: CardPayoutRequested) -> list[Unit]:
        return [credit_payout(wanted), Unit(*credit_payout(wanted).orders)]

    heard = {**everybody[0].subscriptions, "cards.CardPayoutRequested.v1": replace(asked, react=again)}
    twice = Model([replace(everybody[0], subscriptions=heard), everybody[1]], CASES["the account may refuse"][:2])
    told = explore(paid(), twice, at_the_end, always).counter_example
    sys.stdout.write(told)
    assert told.endswith("then accounts.MoneyCredited.v1 of card-balance-payout y1 happened 2 times")
