"""What happens to a loan that is not paid when it is due, day by day, and what pays for it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import BUCKETS, AgeLoan, bucket, due_between
from loans.domain.loan.facts import (
    Event,
    InstalmentOverdue,
    LateFeeCharged,
    LoanClosed,
    LoanCured,
    LoanDefaulted,
    LoanRepaid,
    PenaltyInterestCharged,
)
from loans.domain.loan.repayments import ApplyRepayment, RequestRepayment
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
    DAY,
    DISBURSED,
    INSTALMENT,
    INTEREST,
    LATE_FEE,
    PRINCIPAL,
    REQUESTED,
    declined,
    repaid,
    repayment,
)

DUE, NEXT_DUE = date(2026, 2, 28), date(2026, 3, 31)
DAY_AFTER = date(2026, 3, 1)
OVERDUE = InstalmentOverdue("l1", "c1", 1, DUE, INSTALMENT, "EUR")
FEE = LateFeeCharged("l1", "c1", 1, LATE_FEE, "EUR", DAY_AFTER)
DUE_PRINCIPAL = 95_99


def penalty(amount_minor: int, days: int, on: date) -> PenaltyInterestCharged:
    return PenaltyInterestCharged("l1", "c1", amount_minor, DUE_PRINCIPAL * days, "EUR", on)


LATE: tuple[Event, ...] = (*ACTIVE, OVERDUE, FEE, penalty(1, 1, DAY_AFTER))


def age(on: date) -> AgeLoan:
    return AgeLoan("l1", on)


def test_an_instalment_is_overdue_on_the_day_after_it_was_due() -> None:
    """95.99 · 5 % / 365 is 1.31 cents."""
    assert given(LOAN, *ACTIVE).when(age(DUE)) == []
    assert given(LOAN, *ACTIVE).when(age(DAY_AFTER)) == [OVERDUE, FEE, penalty(1, 1, DAY_AFTER)]


def test_a_day_is_charged_once() -> None:
    assert given(LOAN, *LATE).when(age(DAY_AFTER)) == []
    assert given(LOAN, *LATE).when(age(DUE)) == []


def test_an_instalment_is_told_and_its_fee_charged_once() -> None:
    """2.63 cents for two days, of which one was charged."""
    later = DAY_AFTER + timedelta(days=1)
    assert given(LOAN, *LATE).when(age(later)) == [penalty(2, 1, later)]


def test_days_left_out_are_made_up_for() -> None:
    """39.45 cents for thirty days."""
    on = DUE + timedelta(days=30)
    assert given(LOAN, *ACTIVE).when(age(on)) == [OVERDUE, replace(FEE, charged_on=on), penalty(39, 30, on)]


@forall(some.lists(some.integers(1, 400), min_size=1, max_size=30, unique=True))
def test_however_often_a_loan_is_aged_it_is_charged_the_same(days: list[int]) -> None:
    """Only the last day counts: the exact sum is rounded once, not each day's."""
    loan = given(LOAN, *ACTIVE).state
    for after in sorted(days):
        loan = LOAN.fold(loan, LOAN.decide(loan, age(DUE + timedelta(days=after))))
    at_once = LOAN.fold(given(LOAN, *ACTIVE).state, given(LOAN, *ACTIVE).when(age(DUE + timedelta(days=max(days)))))
    assert (loan.fee_minor, loan.penalty_minor) == (at_once.fee_minor, at_once.penalty_minor)
    assert loan.overdue_through == at_once.overdue_through


def test_the_next_instalment_is_told_when_it_is_overdue_itself() -> None:
    on = NEXT_DUE + timedelta(days=1)
    events = given(LOAN, *LATE).when(age(on))
    assert [event.number for event in events if isinstance(event, InstalmentOverdue)] == [2]
    assert [event.number for event in events if isinstance(event, LateFeeCharged)] == [2]
    (charged,) = [event for event in events if isinstance(event, PenaltyInterestCharged)]
    assert charged.day_balance == DUE_PRINCIPAL * 31 + 96_70


def test_only_what_is_unpaid_of_an_instalment_is_overdue() -> None:
    """Interest was paid first; on the last 4.89 of principal a day costs a fraction of a cent."""
    history = (*ACTIVE, repayment(100_00), repaid(8_90, 91_10, PRINCIPAL + INTEREST - 100_00))
    assert given(LOAN, *history).when(age(DAY_AFTER)) == [replace(OVERDUE, overdue_minor=4_89), FEE]
    paid = (*ACTIVE, repayment(INSTALMENT), repaid(8_90, 95_99, PRINCIPAL + INTEREST - INSTALMENT))
    assert given(LOAN, *paid).when(age(DAY_AFTER)) == []


def test_money_on_its_way_counts_as_paid_until_it_is_declined() -> None:
    on_its_way = (*ACTIVE, repayment(INSTALMENT))
    assert given(LOAN, *on_its_way).when(age(DAY_AFTER)) == []
    assert given(LOAN, *ACTIVE, repayment(INSTALMENT - 1)).when(age(DAY_AFTER)) == [
        replace(OVERDUE, overdue_minor=1),
        FEE,
    ]
    charged = [OVERDUE, FEE, penalty(1, 1, DAY_AFTER)]
    assert given(LOAN, *on_its_way, declined(INSTALMENT)).when(age(DAY_AFTER)) == charged


def test_a_loan_from_before_there_were_charges_is_told_and_not_charged() -> None:
    old = (replace(APPLIED, late_fee_minor=0, penalty_bps=0), REQUESTED, APPROVED, DISBURSED)
    assert given(LOAN, *old).when(age(DUE + timedelta(days=100)))[0] == OVERDUE
    assert given(LOAN, *old).when(age(DAY_AFTER)) == [OVERDUE]


