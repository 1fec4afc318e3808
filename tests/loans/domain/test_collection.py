"""What the bank collects by itself, and when it does not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.collection import CollectDue
from loans.domain.loan.facts import Event
from loans.domain.loan.repayments import MAX_OPEN_REPAYMENTS
from tests.loans.domain.test_arrears import DAY_AFTER, FEE, OVERDUE, penalty
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
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
COLLECTED: tuple[Event, ...] = (replace(APPLIED, collects=True), REQUESTED, APPROVED, DISBURSED)


def collect(on: date = DUE) -> CollectDue:
    return CollectDue("r1", "l1", on)


def collected(amount_minor: int, on: date = DUE) -> list[Event]:
    return [replace(repayment(amount_minor), requested_on=on, collected=True)]


def test_an_instalment_is_collected_on_the_day_it_is_due_and_not_before() -> None:
    assert given(LOAN, *COLLECTED).refuses(collect(DUE - timedelta(days=1))) == "nothing_due"
    assert given(LOAN, *COLLECTED).when(collect()) == collected(INSTALMENT)


def test_what_was_not_collected_is_collected_with_the_next_and_with_what_being_late_costs() -> None:
    late = given(LOAN, *COLLECTED, OVERDUE, FEE)
    assert late.when(collect(NEXT_DUE)) == collected(2 * INSTALMENT + LATE_FEE, NEXT_DUE)


TRIED: tuple[Event, ...] = (*COLLECTED, repayment(INSTALMENT), declined(INSTALMENT))
AGAIN: tuple[Event, ...] = (*TRIED, repayment(INSTALMENT, "r2"))


def test_an_instalment_is_tried_again_on_its_day_and_costs_nothing_more_if_it_is_taken_then() -> None:
    again = replace(repayment(INSTALMENT, "r2"), requested_on=DUE, collected=True)
    assert given(LOAN, *TRIED).when(CollectDue("r2", "l1", DUE)) == [again]
    taken = (*AGAIN, repaid(8_90, 95_99, PRINCIPAL + INTEREST - INSTALMENT, "r2"))
    assert given(LOAN, *taken).when(AgeLoan("l1", DAY_AFTER)) == []


def test_a_loan_is_late_for_a_date_when_its_last_try_has_come_back_and_the_date_is_over() -> None:
    assert given(LOAN, *AGAIN).when(AgeLoan("l1", DAY_AFTER)) == []
    came_back = given(LOAN, *AGAIN, declined(INSTALMENT, "r2"))
    assert came_back.when(AgeLoan("l1", DUE)) == []
    assert came_back.when(AgeLoan("l1", DAY_AFTER)) == [OVERDUE, FEE, penalty(1, 1, DAY_AFTER)]


def test_only_what_is_left_of_an_instalment_is_collected() -> None:
    ahead = (*COLLECTED, repayment(100_00), repaid(8_90, 91_10, PRINCIPAL + INTEREST - 100_00))
    assert given(LOAN, *ahead).when(collect()) == collected(4_89)
    paid = (*COLLECTED, repayment(INSTALMENT), repaid(8_90, 95_99, PRINCIPAL + INTEREST - INSTALMENT))
    assert given(LOAN, *paid).refuses(collect()) == "nothing_due"


def test_nothing_is_collected_where_a_repayment_on_its_way_covers_it() -> None:
    assert given(LOAN, *COLLECTED, repayment(INSTALMENT, "r2")).refuses(collect()) == "nothing_due"
    assert given(LOAN, *COLLECTED, repayment(INSTALMENT - 1, "r2")).when(collect()) == collected(1)
    assert given(LOAN, *COLLECTED, repayment(INSTALMENT, "r2"), declined(INSTALMENT, "r2")).when(collect())
    paying_off = replace(repayment(1, "r2"), settles=True)
    assert given(LOAN, *COLLECTED, paying_off).refuses(collect()) == "payoff_on_its_way"


def test_a_loan_repaid_by_hand_is_not_collected() -> None:
    assert given(LOAN, *ACTIVE).refuses(collect()) == "nothing_due"


def test_a_collection_counts_among_the_repayments_on_their_way() -> None:
    many = [repayment(1, f"r{n + 2}") for n in range(MAX_OPEN_REPAYMENTS)]
    assert given(LOAN, *COLLECTED, *many).refuses(collect()) == "too_many_repayments"


@pytest.mark.parametrize("history", [(), COLLECTED[:1], COLLECTED[:3]])
def test_nothing_is_collected_of_a_loan_that_was_not_paid_out(history: tuple[Event, ...]) -> None:
    assert given(LOAN, *history).refuses(collect(date(2030, 1, 1))) == "nothing_due"
