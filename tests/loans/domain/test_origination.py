"""How a loan comes about, step by step, and goes back: the loan, the borrower's limit, and the saga between them."""

from dataclasses import replace
from typing import Any, cast

import pytest

from bank.sagas.orchestration import do_id, undo_id
from bank.sagas.progress import (
    Begin,
    Compensate,
    CompensationBegun,
    CompensationFailed,
    Learned,
    SagaCompensated,
    SagaCompleted,
    StepAnswered,
    StepDeclined,
    StepDone,
    StepUndone,
    UndoDeclined,
)
from bank.testing import given
from loans import originations
from loans.domain import origination as said
from loans.domain.borrower import (
    BORROWER,
    EXPOSURE_LIMIT_MINOR,
    BorrowerKycHeard,
    BorrowerStandingHeard,
    EndLoan,
    LimitDeclined,
    LimitReleased,
    LimitReserved,
    ReleaseLimit,
    ReserveLimit,
)
from loans.domain.loan import LOAN, Command
from loans.domain.loan.origination import (
    ActivateLoan,
    ChoosePayoutAccount,
    ConfirmApproval,
    FailOrigination,
    WithdrawApproval,
)
from loans.domain.loan.origination_facts import (
    ApprovalWithdrawn,
    DisbursementFailed,
    DisbursementRequested,
    FirstApprovalGiven,
    LoanApproved,
    PayoutAccountChosen,
)
from loans.inbound import ActivationAsked, LimitAsked, LimitReleaseAsked, MoneyCredited, OwnStep
from loans.sagas import LOAN_ORIGINATION_SAGA
from tests.loans.facts import (
    ACTIVE,
    APPLIED,
    APPROVED,
    DAY,
    DISBURSED,
    FAILED,
    INTEREST,
    PRINCIPAL,
    REQUESTED,
)

# The loan.

CONFIRM, WITHDRAW = ConfirmApproval("l1", "o1", DAY), WithdrawApproval("l1", "o1")
ACTIVATE, FAIL = ActivateLoan("l1", "o1", DAY), FailOrigination("l1", "o1", "account_frozen")
WITHDRAWN = ApprovalWithdrawn("l1", "c1", "o1")


def test_a_loan_is_approved_then_active_and_its_schedule_is_fixed() -> None:
    assert given(LOAN, APPLIED, REQUESTED).when(CONFIRM) == [APPROVED]
    loan = given(LOAN, APPLIED, REQUESTED, APPROVED)
    assert loan.when(ACTIVATE) == [DISBURSED]
    assert loan.state.instalments == ()
    active = given(LOAN, *ACTIVE).state
    assert (len(active.instalments), active.outstanding_minor) == (12, PRINCIPAL + INTEREST)


def test_what_was_approved_is_taken_back_and_the_loan_is_an_application_again() -> None:
    assert given(LOAN, APPLIED, REQUESTED, APPROVED).when(WITHDRAW) == [WITHDRAWN]
    assert given(LOAN, APPLIED, REQUESTED, APPROVED, WITHDRAWN).when(FAIL) == [FAILED]
    back = given(LOAN, APPLIED, REQUESTED, APPROVED, WITHDRAWN, FAILED)
    assert back.state == replace(given(LOAN, APPLIED).state, origination_id="o1")


def test_a_large_loan_that_failed_is_approved_by_two_again() -> None:
    first = FirstApprovalGiven("l1", "c1", "operator:1", DAY)
    large = replace(APPLIED, principal_minor=25_000_01)
    back = given(LOAN, large, first, REQUESTED, FAILED)
    assert (back.state.status, back.state.first_approval_by) == ("applied", "")


def test_another_account_is_named_for_an_application_only() -> None:
    choose = ChoosePayoutAccount("l1", "a2")
    assert given(LOAN, APPLIED).when(choose) == [PayoutAccountChosen("l1", "c1", "a2")]
    assert given(LOAN, APPLIED, PayoutAccountChosen("l1", "c1", "a2")).when(choose) == []
    assert given(LOAN, APPLIED, REQUESTED).refuses(choose) == "loan_not_applied"
    assert given(LOAN, *ACTIVE).refuses(choose) == "loan_not_applied"