@pytest.mark.parametrize("history", [(), (APPLIED,), (APPLIED, REQUESTED, APPROVED)])
def test_only_what_was_paid_out_is_ever_overdue(history: tuple[Event, ...]) -> None:
    assert given(LOAN, *history).when(age(date(2030, 1, 1))) == []


def test_a_closed_loan_is_not_overdue() -> None:
    owed = PRINCIPAL + INTEREST
    closed = (*ACTIVE, repayment(owed), repaid(INTEREST, PRINCIPAL, 0), LoanClosed("l1", "c1", DAY))
    assert given(LOAN, *closed).when(age(date(2030, 1, 1))) == []


# Default.

IN_DEFAULT = DUE + timedelta(days=91)
DEFAULTED = LoanDefaulted("l1", "c1", IN_DEFAULT)


def test_a_loan_is_in_default_on_the_ninety_first_day_past_due_and_once() -> None:
    late, defaulted = given(LOAN, *ACTIVE), given(LOAN, *ACTIVE, DEFAULTED)
    assert not any(isinstance(event, LoanDefaulted) for event in late.when(age(IN_DEFAULT - timedelta(days=1))))
    assert late.when(age(IN_DEFAULT))[-1] == DEFAULTED
    assert not any(isinstance(event, LoanDefaulted) for event in defaulted.when(age(IN_DEFAULT + timedelta(days=1))))


@pytest.mark.parametrize(
    ("paid", "on", "is_cured"),
    [
        (INSTALMENT, IN_DEFAULT, True),
        (INSTALMENT - 1, IN_DEFAULT, False),
        (INSTALMENT, NEXT_DUE + timedelta(days=90), True),
        (INSTALMENT, NEXT_DUE + timedelta(days=91), False),
        (2 * INSTALMENT, NEXT_DUE + timedelta(days=91), True),
    ],
)
def test_what_is_paid_cures_a_default_once_nothing_is_ninety_one_days_past_due(
    paid: int, on: date, is_cured: bool
) -> None:
    events = given(LOAN, *ACTIVE, DEFAULTED, repayment(paid)).when(ApplyRepayment("r1", "l1", on))
    assert events[1:] == ([LoanCured("l1", "c1", on)] if is_cured else [])
    assert given(LOAN, *ACTIVE, DEFAULTED, repayment(paid), *events).state.is_defaulted is not is_cured


def test_a_loan_paid_back_is_cured_before_it_is_closed_and_one_not_in_default_is_not_cured() -> None:
    owed = PRINCIPAL + INTEREST
    closed = given(LOAN, *ACTIVE, DEFAULTED, repayment(owed)).when(ApplyRepayment("r1", "l1", DAY))
    assert closed[1:] == [LoanCured("l1", "c1", DAY), LoanClosed("l1", "c1", DAY)]
    assert len(given(LOAN, *ACTIVE, repayment(INSTALMENT)).when(ApplyRepayment("r1", "l1", IN_DEFAULT))) == 1


# What a repayment pays.


@pytest.mark.parametrize(
    ("amount", "penalties", "fees", "interest", "principal"),
    [
        (38, 38, 0, 0, 0),
        (39, 39, 0, 0, 0),
        (40, 39, 1, 0, 0),
        (10_39, 39, 10_00, 0, 0),
        (10_40, 39, 10_00, 1, 0),
        (19_29, 39, 10_00, 8_90, 0),
        (19_30, 39, 10_00, 8_90, 1),
        (123_47, 39, 10_00, 8_90 + 8_19, 95_99),
        (123_48, 39, 10_00, 8_90 + 8_19, 96_00),
    ],
)
def test_a_repayment_pays_penalty_then_fee_then_interest_then_principal_the_oldest_first(
    amount: int, penalties: int, fees: int, interest: int, principal: int
) -> None:
    charged = (*ACTIVE, OVERDUE, FEE, penalty(39, 30, DAY_AFTER), repayment(amount))
    owed = PRINCIPAL + INTEREST + LATE_FEE + 39
    assert given(LOAN, *charged).when(ApplyRepayment("r1", "l1", DAY)) == [
        LoanRepaid("r1", "l1", "c1", amount, interest, principal, owed - amount, "EUR", DAY, fees, penalties)
    ]


def test_a_loan_is_closed_when_its_charges_are_paid_too() -> None:
    owed = PRINCIPAL + INTEREST + LATE_FEE + 1
    late = given(LOAN, *LATE)
    ask = RequestRepayment("r1", "l1", None, owed, "EUR", DAY)
    assert late.refuses(replace(ask, amount_minor=owed + 1)) == "overpayment"
    (requested,) = late.when(ask)
    last = given(LOAN, *LATE, requested).when(ApplyRepayment("r1", "l1", DAY))
    assert last[1:] == [LoanClosed("l1", "c1", DAY)]
    nearly = given(LOAN, *LATE, repayment(owed - 1)).when(ApplyRepayment("r1", "l1", DAY))
    assert len(nearly) == 1


# Buckets.


@pytest.mark.parametrize(
    ("days", "name"),
    [
        *((0, None), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60")),
        *((61, "61-90"), (90, "61-90"), (91, "90+"), (10_000, "90+")),
    ],
)
def test_a_bucket_has_two_edges(days: int, name: str | None) -> None:
    assert bucket(days) == name


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_found_by_the_days_on_which_its_loans_were_due(name: str) -> None:
    today = date(2026, 12, 31)
    first, last = due_between(name, today)
    assert bucket((today - last).days) == name
    assert bucket((today - last).days - 1) != name
    if first is not None:
        assert bucket((today - first).days) == name
        assert bucket((today - first).days + 1) != name
