"""How a card goes on and ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank.testing import given
from cards.domain.card import CARD, ActivateCard, BlockCard, ChangePaymentLimits, Command, UnblockCard
from cards.domain.card.facts import CardActivated, CardBlocked, CardCancelled, CardExpired, CardReplaced
from cards.domain.card.life import CancelCard, ExpireCard, ReplaceCard
from tests.cards.domain.test_card import ACTIVE, ISSUED, LAST_DAY, TODAY, TOMORROW, reserve, reserved

NEW_LAST_DAY = date(2034, 3, 31)
REPLACE = ReplaceCard("k1", "tok_2", "1111", TODAY, NEW_LAST_DAY)
REPLACED = CardReplaced("k1", "c1", "tok_1", "tok_2", "1111", TODAY, NEW_LAST_DAY)
REPLACE_AGAIN = replace(REPLACE, token="tok_3")
REPLACED_AGAIN = replace(REPLACED, replaced_token="tok_2", token="tok_3")
EXPIRED = CardExpired("k1", "c1", LAST_DAY + timedelta(days=1))
CANCELLED = CardCancelled("k1", "c1", TODAY)


def test_a_replaced_card_has_a_new_token_and_new_digits() -> None:
    assert given(CARD, *ACTIVE).when(REPLACE) == [REPLACED]


def test_the_new_card_is_activated_before_it_pays() -> None:
    replaced = given(CARD, *ACTIVE, REPLACED)
    assert replaced.refuses(reserve(1)) == "card_not_active"
    assert given(CARD, *ACTIVE, REPLACED, CardActivated("k1")).when(reserve(1)) == [reserved(1, payment_id="p1")]


def test_the_old_card_is_dead_and_the_new_one_lives() -> None:
    replaced = given(CARD, *ACTIVE, REPLACED, CardActivated("k1"))
    assert replaced.refuses(replace(reserve(1), token="tok_1")) == "card_replaced"
    assert replaced.when(replace(reserve(1), token="tok_2")) == [reserved(1, payment_id="p1")]


def test_limits_and_what_was_spent_today_are_kept() -> None:
    replaced = given(CARD, *ACTIVE, reserved(500_00), REPLACED, CardActivated("k1"))
    assert replaced.when(reserve(300_00)) == [reserved(300_00, payment_id="p1")]
    assert replaced.refuses(reserve(300_01)) == "over_daily_limit"
    assert replaced.refuses(reserve(500_01)) == "over_payment_limit"


@pytest.mark.parametrize("cause", ["lost", "stolen", "customer_request"])
def test_a_lost_or_stolen_card_is_replaced_by_one_that_is_not_blocked(cause: str) -> None:
    blocked = (*ACTIVE, CardBlocked("k1", cause))
    assert given(CARD, *blocked).when(REPLACE) == [REPLACED]
    assert given(CARD, *blocked, REPLACED).when(ActivateCard("k1")) == [CardActivated("k1")]


@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_nobody_gets_round_a_block_of_the_bank_by_a_replacement(cause: str) -> None:
    blocked = given(CARD, *ACTIVE, CardBlocked("k1", cause))
    assert blocked.refuses(REPLACE) == "blocked_by_the_bank"
    assert blocked.when(replace(REPLACE, by_operator=True)) == [REPLACED]


@pytest.mark.parametrize("reported", ["lost", "stolen"])
@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_nor_by_reporting_the_card_lost_first(cause: str, reported: str) -> None:
    both = (*ACTIVE, CardBlocked("k1", cause), CardBlocked("k1", reported))
    assert given(CARD, *both).refuses(REPLACE) == "blocked_by_the_bank"
    assert given(CARD, *both).when(replace(REPLACE, by_operator=True)) == [REPLACED]
    assert given(CARD, *both, REPLACED).when(REPLACE_AGAIN) == [REPLACED_AGAIN], "the bank has lifted it"


@pytest.mark.parametrize("reports", [(), (CardBlocked("k1", "lost"),)], ids=["blocked", "and reported lost"])
@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_a_card_that_the_bank_has_blocked_only_the_bank_cancels(cause: str, reports: tuple[CardBlocked, ...]) -> None:
    """Cancelled by himself, it would bar nothing any more: neither his new number nor what a merchant gives back."""
    blocked = given(CARD, *ACTIVE, CardBlocked("k1", cause), *reports)
    assert blocked.refuses(CancelCard("k1", TODAY)) == "blocked_by_the_bank"
    assert blocked.when(CancelCard("k1", TODAY, by_operator=True)) == [CANCELLED]


@pytest.mark.parametrize("cause", ["customer_request", "lost", "stolen"])
def test_a_card_that_he_has_blocked_himself_he_cancels(cause: str) -> None:
    assert given(CARD, *ACTIVE, CardBlocked("k1", cause)).when(CancelCard("k1", TODAY)) == [CANCELLED]


def test_a_replacement_has_a_token_of_its_own() -> None:
    assert given(CARD, *ACTIVE).refuses(replace(REPLACE, token="tok_1")) == "same_token"


def test_a_card_expires_after_its_last_day_and_once() -> None:
    assert given(CARD, *ACTIVE).when(ExpireCard("k1", LAST_DAY)) == []
    assert given(CARD, *ACTIVE).when(ExpireCard("k1", LAST_DAY + timedelta(days=1))) == [EXPIRED]
    assert given(CARD, *ACTIVE, EXPIRED).when(ExpireCard("k1", LAST_DAY + timedelta(days=1))) == []


def test_an_expired_card_pays_nothing_and_is_not_activated() -> None:
    assert given(CARD, *ACTIVE, EXPIRED).refuses(reserve(1)) == "card_expired"
    assert given(CARD, ISSUED, EXPIRED).refuses(ActivateCard("k1")) == "card_expired"


def test_a_card_is_renewed_while_it_lives() -> None:
    assert given(CARD, *ACTIVE, EXPIRED).refuses(REPLACE) == "card_expired"
    renewed = given(CARD, *ACTIVE, REPLACED, CardActivated("k1"))
    assert renewed.when(reserve(1, NEW_LAST_DAY)) == [reserved(1, NEW_LAST_DAY, "p1")]
    assert renewed.when(ExpireCard("k1", NEW_LAST_DAY)) == []


def test_a_card_is_cancelled_once() -> None:
    assert given(CARD, *ACTIVE).when(CancelCard("k1", TODAY)) == [CANCELLED]
    assert given(CARD, *ACTIVE, CANCELLED).when(CancelCard("k1", TOMORROW)) == []


@pytest.mark.parametrize(
    "command",
    [
        reserve(1),
        ActivateCard("k1"),
        BlockCard("k1", "lost"),
        UnblockCard("k1", by_operator=True),
        ChangePaymentLimits("k1", 1, 1),
        replace(REPLACE, by_operator=True),
    ],
)
def test_a_cancelled_card_does_nothing_any_more(command: Command) -> None:
    assert given(CARD, *ACTIVE, CANCELLED).refuses(command) == "card_cancelled"


def test_a_cancelled_card_does_not_expire() -> None:
    assert given(CARD, *ACTIVE, CANCELLED).when(ExpireCard("k1", NEW_LAST_DAY)) == []


@pytest.mark.parametrize("command", [REPLACE, ExpireCard("k1", TODAY), CancelCard("k1", TODAY)])
def test_a_card_nobody_issued_neither_goes_on_nor_ends(command: Command) -> None:
    assert given(CARD).refuses(command) == "card_not_found"