@pytest.mark.parametrize("command", [CONFIRM, WITHDRAW, ACTIVATE, FAIL])
def test_a_step_out_of_its_turn_or_of_another_origination_is_refused(command: Command) -> None:
    other: Any = replace(cast("Any", command), origination_id="o2")
    for history in ((APPLIED,), (APPLIED, REQUESTED), (APPLIED, REQUESTED, APPROVED), ACTIVE):
        assert given(LOAN, *history).refuses(other) == "other_origination"
    assert given(LOAN, *ACTIVE).refuses(command) == "other_origination"
    assert given(LOAN, APPLIED).refuses(command) == "other_origination"
    assert given(LOAN).refuses(command) == "loan_not_found"


def test_a_pay_out_that_failed_before_there_were_originations_left_an_application() -> None:
    asked = DisbursementRequested("l1", "c1", "a1", PRINCIPAL, "EUR", DAY)
    failed = DisbursementFailed("l1", "c1", "a1", PRINCIPAL, "EUR", "account_not_open")
    loan = given(LOAN, APPLIED, LoanApproved("l1", "c1", DAY), asked, failed)
    assert loan.state.status == "applied"


# The limit.

VERIFIED = BorrowerKycHeard("c1", "verified", DAY, 1)
RESERVE = ReserveLimit("c1", "l1", "o1", PRINCIPAL, "EUR")
RESERVED = LimitReserved("c1", "l1", "o1", PRINCIPAL, "EUR")


def test_a_limit_is_reserved_to_the_last_cent() -> None:
    full = replace(RESERVED, loan_id="l0", amount_minor=EXPOSURE_LIMIT_MINOR - PRINCIPAL)
    assert given(BORROWER, VERIFIED, full).when(RESERVE) == [RESERVED]
    more = replace(full, amount_minor=full.amount_minor + 1)
    declined = LimitDeclined("c1", "l1", "o1", PRINCIPAL, "EUR", "exposure_limit_exceeded")
    assert given(BORROWER, VERIFIED, more).when(RESERVE) == [declined]
    assert given(BORROWER, VERIFIED, replace(more, currency="CZK")).when(RESERVE) == [RESERVED]


def test_what_is_released_may_be_reserved_again() -> None:
    released = LimitReleased("c1", "l1", "o1", PRINCIPAL, "EUR")
    assert given(BORROWER, VERIFIED, RESERVED).when(ReleaseLimit("c1", "l1", "o1", "EUR")) == [released]
    after = given(BORROWER, VERIFIED, RESERVED, released)
    assert after.state.exposure_minor("EUR") == 0
    assert after.when(RESERVE) == [RESERVED]


def test_a_release_is_answered_whatever_is_reserved() -> None:
    assert given(BORROWER, VERIFIED).when(ReleaseLimit("c1", "l1", "o1", "EUR")) == [
        LimitReleased("c1", "l1", "o1", 0, "EUR")
    ]


def test_a_release_that_comes_late_or_again_frees_nothing_that_another_origination_reserved() -> None:
    released, again = LimitReleased("c1", "l1", "o1", PRINCIPAL, "EUR"), replace(RESERVED, origination_id="o2")
    anew = given(BORROWER, VERIFIED, RESERVED, released, again)
    nothing = replace(released, amount_minor=0)
    assert anew.when(ReleaseLimit("c1", "l1", "o1", "EUR")) == [nothing]
    after = given(BORROWER, VERIFIED, RESERVED, released, again, nothing)
    assert after.state.exposure_minor("EUR") == PRINCIPAL
    own = replace(released, origination_id="o2")
    assert after.when(ReleaseLimit("c1", "l1", "o2", "EUR")) == [own]
    assert given(BORROWER, VERIFIED, RESERVED, released, again, nothing, own).state.exposure_minor("EUR") == 0


