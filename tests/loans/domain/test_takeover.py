"""A loan that comes from another bank's books: with its terms, and with what was repaid of it there."""

from dataclasses import replace
from datetime import date

import pytest

from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.approval import WithdrawLoan
from loans.domain.loan.facts import Event, LoanClosed, LoanTakenOver
from loans.domain.loan.repayments import RequestRepayment
from loans.domain.loan.takeover import MAX_TERM_MONTHS, TakeOverLoan
from tests.loans.facts import APPLIED, DAY, INSTALMENT, INTEREST, PRINCIPAL

TAKE_OVER = TakeOverLoan("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 890, 12, DAY)
OWED = PRINCIPAL + INTEREST
LAST_DUE = date(2027, 1, 31)


def taken_over(interest_minor: int, principal_minor: int) -> LoanTakenOver:
    left = OWED - interest_minor - principal_minor
    terms = ("personal", PRINCIPAL, "EUR", 890, 12, INSTALMENT)
    return LoanTakenOver("l1", "c1", "a1", *terms, interest_minor, principal_minor, left, DAY)


def test_what_was_repaid_there_counts_here_interest_before_principal() -> None:
    assert given(LOAN).when(TAKE_OVER) == [taken_over(0, 0)]
    assert given(LOAN).when(replace(TAKE_OVER, repaid_minor=INSTALMENT)) == [taken_over(8_90, INSTALMENT - 8_90)]


def test_what_was_repaid_whole_comes_closed_and_all_but_a_cent_does_not() -> None:
    closed = [taken_over(INTEREST, PRINCIPAL), LoanClosed("l1", "c1", LAST_DUE)]
    assert given(LOAN).when(replace(TAKE_OVER, repaid_minor=OWED)) == closed
    assert given(LOAN).when(replace(TAKE_OVER, repaid_minor=OWED - 1)) == [taken_over(INTEREST, PRINCIPAL - 1)]


@pytest.mark.parametrize("repaid_minor", [-1, OWED + 1])
def test_less_than_nothing_or_more_than_was_owed_was_not_repaid(repaid_minor: int) -> None:
    assert given(LOAN).refuses(replace(TAKE_OVER, repaid_minor=repaid_minor)) == "overpayment"


def test_it_is_active_and_repaid_like_any_other() -> None:
    loan = given(LOAN, taken_over(8_90, INSTALMENT - 8_90))
    assert (loan.state.status, loan.state.outstanding_minor) == ("active", OWED - INSTALMENT)
    assert len(loan.when(RequestRepayment("r1", "l1", None, OWED - INSTALMENT, "EUR", DAY))) == 1
    assert loan.refuses(RequestRepayment("r1", "l1", None, OWED - INSTALMENT + 1, "EUR", DAY)) == "overpayment"
    assert loan.refuses(WithdrawLoan("l1", DAY)) == "loan_not_withdrawable"


@pytest.mark.parametrize("before", [APPLIED, taken_over(0, 0)])
def test_a_loan_that_there_is_is_not_taken_over(before: Event) -> None:
    assert given(LOAN, before).refuses(TAKE_OVER) == "loan_exists"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"principal_minor": 0}, "invalid_principal"),
        ({"principal_minor": 10**18}, "invalid_principal"),
        ({"term_months": 0}, "invalid_term"),
        ({"term_months": MAX_TERM_MONTHS + 1}, "invalid_term"),
        ({"rate_bps": -1}, "invalid_terms"),
        ({"rate_bps": 10_001}, "invalid_terms"),
        ({"currency": "XXX"}, "unknown_currency"),
    ],
)
def test_terms_that_no_loan_has_are_refused(wrong: dict[str, int], code: str) -> None:
    assert given(LOAN).refuses(replace(TAKE_OVER, **wrong)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize("right", [{"principal_minor": 1}, {"term_months": 1}, {"term_months": MAX_TERM_MONTHS}])
def test_terms_at_their_edges_are_taken_over(right: dict[str, int]) -> None:
    [event] = given(LOAN).when(replace(TAKE_OVER, **right))  # type: ignore[arg-type]
    assert isinstance(event, LoanTakenOver)
