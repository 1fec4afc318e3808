"""What pays a loan off on a day, and what becomes of the interest that would have come after it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank.testing import given
from loans.domain.loan import LOAN
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.facts import Event, LoanClosed, LoanRepaid
from loans.domain.loan.payoff import RequestPayoff, quote
from loans.domain.loan.repayments import ApplyRepayment, RequestRepayment
from tests.loans.domain.test_arrears import LATE
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
    DAY,
    INSTALMENT,
    INTEREST,
    LATE_FEE,
    PRINCIPAL,
    REQUESTED,
    declined,
    repaid,
    repayment,
)

DUE = date(2026, 2, 28)
PAYOFF = RequestPayoff("r1", "l1", None, DUE)
APPLY = ApplyRepayment("r1", "l1", DUE)
SETTLING = replace(repayment(PRINCIPAL + 8_90), requested_on=DUE, settles=True)
OWED = PRINCIPAL + INTEREST


@pytest.mark.parametrize(
    ("on", "interest"),
    [
        (DAY - timedelta(days=1), 0),
        (DAY, 0),
        (DAY + timedelta(days=1), 32),
        (date(2026, 2, 14), 4_45),
        (DUE - timedelta(days=1), 8_58),
        (DUE, 8_90),
        (DUE + timedelta(days=1), 8_90 + 26),
        (date(2027, 1, 30), 58_61),
        (date(2027, 1, 31), INTEREST),
        (date(2028, 1, 1), INTEREST),
    ],
)
def test_interest_runs_to_the_day_and_the_rest_falls_away(on: date, interest: int) -> None:
    """8.90 for the 28 days to the first instalment, 8.19 for the 31 days to the next, 0.77 for the last 31."""
    found = quote(given(LOAN, *ACTIVE).state, on)
    assert (found.interest_minor, found.waived_minor) == (interest, INTEREST - interest)
    assert found.amount_minor == PRINCIPAL + interest


def test_what_was_paid_ahead_is_not_asked_for_again_and_its_interest_not_paid_back() -> None:
    two = 2 * INSTALMENT
    ahead = (*ACTIVE, repayment(two), repaid(8_90 + 8_19, 95_99 + 96_70, OWED - two))
    found = quote(given(LOAN, *ahead).state, DUE)
    assert (found.principal_minor, found.interest_minor) == (PRINCIPAL - 95_99 - 96_70, 0)
    assert found.waived_minor == INTEREST - 8_90 - 8_19


def test_a_part_repaid_early_saves_no_interest_and_only_the_payoff_does() -> None:
    """On the day of the pay-out, when no interest has accrued: two instalments by hand, all of them, or the payoff."""
    two, on_day = 2 * INSTALMENT, replace(APPLY, repaid_on=DAY)
    part = given(LOAN, *ACTIVE, repayment(two)).when(on_day)
    assert part == [repaid(8_90 + 8_19, 95_99 + 96_70, OWED - two)]
    all_of_it = given(LOAN, *ACTIVE, repayment(OWED)).when(on_day)
    assert all_of_it[0] == repaid(INTEREST, PRINCIPAL, 0)
    assert quote(given(LOAN, *ACTIVE).state, DAY).amount_minor == PRINCIPAL


def test_charges_are_part_of_the_quote() -> None:
    found = quote(given(LOAN, *LATE).state, date(2026, 3, 1))
    assert (found.fee_minor, found.penalty_minor) == (LATE_FEE, 1)
    assert found.amount_minor == PRINCIPAL + 8_90 + 26 + LATE_FEE + 1


def test_a_loan_is_paid_off_from_its_account_or_another() -> None:
    assert given(LOAN, *ACTIVE).when(PAYOFF) == [SETTLING]
    assert given(LOAN, *ACTIVE).when(replace(PAYOFF, account_id="a2")) == [replace(SETTLING, account_id="a2")]


def test_the_payoff_closes_the_loan_and_the_remaining_interest_falls_away() -> None:
    amount, left = PRINCIPAL + 8_90, INTEREST - 8_90
    paid_off = LoanRepaid("r1", "l1", "c1", amount, 8_90, PRINCIPAL, 0, "EUR", DUE, 0, 0, left)
    closed = LoanClosed("l1", "c1", DUE)
    assert given(LOAN, *ACTIVE, SETTLING).when(APPLY) == [paid_off, closed]
    after = given(LOAN, *ACTIVE, SETTLING, paid_off, closed).state
    assert (after.status, after.outstanding_minor, after.open_repayments) == ("closed", 0, ())


def test_the_payoff_of_a_late_loan_pays_its_charges_too() -> None:
    (requested,) = given(LOAN, *LATE).when(PAYOFF)
    (paid_off, _) = given(LOAN, *LATE, requested).when(APPLY)
    assert isinstance(paid_off, LoanRepaid)
    assert (paid_off.penalty_minor, paid_off.fee_minor) == (1, LATE_FEE)
    assert (paid_off.interest_minor, paid_off.principal_minor, paid_off.outstanding_minor) == (8_90, PRINCIPAL, 0)


def test_nothing_else_is_asked_for_or_charged_while_the_payoff_is_on_its_way() -> None:
    paying_off = given(LOAN, *ACTIVE, SETTLING)
    assert paying_off.refuses(RequestRepayment("r2", "l1", None, 1, "EUR", DUE)) == "payoff_on_its_way"
    assert paying_off.refuses(replace(PAYOFF, repayment_id="r2")) == "repayment_on_its_way"
    assert paying_off.when(AgeLoan("l1", date(2026, 6, 1))) == []


def test_a_declined_payoff_leaves_the_loan_as_it_was() -> None:
    before, after = given(LOAN, *ACTIVE), given(LOAN, *ACTIVE, SETTLING, declined(PRINCIPAL + 8_90))
    assert after.state == before.state


def test_a_loan_is_not_paid_off_beside_a_repayment_on_its_way() -> None:
    assert given(LOAN, *ACTIVE, repayment(1, "r2")).refuses(PAYOFF) == "repayment_on_its_way"


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ((), "loan_not_found"),
        ((APPLIED, REQUESTED, APPROVED), "loan_not_active"),
        ((*ACTIVE, LoanClosed("l1", "c1", DAY)), "loan_not_active"),
    ],
)
def test_only_an_active_loan_is_paid_off(history: tuple[Event, ...], code: str) -> None:
    assert given(LOAN, *history).refuses(PAYOFF) == code
