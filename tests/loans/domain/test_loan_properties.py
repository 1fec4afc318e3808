"""Whatever is asked of a loan and answered by Accounts, in whatever order and however often."""

from collections.abc import Callable
from datetime import date

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as some

from bank.decider import Refused
from loans.domain.loan import LOAN, ApplyForLoan, Command
from loans.domain.loan.approval import ApproveLoan, RejectLoan, WithdrawLoan
from loans.domain.loan.arrears import AgeLoan
from loans.domain.loan.facts import (
    Event,
    LateFeeCharged,
    Loan,
    LoanClosed,
    LoanRecovered,
    LoanRepaid,
    LoanWrittenOff,
    PenaltyInterestCharged,
    RepaymentDeclined,
    RepaymentRequested,
)
from loans.domain.loan.origination import (
    ActivateLoan,
    ChoosePayoutAccount,
    ConfirmApproval,
    FailOrigination,
    WithdrawApproval,
)
from loans.domain.loan.origination_facts import LoanDisbursed, OriginationRequested
from loans.domain.loan.payoff import RequestPayoff
from loans.domain.loan.repayments import MAX_OPEN_REPAYMENTS, ApplyRepayment, DeclineRepayment, RequestRepayment
from loans.domain.loan.write_off import WithdrawWriteOff, WriteOffLoan
from loans.domain.postings import ACCOUNTS, FEES, INTEREST, LOSSES, PENALTIES, PRINCIPAL, RECOVERIES, postings
from loans.domain.products import PRODUCTS

DAY = date(2026, 1, 31)

repayment_ids = some.sampled_from([f"r{n}" for n in range(4)])
amounts = some.one_of(some.integers(-1, 30_000), some.integers(0, 3_000_00))
days = some.dates(date(2026, 1, 1), date(2026, 12, 31))
grounds = some.just("affordability")
operators = some.sampled_from(["operator:1", "operator:2"])
origination_ids = some.sampled_from(["o1", "o2"])

commands: some.SearchStrategy[Command] = some.one_of(
    some.builds(ApproveLoan, some.just("l1"), days, some.just("operator:1"), origination_ids),
    some.builds(WithdrawLoan, some.just("l1"), days),
    some.builds(RejectLoan, some.just("l1"), days, grounds),
    some.builds(ChoosePayoutAccount, some.just("l1"), some.sampled_from(["a1", "a2"])),
    some.builds(ConfirmApproval, some.just("l1"), origination_ids, days),
    some.builds(WithdrawApproval, some.just("l1"), origination_ids),
    some.builds(ActivateLoan, some.just("l1"), origination_ids, days),
    some.builds(FailOrigination, some.just("l1"), origination_ids, some.just("account_frozen")),
    some.builds(RequestRepayment, repayment_ids, some.just("l1"), some.none(), amounts, some.just("EUR"), days),
    some.builds(RequestPayoff, repayment_ids, some.just("l1"), some.none(), days),
    some.builds(WriteOffLoan, some.just("l1"), days, operators, some.none() | operators),
    some.builds(WithdrawWriteOff, some.just("l1"), days, operators),
    some.builds(AgeLoan, some.just("l1"), days),
    some.builds(ApplyRepayment, repayment_ids, some.just("l1"), days),
    some.builds(DeclineRepayment, repayment_ids, some.just("l1"), some.just("insufficient_funds")),
)
applications = some.builds(
    ApplyForLoan,
    some.just("l1"),
    some.just("c1"),
    some.just("a1"),
    some.just("personal"),
    some.integers(PRODUCTS["personal"].min_principal_minor, 2_000_00),
    some.just("EUR"),
    some.integers(3, 12),
    days,
)


def lived(application: ApplyForLoan, orders: list[Command]) -> tuple[Loan, list[Event]]:
    """The loan and its history; paid out at once, so that there is something to repay."""
    loan, history = LOAN.initial, list[Event]()
    approve, confirm = ApproveLoan("l1", DAY, "operator:1", "o1"), ConfirmApproval("l1", "o1", DAY)
    for order in (application, approve, confirm, ActivateLoan("l1", "o1", DAY), *orders):
        try:
            events = LOAN.decide(loan, order)
        except Refused:
            continue
        loan = LOAN.fold(loan, events)
        history += events
    return loan, history


