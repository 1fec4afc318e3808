"""Fees, dormancy, reversal and the end of an account: both edges of every rule."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.domain.account import ACCOUNT, ChangeTerms, Command, FreezeAccount, UnfreezeAccount
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.day import EndDay, SettleCharges
from accounts.domain.account.facts import (
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    AccountReactivated,
    AccountUnfrozen,
    Event,
    FeeAssessed,
    FeesCollected,
    HoldCaptured,
    InterestAccrued,
    MoneyCredited,
    MoneyDebited,
)
from accounts.domain.account.holds import CaptureHold, HoldFunds
from accounts.domain.account.money import CreditMoney, DebitMoney, RefundMoney
from accounts.domain.account.reversal import MAX_REVERSALS, ReverseEntry
from accounts.domain.freezes import END_WITH_THE_ACCOUNT, Side
from accounts.domain.interest import Terms
from accounts.domain.transfer import halves
from bank.testing import given
from tests.accounts.facts import DAY, LATER, credited, debited, held, opened

MONTH_END = date(2026, 3, 31)
NEXT_MONTH_END = date(2026, 4, 30)
A_YEAR_LATER = date(2027, 3, 2)
COSTLY = Terms(monthly_fee_minor=2_00)
CREDIT = CreditMoney("a1", 10_00, "EUR", "cash", LATER)
DEBIT = DebitMoney("a1", 10_00, "EUR", "cash", LATER)
CLOSED = AccountClosed("a1", "c1", LATER, 0, "EUR")
CLOSE = CloseAccount("a1", LATER)


# Fees.


def test_the_fee_is_charged_at_the_end_of_the_month_once() -> None:
    history: list[Event] = [opened(terms=COSTLY), credited(2_00)]
    account = given(ACCOUNT, *history)
    charged: list[Event] = [FeeAssessed("a1", 2_00, "EUR", MONTH_END, 0), debited(2_00, MONTH_END, "fees-earned")]
    assert account.when(EndDay("a1", MONTH_END)) == charged
    assert account.when(EndDay("a1", MONTH_END - timedelta(days=1))) == []
    assert given(ACCOUNT, *history, *charged).when(EndDay("a1", MONTH_END)) == []


def test_what_the_account_cannot_bear_stays_due_and_is_taken_with_the_next_fee() -> None:
    history: list[Event] = [opened(terms=COSTLY), credited(1_99)]
    history += given(ACCOUNT, *history).when(EndDay("a1", MONTH_END))
    assert history[-2:] == [FeeAssessed("a1", 2_00, "EUR", MONTH_END, 1), debited(1_99, MONTH_END, "fees-earned")]
    history.append(credited(5_00, MONTH_END))
    assert given(ACCOUNT, *history).when(EndDay("a1", NEXT_MONTH_END)) == [
        FeeAssessed("a1", 2_00, "EUR", NEXT_MONTH_END, 0),
        debited(2_01, NEXT_MONTH_END, "fees-earned"),
    ]
    assert given(ACCOUNT, *history).when(SettleCharges("a1", MONTH_END)) == [
        FeesCollected("a1", 1, "EUR", MONTH_END),
        debited(1, MONTH_END, "fees-earned"),
    ]


def test_a_fee_takes_nothing_that_is_on_hold_or_frozen() -> None:
    histories: list[list[Event]] = [
        [opened(terms=COSTLY), credited(2_00), held(2_00)],
        [opened(terms=COSTLY), credited(2_00), AccountFrozen("a1", "debit", "legal_order")],
    ]
    for history in histories:
        assert given(ACCOUNT, *history).when(EndDay("a1", MONTH_END)) == [
            FeeAssessed("a1", 2_00, "EUR", MONTH_END, 2_00)
        ]


# Dormancy.


def test_an_account_is_dormant_after_a_year_without_its_customer() -> None:
    account = given(ACCOUNT, opened(), credited(1_00))
    dormant = AccountBecameDormant("a1", "c1", A_YEAR_LATER)
    assert account.when(EndDay("a1", A_YEAR_LATER - timedelta(days=1))) == []
    assert account.when(EndDay("a1", A_YEAR_LATER)) == [dormant]
    assert given(ACCOUNT, opened(), dormant).when(EndDay("a1", A_YEAR_LATER + timedelta(days=1))) == []


@pytest.mark.parametrize("contra", ["interest-paid", "interest-earned", "fees-earned"])
def test_what_the_bank_books_keeps_no_account_awake(contra: str) -> None:
    account = given(ACCOUNT, opened(), credited(5_00), credited(1, LATER, contra), debited(1, LATER, contra))
    assert account.state.active_on == DAY
    assert given(ACCOUNT, opened(), credited(1, LATER)).state.active_on == LATER


@pytest.mark.parametrize("command", [CREDIT, DEBIT, CaptureHold("a1", "h1", "p1", 1, "EUR", "card-settlement", LATER)])
def test_the_customers_own_doing_wakes_it(command: CreditMoney) -> None:
    dormant = given(ACCOUNT, opened(), credited(10_00), AccountBecameDormant("a1", "c1", LATER))
    first, second = dormant.when(command)
    assert first == AccountReactivated("a1", "c1", LATER)
    assert isinstance(second, MoneyCredited | MoneyDebited | HoldCaptured)
    assert ACCOUNT.fold(dormant.state, [first, second]).status == "open"


PAID = CreditMoney("a1", 1, "EUR", "transfer-clearing", LATER, counterparty="a2")
TRANSFERRED = DebitMoney("a1", 1, "EUR", "transfer-clearing", LATER, counterparty="a2")


@pytest.mark.parametrize(
    ("command", "own"),
    [
        (replace(PAID, paid_by="c1"), True),
        (replace(PAID, paid_by="c2"), False),
        (PAID, False),
        (replace(PAID, contra="other-banks", counterparty=None), False),
        (TRANSFERRED, True),
        (replace(TRANSFERRED, automatic=True), False),
        (replace(TRANSFERRED, contra="transit:loan-repayments", process_id="r1"), True),
        (replace(TRANSFERRED, contra="transit:loan-repayments", process_id="r1", automatic=True), False),
        (RefundMoney("a1", 1, "EUR", "card-settlement", LATER, "p1", "r1", "Kiosk"), False),
    ],
)
def test_what_others_pay_and_what_comes_by_itself_is_not_the_customers_doing(command: Command, own: bool) -> None:
    account = given(ACCOUNT, opened(), credited(10_00))
    assert ACCOUNT.fold(account.state, account.when(command)).active_on == (LATER if own else DAY)
    dormant = given(ACCOUNT, opened(), credited(10_00), AccountBecameDormant("a1", "c1", LATER))
    assert isinstance(dormant.when(command)[0], AccountReactivated) == own


@pytest.mark.parametrize(
    ("by", "both", "automatic", "discreet"),
    [
        ("c1", True, False, True),
        ("c2", False, False, True),
        (None, False, True, True),
        (None, False, False, False),
    ],
)
def test_a_transfer_is_the_doing_of_who_asked_for_it(
    by: str | None, both: bool, automatic: bool, discreet: bool
) -> None:
    """Of nobody, where a standing order did; and only the bank's people hear all of the account that is paid."""
    sides = halves(
        from_account_id="a2",
        to_account_id="a1",
        amount_minor=1,
        currency="EUR",
        booked_on=LATER,
        customer_id=by,
        automatic=automatic,
    )
    out, into = (order.command for order in sides)
    assert isinstance(out, DebitMoney)
    assert isinstance(into, CreditMoney)
    assert (out.automatic, into.paid_by, into.discreet) == (automatic, by, discreet)
    account = given(ACCOUNT, opened())
    assert (ACCOUNT.fold(account.state, account.when(into)).active_on == LATER) == both


