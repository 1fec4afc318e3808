"""What the bank owes on a credit card, paid out: what the card asks for, and what it makes of the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bank.testing import given
from cards.domain.card import CARD
from cards.domain.card.credit_facts import CardPayoutDeclined, CardPayoutRequested, CardPayoutSettled
from cards.domain.card.facts import CardBlocked, CardCancelled, CardExpired, CreditLimitChanged, Event
from cards.domain.card.life import CancelCard
from cards.domain.card.payout import MAX_PAYOUTS, DeclinePayout, RequestPayout, SettlePayout
from cards.domain.payout import (
    PAYOUT,
    BeginPayout,
    Command,
    CreditPayout,
    FailPayout,
    PayoutBegun,
    PayoutCredited,
    PayoutUncredited,
)
from cards.domain.payout import Event as Routed
from cards.domain.postings import ACCOUNTS, RECEIVABLE, Posting, posting
from tests.cards.domain.test_card import ACTIVE as DEBIT_CARD
from tests.cards.domain.test_credit import (
    ACTIVE,
    CLOSES,
    DUE,
    NEXT,
    TODAY,
    bought,
    credit_after,
    reserved,
    returned,
    statement,
)

ASK = RequestPayout("y1", "k1", "a1", TODAY)
SETTLE = SettlePayout("y1", "k1", TODAY)
DECLINE = DeclinePayout("y1", "k1", "account_frozen", TODAY)
OWED = (*ACTIVE, *bought(60_00), returned(60_00, TODAY), returned(40_00, TODAY))
"""The bank owes 40.00 on it."""


def requested(amount_minor: int = 40_00, payout_id: str = "y1") -> CardPayoutRequested:
    return CardPayoutRequested("k1", "c1", payout_id, "a1", amount_minor, "EUR", TODAY)


SETTLED = CardPayoutSettled("k1", "c1", "y1", 40_00, "EUR", TODAY)
DECLINED = CardPayoutDeclined("k1", "c1", "y1", 40_00, "EUR", "account_frozen", TODAY)

# What the card pays out.


def test_all_that_the_bank_owes_is_paid_out_and_is_the_cards_no_longer() -> None:
    assert given(CARD, *OWED).when(ASK) == [requested()]
    credit = credit_after(*OWED, requested())
    assert (credit.outstanding_minor, credit.available_minor) == (0, 1_000_00)
    assert given(CARD, *OWED, requested()).refuses(replace(ASK, payout_id="y2")) == "nothing_to_pay_out"


@pytest.mark.parametrize(("given_back", "paid_out"), [(59_99, None), (60_00, None), (60_01, 1)])
def test_nothing_is_paid_out_to_who_owes(given_back: int, paid_out: int | None) -> None:
    card = given(CARD, *ACTIVE, *bought(60_00), returned(given_back, TODAY))
    if paid_out is None:
        assert card.refuses(ASK) == "nothing_to_pay_out"
    else:
        assert card.when(ASK) == [requested(paid_out)]


def test_interest_that_is_not_posted_yet_is_kept_back_for_the_statement_that_asks_for_it() -> None:
    """600.00 paid nine days late, at a ten-thousandth a day and with a cent to spare, or without."""
    day = NEXT - timedelta(days=1)
    late = (*ACTIVE, *bought(600_00), statement(600_00, 30_00))
    interest_minor = credit_after(*late, returned(600_00, day)).interest_minor
    assert interest_minor > 0
    ask = replace(ASK, requested_on=day)
    one_more = given(CARD, *late, returned(600_00 + interest_minor + 1, day))
    assert one_more.when(ask) == [replace(requested(1), requested_on=day)]
    assert given(CARD, *late, returned(600_00 + interest_minor, day)).refuses(ask) == "nothing_to_pay_out"


@pytest.mark.parametrize("ended", [CardCancelled("k1", "c1", TODAY), CardExpired("k1", "c1", TODAY)])
def test_what_comes_back_to_a_card_that_has_ended_is_paid_out_too(ended: Event) -> None:
    assert given(CARD, *ACTIVE, ended, returned(40_00, TODAY)).when(ASK) == [requested()]


@pytest.mark.parametrize("reports", [(), (CardBlocked("k1", "stolen"),)], ids=["blocked", "and reported stolen"])
@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_from_a_card_that_the_bank_has_blocked_only_the_bank_pays_out(
    cause: str, reports: tuple[CardBlocked, ...]
) -> None:
    blocked = given(CARD, *OWED, CardBlocked("k1", cause), *reports)
    assert blocked.refuses(ASK) == "blocked_by_the_bank"
    assert blocked.when(replace(ASK, by_operator=True)) == [requested()]
    assert given(CARD, *OWED, CardBlocked("k1", "lost")).when(ASK) == [requested()]


@pytest.mark.parametrize(
    ("authorized_minor", "paid_out"), [(1_000_00, 40_00), (1_000_01, 39_99), (1_039_99, 1), (1_040_00, None)]
)
def test_what_open_authorizations_count_on_stays_on_the_card(authorized_minor: int, paid_out: int | None) -> None:
    """Limit 1,000.00: what is authorized above it was lent by what the bank owes."""
    history = (*OWED, reserved(authorized_minor))
    if paid_out is None:
        assert given(CARD, *history).refuses(ASK) == "nothing_to_pay_out"
    else:
        assert given(CARD, *history).when(ASK) == [requested(paid_out)]
        assert credit_after(*history, requested(paid_out)).available_minor == 0


def test_a_limit_that_was_lowered_below_what_is_authorized_keeps_all_of_it() -> None:
    lowered = (*OWED, reserved(500_00), CreditLimitChanged("k1", "c1", 460_00, "EUR"))
    assert given(CARD, *lowered).refuses(ASK) == "nothing_to_pay_out"


def test_only_so_many_payouts_are_under_way_at_once() -> None:
    many = [one for n in range(MAX_PAYOUTS) for one in (requested(payout_id=f"x{n}"), returned(40_00, TODAY))]
    assert given(CARD, *OWED, *many[:-2]).when(ASK) == [requested()]
    assert given(CARD, *OWED, *many).refuses(ASK) == "too_many_payouts"


def test_a_debit_card_has_nothing_to_pay_out() -> None:
    assert given(CARD, *DEBIT_CARD).refuses(ASK) == "not_a_credit_card"


# What it makes of the answer.


def test_what_the_account_took_is_settled_once() -> None:
    under_way = given(CARD, *OWED, requested())
    assert under_way.when(SETTLE) == [SETTLED]
    done = given(CARD, *OWED, requested(), SETTLED)
    assert done.when(SETTLE) == []
    assert done.when(DECLINE) == []
    assert credit_after(*OWED, requested(), SETTLED).payouts == ()


def test_what_the_account_did_not_take_is_the_cards_again() -> None:
    assert given(CARD, *OWED, requested()).when(DECLINE) == [DECLINED]
    assert credit_after(*OWED, requested(), DECLINED).outstanding_minor == -40_00
    again = given(CARD, *OWED, requested(), DECLINED)
    assert again.when(DECLINE) == []
    assert again.when(replace(ASK, payout_id="y2")) == [requested(payout_id="y2")]


def test_what_comes_back_pays_what_was_bought_meanwhile() -> None:
    meanwhile = (*OWED, requested(), *bought(100_00), statement(100_00, 25_00))
    credit = credit_after(*meanwhile, replace(DECLINED, declined_on=CLOSES))
    assert (credit.outstanding_minor, credit.billed_minor, credit.minimum_left_minor) == (60_00, 60_00, 0)
    assert credit.due_on == DUE


def test_a_card_ends_when_its_payout_has_ended() -> None:
    cancel = CancelCard("k1", TODAY)
    assert given(CARD, *OWED).refuses(cancel) == "card_in_use"
    assert given(CARD, *OWED, requested()).refuses(cancel) == "card_in_use"
    assert given(CARD, *OWED, requested(), DECLINED).refuses(cancel) == "card_in_use"
    assert given(CARD, *OWED, requested(), SETTLED).when(cancel) == [CardCancelled("k1", "c1", TODAY)]


def test_a_payout_is_owed_to_accounts_until_it_is_declined() -> None:
    assert posting(requested()) == Posting(RECEIVABLE, ACCOUNTS, 40_00)
    assert posting(DECLINED) == Posting(ACCOUNTS, RECEIVABLE, 40_00)


# Its way.

BEGUN = PayoutBegun("y1", "k1", "c1")
CREDITED = PayoutCredited("y1", "k1", TODAY)
UNCREDITED = PayoutUncredited("y1", "k1", "account_frozen", TODAY)
CREDIT = CreditPayout("y1", TODAY)
FAIL = FailPayout("y1", "account_frozen", TODAY)


def test_a_payout_begins_once() -> None:
    assert given(PAYOUT).when(BeginPayout("y1", "k1", "c1")) == [BEGUN]
    assert given(PAYOUT, BEGUN).refuses(BeginPayout("y1", "k1", "c1")) == "payout_exists"


def test_what_accounts_answers_is_said_with_the_card_it_is_for() -> None:
    assert given(PAYOUT, BEGUN).when(CREDIT) == [CREDITED]
    assert given(PAYOUT, BEGUN).when(FAIL) == [UNCREDITED]


@pytest.mark.parametrize("history", [(), (BEGUN, CREDITED), (BEGUN, UNCREDITED)], ids=["unknown", "credited", "not"])
@pytest.mark.parametrize("answer", [CREDIT, FAIL], ids=["credited", "declined"])
def test_only_the_first_answer_about_a_payout_of_ours_counts(history: tuple[Routed, ...], answer: Command) -> None:
    assert given(PAYOUT, *history).when(answer) == []