def repaid(history: list[Event]) -> list[LoanRepaid]:
    return [event for event in history if isinstance(event, LoanRepaid)]


def lives(test: Callable[..., None]) -> Callable[..., None]:
    return settings(max_examples=200)(forall(applications, some.lists(commands, max_size=40))(test))


@lives
def test_a_loan_is_never_overpaid_and_says_what_is_left(application: ApplyForLoan, orders: list[Command]) -> None:
    loan, history = lived(application, orders)
    owed = sum(one.amount_minor for one in loan.instalments)
    for event in history:
        if isinstance(event, LateFeeCharged | PenaltyInterestCharged):
            owed += event.amount_minor
        if isinstance(event, LoanWrittenOff):
            owed = event.principal_minor + event.interest_minor + event.fee_minor + event.penalty_minor
        if isinstance(event, LoanRecovered):
            owed -= event.amount_minor
            assert event.outstanding_minor == owed >= 0
        if not isinstance(event, LoanRepaid):
            continue
        owed -= event.amount_minor + event.waived_minor
        assert event.outstanding_minor == owed >= 0
        assert event.interest_minor >= 0
        assert event.principal_minor >= 0
        assert min(event.fee_minor, event.penalty_minor) >= 0
        parts = event.interest_minor + event.principal_minor + event.fee_minor + event.penalty_minor
        assert parts == event.amount_minor > 0
    assert loan.outstanding_minor == owed
    assert 0 <= loan.on_its_way_minor <= owed
    assert len(loan.open_repayments) <= MAX_OPEN_REPAYMENTS


@lives
def test_a_loan_is_closed_exactly_when_nothing_is_owed(application: ApplyForLoan, orders: list[Command]) -> None:
    loan, history = lived(application, orders)
    closings = [event for event in history if isinstance(event, LoanClosed)]
    assert (loan.status == "closed") == (loan.outstanding_minor == 0) == (len(closings) == 1)


@lives
def test_a_loan_is_paid_out_once_and_each_repayment_ends_once(application: ApplyForLoan, orders: list[Command]) -> None:
    loan, history = lived(application, orders)
    assert sum(isinstance(event, LoanDisbursed) for event in history) == 1
    assert sum(isinstance(event, OriginationRequested) for event in history) == 1
    asked = sum(isinstance(event, RepaymentRequested) for event in history)
    ended = sum(isinstance(event, LoanRepaid | LoanRecovered | RepaymentDeclined) for event in history)
    assert asked == ended + len(loan.open_repayments)


@lives
def test_the_books_are_what_the_loan_says(application: ApplyForLoan, orders: list[Command]) -> None:
    loan, history = lived(application, orders)
    books = dict.fromkeys((PRINCIPAL, INTEREST, FEES, PENALTIES, LOSSES, RECOVERIES, ACCOUNTS), 0)
    for event in history:
        for leg in postings(event):
            assert leg.amount_minor > 0
            books[leg.debit] += leg.amount_minor
            books[leg.credit] -= leg.amount_minor
    assert sum(books.values()) == 0
    charges_paid = loan.paid_fee_minor + loan.paid_penalty_minor
    assert books[ACCOUNTS] == loan.paid_minor + charges_paid + loan.recovered_minor - loan.principal_minor
    assert -books[RECOVERIES] == loan.recovered_minor
    assert books[LOSSES] == loan.written_off_principal_minor
    assert -books[FEES] - books[PENALTIES] == charges_paid
    assert -books[INTEREST] == sum(event.interest_minor for event in repaid(history))
    if loan.status == "closed":
        assert books[PRINCIPAL] == 0


@lives
def test_decisions_follow_from_the_history_alone(application: ApplyForLoan, orders: list[Command]) -> None:
    loan, history = lived(application, orders)
    assert LOAN.fold(LOAN.initial, history) == loan
