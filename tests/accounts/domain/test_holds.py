"""Funds control belongs to the hold: once it is given, its capture succeeds."""

from dataclasses import replace

from accounts.domain.account import ACCOUNT
from accounts.domain.account.facts import (
    AccountFrozen,
    Event,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    HoldReleased,
    MoneyDebited,
)
from accounts.domain.account.holds import MAX_OPEN_HOLDS, CaptureHold, HoldFunds, ReleaseHold
from accounts.domain.account.money import DebitMoney
from accounts.domain.freezes import Side
from bank.money import MAX_MINOR
from bank.testing import given
from tests.accounts.facts import DAY, LATER, credited, held, opened

HOLD = HoldFunds("a1", "c1", "h1", 20_00, "EUR", LATER)
CAPTURE = CaptureHold("a1", "h1", "p1", 20_00, "EUR", "transit:card-payments", DAY)
ACCOUNT_WITH_30 = (opened(), credited(30_00))


def captured(amount_minor: int, *, held_minor: int = 20_00, unarranged: bool = False) -> HoldCaptured:
    return HoldCaptured("a1", "h1", "p1", amount_minor, held_minor, "EUR", "transit:card-payments", DAY, unarranged)


def test_a_hold_takes_from_what_is_available_and_leaves_the_balance() -> None:
    account = given(ACCOUNT, *ACCOUNT_WITH_30)
    assert account.when(HOLD) == [held(20_00)]
    after = given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00)).state
    assert (after.balance_minor, after.held_minor, after.available_minor) == (30_00, 20_00, 10_00)


def test_a_hold_may_take_the_last_cent_of_balance_and_overdraft() -> None:
    account = given(ACCOUNT, opened(overdraft_minor=5_00), credited(30_00))
    assert account.when(replace(HOLD, amount_minor=35_00)) == [held(35_00)]
    assert account.refuses(replace(HOLD, amount_minor=35_01)) == "insufficient_funds"


def test_a_person_is_refused_and_a_process_is_answered() -> None:
    account = given(ACCOUNT, opened())
    assert account.refuses(HOLD) == "insufficient_funds"
    assert account.when(replace(HOLD, answers="p1")) == [HoldDeclined("a1", "h1", 20_00, "EUR", "insufficient_funds")]


def test_an_account_that_does_not_exist_cannot_answer() -> None:
    assert given(ACCOUNT).refuses(replace(HOLD, answers="p1")) == "account_not_open"


def test_every_reason_to_decline_is_answered() -> None:
    account = given(ACCOUNT, *ACCOUNT_WITH_30, held(1_00, "other"))
    for command, code in (
        (replace(HOLD, customer_id="c2"), "not_your_account"),
        (replace(HOLD, amount_minor=0), "invalid_amount"),
        (replace(HOLD, amount_minor=MAX_MINOR + 1), "invalid_amount"),
        (replace(HOLD, currency="USD"), "currency_mismatch"),
        (replace(HOLD, hold_id="other"), "hold_exists"),
    ):
        [event] = account.when(replace(command, answers="p1"))
        assert isinstance(event, HoldDeclined)
        assert event.code == code


def test_an_account_frozen_for_debits_gives_no_hold() -> None:
    def code(side: Side) -> list[str]:
        account = given(ACCOUNT, *ACCOUNT_WITH_30, AccountFrozen("a1", side, "legal_order"))
        return [getattr(event, "code", "") for event in account.when(replace(HOLD, answers="p1"))]

    assert (code("debit"), code("both"), code("credit")) == (["account_frozen"], ["account_frozen"], [""])


def test_an_account_gives_as_many_holds_as_the_limit_and_no_more() -> None:
    history: list[Event] = [opened(), credited(30_00), *[held(1, f"n{n}") for n in range(MAX_OPEN_HOLDS - 1)]]
    assert given(ACCOUNT, *history).when(replace(HOLD, amount_minor=1)) == [held(1)]
    assert given(ACCOUNT, *history, held(1)).refuses(replace(HOLD, hold_id="h2")) == "too_many_holds"


