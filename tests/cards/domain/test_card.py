"""What a debit card allows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from bank.testing import given
from cards.domain.card import (
    CARD,
    ActivateCard,
    BlockCard,
    ChangePaymentLimits,
    IssueDebitCard,
    ReleaseSpend,
    ReserveSpend,
    UnblockCard,
)
from cards.domain.card.facts import (
    CardActivated,
    CardBlocked,
    CardIssued,
    CardUnblocked,
    Event,
    PaymentLimitsChanged,
    SpendReleased,
    SpendReserved,
)

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)
LAST_DAY = date(2030, 3, 31)

ISSUE = IssueDebitCard(
    card_id="k1",
    customer_id="c1",
    account_id="a1",
    currency="EUR",
    token="tok_1",
    last_four="4242",
    per_payment_limit_minor=500_00,
    per_day_limit_minor=800_00,
    issued_on=TODAY,
    expires_on=LAST_DAY,
)
ISSUED = CardIssued(
    card_id="k1",
    kind="debit",
    customer_id="c1",
    account_id="a1",
    currency="EUR",
    token="tok_1",
    last_four="4242",
    per_payment_limit_minor=500_00,
    per_day_limit_minor=800_00,
    issued_on=TODAY,
    expires_on=LAST_DAY,
)
ACTIVE = (ISSUED, CardActivated("k1"))


def reserve(amount_minor: int, on: date = TODAY, payment_id: str = "p1", currency: str = "EUR") -> ReserveSpend:
    return ReserveSpend("k1", payment_id, amount_minor, currency, on)


def reserved(amount_minor: int, on: date = TODAY, payment_id: str = "p0") -> SpendReserved:
    return SpendReserved("k1", payment_id, amount_minor, "EUR", on)


def test_a_card_is_issued_with_a_token_and_the_last_four_digits() -> None:
    assert given(CARD).when(ISSUE) == [ISSUED]


def test_a_card_is_issued_once() -> None:
    assert given(CARD, ISSUED).refuses(ISSUE) == "card_exists"


@pytest.mark.parametrize(("payment", "day"), [(0, 100), (-1, 100), (101, 100)])
def test_limits_are_positive_and_a_payment_fits_in_a_day(payment: int, day: int) -> None:
    wrong = replace(ISSUE, per_payment_limit_minor=payment, per_day_limit_minor=day)
    assert given(CARD).refuses(wrong) == "invalid_limits"
    assert given(CARD, *ACTIVE).refuses(ChangePaymentLimits("k1", payment, day)) == "invalid_limits"


def test_the_limit_per_payment_may_equal_the_limit_per_day() -> None:
    assert given(CARD, *ACTIVE).when(ChangePaymentLimits("k1", 1, 1)) == [PaymentLimitsChanged("k1", 1, 1)]


def test_the_same_limits_again_change_nothing() -> None:
    assert given(CARD, *ACTIVE).when(ChangePaymentLimits("k1", 500_00, 800_00)) == []


@pytest.mark.parametrize("command", [ActivateCard("k1"), BlockCard("k1", "lost"), UnblockCard("k1"), reserve(1)])
def test_a_card_nobody_issued_does_nothing(command: ActivateCard | BlockCard | UnblockCard | ReserveSpend) -> None:
    assert given(CARD).refuses(command) == "card_not_found"


def test_a_card_is_activated_once() -> None:
    assert given(CARD, ISSUED).when(ActivateCard("k1")) == [CardActivated("k1")]
    assert given(CARD, *ACTIVE).when(ActivateCard("k1")) == []


def test_a_blocked_card_is_not_activated() -> None:
    assert given(CARD, ISSUED, CardBlocked("k1", "operator")).refuses(ActivateCard("k1")) == "card_blocked"


def test_a_customer_blocks_and_unblocks_his_card() -> None:
    blocked = CardBlocked("k1", "customer_request")
    assert given(CARD, *ACTIVE).when(BlockCard("k1", "customer_request")) == [blocked]
    assert given(CARD, *ACTIVE, blocked).when(UnblockCard("k1")) == [CardUnblocked("k1")]


@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_what_the_bank_has_blocked_only_the_bank_unblocks(cause: str) -> None:
    assert given(CARD, *ACTIVE).refuses(BlockCard("k1", cause)) == "cause_of_the_bank"
    assert given(CARD, *ACTIVE).when(BlockCard("k1", cause, by_operator=True)) == [CardBlocked("k1", cause)]
    blocked = given(CARD, *ACTIVE, CardBlocked("k1", cause))
    assert blocked.refuses(UnblockCard("k1")) == "blocked_by_the_bank"
    assert blocked.when(UnblockCard("k1", by_operator=True)) == [CardUnblocked("k1")]


def test_a_milder_cause_does_not_replace_a_graver_one() -> None:
    assert given(CARD, *ACTIVE, CardBlocked("k1", "fraud")).when(BlockCard("k1", "customer_request")) == []


@pytest.mark.parametrize("reported", ["lost", "stolen"])
@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_a_report_of_the_customer_is_taken_and_the_block_of_the_bank_stays(cause: str, reported: str) -> None:
    by_the_bank, by_himself = CardBlocked("k1", cause), CardBlocked("k1", reported)
    assert given(CARD, *ACTIVE, by_the_bank).when(BlockCard("k1", reported)) == [by_himself]
    state = given(CARD, *ACTIVE, by_the_bank, by_himself).state
    assert (state.blocked_for, state.blocked_by_bank_for) == (reported, cause)


@pytest.mark.parametrize("cause", ["operator", "fraud"])
def test_the_bank_blocks_a_card_that_was_reported_lost_and_lost_it_stays(cause: str) -> None:
    lost = CardBlocked("k1", "lost")
    blocked = given(CARD, *ACTIVE, lost).when(BlockCard("k1", cause, by_operator=True))
    assert blocked == [CardBlocked("k1", cause), lost]
    both = given(CARD, *ACTIVE, lost, *blocked)
    assert (both.state.blocked_for, both.state.blocked_by_bank_for) == ("lost", cause)
    assert both.when(BlockCard("k1", cause, by_operator=True)) == []


def test_suspicion_of_fraud_is_graver_than_another_block_of_the_bank_beside_a_loss() -> None:
    both = (*ACTIVE, CardBlocked("k1", "operator"), CardBlocked("k1", "lost"))
    graver = given(CARD, *both).when(BlockCard("k1", "fraud", by_operator=True))
    assert graver == [CardBlocked("k1", "fraud"), CardBlocked("k1", "lost")]
    assert given(CARD, *both, *graver).when(BlockCard("k1", "operator", by_operator=True)) == []


def test_a_card_that_the_bank_has_unblocked_is_blocked_by_it_no_more() -> None:
    lifted = (*ACTIVE, CardBlocked("k1", "fraud"), CardUnblocked("k1"), CardBlocked("k1", "customer_request"))
    assert given(CARD, *lifted).when(UnblockCard("k1")) == [CardUnblocked("k1")]


def test_blocking_twice_and_unblocking_what_is_not_blocked_change_nothing() -> None:
    assert given(CARD, *ACTIVE, CardBlocked("k1", "lost")).when(BlockCard("k1", "lost")) == []
    assert given(CARD, *ACTIVE).when(UnblockCard("k1")) == []


def test_a_blocked_card_may_turn_out_to_be_stolen() -> None:
    blocked = given(CARD, *ACTIVE, CardBlocked("k1", "customer_request"))
    assert blocked.when(BlockCard("k1", "stolen")) == [CardBlocked("k1", "stolen")]


@pytest.mark.parametrize("cause", ["lost", "stolen"])
def test_a_lost_or_stolen_card_stays_blocked(cause: str) -> None:
    lost = given(CARD, *ACTIVE, CardBlocked("k1", cause))
    assert lost.refuses(UnblockCard("k1", by_operator=True)) == "card_blocked_for_good"


def test_a_card_is_blocked_for_a_cause_the_bank_knows() -> None:
    assert given(CARD, *ACTIVE).refuses(BlockCard("k1", "boredom")) == "unknown_cause"


def test_a_card_works_again_after_it_is_unblocked() -> None:
    history = (*ACTIVE, CardBlocked("k1", "operator"), CardUnblocked("k1"))
    assert given(CARD, *history).when(reserve(1)) == [reserved(1, payment_id="p1")]


def test_a_card_that_is_not_active_pays_nothing() -> None:
    assert given(CARD, ISSUED).refuses(reserve(1)) == "card_not_active"


def test_a_blocked_card_pays_nothing() -> None:
    assert given(CARD, *ACTIVE, CardBlocked("k1", "operator")).refuses(reserve(1)) == "card_blocked"


def test_a_card_pays_up_to_and_on_its_last_day() -> None:
    assert given(CARD, *ACTIVE).when(reserve(1, LAST_DAY)) == [reserved(1, LAST_DAY, "p1")]
    assert given(CARD, *ACTIVE).refuses(reserve(1, LAST_DAY + timedelta(days=1))) == "card_expired"


def test_a_card_pays_in_its_own_currency() -> None:
    assert given(CARD, *ACTIVE).refuses(reserve(1, currency="CZK")) == "currency_mismatch"


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_is_of_more_than_zero(amount: int) -> None:
    assert given(CARD, *ACTIVE).refuses(reserve(amount)) == "invalid_amount"


def test_a_payment_may_use_the_limit_to_the_last_cent() -> None:
    assert given(CARD, *ACTIVE).when(reserve(500_00)) == [reserved(500_00, payment_id="p1")]
    assert given(CARD, *ACTIVE).refuses(reserve(500_01)) == "over_payment_limit"


def test_payments_may_use_the_day_to_the_last_cent() -> None:
    paid = given(CARD, *ACTIVE, reserved(400_00))
    assert paid.when(reserve(400_00)) == [reserved(400_00, payment_id="p1")]
    assert paid.refuses(reserve(400_01)) == "over_daily_limit"


def test_the_next_day_starts_again() -> None:
    paid = given(CARD, *ACTIVE, reserved(500_00))
    assert paid.refuses(reserve(500_00)) == "over_daily_limit"
    assert paid.when(reserve(500_00, TOMORROW)) == [reserved(500_00, TOMORROW, "p1")]


def test_a_payment_dated_before_the_day_counted_counts_within_it() -> None:
    paid = given(CARD, *ACTIVE, reserved(500_00, TOMORROW))
    assert paid.refuses(reserve(400_00, TODAY)) == "over_daily_limit"


def test_what_is_released_may_be_spent_again_the_same_day() -> None:
    history = (*ACTIVE, reserved(500_00), SpendReleased("k1", "p0", 500_00, "EUR", TODAY))
    assert given(CARD, *history).when(reserve(500_00)) == [reserved(500_00, payment_id="p1")]


def test_what_is_released_from_yesterday_does_not_widen_today() -> None:
    history = (*ACTIVE, reserved(500_00, TODAY), reserved(500_00, TOMORROW))
    release = ReleaseSpend("k1", "p0", 500_00, "EUR", TODAY)
    released = given(CARD, *history).when(release)
    assert released == [SpendReleased("k1", "p0", 500_00, "EUR", TODAY)]
    assert given(CARD, *history, *released).refuses(reserve(400_00, TOMORROW)) == "over_daily_limit"


def test_a_card_belongs_to_its_customer() -> None:
    assert CARD.customer(given(CARD, *ACTIVE).state) == "c1"


@hypothesis_given(
    st.lists(st.tuples(st.integers(1, 600_00), st.integers(0, 3), st.booleans()), max_size=30),
)
def test_no_day_ever_spends_more_than_its_limit(tries: list[tuple[int, int, bool]]) -> None:
    history: list[Event] = [*ACTIVE]
    spent: dict[date, int] = {}
    for amount, days, is_released in sorted(tries, key=lambda one: one[1]):
        day = TODAY + timedelta(days=days)
        card = given(CARD, *history)
        if amount > 500_00:
            assert card.refuses(reserve(amount, day)) == "over_payment_limit"
            continue
        if spent.get(day, 0) + amount > 800_00:
            assert card.refuses(reserve(amount, day)) == "over_daily_limit"
            continue
        history += card.when(reserve(amount, day))
        spent[day] = spent.get(day, 0) + amount
        if is_released:
            history += given(CARD, *history).when(ReleaseSpend("k1", "p1", amount, "EUR", day))
            spent[day] -= amount
    assert all(total <= 800_00 for total in spent.values())
