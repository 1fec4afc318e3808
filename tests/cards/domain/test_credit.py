"""A credit card: what it lends, what is paid back, and its statements."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from bank.testing import given
from cards.domain.card import CARD, Command, ReleaseSpend
from cards.domain.card.credit import (
    ChargeCard,
    CloseStatement,
    CreditCardBack,
    IssueCreditCard,
    MarkLate,
    minimum_due_minor,
    next_on,
)
from cards.domain.card.credit_facts import (
    CardCharged,
    CardCredited,
    CardInterestCharged,
    Credit,
    CreditReleased,
    CreditReserved,
    StatementClosed,
    StatementOverdue,
    accrued,
)
from cards.domain.card.facts import Card, CardActivated, CardCancelled, CardIssued, Event
from cards.domain.card.life import CancelCard, ExpireCard
from tests.cards.domain.test_card import ACTIVE as DEBIT_CARD
from tests.cards.domain.test_card import LAST_DAY, reserve

TODAY = date(2026, 3, 2)
CLOSES = date(2026, 4, 1)
DUE = date(2026, 4, 22)
NEXT = date(2026, 5, 1)
RATE = 3650  # a ten-thousandth a day: 1.00 owed for a hundred days is a cent

ISSUE = IssueCreditCard(
    card_id="k1",
    customer_id="c1",
    currency="EUR",
    token="tok_1",
    last_four="4242",
    credit_limit_minor=1_000_00,
    rate_bps=RATE,
    statement_day=1,
    per_payment_limit_minor=1_000_00,
    per_day_limit_minor=1_000_00,
    issued_on=TODAY,
    expires_on=LAST_DAY,
)
ISSUED = CardIssued(
    card_id="k1",
    kind="credit",
    customer_id="c1",
    account_id="",
    currency="EUR",
    token="tok_1",
    last_four="4242",
    per_payment_limit_minor=1_000_00,
    per_day_limit_minor=1_000_00,
    issued_on=TODAY,
    expires_on=LAST_DAY,
    credit_limit_minor=1_000_00,
    rate_bps=RATE,
    statement_day=1,
    first_closing_on=CLOSES,
)
ACTIVE = (ISSUED, CardActivated("k1"))


def reserved(amount_minor: int, on: date = TODAY, payment_id: str = "p1") -> CreditReserved:
    return CreditReserved("k1", payment_id, amount_minor, "EUR", on)


def charged(amount_minor: int, on: date = TODAY, authorized_minor: int | None = None) -> CardCharged:
    held = amount_minor if authorized_minor is None else authorized_minor
    return CardCharged("k1", "c1", "p1", amount_minor, held, "EUR", on)


def bought(amount_minor: int, on: date = TODAY) -> tuple[Event, Event]:
    return reserved(amount_minor, on), charged(amount_minor, on)


def returned(amount_minor: int, on: date) -> CardCredited:
    return CardCredited("k1", "c1", "p1", "r1", amount_minor, "EUR", on)


def statement(balance_minor: int, minimum_minor: int, *, interest_minor: int = 0) -> StatementClosed:
    return StatementClosed("k1", "c1", 1, 0, balance_minor, interest_minor, minimum_minor, "EUR", CLOSES, DUE, NEXT)


def credit_after(*history: Event) -> Credit:
    card: Card = given(CARD, *history).state
    assert card.credit is not None
    return card.credit


# Issuing.


def test_a_credit_card_is_issued_with_a_limit_and_a_first_statement() -> None:
    assert given(CARD).when(ISSUE) == [ISSUED]
    assert given(CARD, ISSUED).refuses(ISSUE) == "card_exists"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"credit_limit_minor": 0}, "invalid_credit_limit"),
        ({"credit_limit_minor": 10**15 + 1}, "invalid_credit_limit"),
        ({"statement_day": 0}, "invalid_statement_day"),
        ({"statement_day": 29}, "invalid_statement_day"),
        ({"rate_bps": -1}, "invalid_rate"),
        ({"per_payment_limit_minor": 0}, "invalid_limits"),
    ],
)
def test_a_credit_card_has_sound_terms(wrong: dict[str, int], code: str) -> None:
    assert given(CARD).refuses(replace(ISSUE, **wrong)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edge", [{"credit_limit_minor": 1}, {"statement_day": 1}, {"statement_day": 28}, {"rate_bps": 0}]
)
def test_terms_at_their_edges_are_sound(edge: dict[str, int]) -> None:
    (issued,) = given(CARD).when(replace(ISSUE, **edge))  # type: ignore[arg-type]
    assert isinstance(issued, CardIssued)


@pytest.mark.parametrize(
    ("day", "after", "expected"),
    [
        (1, date(2026, 3, 1), date(2026, 4, 1)),
        (2, date(2026, 3, 1), date(2026, 3, 2)),
        (28, date(2026, 1, 31), date(2026, 2, 28)),
        (15, date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_the_statement_day_comes_once_a_month(day: int, after: date, expected: date) -> None:
    assert next_on(day, after) == expected


# Payments.


def test_a_payment_may_use_the_credit_to_the_last_cent() -> None:
    assert given(CARD, *ACTIVE).when(reserve(1_000_00)) == [reserved(1_000_00)]
    small = replace(ISSUED, credit_limit_minor=100_00)
    assert given(CARD, small, CardActivated("k1")).refuses(reserve(100_01)) == "over_credit_limit"


def test_what_is_authorized_and_what_is_owed_leave_less() -> None:
    used = (*ACTIVE, *bought(300_00), reserved(200_00))
    assert credit_after(*used).available_minor == 500_00
    next_day = TODAY + timedelta(days=1)
    assert given(CARD, *used).when(reserve(500_00, next_day)) == [reserved(500_00, next_day)]
    assert given(CARD, *used).refuses(reserve(500_01, next_day)) == "over_credit_limit"


def test_what_was_reversed_or_expired_may_be_spent_again() -> None:
    history = (*ACTIVE, reserved(1_000_00))
    released = given(CARD, *history).when(ReleaseSpend("k1", "p1", 1_000_00, "EUR", TODAY))
    assert released == [CreditReleased("k1", "p1", 1_000_00, "EUR", TODAY)]
    assert given(CARD, *history, *released).when(reserve(1_000_00)) == [reserved(1_000_00)]


def test_a_capture_above_the_last_cent_of_credit_is_owed_all_the_same_and_the_card_pays_nothing_more() -> None:
    history = (*ACTIVE, reserved(1_000_00), charged(1_200_00, authorized_minor=1_000_00))
    assert credit_after(*history).available_minor == -200_00
    assert given(CARD, *history).refuses(reserve(1, TODAY + timedelta(days=1))) == "over_credit_limit"


def test_a_capture_in_part_gives_the_rest_of_the_credit_back() -> None:
    charge = ChargeCard("k1", "p1", 40_00, 100_00, "EUR", TODAY)
    history = (*ACTIVE, reserved(100_00))
    assert given(CARD, *history).when(charge) == [charged(40_00, authorized_minor=100_00)]
    credit = credit_after(*history, charged(40_00, authorized_minor=100_00))
    assert (credit.outstanding_minor, credit.authorized_minor, credit.available_minor) == (40_00, 0, 960_00)


def test_a_refund_is_taken_up_even_by_a_card_that_has_ended() -> None:
    back = CreditCardBack("k1", "p1", "r1", 10_00, "EUR", TODAY)
    for history in (ACTIVE, (*ACTIVE, CardCancelled("k1", "c1", TODAY))):
        assert given(CARD, *history).when(back) == [returned(10_00, TODAY)]
    assert credit_after(*ACTIVE, returned(10_00, TODAY)).available_minor == 1_010_00


@pytest.mark.parametrize(
    "command",
    [
        ChargeCard("k1", "p1", 1, 1, "EUR", TODAY),
        CreditCardBack("k1", "p1", "r1", 1, "EUR", TODAY),
        CloseStatement("k1", CLOSES),
        MarkLate("k1", CLOSES),
    ],
)
def test_a_debit_card_lends_nothing(command: Command) -> None:
    assert given(CARD, *DEBIT_CARD).refuses(command) == "not_a_credit_card"


# Statements.


def test_a_statement_is_closed_on_its_day_and_not_before() -> None:
    owing = given(CARD, *ACTIVE, *bought(600_00))
    assert owing.when(CloseStatement("k1", CLOSES - timedelta(days=1))) == []
    assert owing.when(CloseStatement("k1", CLOSES)) == [statement(600_00, 30_00)]


def test_a_statement_closed_late_bears_its_own_day_and_is_closed_once() -> None:
    owing = (*ACTIVE, *bought(600_00))
    late = CloseStatement("k1", CLOSES + timedelta(days=10))
    assert given(CARD, *owing).when(late) == [statement(600_00, 30_00)]
    assert given(CARD, *owing, statement(600_00, 30_00)).when(late) == []


def test_missed_months_are_closed_one_after_the_other() -> None:
    today = date(2026, 6, 15)
    history: list[Event] = [*ACTIVE, *bought(600_00)]
    numbers = []
    while events := given(CARD, *history).when(CloseStatement("k1", today)):
        history += events
        numbers += [e.number for e in events if isinstance(e, StatementClosed)]
    assert numbers == [1, 2, 3]


def test_a_cancelled_card_has_no_statements_any_more() -> None:
    assert given(CARD, *ACTIVE, CardCancelled("k1", "c1", TODAY)).when(CloseStatement("k1", CLOSES)) == []


@pytest.mark.parametrize(
    ("balance", "missed", "expected"),
    [
        (-1, 0, 0),
        (0, 0, 0),
        (1, 0, 1),
        (25_00, 0, 25_00),
        (25_01, 0, 25_00),
        (500_00, 0, 25_00),
        (500_20, 0, 25_01),
        (1_000_00, 0, 50_00),
        (1_000_00, 30_00, 80_00),
        (60_00, 40_00, 60_00),
    ],
)
def test_the_minimum_due_is_a_share_and_a_least_sum_within_the_balance(
    balance: int, missed: int, expected: int
) -> None:
    assert minimum_due_minor(balance, missed) == expected


# Interest.


def test_who_pays_in_full_by_the_due_day_pays_no_interest() -> None:
    history = (*ACTIVE, *bought(600_00), statement(600_00, 30_00), returned(600_00, DUE))
    assert credit_after(*history).outstanding_minor == 0
    (second,) = given(CARD, *history).when(CloseStatement("k1", NEXT))
    assert isinstance(second, StatementClosed)
    assert (second.interest_minor, second.balance_minor, second.opening_minor) == (0, 0, 600_00)


def test_what_is_not_paid_bears_interest_from_the_day_after_the_due_day() -> None:
    history = (*ACTIVE, *bought(600_00), statement(600_00, 30_00))
    credit = credit_after(*history)
    assert accrued(credit, DUE + timedelta(days=1)).accrued == 0
    assert accrued(credit, DUE + timedelta(days=2)).interest_minor == 60
    # The days after 22 April and before 1 May are eight: 8 × 0.60.
    interest, second = given(CARD, *history).when(CloseStatement("k1", NEXT))
    assert interest == CardInterestCharged("k1", "c1", 4_80, "EUR", NEXT)
    assert isinstance(second, StatementClosed)
    assert (second.balance_minor, second.interest_minor) == (604_80, 4_80)


def test_what_was_paid_in_time_bears_none_and_the_rest_does() -> None:
    history = (*ACTIVE, *bought(600_00), statement(600_00, 30_00), returned(400_00, DUE))
    interest, _ = given(CARD, *history).when(CloseStatement("k1", NEXT))
    assert interest == CardInterestCharged("k1", "c1", 1_60, "EUR", NEXT)


def test_what_no_statement_has_asked_for_bears_none() -> None:
    history = (*ACTIVE, statement(0, 0), *bought(600_00, DUE + timedelta(days=1)))
    (second,) = given(CARD, *history).when(CloseStatement("k1", NEXT))
    assert isinstance(second, StatementClosed)
    assert second.interest_minor == 0


def test_what_revolves_bears_interest_from_one_statement_to_the_next() -> None:
    history: list[Event] = [*ACTIVE, *bought(600_00), statement(600_00, 30_00)]
    history += given(CARD, *history).when(CloseStatement("k1", NEXT))
    third = date(2026, 6, 1)
    interest, _ = given(CARD, *history).when(CloseStatement("k1", third))
    # 600.00 for the 31 days of May, and the 4.80 billed on 1 May for the nine days after 22 May.
    exact = Fraction(600_00 * RATE * 31 + 4_80 * RATE * 9, 10_000 * 365)
    assert interest == CardInterestCharged("k1", "c1", round(exact), "EUR", third)


def test_interest_is_rounded_once_when_it_is_posted() -> None:
    """Each day's interest on 33.33 is 0.3333 cents: eight days are 2.6664 cents, not eight times nothing."""
    history = (*ACTIVE, *bought(33_33), statement(33_33, 25_00))
    interest, _ = given(CARD, *history).when(CloseStatement("k1", NEXT))
    assert interest == CardInterestCharged("k1", "c1", 27, "EUR", NEXT)


