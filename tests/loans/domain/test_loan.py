"""What a loan allows: both edges of every limit."""

from dataclasses import replace

import pytest

from bank.testing import given
from loans.domain.loan import LOAN, ApplyForLoan, Command
from loans.domain.loan.approval import ApproveLoan, RejectLoan, WithdrawLoan
from loans.domain.loan.facts import LoanClosed
from loans.domain.loan.origination import ChoosePayoutAccount
from loans.domain.loan.origination_facts import FirstApprovalGiven, LoanRejected, LoanWithdrawn
from loans.domain.loan.repayments import MAX_OPEN_REPAYMENTS, ApplyRepayment, DeclineRepayment, RequestRepayment
from loans.domain.products import PRODUCTS
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
    DAY,
    FAILED,
    INTEREST,
    PRINCIPAL,
    REQUESTED,
    declined,
    repaid,
    repayment,
)

APPLY = ApplyForLoan("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 12, DAY)
APPROVE = ApproveLoan("l1", DAY, "operator:1", "o1")
WITHDRAW = WithdrawLoan("l1", DAY)
REJECT = RejectLoan("l1", DAY, "affordability")
CHOOSE = ChoosePayoutAccount("l1", "a2")
REPAY = RequestRepayment("r1", "l1", None, 100_00, "EUR", DAY)
APPLY_REPAYMENT = ApplyRepayment("r1", "l1", DAY)
DECLINE = DeclineRepayment("r1", "l1", "insufficient_funds")
OWED = PRINCIPAL + INTEREST
FIRST_APPROVAL = FirstApprovalGiven("l1", "c1", "operator:1", DAY)
WITHDRAWN = LoanWithdrawn("l1", "c1", DAY)


# Applying.


def test_an_application_fixes_the_rate_of_its_product() -> None:
    assert given(LOAN).when(APPLY) == [APPLIED]


def test_a_loan_is_applied_for_once() -> None:
    assert given(LOAN, APPLIED).refuses(APPLY) == "loan_exists"


def test_only_products_of_the_bank_are_applied_for() -> None:
    assert given(LOAN).refuses(replace(APPLY, product="yacht")) == "unknown_product"


@pytest.mark.parametrize(("months", "accepted"), [(2, False), (3, True), (84, True), (85, False)])
def test_a_personal_loan_runs_three_months_to_seven_years(months: int, *, accepted: bool) -> None:
    command = replace(APPLY, term_months=months)
    if accepted:
        assert given(LOAN).when(command) == [replace(APPLIED, term_months=months)]
    else:
        assert given(LOAN).refuses(command) == "invalid_term"


@pytest.mark.parametrize(
    ("minor", "accepted"), [(499_99, False), (500_00, True), (75_000_00, True), (75_000_01, False)]
)
def test_a_personal_loan_is_of_500_to_75000(minor: int, *, accepted: bool) -> None:
    command = replace(APPLY, principal_minor=minor)
    if accepted:
        assert given(LOAN).when(command) == [replace(APPLIED, principal_minor=minor)]
    else:
        assert given(LOAN).refuses(command) == "invalid_principal"


# Approving, rejecting. How it is originated then has tests of its own.


def test_approval_asks_for_the_origination() -> None:
    assert given(LOAN, APPLIED).when(APPROVE) == [REQUESTED]


@pytest.mark.parametrize(("product", "limit"), [(name, one.four_eyes_above_minor) for name, one in PRODUCTS.items()])
def test_above_the_limit_of_its_product_two_operators_approve(product: str, limit: int) -> None:
    small = replace(APPLIED, product=product, principal_minor=limit)
    assert given(LOAN, small).when(APPROVE) == [replace(REQUESTED, amount_minor=limit)]
    large = replace(small, principal_minor=limit + 1)
    assert given(LOAN, large).when(APPROVE) == [FIRST_APPROVAL]
    waiting = given(LOAN, large, FIRST_APPROVAL)
    assert waiting.state.status == "awaiting_second_approval"
    assert waiting.refuses(APPROVE) == "second_operator_needed"
    second = replace(APPROVE, approved_by="operator:2")
    assert waiting.when(second) == [replace(REQUESTED, amount_minor=limit + 1, approved_by="operator:2")]


def test_a_product_that_is_no_longer_offered_takes_two_operators() -> None:
    assert given(LOAN, replace(APPLIED, product="yacht")).when(APPROVE) == [FIRST_APPROVAL]


def test_what_waits_for_a_second_approval_is_still_rejected_or_withdrawn() -> None:
    waiting = given(LOAN, replace(APPLIED, principal_minor=25_000_01), FIRST_APPROVAL)
    assert waiting.when(REJECT) == [LoanRejected("l1", "c1", DAY, "affordability")]
    assert waiting.when(WITHDRAW) == [WITHDRAWN]
    assert waiting.refuses(CHOOSE) == "loan_not_applied"


def test_a_loan_is_withdrawn_until_it_is_approved() -> None:
    assert given(LOAN, APPLIED).when(WITHDRAW) == [WITHDRAWN]
    assert given(LOAN, APPLIED, REQUESTED).refuses(WITHDRAW) == "loan_not_withdrawable"
    assert given(LOAN, APPLIED, REQUESTED, APPROVED).refuses(WITHDRAW) == "loan_not_withdrawable"
    assert given(LOAN, APPLIED, REQUESTED, FAILED).when(WITHDRAW) == [WITHDRAWN]
    assert given(LOAN, *ACTIVE).refuses(WITHDRAW) == "loan_not_withdrawable"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (APPROVE, "loan_not_applied"),
        (REJECT, "loan_not_rejectable"),
        (WITHDRAW, "loan_not_withdrawable"),
        (CHOOSE, "loan_not_applied"),
        (REPAY, "loan_not_active"),
    ],
)
def test_a_withdrawn_loan_stays_withdrawn(command: Command, code: str) -> None:
    assert given(LOAN, APPLIED, WITHDRAWN).refuses(command) == code


