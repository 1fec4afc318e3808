"""What an account allows: both edges of every limit."""

from dataclasses import replace

import pytest

from accounts.domain.account import (
    ACCOUNT,
    ArrangeOverdraft,
    FreezeAccount,
    OpenAccount,
    UnfreezeAccount,
)
from accounts.domain.account.facts import (
    AccountBecameDormant,
    AccountClosed,
    AccountFrozen,
    AccountUnfrozen,
    Event,
    MoneyCredited,
    MoneyDebited,
    OverdraftArranged,
)
from accounts.domain.account.money import MAX_BALANCE_MINOR, CreditMoney, DebitMoney, RefundMoney
from accounts.domain.freezes import REASONS, Side
from bank.money import MAX_MINOR
from bank.testing import given
from tests.accounts.facts import DAY, credited, held, opened

OPEN = OpenAccount("a1", "c1", "current", "EUR", opened().iban, "00001", DAY)
CREDIT = CreditMoney("a1", 10_00, "EUR", "cash", DAY)
DEBIT = DebitMoney("a1", 10_00, "EUR", "cash", DAY)
REFUND = RefundMoney("a1", 10_00, "EUR", "card-settlement", DAY, "p1", "r1", "Kiosk")


def test_an_account_opens_with_nothing_on_it() -> None:
    assert given(ACCOUNT).when(OPEN) == [opened()]
    assert given(ACCOUNT, opened()).state.balance_minor == 0


def test_an_account_opens_once() -> None:
    assert given(ACCOUNT, opened()).refuses(OPEN) == "account_exists"


def test_an_account_opens_in_a_known_currency_only() -> None:
    assert given(ACCOUNT).refuses(replace(OPEN, currency="EUX")) == "unknown_currency"


def test_a_current_account_opens_with_an_overdraft_up_to_what_the_bank_books() -> None:
    assert given(ACCOUNT).when(replace(OPEN, overdraft_limit_minor=MAX_MINOR)) == [opened(overdraft_minor=MAX_MINOR)]
    assert given(ACCOUNT).refuses(replace(OPEN, overdraft_limit_minor=MAX_MINOR + 1)) == "invalid_amount"
    assert given(ACCOUNT).refuses(replace(OPEN, overdraft_limit_minor=-1)) == "invalid_amount"


def test_a_savings_account_has_no_overdraft() -> None:
    savings = replace(OPEN, kind="savings")
    assert given(ACCOUNT).when(savings) == [opened(kind="savings")]
    assert given(ACCOUNT).refuses(replace(savings, overdraft_limit_minor=1)) == "no_overdraft"


@pytest.mark.parametrize("command", [CREDIT, DEBIT, REFUND, FreezeAccount("a1", "both", "legal_order")])
def test_nothing_is_booked_on_an_account_that_was_never_opened(command: CreditMoney) -> None:
    assert given(ACCOUNT).refuses(command) == "account_not_open"


@pytest.mark.parametrize(
    ("history", "credit", "code"),
    [
        ((), CREDIT, "account_not_open"),
        ((opened(), AccountFrozen("a1", "credit", "legal_order")), CREDIT, "account_frozen"),
        ((opened(), AccountClosed("a1", "c1", DAY, 0, "EUR")), CREDIT, "account_closed"),
        (
            (opened(), AccountBecameDormant("a1", "c1", DAY)),
            replace(CREDIT, only_in_use=True),
            "account_dormant",
        ),
        ((opened(), credited(MAX_BALANCE_MINOR)), CREDIT, "balance_too_large"),
        ((opened(),), replace(CREDIT, currency="JPY"), "currency_mismatch"),
    ],
)
def test_who_pays_hears_nothing_of_anothers_account_that_does_not_take_it(
    history: tuple[Event, ...], credit: CreditMoney, code: str
) -> None:
    account, discreet = given(ACCOUNT, *history), replace(credit, discreet=True)
    assert account.refuses(credit) == code
    assert account.refuses(discreet) == "payee_cannot_take"
    assert account.refuses(replace(discreet, paid_by="c2")) == "payee_cannot_take"
    assert account.refuses(replace(discreet, paid_by="c1")) == (code if history else "payee_cannot_take")
    assert given(ACCOUNT, opened()).when(replace(CREDIT, discreet=True)) == given(ACCOUNT, opened()).when(CREDIT)


def test_a_credit_names_its_contra_and_its_day() -> None:
    assert given(ACCOUNT, opened()).when(CREDIT) == [MoneyCredited("a1", 10_00, "EUR", "cash", DAY)]