# Late.


def test_a_minimum_not_paid_through_the_due_day_is_late_once() -> None:
    history = (*ACTIVE, *bought(600_00), statement(600_00, 30_00))
    late = StatementOverdue("k1", "c1", 1, 30_00, "EUR", DUE)
    assert given(CARD, *history).when(MarkLate("k1", DUE)) == []
    assert given(CARD, *history).when(MarkLate("k1", DUE + timedelta(days=1))) == [late]
    assert given(CARD, *history, late).when(MarkLate("k1", DUE + timedelta(days=2))) == []


def test_the_minimum_paid_to_the_last_cent_is_not_late() -> None:
    history = (*ACTIVE, *bought(600_00), statement(600_00, 30_00))
    after = DUE + timedelta(days=1)
    assert given(CARD, *history, returned(30_00, DUE)).when(MarkLate("k1", after)) == []
    (late,) = given(CARD, *history, returned(29_99, DUE)).when(MarkLate("k1", after))
    assert late == StatementOverdue("k1", "c1", 1, 1, "EUR", DUE)


def test_a_card_is_late_until_its_minimum_is_paid() -> None:
    late = (*ACTIVE, *bought(600_00), statement(600_00, 30_00), StatementOverdue("k1", "c1", 1, 30_00, "EUR", DUE))
    assert credit_after(*late).overdue_minor == 30_00
    assert credit_after(*late, returned(29_99, NEXT)).overdue_minor == 1
    assert credit_after(*late, returned(30_00, NEXT)).overdue_minor == 0


