"""A repayment remembers its loan, and says once how it ended."""

from datetime import date

from bank.testing import given
from loans.domain.repayment import (
    REPAYMENT,
    BeginRepayment,
    CollectionDeclined,
    CollectRepayment,
    DeclineCollection,
    Event,
    RepaymentBegun,
    RepaymentCollected,
)

DAY = date(2026, 1, 31)
BEGUN = RepaymentBegun("r1", "l1", "c1")
COLLECTED = RepaymentCollected("r1", "l1", DAY)
DECLINED = CollectionDeclined("r1", "l1", "insufficient_funds")


def test_a_repayment_begins_once() -> None:
    assert given(REPAYMENT).when(BeginRepayment("r1", "l1", "c1")) == [BEGUN]
    assert given(REPAYMENT, BEGUN).refuses(BeginRepayment("r1", "l1", "c1")) == "repayment_exists"


def test_what_accounts_answers_is_said_again_with_the_loan() -> None:
    assert given(REPAYMENT, BEGUN).when(CollectRepayment("r1", DAY)) == [COLLECTED]
    assert given(REPAYMENT, BEGUN).when(DeclineCollection("r1", "insufficient_funds")) == [DECLINED]


def test_only_the_first_answer_to_a_question_counts() -> None:
    histories: list[list[Event]] = [[], [BEGUN, COLLECTED], [BEGUN, DECLINED]]
    for history in histories:
        assert given(REPAYMENT, *history).when(CollectRepayment("r1", DAY)) == []
        assert given(REPAYMENT, *history).when(DeclineCollection("r1", "insufficient_funds")) == []