def test_what_the_bank_does_wakes_nobody() -> None:
    dormant = given(ACCOUNT, opened(), credited(10_00), AccountBecameDormant("a1", "c1", LATER))
    for command in (
        replace(CREDIT, contra="interest-paid"),
        FreezeAccount("a1", "both", "legal_order"),
        ChangeTerms("a1", COSTLY, "EUR", LATER),
        ReverseEntry("a1", 2, 10_00, "EUR", "cash", LATER),
    ):
        assert not [event for event in dormant.when(command) if isinstance(event, AccountReactivated)]


# Reversal.


def test_a_credit_is_taken_back_and_a_debit_given_back_against_the_same_contra() -> None:
    account = given(ACCOUNT, opened(), credited(10_00), debited(4_00))
    assert account.when(ReverseEntry("a1", 3, -4_00, "EUR", "cash", LATER)) == [
        MoneyCredited("a1", 4_00, "EUR", "cash", LATER, reverses=3)
    ]
    assert account.when(ReverseEntry("a1", 2, 6_00, "EUR", "cash", LATER)) == [
        MoneyDebited("a1", 6_00, "EUR", "cash", LATER, reverses=2)
    ]


def test_an_entry_is_reversed_once() -> None:
    history: list[Event] = [opened(), credited(10_00), credited(10_00)]
    order = ReverseEntry("a1", 2, 10_00, "EUR", "cash", LATER)
    back = given(ACCOUNT, *history).when(order)
    assert given(ACCOUNT, *history, *back).refuses(order) == "already_reversed"
    assert given(ACCOUNT, *history, *back).when(replace(order, version=3))