def test_an_application_is_decided_once() -> None:
    assert given(LOAN, APPLIED, REQUESTED).refuses(APPROVE) == "loan_not_applied"
    rejected = LoanRejected("l1", "c1", DAY, "affordability")
    assert given(LOAN, APPLIED).when(REJECT) == [rejected]
    assert given(LOAN, APPLIED, rejected).refuses(APPROVE) == "loan_not_applied"
    assert given(LOAN, APPLIED, rejected).refuses(REJECT) == "loan_not_rejectable"


def test_a_loan_is_rejected_on_known_grounds_only() -> None:
    assert given(LOAN, APPLIED).refuses(replace(REJECT, grounds="his face")) == "unknown_grounds"


def test_a_loan_on_its_way_to_the_account_is_not_rejected() -> None:
    assert given(LOAN, APPLIED, REQUESTED).refuses(REJECT) == "loan_not_rejectable"
    assert given(LOAN, APPLIED, REQUESTED, APPROVED).refuses(REJECT) == "loan_not_rejectable"
    assert given(LOAN, *ACTIVE).refuses(REJECT) == "loan_not_rejectable"


# Repaying.


def test_a_repayment_is_asked_of_the_account_of_the_loan_unless_another_is_named() -> None:
    assert given(LOAN, *ACTIVE).when(REPAY) == [repayment(100_00)]
    assert given(LOAN, *ACTIVE).when(replace(REPAY, account_id="a2")) == [repayment(100_00, account_id="a2")]


def test_only_an_active_loan_is_repaid() -> None:
    assert given(LOAN, APPLIED, REQUESTED, APPROVED).refuses(REPAY) == "loan_not_active"


@pytest.mark.parametrize("minor", [0, -1])
def test_a_repayment_is_above_zero(minor: int) -> None:
    assert given(LOAN, *ACTIVE).refuses(replace(REPAY, amount_minor=minor)) == "invalid_amount"


