"""A loan that the bank gives up, by two operators, and what comes in afterwards."""

from dataclasses import replace
from datetime import date

import pytest

from bank.four_eyes import STANDS_FOR
from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.collection import CollectDue
from loans.domain.loan.facts import Event, LoanClosed, LoanRecovered, LoanWrittenOff
from loans.domain.loan.payoff import RequestPayoff
from loans.domain.loan.repayments import ApplyRepayment, RequestRepayment
from loans.domain.loan.write_off import WithdrawWriteOff, WriteOffLoan
from loans.domain.loan.write_off_facts import WriteOffProposed, WriteOffWithdrawn
from tests.loans.domain.test_arrears import LATE
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
    DAY,
    INTEREST,
    LATE_FEE,
    PRINCIPAL,
    REQUESTED,
    declined,
    repaid,
    repayment,
)

ON = date(2026, 3, 1)
FIRST, SECOND = WriteOffLoan("l1", ON, "operator:1"), WriteOffLoan("l1", ON, "operator:2", "operator:1")
PROPOSED = WriteOffProposed("l1", "c1", "operator:1", ON)
WRITTEN_OFF = LoanWrittenOff("l1", "c1", PRINCIPAL, 8_90 + 26, LATE_FEE, 1, "EUR", ON)
CLAIM = PRINCIPAL + 8_90 + 26 + LATE_FEE + 1
LOST: tuple[Event, ...] = (*LATE, PROPOSED, WRITTEN_OFF)
ASK = RequestRepayment("r1", "l1", None, 100_00, "EUR", DAY)


def recovered(amount_minor: int, left_minor: int) -> LoanRecovered:
    return LoanRecovered("r1", "l1", "c1", amount_minor, left_minor, "EUR", DAY)


def test_one_operator_proposes_and_another_writes_off() -> None:
    assert given(LOAN, *LATE).when(FIRST) == [PROPOSED]
    assert given(LOAN, *LATE, PROPOSED).refuses(FIRST) == "second_operator_needed"
    assert given(LOAN, *LATE, PROPOSED).when(SECOND) == [WRITTEN_OFF]
    after = given(LOAN, *LOST).state
    assert (after.status, after.outstanding_minor) == ("written_off", CLAIM)


def test_who_means_to_propose_a_write_off_never_does_it() -> None:
    asks = replace(SECOND, agrees_with=None)
    assert given(LOAN, *LATE, PROPOSED).refuses(asks) == "already_proposed"
    lapsed = ON + STANDS_FOR
    assert given(LOAN, *LATE, PROPOSED).refuses(replace(SECOND, on=lapsed)) == "not_proposed"
    anew = [replace(PROPOSED, proposed_by="operator:2", proposed_on=lapsed)]
    assert given(LOAN, *LATE, PROPOSED).when(replace(asks, on=lapsed)) == anew


def test_a_proposed_write_off_is_withdrawn_by_any_operator() -> None:
    withdrawn = WriteOffWithdrawn("l1", "c1", "operator:3", ON)
    withdraw = WithdrawWriteOff("l1", ON, "operator:3")
    assert given(LOAN, *LATE, PROPOSED).when(withdraw) == [withdrawn]
    assert given(LOAN, *LATE).refuses(withdraw) == "not_proposed"
    assert given(LOAN, *LATE, PROPOSED, withdrawn).refuses(SECOND) == "not_proposed"


def test_a_proposal_is_forgotten_when_the_customer_repays() -> None:
    """Who repays is not given up on the word of somebody who did not know it."""
    paid = (*ACTIVE, PROPOSED, repayment(100_00), repaid(8_90, 91_10, PRINCIPAL + INTEREST - 100_00))
    assert given(LOAN, *paid).refuses(SECOND) == "not_proposed"
    assert given(LOAN, *paid).when(replace(SECOND, agrees_with=None)) == [replace(PROPOSED, proposed_by="operator:2")]
    refused = (*ACTIVE, PROPOSED, repayment(100_00), declined(100_00))
    assert isinstance(given(LOAN, *refused).when(SECOND)[0], LoanWrittenOff)


def test_a_loan_is_not_written_off_while_money_is_on_its_way() -> None:
    assert given(LOAN, *LATE, repayment(1)).refuses(FIRST) == "repayment_on_its_way"
    assert given(LOAN, *LATE, PROPOSED, repayment(1)).refuses(SECOND) == "repayment_on_its_way"


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ((), "loan_not_found"),
        ((APPLIED, REQUESTED, APPROVED), "loan_not_active"),
        ((*ACTIVE, LoanClosed("l1", "c1", DAY)), "loan_not_active"),
        (LOST, "loan_not_active"),
    ],
)
def test_only_an_active_loan_is_written_off(history: tuple[Event, ...], code: str) -> None:
    assert given(LOAN, *history).refuses(FIRST) == code


def test_what_was_written_off_is_still_owed_and_recovered() -> None:
    assert given(LOAN, *LOST).when(ASK) == [repayment(100_00)]
    on_its_way = given(LOAN, *LOST, repayment(100_00))
    assert on_its_way.when(ApplyRepayment("r1", "l1", DAY)) == [recovered(100_00, CLAIM - 100_00)]
    after = given(LOAN, *LOST, repayment(100_00), recovered(100_00, CLAIM - 100_00)).state
    assert (after.status, after.outstanding_minor, after.on_its_way_minor) == ("written_off", CLAIM - 100_00, 0)


def test_no_more_is_recovered_than_was_written_off_and_then_the_loan_is_closed() -> None:
    assert given(LOAN, *LOST).refuses(replace(ASK, amount_minor=CLAIM + 1)) == "overpayment"
    all_of_it = given(LOAN, *LOST, repayment(CLAIM)).when(ApplyRepayment("r1", "l1", DAY))
    assert all_of_it == [recovered(CLAIM, 0), LoanClosed("l1", "c1", DAY)]
    after = given(LOAN, *LOST, repayment(CLAIM), *all_of_it).state
    assert (after.status, after.outstanding_minor) == ("closed", 0)


def test_a_recovery_that_is_declined_leaves_the_loan_as_it_was() -> None:
    before, after = given(LOAN, *LOST), given(LOAN, *LOST, repayment(100_00), declined(100_00))
    assert after.state == before.state


def test_what_was_written_off_is_neither_charged_nor_collected_nor_quoted() -> None:
    lost = given(LOAN, replace(APPLIED, collects=True), *LOST[1:])
    assert lost.when(AgeLoan("l1", date(2027, 1, 1))) == []
    assert lost.refuses(CollectDue("r1", "l1", date(2027, 1, 1))) == "nothing_due"
    assert lost.refuses(RequestPayoff("r1", "l1", None, DAY)) == "loan_not_active"