def test_a_reversal_takes_no_more_than_is_available_and_nothing_that_is_frozen() -> None:
    order = ReverseEntry("a1", 2, 10_00, "EUR", "cash", LATER)
    assert given(ACCOUNT, opened(), credited(10_00), debited(1)).refuses(order) == "insufficient_funds"
    frozen = AccountFrozen("a1", "both", "legal_order")
    assert given(ACCOUNT, opened(), credited(10_00), frozen).refuses(order) == "account_frozen"
    assert given(ACCOUNT, opened(), frozen).when(replace(order, booked_minor=-10_00))


@pytest.mark.parametrize(
    "contra", ["card-settlement", "due-from-loans", "transit:loan-repayments", "transfer-clearing"]
)
def test_what_others_take_back_is_not_reversed_here(contra: str) -> None:
    order = ReverseEntry("a1", 2, 10_00, "EUR", contra, LATER)
    assert given(ACCOUNT, opened(), credited(10_00)).refuses(order) == "not_reversible"


def test_what_takes_back_is_not_taken_back() -> None:
    order = ReverseEntry("a1", 2, 10_00, "EUR", "cash", LATER, is_reversal=True)
    assert given(ACCOUNT, opened(), credited(10_00)).refuses(order) == "not_reversible"


def test_both_halves_of_a_transfer_are_reversed_naming_each_other() -> None:
    order = ReverseEntry("a1", 2, 10_00, "EUR", "transfer-clearing", LATER, counterparty="a2")
    assert given(ACCOUNT, opened(), credited(10_00)).when(order) == [
        MoneyDebited("a1", 10_00, "EUR", "transfer-clearing", LATER, counterparty="a2", reverses=2)
    ]


def test_the_bank_remembers_so_many_reversals_and_no_more() -> None:
    def reversals(number: int) -> list[Event]:
        return [MoneyCredited("a1", 1, "EUR", "cash", DAY, reverses=n) for n in range(number)]

    order = ReverseEntry("a1", MAX_REVERSALS + 5, -1, "EUR", "cash", LATER)
    assert given(ACCOUNT, opened(), *reversals(MAX_REVERSALS - 1)).when(order)
    assert given(ACCOUNT, opened(), *reversals(MAX_REVERSALS)).refuses(order) == "too_many_reversals"


# Closing.


def test_an_empty_account_is_closed_once() -> None:
    assert given(ACCOUNT, opened(overdraft_minor=5_00)).when(CLOSE) == [CLOSED]
    closed = given(ACCOUNT, opened(overdraft_minor=5_00), CLOSED)
    assert (closed.state.status, closed.state.overdraft_limit_minor) == ("closed", 0)
    assert closed.refuses(CLOSE) == "account_closed"
    assert given(ACCOUNT).refuses(CLOSE) == "account_not_open"
    assert given(ACCOUNT, opened()).refuses(replace(CLOSE, customer_id="c2")) == "not_your_account"