SECOND_DUE = date(2026, 5, 22)
LATE = StatementOverdue("k1", "c1", 1, 30_00, "EUR", DUE)
MISSED = (*ACTIVE, *bought(600_00), statement(600_00, 30_00), LATE)


def closed(*history: Event, on: date = NEXT) -> tuple[Event, ...]:
    """With the next statement."""
    return *history, *given(CARD, *history).when(CloseStatement("k1", on))


def test_a_second_minimum_that_is_missed_is_late_too() -> None:
    """604.80 owed: a twentieth of it, and the 30.00 that were missed."""
    second = closed(*MISSED)
    late = StatementOverdue("k1", "c1", 2, 60_24, "EUR", SECOND_DUE)
    assert given(CARD, *second).when(MarkLate("k1", SECOND_DUE)) == []
    assert given(CARD, *second).when(MarkLate("k1", SECOND_DUE + timedelta(days=1))) == [late]
    third = date(2026, 6, 1)
    assert credit_after(*closed(*second, late, on=third), returned(60_23, third)).overdue_minor == 1
    assert credit_after(*closed(*second, late, on=third), returned(60_24, third)).overdue_minor == 0


@pytest.mark.parametrize(("given_back", "overdue"), [(29_99, 1), (30_00, 0), (30_01, 0)])
def test_who_pays_what_he_missed_is_late_no_more_although_the_next_minimum_is_open(
    given_back: int, overdue: int
) -> None:
    credit = credit_after(*closed(*MISSED), returned(given_back, NEXT))
    assert (credit.overdue_minor, credit.minimum_left_minor) == (overdue, 60_24 - given_back)


