"""What a one-time code allows, at both edges of each of its limits."""

from dataclasses import replace

import pytest

from bank.testing import given
from customers.domain.confirmation import (
    CODES_PER_HOUR,
    CONFIRMATION,
    GOOD_FOR_S,
    HOUR_S,
    TRIES,
    CodeConfirmed,
    CodeMistaken,
    CodeRequested,
    CodeSent,
    CodeUsed,
    Event,
    NoteSent,
    RequestCode,
    TryCode,
    UseCode,
)
from customers.domain.mobile import MOBILE, MobileNumberClaimed, MobileNumberReleased, RequestText, TextRequested

NOW_S = 1_700_000_000
REQUEST = RequestCode("c1", "code-1", "k1", "right", NOW_S)
REQUESTED = CodeRequested("c1", "code-1", "k1", "right", NOW_S)
TRY, USE = TryCode("c1", "k1", "right", NOW_S), UseCode("c1", "k1", NOW_S)
MISTAKEN, CONFIRMED = CodeMistaken("c1", "code-1"), CodeConfirmed("c1", "code-1")
USED, SENT = CodeUsed("c1", "code-1"), CodeSent("c1", "code-1")


def test_a_code_is_asked_for_tried_and_used_once() -> None:
    assert given(CONFIRMATION).when(REQUEST) == [REQUESTED]
    assert given(CONFIRMATION, REQUESTED).when(TRY) == [CONFIRMED]
    assert given(CONFIRMATION, REQUESTED, CONFIRMED).when(USE) == [USED]
    assert given(CONFIRMATION, REQUESTED, CONFIRMED, USED).refuses(USE) == "no_code"


def test_that_a_code_was_sent_is_noted_and_changes_nothing_else() -> None:
    assert given(CONFIRMATION, REQUESTED).when(NoteSent("c1", "code-1")) == [SENT]
    assert given(CONFIRMATION, REQUESTED, SENT).state == given(CONFIRMATION, REQUESTED).state
    assert given(CONFIRMATION, REQUESTED, CONFIRMED, USED).when(NoteSent("c1", "code-1")) == [SENT]


def test_a_wrong_code_is_counted_and_refused() -> None:
    assert given(CONFIRMATION, REQUESTED).when(replace(TRY, code_hash="wrong")) == [MISTAKEN]
    assert given(CONFIRMATION, REQUESTED, MISTAKEN).refuses(USE) == "wrong_code"


def test_a_wrong_code_after_the_right_one_takes_the_confirmation_back() -> None:
    assert given(CONFIRMATION, REQUESTED, CONFIRMED, MISTAKEN).refuses(USE) == "wrong_code"


@pytest.mark.parametrize(("mistakes", "events"), [(TRIES - 1, [CONFIRMED]), (TRIES, [])])
def test_the_right_code_counts_among_the_first_tries(mistakes: int, events: list[Event]) -> None:
    assert given(CONFIRMATION, REQUESTED, *[MISTAKEN] * mistakes).when(TRY) == events


def test_after_too_many_tries_nothing_helps_but_another_code() -> None:
    worn: list[Event] = [REQUESTED, *[MISTAKEN] * TRIES]
    assert given(CONFIRMATION, *worn).refuses(USE) == "too_many_tries"
    assert given(CONFIRMATION, *worn, replace(REQUESTED, code_id="code-2")).when(TRY) != []


@pytest.mark.parametrize(("age_s", "events"), [(GOOD_FOR_S - 1, [CONFIRMED]), (GOOD_FOR_S, [])])
def test_a_code_is_good_for_ten_minutes(age_s: int, events: list[Event]) -> None:
    assert given(CONFIRMATION, REQUESTED).when(replace(TRY, tried_at_s=NOW_S + age_s)) == events


def test_a_code_confirmed_in_time_and_used_too_late_is_refused() -> None:
    late = replace(USE, used_at_s=NOW_S + GOOD_FOR_S)
    assert given(CONFIRMATION, REQUESTED, CONFIRMED).refuses(late) == "code_expired"


def test_a_code_is_good_for_its_own_number_alone() -> None:
    assert given(CONFIRMATION, REQUESTED).when(replace(TRY, mobile_key="k2")) == []
    assert given(CONFIRMATION, REQUESTED, CONFIRMED).refuses(replace(USE, mobile_key="k2")) == "no_code"


def test_nobody_uses_a_code_that_was_not_asked_for() -> None:
    assert given(CONFIRMATION).when(TRY) == []
    assert given(CONFIRMATION).refuses(USE) == "no_code"


def asked(*ages_s: int) -> list[Event]:
    return [replace(REQUESTED, requested_at_s=NOW_S - age_s) for age_s in ages_s]


def test_so_many_codes_are_sent_in_an_hour_and_no_more() -> None:
    few = asked(*range(CODES_PER_HOUR - 1, 0, -1))
    assert given(CONFIRMATION, *few).when(REQUEST) == [REQUESTED]
    assert given(CONFIRMATION, *few, REQUESTED).refuses(REQUEST) == "too_many_codes"


def test_a_code_of_an_hour_ago_does_not_count() -> None:
    rest = asked(*range(CODES_PER_HOUR - 1, 0, -1))
    assert given(CONFIRMATION, *asked(HOUR_S), *rest).when(REQUEST) == [REQUESTED]
    assert given(CONFIRMATION, *asked(HOUR_S - 1), *rest).refuses(REQUEST) == "too_many_codes"


def texted(*ages_s: int) -> list[TextRequested]:
    return [TextRequested(NOW_S - age_s) for age_s in ages_s]


def test_so_many_codes_are_sent_to_one_number_whoever_asks_and_no_more() -> None:
    few = texted(*range(CODES_PER_HOUR - 1, 0, -1))
    assert given(MOBILE, *few).when(RequestText(NOW_S)) == [TextRequested(NOW_S)]
    assert given(MOBILE, *few, TextRequested(NOW_S)).refuses(RequestText(NOW_S)) == "too_many_codes"
    assert given(MOBILE, *texted(HOUR_S), *few).when(RequestText(NOW_S)) == [TextRequested(NOW_S)]
    assert given(MOBILE, *texted(HOUR_S - 1), *few).refuses(RequestText(NOW_S)) == "too_many_codes"


def test_a_number_that_changes_hands_was_texted_all_the_same() -> None:
    hands = MobileNumberClaimed("c1"), MobileNumberReleased("c1")
    number = given(MOBILE, *texted(*range(CODES_PER_HOUR, 0, -1)), *hands)
    assert (number.state.holder, number.refuses(RequestText(NOW_S))) == (None, "too_many_codes")
    assert given(MOBILE, hands[0], TextRequested(NOW_S)).state.holder == "c1"


def test_a_new_code_replaces_the_one_before() -> None:
    newer = replace(REQUESTED, code_id="code-2", code_hash="other")
    assert given(CONFIRMATION, REQUESTED, CONFIRMED, newer).refuses(USE) == "wrong_code"