def test_holds_money_and_fees_keep_an_account_open() -> None:
    assert given(ACCOUNT, opened(), credited(1), held(1)).refuses(CLOSE) == "holds_open"
    assert given(ACCOUNT, opened(), credited(1)).refuses(CLOSE) == "balance_not_zero"
    assert given(ACCOUNT, opened(overdraft_minor=1), debited(1)).refuses(CLOSE) == "balance_not_zero"
    due = FeeAssessed("a1", 2_00, "EUR", DAY, 2_00)
    assert given(ACCOUNT, opened(), due).refuses(CLOSE) == "fees_due"
    assert given(ACCOUNT, opened(), due).when(replace(CLOSE, waive_fees=True)) == [replace(CLOSED, waived_minor=2_00)]


def test_interest_that_rounds_to_a_cent_is_posted_before_closing_and_less_is_nothing() -> None:
    half = 365 * 10_000 // 2
    for units, is_kept_open in ((half, False), (half + 1, True)):
        for accrued in (InterestAccrued("a1", DAY, units, 0), InterestAccrued("a1", DAY, 0, units)):
            account = given(ACCOUNT, opened(terms=Terms(150, 990)), accrued)
            if is_kept_open:
                assert account.refuses(CLOSE) == "interest_not_posted"
            else:
                assert account.when(CLOSE) == [CLOSED]


@pytest.mark.parametrize("side", ["debit", "credit", "both"])
def test_an_account_under_a_legal_order_is_not_closed(side: Side) -> None:
    ordered = AccountFrozen("a1", side, "legal_order")
    assert given(ACCOUNT, opened(), ordered).refuses(CLOSE) == "account_under_legal_order"
    lifted = AccountUnfrozen("a1", side, "legal_order")
    assert given(ACCOUNT, opened(), ordered, lifted).when(CLOSE) == [CLOSED]


def test_what_the_customer_or_the_bank_froze_ends_with_the_account() -> None:
    history: list[Event] = [opened()]
    history += [AccountFrozen("a1", "both", why) for why in END_WITH_THE_ACCOUNT]
    assert given(ACCOUNT, *history).when(CLOSE) == [CLOSED]
    assert given(ACCOUNT, *history, CLOSED, credited(10_00)).when(DEBIT)


def test_a_legal_order_that_has_outlived_its_account_is_lifted_as_such() -> None:
    """Accounts under a legal order could be closed once."""
    history: list[Event] = [opened(), AccountFrozen("a1", "both", "legal_order"), CLOSED, credited(10_00)]
    assert given(ACCOUNT, *history).refuses(DEBIT) == "account_frozen"
    lifted = AccountUnfrozen("a1", "both", "legal_order")
    assert given(ACCOUNT, *history).when(UnfreezeAccount("a1", "both", "legal_order")) == [lifted]
    assert given(ACCOUNT, *history, lifted).when(DEBIT)


def test_nothing_new_happens_to_a_closed_account() -> None:
    closed = given(ACCOUNT, opened(terms=Terms(150, 990, 2_00)), CLOSED)
    assert closed.refuses(CREDIT) == "account_closed"
    assert closed.refuses(DEBIT) == "account_closed"
    assert closed.refuses(FreezeAccount("a1", "both", "legal_order")) == "account_closed"
    assert closed.refuses(HoldFunds("a1", "c1", "h1", 1, "EUR", LATER)) == "account_closed"
    assert closed.refuses(SettleCharges("a1", LATER)) == "account_closed"
    assert closed.when(EndDay("a1", MONTH_END)) == []
    assert closed.when(EndDay("a1", A_YEAR_LATER)) == []


def test_what_the_bank_gave_its_word_for_reaches_a_closed_account_and_is_settled() -> None:
    captured = CaptureHold("a1", "h1", "p1", 5_00, "EUR", "transit:card-payments", LATER)
    history: list[Event] = [opened(), CLOSED]
    [event] = given(ACCOUNT, *history).when(captured)
    assert isinstance(event, HoldCaptured)
    assert event.unarranged
    owing = given(ACCOUNT, *history, event)
    assert owing.when(replace(CREDIT, amount_minor=5_00))
    assert owing.refuses(replace(CREDIT, amount_minor=5_01)) == "account_closed"
    refund = RefundMoney("a1", 10_00, "EUR", "card-settlement", LATER, "p1", "r1")
    refunded = given(ACCOUNT, *history, *given(ACCOUNT, *history).when(refund))
    assert refunded.when(DEBIT)
    assert refunded.refuses(replace(DEBIT, amount_minor=10_01)) == "account_closed"