def test_who_pays_what_he_missed_and_misses_the_next_is_late_again() -> None:
    caught_up = (*closed(*MISSED), returned(30_00, NEXT))
    (late,) = given(CARD, *caught_up).when(MarkLate("k1", SECOND_DUE + timedelta(days=1)))
    assert late == StatementOverdue("k1", "c1", 2, 30_24, "EUR", SECOND_DUE)
    assert given(CARD, *caught_up, late).when(MarkLate("k1", SECOND_DUE + timedelta(days=2))) == []


def test_a_card_without_a_statement_is_not_late() -> None:
    assert given(CARD, *ACTIVE, *bought(600_00)).when(MarkLate("k1", NEXT)) == []


# The end.


def test_a_credit_card_is_cancelled_when_nothing_is_owed_and_nothing_authorized() -> None:
    cancelled = [CardCancelled("k1", "c1", TODAY)]
    assert given(CARD, *ACTIVE).when(CancelCard("k1", TODAY)) == cancelled
    assert given(CARD, *ACTIVE, *bought(1), returned(1, TODAY)).when(CancelCard("k1", TODAY)) == cancelled
    for history in ((*ACTIVE, *bought(1)), (*ACTIVE, reserved(1)), (*ACTIVE, returned(1, TODAY))):
        assert given(CARD, *history).refuses(CancelCard("k1", TODAY)) == "card_in_use"


