"""A change of mobile number: one at a time, and everybody has to agree."""

from datetime import date

import pytest

from bank.testing import given
from customers.domain.customer import CUSTOMER, RestoreMobileNumber
from customers.domain.customer.facts import CustomerClosed, CustomerOpened, MobileNumberChanged
from customers.domain.number_change import (
    COPIES,
    NUMBER_CHANGE,
    AgreeToNumberChange,
    FinishNumberChange,
    NumberChangeAccepted,
    NumberChangeAgreed,
    NumberChanged,
    NumberChangeRejected,
    NumberChangeRequested,
    NumberChangeUndone,
    RejectNumberChange,
    RequestNumberChange,
    RequireNoNumberChange,
    UndoNumberChange,
)

DAY = date(2026, 3, 1)
OLD, NEW = "+35699000001", "+35699000002"
REQUEST = RequestNumberChange("p1", "c1", NEW, "new", OLD, "old", is_coordinated=False)
REQUESTED = NumberChangeRequested("p1", "c1", NEW, "new", OLD, "old", is_coordinated=False)
COORDINATED = NumberChangeRequested("p1", "c1", NEW, "new", OLD, "old", is_coordinated=True)
AGREED = [NumberChangeAgreed("p1", "c1", by) for by in COPIES]
REJECTED = NumberChangeRejected("p1", "c1", "card_blocked_for_fraud", "new", OLD, "old")


def test_one_change_is_under_way_at_a_time() -> None:
    assert given(NUMBER_CHANGE).when(REQUEST) == [REQUESTED]
    assert given(NUMBER_CHANGE, REQUESTED).refuses(REQUEST) == "number_change_under_way"
    assert given(NUMBER_CHANGE, REQUESTED).refuses(RequireNoNumberChange()) == "number_change_under_way"
    for end in (NumberChanged("p1", "c1"), NumberChangeUndone("p1", "c1")):
        assert given(NUMBER_CHANGE, REQUESTED, end).when(REQUEST) == [REQUESTED]
        assert given(NUMBER_CHANGE, REQUESTED, end).when(RequireNoNumberChange()) == []


def test_the_last_who_agrees_settles_it_in_whatever_order_they_come() -> None:
    for last in COPIES:
        others = [one for one in AGREED if one.by != last]
        assert given(NUMBER_CHANGE, REQUESTED, others[0]).when(AgreeToNumberChange("p1", others[1].by)) == [others[1]]
        settled = given(NUMBER_CHANGE, REQUESTED, *others).when(AgreeToNumberChange("p1", last))
        assert settled == [NumberChangeAgreed("p1", "c1", last), NumberChangeAccepted("p1", "c1", "old")]


def test_who_agrees_twice_counts_once() -> None:
    assert given(NUMBER_CHANGE, REQUESTED, AGREED[0]).when(AgreeToNumberChange("p1", "accounts")) == []


def test_one_refusal_rejects_it_and_later_answers_are_nothing() -> None:
    refusal = RejectNumberChange("p1", "card_blocked_for_fraud")
    assert given(NUMBER_CHANGE, REQUESTED, AGREED[0]).when(refusal) == [REJECTED]
    rejected = given(NUMBER_CHANGE, REQUESTED, AGREED[0], REJECTED)
    assert rejected.when(AgreeToNumberChange("p1", "loans")) == []
    assert rejected.when(RejectNumberChange("p1", "again")) == []


@pytest.mark.parametrize("answer", [AgreeToNumberChange("p1", "loans"), RejectNumberChange("p1", "no")])
def test_what_a_saga_coordinates_is_left_to_the_saga(answer: AgreeToNumberChange | RejectNumberChange) -> None:
    assert given(NUMBER_CHANGE, COORDINATED, *AGREED[:2]).when(answer) == []


def test_it_ends_once_and_never_by_another_process() -> None:
    accepted = given(NUMBER_CHANGE, REQUESTED, *AGREED, NumberChangeAccepted("p1", "c1", "old"))
    assert accepted.when(FinishNumberChange("p1")) == [NumberChanged("p1", "c1")]
    assert accepted.when(FinishNumberChange("p0")) == []
    ended = given(NUMBER_CHANGE, REQUESTED, NumberChanged("p1", "c1"))
    assert ended.when(FinishNumberChange("p1")) == []
    assert ended.when(UndoNumberChange("p1")) == []
    assert given(NUMBER_CHANGE, REQUESTED, REJECTED).when(UndoNumberChange("p1")) == [NumberChangeUndone("p1", "c1")]


RESTORE = RestoreMobileNumber("c1", OLD, "old", replaces_key="new")
OPENED = CustomerOpened("c1", "Anna Meier", "anna@bank.example", OLD, "old", DAY)
CHANGED = MobileNumberChanged("c1", NEW, "new")


def test_a_profile_gets_its_former_number_back_unless_it_has_another_by_now() -> None:
    restored = MobileNumberChanged("c1", OLD, "old")
    assert given(CUSTOMER, OPENED, CHANGED).when(RESTORE) == [restored]
    assert given(CUSTOMER, OPENED, CHANGED, restored).when(RESTORE) == []
    assert given(CUSTOMER, OPENED, CHANGED, MobileNumberChanged("c1", "+35699000003", "third")).when(RESTORE) == []
    assert given(CUSTOMER, OPENED, CHANGED, CustomerClosed("c1", DAY)).when(RESTORE) == []