def test_a_repayment_is_in_the_currency_of_the_loan() -> None:
    assert given(LOAN, *ACTIVE).refuses(replace(REPAY, currency="USD")) == "currency_mismatch"


def test_a_repayment_is_at_most_what_is_owed() -> None:
    assert given(LOAN, *ACTIVE).when(replace(REPAY, amount_minor=OWED)) == [repayment(OWED)]
    assert given(LOAN, *ACTIVE).refuses(replace(REPAY, amount_minor=OWED + 1)) == "overpayment"


def test_repayments_on_their_way_count_as_paid_until_declined() -> None:
    rest = replace(REPAY, repayment_id="r2", amount_minor=OWED - 99_99)
    assert given(LOAN, *ACTIVE, repayment(100_00)).refuses(rest) == "overpayment"
    assert given(LOAN, *ACTIVE, repayment(100_00), declined(100_00)).when(rest)


def test_a_repayment_on_its_way_is_not_asked_for_again() -> None:
    assert given(LOAN, *ACTIVE, repayment(100_00)).refuses(REPAY) == "repayment_exists"


def test_only_so_many_repayments_are_on_their_way_at_once() -> None:
    many = [repayment(1, f"r{n + 2}") for n in range(MAX_OPEN_REPAYMENTS)]
    assert given(LOAN, *ACTIVE, *many[1:]).when(REPAY)
    assert given(LOAN, *ACTIVE, *many).refuses(REPAY) == "too_many_repayments"


def test_a_repayment_pays_interest_then_principal() -> None:
    loan = given(LOAN, *ACTIVE, repayment(100_00))
    assert loan.when(APPLY_REPAYMENT) == [repaid(8_90, 91_10, OWED - 100_00)]


def test_the_next_repayment_goes_on_where_the_last_one_ended() -> None:
    """4.89 is still owed on the first instalment, then 8.19 of interest on the second."""
    first = (repayment(100_00), repaid(8_90, 91_10, OWED - 100_00))
    loan = given(LOAN, *ACTIVE, *first, repayment(20_00, "r2"))
    assert loan.when(replace(APPLY_REPAYMENT, repayment_id="r2")) == [
        repaid(8_19, 11_81, OWED - 120_00, "r2"),
    ]


def test_the_last_repayment_closes_the_loan() -> None:
    loan = given(LOAN, *ACTIVE, repayment(OWED))
    assert loan.when(APPLY_REPAYMENT) == [repaid(INTEREST, PRINCIPAL, 0), LoanClosed("l1", "c1", DAY)]


def test_a_closed_loan_takes_nothing_more() -> None:
    closed = given(LOAN, *ACTIVE, repayment(OWED), repaid(INTEREST, PRINCIPAL, 0), LoanClosed("l1", "c1", DAY))
    assert closed.refuses(REPAY) == "loan_not_active"
    assert closed.when(APPLY_REPAYMENT) == []


def test_a_declined_repayment_changes_nothing_but_the_repayment() -> None:
    assert given(LOAN, *ACTIVE, repayment(100_00)).when(DECLINE) == [declined(100_00)]
    before, after = given(LOAN, *ACTIVE), given(LOAN, *ACTIVE, repayment(100_00), declined(100_00))
    assert after.state == before.state


@pytest.mark.parametrize("report", [APPLY_REPAYMENT, DECLINE])
def test_a_report_about_what_is_not_on_its_way_changes_nothing(report: Command) -> None:
    assert given(LOAN).when(report) == []
    assert given(LOAN, *ACTIVE).when(report) == []
    assert given(LOAN, APPLIED).when(report) == []


@pytest.mark.parametrize("command", [APPROVE, REJECT, WITHDRAW, CHOOSE, REPAY])
def test_nobody_decides_about_a_loan_that_is_not_there(command: Command) -> None:
    assert given(LOAN).refuses(command) == "loan_not_found"