def test_a_capture_debits_and_ends_the_hold() -> None:
    history = (*ACCOUNT_WITH_30, held(20_00))
    assert given(ACCOUNT, *history).when(CAPTURE) == [captured(20_00)]
    after = given(ACCOUNT, *history, captured(20_00)).state
    assert (after.balance_minor, after.held_minor, after.available_minor) == (10_00, 0, 10_00)


def test_a_partial_capture_gives_the_rest_back() -> None:
    history = (*ACCOUNT_WITH_30, held(20_00))
    assert given(ACCOUNT, *history).when(replace(CAPTURE, amount_minor=1)) == [captured(1)]
    assert given(ACCOUNT, *history, captured(1)).state.available_minor == 29_99


def test_a_capture_may_be_larger_than_the_hold() -> None:
    history = (*ACCOUNT_WITH_30, held(20_00))
    assert given(ACCOUNT, *history).when(replace(CAPTURE, amount_minor=30_00)) == [captured(30_00)]
    assert given(ACCOUNT, *history, captured(30_00)).state.available_minor == 0


def test_a_capture_that_overdraws_succeeds_and_is_flagged() -> None:
    history = (opened(overdraft_minor=5_00), credited(30_00), held(20_00))
    account = given(ACCOUNT, *history)
    assert account.when(replace(CAPTURE, amount_minor=35_00)) == [captured(35_00)]
    assert account.when(replace(CAPTURE, amount_minor=35_01)) == [captured(35_01, unarranged=True)]


def test_a_capture_succeeds_after_its_release_and_the_money_spent_otherwise() -> None:
    released = HoldReleased("a1", "h1", 20_00, "EUR")
    spent = MoneyDebited("a1", 30_00, "EUR", "cash", DAY)
    account = given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00), released, spent)
    assert account.when(CAPTURE) == [captured(20_00, held_minor=0, unarranged=True)]


def test_a_capture_succeeds_on_a_frozen_account() -> None:
    account = given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00), AccountFrozen("a1", "both", "legal_order"))
    assert account.when(CAPTURE) == [captured(20_00)]


def test_a_capture_leaves_the_other_holds_alone() -> None:
    history = (*ACCOUNT_WITH_30, held(20_00), held(5_00, "h2"), captured(20_00))
    assert given(ACCOUNT, *history).state.holds == {"h2": 5_00}


def test_a_capture_in_another_currency_or_of_nothing_is_refused() -> None:
    account = given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00))
    assert account.refuses(replace(CAPTURE, currency="USD")) == "currency_mismatch"
    assert account.refuses(replace(CAPTURE, amount_minor=0)) == "invalid_amount"
    assert account.refuses(replace(CAPTURE, amount_minor=MAX_MINOR + 1)) == "invalid_amount"
    assert given(ACCOUNT).refuses(CAPTURE) == "account_not_open"


def test_a_release_makes_the_money_available_again() -> None:
    history = (*ACCOUNT_WITH_30, held(20_00))
    [event] = given(ACCOUNT, *history).when(ReleaseHold("a1", "h1"))
    assert event == HoldReleased("a1", "h1", 20_00, "EUR")
    assert given(ACCOUNT, *history, event).state.available_minor == 30_00
    assert given(ACCOUNT, *history, event).when(DebitMoney("a1", 30_00, "EUR", "cash", DAY))


def test_releasing_what_is_not_held_does_nothing() -> None:
    assert given(ACCOUNT).when(ReleaseHold("a1", "h1")) == []
    assert given(ACCOUNT, *ACCOUNT_WITH_30).when(ReleaseHold("a1", "h1")) == []
    assert given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00), captured(1)).when(ReleaseHold("a1", "h1")) == []


def test_a_hold_given_back_may_be_given_again() -> None:
    released = HoldReleased("a1", "h1", 20_00, "EUR")
    assert given(ACCOUNT, *ACCOUNT_WITH_30, held(20_00), released).when(HOLD) == [
        FundsHeld("a1", "h1", 20_00, "EUR", LATER)
    ]