@pytest.mark.parametrize("command", [CREDIT, REFUND, replace(DEBIT, allow_unarranged=True)])
def test_an_amount_is_positive_and_not_larger_than_the_bank_books(command: CreditMoney) -> None:
    account = given(ACCOUNT, opened())
    for accepted in (1, MAX_MINOR):
        [event] = account.when(replace(command, amount_minor=accepted))
        assert isinstance(event, MoneyCredited | MoneyDebited)
        assert event.amount_minor == accepted
    for refused in (0, -1, MAX_MINOR + 1):
        assert account.refuses(replace(command, amount_minor=refused)) == "invalid_amount"


@pytest.mark.parametrize("command", [CREDIT, REFUND, DEBIT])
def test_an_amount_is_in_the_accounts_currency(command: CreditMoney) -> None:
    assert given(ACCOUNT, opened(), credited(10_00)).refuses(replace(command, currency="USD")) == "currency_mismatch"


@pytest.mark.parametrize("command", [CREDIT, REFUND, DEBIT])
@pytest.mark.parametrize("contra", ["petty-cash", "customer-savings", "customer-current"])
def test_the_contra_is_one_of_the_banks_own_accounts(command: CreditMoney, contra: str) -> None:
    account = given(ACCOUNT, opened(), credited(10_00))
    assert account.refuses(replace(command, contra=contra)) == "unknown_ledger_account"


def test_a_balance_grows_to_the_limit_and_not_beyond() -> None:
    full = given(ACCOUNT, opened(), credited(MAX_BALANCE_MINOR - 10_00))
    assert full.when(CREDIT) == [credited(10_00)]
    assert full.refuses(replace(CREDIT, amount_minor=10_01)) == "balance_too_large"


def test_a_debit_may_take_the_last_cent() -> None:
    account = given(ACCOUNT, opened(), credited(10_00))
    assert account.when(DEBIT) == [MoneyDebited("a1", 10_00, "EUR", "cash", DAY)]
    assert account.refuses(replace(DEBIT, amount_minor=10_01)) == "insufficient_funds"


def test_a_debit_may_use_the_overdraft_to_the_last_cent() -> None:
    account = given(ACCOUNT, opened(overdraft_minor=50_00))
    assert account.when(replace(DEBIT, amount_minor=50_00)) == [MoneyDebited("a1", 50_00, "EUR", "cash", DAY)]
    assert account.refuses(replace(DEBIT, amount_minor=50_01)) == "insufficient_funds"


def test_what_is_on_hold_is_not_available() -> None:
    account = given(ACCOUNT, opened(), credited(30_00), held(20_00))
    assert account.when(DEBIT) == [MoneyDebited("a1", 10_00, "EUR", "cash", DAY)]
    assert account.refuses(replace(DEBIT, amount_minor=10_01)) == "insufficient_funds"


def test_an_operator_may_book_below_the_limit_and_it_is_flagged() -> None:
    account = given(ACCOUNT, opened(overdraft_minor=5_00))
    booked = replace(DEBIT, allow_unarranged=True)
    assert account.when(replace(booked, amount_minor=5_00)) == [MoneyDebited("a1", 5_00, "EUR", "cash", DAY)]
    assert account.when(replace(booked, amount_minor=5_01)) == [
        MoneyDebited("a1", 5_01, "EUR", "cash", DAY, unarranged=True)
    ]


@pytest.mark.parametrize("command", [CREDIT, DEBIT])
def test_what_is_booked_in_a_customers_name_is_on_his_own_account(command: CreditMoney) -> None:
    account = given(ACCOUNT, opened(), credited(10_00))
    assert account.when(replace(command, customer_id="c1"))
    assert account.refuses(replace(command, customer_id="c2")) == "not_your_account"


@pytest.mark.parametrize("command", [CREDIT, DEBIT])
def test_a_transfer_needs_two_accounts(command: CreditMoney) -> None:
    account = given(ACCOUNT, opened(), credited(10_00))
    assert account.when(replace(command, counterparty="a2"))
    assert account.refuses(replace(command, counterparty="a1")) == "same_account"


@pytest.mark.parametrize(
    ("side", "debits", "credits"), [("debit", False, True), ("credit", True, False), ("both", False, False)]
)
def test_a_freeze_stops_its_side_alone(side: Side, debits: bool, credits: bool) -> None:
    account = given(ACCOUNT, opened(), credited(10_00), AccountFrozen("a1", side, "legal_order"))
    for command, allowed in ((DEBIT, debits), (CREDIT, credits)):
        if allowed:
            assert account.when(command)
        else:
            assert account.refuses(command) == "account_frozen"


def test_no_operators_permission_debits_a_frozen_account() -> None:
    account = given(ACCOUNT, opened(), credited(10_00), AccountFrozen("a1", "debit", "legal_order"))
    assert account.refuses(replace(DEBIT, allow_unarranged=True)) == "account_frozen"