def test_interest_that_is_not_posted_yet_is_owed_too() -> None:
    paid_late = (*ACTIVE, *bought(600_00), statement(600_00, 30_00), returned(600_00, NEXT - timedelta(days=1)))
    assert credit_after(*paid_late).outstanding_minor == 0
    assert given(CARD, *paid_late).refuses(CancelCard("k1", NEXT)) == "card_in_use"


def test_a_credit_card_does_not_expire_while_something_is_owed() -> None:
    after = LAST_DAY + timedelta(days=1)
    assert given(CARD, *ACTIVE, *bought(1)).when(ExpireCard("k1", after)) == []
    assert len(given(CARD, *ACTIVE).when(ExpireCard("k1", after))) == 1


@hypothesis_given(st.lists(st.tuples(st.integers(-300_00, 400_00), st.integers(0, 20)), max_size=25))
def test_the_parts_of_what_is_owed_never_exceed_it(moves: list[tuple[int, int]]) -> None:
    history: list[Event] = [*ACTIVE]
    day = TODAY
    for amount, days in moves:
        day += timedelta(days=days)
        while events := given(CARD, *history).when(CloseStatement("k1", day)):
            history += events
        if amount > 0:
            history += bought(amount, day)
        elif amount < 0:
            history.append(returned(-amount, day))
        credit = credit_after(*history)
        assert credit.revolving_minor >= 0
        assert credit.billed_minor >= 0
        assert credit.accrued >= 0
        assert credit.revolving_minor + credit.billed_minor <= max(0, credit.outstanding_minor)