def test_a_release_of_one_loan_leaves_the_other_loans_alone() -> None:
    other = replace(RESERVED, loan_id="l2", origination_id="o2")
    released = LimitReleased("c1", "l1", "o1", PRINCIPAL, "EUR")
    assert given(BORROWER, VERIFIED, RESERVED, other).when(ReleaseLimit("c1", "l1", "o1", "EUR")) == [released]
    assert given(BORROWER, VERIFIED, RESERVED, other, released).state.exposure_minor("EUR") == PRINCIPAL


def test_a_loan_that_has_ended_is_released_whichever_origination_reserved_for_it() -> None:
    ended = LimitReleased("c1", "l1", "", PRINCIPAL, "EUR")
    assert given(BORROWER, VERIFIED, RESERVED, ended).state.exposure_minor("EUR") == 0


def test_a_loan_counts_until_it_has_ended() -> None:
    ended = LimitReleased("c1", "l1", "", PRINCIPAL, "EUR")
    assert given(BORROWER, VERIFIED, RESERVED).when(EndLoan("c1", "l1")) == [ended]
    assert given(BORROWER, VERIFIED, RESERVED, ended).when(EndLoan("c1", "l1")) == []


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ((), "customer_not_verified"),
        ((BorrowerKycHeard("c1", "rejected", DAY, 1),), "customer_rejected"),
        ((VERIFIED, BorrowerStandingHeard("c1", "suspended", DAY, 2)), "customer_suspended"),
        ((VERIFIED, BorrowerStandingHeard("c1", "closed", DAY, 2)), "customer_closed"),
    ],
)
def test_nothing_is_reserved_for_whom_nothing_is_lent_to(history: tuple[Any, ...], code: str) -> None:
    assert given(BORROWER, *history).when(RESERVE) == [LimitDeclined("c1", "l1", "o1", PRINCIPAL, "EUR", code)]


# The saga.

SAGA = LOAN_ORIGINATION_SAGA.decider
BEGUN = said.OriginationBegun("o1", "c1", "l1", "a1", PRINCIPAL, "EUR", DAY)
ASKED: dict[str, Any] = {
    "customer": said.ClearanceAsked("o1", "c1"),
    "limit": said.LimitAsked("o1", "c1", "l1", PRINCIPAL, "EUR"),
    "approval": said.ApprovalAsked("o1", "l1", DAY),
    "credit": said.LoanCreditAsked("o1", "c1", "a1", PRINCIPAL, "EUR", DAY),
    "activation": said.ActivationAsked("o1", "l1", DAY, 1),
}
UNDONE: dict[str, Any] = {
    "credit": said.LoanCreditReturnAsked("o1", "c1", "a1", PRINCIPAL, "EUR", 1),
    "approval": said.ApprovalWithdrawalAsked("o1", "l1", 1),
    "limit": said.LimitReleaseAsked("o1", "c1", "l1", "EUR", 1),
    "customer": said.ClearanceWithdrawalAsked("o1", "c1", 1),
}
STEPS = list(ASKED)


def failure(code: str, attempt: int = 1) -> said.FailureAsked:
    return said.FailureAsked("o1", "l1", code, attempt)


def reached(step: str) -> list[Any]:
    """The history until this step is asked for."""
    history: list[Any] = [BEGUN]
    for name in STEPS[: STEPS.index(step)]:
        history += [ASKED[name], StepDone("o1", name)]
    return [*history, ASKED[step]]


def test_it_begins_by_asking_whether_the_customer_is_cleared() -> None:
    assert given(SAGA).when(Begin(BEGUN)) == [BEGUN, ASKED["customer"]]
    assert given(SAGA, BEGUN, ASKED["customer"]).refuses(Begin(BEGUN)) == "process_exists"


@pytest.mark.parametrize("step", STEPS)
def test_each_step_that_is_done_leads_to_the_next(step: str) -> None:
    then = STEPS[STEPS.index(step) + 1 :]
    following = ASKED[then[0]] if then else SagaCompleted("o1")
    assert given(SAGA, *reached(step)).when(StepAnswered(step)) == [StepDone("o1", step), following]