def test_a_refund_reaches_a_frozen_account() -> None:
    account = given(ACCOUNT, opened(), AccountFrozen("a1", "both", "legal_order"))
    assert account.when(REFUND) == [
        MoneyCredited("a1", 10_00, "EUR", "card-settlement", DAY, "p1", "Kiosk", refund_id="r1")
    ]


@pytest.mark.parametrize("side", ["debit", "credit", "both"])
def test_freezing_twice_and_unfreezing_what_is_free_changes_nothing(side: Side) -> None:
    assert given(ACCOUNT, opened()).when(UnfreezeAccount("a1", side, "legal_order")) == []
    frozen = given(ACCOUNT, opened(), AccountFrozen("a1", side, "legal_order"))
    assert frozen.when(FreezeAccount("a1", side, "legal_order")) == []
    assert frozen.when(UnfreezeAccount("a1", side, "suspected_fraud")) == []


def test_a_freeze_of_both_sides_is_lifted_side_by_side() -> None:
    both = AccountFrozen("a1", "both", "legal_order")
    account = given(ACCOUNT, opened(), credited(10_00), both, AccountUnfrozen("a1", "debit", "legal_order"))
    assert account.when(DEBIT)
    assert account.refuses(CREDIT) == "account_frozen"
    assert account.when(UnfreezeAccount("a1", "both", "legal_order")) == [AccountUnfrozen("a1", "both", "legal_order")]


def test_a_legal_order_on_a_frozen_account_counts_and_is_not_lifted_with_what_froze_it_before() -> None:
    asked, ordered = (AccountFrozen("a1", "both", why) for why in REASONS[:2])
    history: list[Event] = [opened(), credited(10_00), asked]
    assert given(ACCOUNT, *history).when(FreezeAccount("a1", "both", "legal_order")) == [ordered]
    unfrozen, lifted = (AccountUnfrozen("a1", "both", why) for why in REASONS[:2])
    history.append(ordered)
    assert given(ACCOUNT, *history).when(UnfreezeAccount("a1", "both", "customer_request")) == [unfrozen]
    history.append(unfrozen)
    assert given(ACCOUNT, *history).refuses(DEBIT) == "account_frozen"
    assert given(ACCOUNT, *history).refuses(CREDIT) == "account_frozen"
    assert given(ACCOUNT, *history).when(UnfreezeAccount("a1", "both", "legal_order")) == [lifted]
    assert given(ACCOUNT, *history, lifted).when(DEBIT)


def test_an_unfreeze_stored_before_it_said_its_reason_lifts_whatever_froze_the_side() -> None:
    frozen = (AccountFrozen("a1", "both", "customer_request"), AccountFrozen("a1", "debit", "legal_order"))
    account = given(ACCOUNT, opened(), credited(10_00), *frozen, AccountUnfrozen("a1", "debit"))
    assert account.when(DEBIT)
    assert account.refuses(CREDIT) == "account_frozen"


def test_an_overdraft_is_lowered_to_what_is_used_and_not_below() -> None:
    account = given(ACCOUNT, opened(overdraft_minor=50_00), MoneyDebited("a1", 20_00, "EUR", "cash", DAY))
    assert account.when(ArrangeOverdraft("a1", 20_00, "EUR")) == [OverdraftArranged("a1", 20_00, "EUR")]
    assert account.refuses(ArrangeOverdraft("a1", 19_99, "EUR")) == "overdraft_in_use"


def test_an_overdraft_may_be_raised_for_an_account_that_is_below_its_limit() -> None:
    overdrawn = MoneyDebited("a1", 20_00, "EUR", "cash", DAY, unarranged=True)
    account = given(ACCOUNT, opened(), overdrawn)
    assert account.when(ArrangeOverdraft("a1", 1_00, "EUR")) == [OverdraftArranged("a1", 1_00, "EUR")]


def test_an_overdraft_is_arranged_in_the_accounts_currency() -> None:
    assert given(ACCOUNT, opened()).refuses(ArrangeOverdraft("a1", 1, "USD")) == "currency_mismatch"


def test_an_overdraft_as_it_is_changes_nothing() -> None:
    assert given(ACCOUNT, opened(overdraft_minor=1)).when(ArrangeOverdraft("a1", 1, "EUR")) == []


def test_an_overdraft_is_for_current_accounts_and_not_negative() -> None:
    assert given(ACCOUNT, opened(kind="savings")).refuses(ArrangeOverdraft("a1", 1, "EUR")) == "no_overdraft"
    assert given(ACCOUNT, opened()).refuses(ArrangeOverdraft("a1", -1, "EUR")) == "invalid_amount"
    assert given(ACCOUNT, opened()).refuses(ArrangeOverdraft("a1", MAX_MINOR + 1, "EUR")) == "invalid_amount"
