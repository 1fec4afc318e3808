"""What the bank collects by itself, and when it does not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.collection import ChooseCollection, CollectDue
from loans.domain.loan.collection_facts import CollectionChosen, CollectionStopped
from loans.domain.loan.facts import Event
from loans.domain.loan.repayments import MAX_OPEN_REPAYMENTS, DeclineRepayment
from tests.loans.domain.test_arrears import DAY_AFTER, FEE, OVERDUE, penalty
from tests.loans.domain.test_takeover import taken_over
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


# Where it is collected from.

CHOOSE, CHOSEN = ChooseCollection("l1", "a2", True), CollectionChosen("l1", "c1", "a2", True)
UNDER_WAY = replace(repayment(INSTALMENT), collected=True)
STOPPED = CollectionStopped("l1", "c1", "a1", "account_closed")


def answered(code: str, *history: Event) -> list[Event]:
    return given(LOAN, *history).when(DeclineRepayment("r1", "l1", code))


def refusal(code: str) -> Event:
    return replace(declined(INSTALMENT), code=code)


@pytest.mark.parametrize("history", [ACTIVE, COLLECTED, (taken_over(0, 0),)])
def test_an_active_loan_is_collected_from_the_account_that_is_chosen(history: tuple[Event, ...]) -> None:
    assert given(LOAN, *history).when(CHOOSE) == [CHOSEN]
    assert given(LOAN, *history, CHOSEN).when(CHOOSE) == []
    assert given(LOAN, *history, CHOSEN).when(collect()) == [replace(UNDER_WAY, account_id="a2", requested_on=DUE)]


def test_what_is_on_its_way_comes_from_where_it_was_asked_for() -> None:
    (begun,) = collected(INSTALMENT)
    came = given(LOAN, *COLLECTED, begun, CHOSEN, repaid(8_90, 95_99, PRINCIPAL + INTEREST - INSTALMENT))
    assert came.refuses(collect()) == "nothing_due"
    assert came.when(collect(NEXT_DUE)) == [replace(UNDER_WAY, account_id="a2", requested_on=NEXT_DUE)]


def test_collection_ends_and_begins_again_as_the_customer_says() -> None:
    ended = CollectionChosen("l1", "c1", "a1", False)
    assert given(LOAN, *COLLECTED).when(ChooseCollection("l1", "a1", False)) == [ended]
    assert given(LOAN, *COLLECTED, ended).refuses(collect()) == "nothing_due"
    again = CollectionChosen("l1", "c1", "a1", True)
    assert given(LOAN, *COLLECTED, ended).when(ChooseCollection("l1", "a1", True)) == [again]
    assert given(LOAN, *COLLECTED, ended, again).when(collect()) == collected(INSTALMENT)


@pytest.mark.parametrize("history", [COLLECTED[:1], COLLECTED[:2], COLLECTED[:3]])
def test_nothing_is_chosen_before_the_loan_is_paid_out(history: tuple[Event, ...]) -> None:
    assert given(LOAN, *history).refuses(CHOOSE) == "loan_not_active"


@pytest.mark.parametrize("code", ["account_closed", "account_not_open", "not_your_account"])
def test_from_an_account_that_never_pays_again_collection_stops_once(code: str) -> None:
    stopped = [refusal(code), replace(STOPPED, code=code)]
    assert answered(code, *COLLECTED, UNDER_WAY) == stopped
    assert given(LOAN, *COLLECTED, UNDER_WAY, *stopped).refuses(collect(NEXT_DUE)) == "nothing_due"
    again = (*COLLECTED, UNDER_WAY, *stopped, CHOSEN)
    assert given(LOAN, *again).when(collect()) == [replace(UNDER_WAY, account_id="a2", requested_on=DUE)]


def test_what_may_be_there_tomorrow_is_tried_tomorrow() -> None:
    assert answered("insufficient_funds", *COLLECTED, UNDER_WAY) == [refusal("insufficient_funds")]


@pytest.mark.parametrize(
    "history",
    [
        (*COLLECTED, repayment(INSTALMENT)),
        (*COLLECTED, UNDER_WAY, CHOSEN),
        (*COLLECTED, UNDER_WAY, CollectionChosen("l1", "c1", "a1", False)),
    ],
    ids=["by hand", "from another account", "ended meanwhile"],
)
def test_a_closed_account_from_which_nothing_is_collected_stops_nothing(history: tuple[Event, ...]) -> None:
    assert answered("account_closed", *history) == [refusal("account_closed")]