@pytest.mark.parametrize("step", ["customer", "limit", "approval", "credit"])
def test_each_step_that_is_declined_undoes_those_before_it(step: str) -> None:
    declined = given(SAGA, *reached(step)).when(StepAnswered(step, "no"))
    before = STEPS[: STEPS.index(step)]
    first = UNDONE[before[-1]] if before else failure("no")
    assert declined == [StepDeclined("o1", step, "no"), first]


def test_all_is_undone_in_reverse_and_the_loan_last() -> None:
    history = [*reached("credit"), StepDeclined("o1", "credit", "account_frozen")]
    for name, following in (
        ("approval", UNDONE["limit"]),
        ("limit", UNDONE["customer"]),
        ("customer", failure("account_frozen")),
    ):
        history.append(UNDONE[name])
        undone = given(SAGA, *history).when(StepAnswered(name, is_undo=True))
        assert undone == [StepUndone("o1", name), following]
        history.append(undone[0])
    history.append(failure("account_frozen"))
    ended = given(SAGA, *history).when(StepAnswered("loan", is_undo=True))
    assert ended == [StepUndone("o1", "loan"), SagaCompensated("o1", "account_frozen")]


def test_a_credit_whose_outcome_nobody_knows_is_taken_back_too() -> None:
    history = given(SAGA, *reached("credit"), *[ASKED["credit"]] * (LOAN_ORIGINATION_SAGA.limit - 1))
    turned = history.when(Learned(history.state.turn, "unreachable"))
    assert turned == [CompensationBegun("o1", "credit", "timeout"), UNDONE["credit"]]


def test_a_credit_heard_of_after_the_turn_changes_nothing() -> None:
    turned = [*reached("credit"), CompensationBegun("o1", "credit", "timeout"), UNDONE["credit"]]
    assert given(SAGA, *turned).when(StepAnswered("credit")) == []
    assert given(SAGA, *turned).when(StepAnswered("credit", "account_frozen")) == []


def test_money_that_does_not_come_back_is_asked_for_to_the_limit_and_then_people_look_at_it() -> None:
    limit = LOAN_ORIGINATION_SAGA.limit
    history = [*reached("credit"), CompensationBegun("o1", "credit", "operator"), UNDONE["credit"]]
    for attempt in range(1, limit):
        declined = StepAnswered("credit", "insufficient_funds", is_undo=True, attempt=attempt)
        assert given(SAGA, *history).when(declined) == [UndoDeclined("o1", "credit", "insufficient_funds")]
        history += [UndoDeclined("o1", "credit", "insufficient_funds"), replace(UNDONE["credit"], attempt=attempt + 1)]
    declined = StepAnswered("credit", "insufficient_funds", is_undo=True, attempt=limit)
    assert given(SAGA, *history).when(declined)[-1] == CompensationFailed("o1", "credit", "insufficient_funds")


def test_once_the_account_is_credited_nobody_turns_it_back() -> None:
    assert given(SAGA, *reached("credit")).when(Compensate("operator:1")) == [
        CompensationBegun("o1", "credit", "operator"),
        UNDONE["credit"],
    ]
    assert given(SAGA, *reached("activation")).refuses(Compensate("operator:1")) == "past_point_of_no_return"


def test_a_step_and_its_undo_have_ids_of_their_own() -> None:
    reserve = originations.reserve_limit(LimitAsked("o1", "c1", "l1", 1, "EUR"))
    release = originations.release_limit(LimitReleaseAsked("o1", "c1", "l1", "EUR", 2))
    assert reserve.id == release.undoes == do_id("o1", "limit")
    assert release.id == undo_id("o1", "limit", 2)
    again = originations.activate(ActivationAsked("o1", "l1", DAY, 2))
    assert again.id == do_id("o1", "activation", 2)


def test_what_belongs_to_no_origination_is_answered_with_nothing() -> None:
    assert originations.credited(MoneyCredited("cash", DAY, "o1")) is None
    assert originations.credited(MoneyCredited(originations.PAID_OUT, DAY, None)) is None
    assert originations.activated(OwnStep("")) is None
