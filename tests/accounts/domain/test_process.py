"""What a process has in transit: received, cleared, never below zero."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.domain.account.facts import HoldDeclined
from accounts.domain.chart import TransitKind
from accounts.domain.process import (
    OVERDUE_AFTER,
    PROCESS,
    BookOwnAccounts,
    CancelDebit,
    ClearTransit,
    Decline,
    ReceiveTransit,
    ResolveTransit,
    ReturnTransit,
    WithdrawResolution,
)
from accounts.domain.process.facts import (
    Answer,
    CreditDeclined,
    DebitCancelled,
    DebitDeclined,
    OwnAccountsBooked,
    TransitCleared,
    TransitReceived,
    TransitResolutionProposed,
    TransitResolutionWithdrawn,
    TransitReturned,
)
from bank.four_eyes import STANDS_FOR
from bank.money import MAX_MINOR
from bank.testing import given
from tests.accounts.facts import DAY

RECEIVE = ReceiveTransit("p1", "card-payments", 20_00, "EUR", DAY)
CLEAR = ClearTransit("p1", 20_00, "EUR", "card-settlement", DAY)
RECEIVED = TransitReceived("p1", "card-payments", 20_00, "EUR", DAY)
RETURN = ReturnTransit("p1", 20_00, "EUR", DAY)
RETURNED = TransitReturned("p1", "card-payments", 20_00, "EUR", DAY)
CANCEL, CANCELLED = CancelDebit("a1", "p1", 20_00, "EUR", DAY), DebitCancelled("a1", "p1", 20_00, "EUR")
CLEARED = TransitCleared("p1", "card-payments", 20_00, "EUR", "card-settlement", DAY)


def test_a_process_receives_and_clears_the_same() -> None:
    assert given(PROCESS).when(RECEIVE) == [RECEIVED]
    assert given(PROCESS, RECEIVED).state.open_minor == 20_00
    assert given(PROCESS, RECEIVED).when(CLEAR) == [CLEARED]
    assert given(PROCESS, RECEIVED, CLEARED).state.open_minor == 0


def test_the_banks_own_accounts_are_booked_against_each_other_and_nothing_is_in_transit() -> None:
    book = BookOwnAccounts("p1", 20_00, "EUR", "due-from-cards", "card-settlement", DAY)
    booked = OwnAccountsBooked("p1", 20_00, "EUR", "due-from-cards", "card-settlement", DAY)
    assert given(PROCESS).when(book) == [booked]
    assert given(PROCESS, booked).state == PROCESS.initial
    for wrong in ({"debit": "customer-savings"}, {"credit": "customer-savings"}, {"debit": "nowhere"}):
        assert given(PROCESS).refuses(replace(book, **wrong)) == "unknown_ledger_account"  # type: ignore[arg-type]
    for amount in (0, MAX_MINOR + 1):
        assert given(PROCESS).refuses(replace(book, amount_minor=amount)) == "invalid_amount"


def test_a_process_clears_what_it_has_in_parts_and_no_more() -> None:
    part = replace(CLEARED, amount_minor=19_99)
    assert given(PROCESS, RECEIVED, part).when(replace(CLEAR, amount_minor=1)) == [replace(CLEARED, amount_minor=1)]
    assert given(PROCESS, RECEIVED, part).refuses(replace(CLEAR, amount_minor=2)) == "transit_exceeded"
    assert given(PROCESS, RECEIVED, CLEARED).refuses(replace(CLEAR, amount_minor=1)) == "transit_exceeded"
    assert given(PROCESS).refuses(CLEAR) == "transit_exceeded"


def test_a_process_returns_what_it_has_and_no_more() -> None:
    assert given(PROCESS, RECEIVED).when(RETURN) == [RETURNED]
    assert given(PROCESS, RECEIVED, RETURNED).state.open_minor == 0
    assert given(PROCESS, RECEIVED).refuses(replace(RETURN, amount_minor=20_01)) == "transit_exceeded"
    assert given(PROCESS, RECEIVED, RETURNED).refuses(RETURN) == "transit_exceeded"
    assert given(PROCESS, RECEIVED, CLEARED).refuses(RETURN) == "transit_exceeded"
    assert given(PROCESS).refuses(RETURN) == "transit_exceeded"
    assert given(PROCESS, RECEIVED).refuses(replace(RETURN, currency="USD")) == "currency_mismatch"


def test_a_debit_taken_back_before_it_came_never_comes() -> None:
    assert given(PROCESS).when(CANCEL) == [CANCELLED]
    assert given(PROCESS, CANCELLED).when(CANCEL) == []
    assert given(PROCESS, CANCELLED).refuses(RECEIVE) == "cancelled"
    declined = DebitDeclined("a1", "p1", 20_00, "EUR", "insufficient_funds")
    assert given(PROCESS, declined).when(CANCEL) == [CANCELLED]


def test_a_debit_that_came_is_not_taken_back_without_its_money() -> None:
    assert given(PROCESS, RECEIVED).refuses(CANCEL) == "money_received"
    assert given(PROCESS, RECEIVED, RETURNED).refuses(CANCEL) == "money_received"


@pytest.mark.parametrize("command", [RECEIVE, CLEAR, RETURN])
@pytest.mark.parametrize("amount_minor", [0, -1, MAX_MINOR + 1])
def test_an_amount_is_positive_and_not_larger_than_the_bank_books(
    command: ReceiveTransit | ClearTransit | ReturnTransit, amount_minor: int
) -> None:
    assert given(PROCESS, RECEIVED).refuses(replace(command, amount_minor=amount_minor)) == "invalid_amount"


def test_a_process_keeps_its_kind_and_its_currency() -> None:
    process = given(PROCESS, RECEIVED)
    assert process.refuses(replace(RECEIVE, kind="loan-repayments")) == "other_process"
    assert process.refuses(replace(RECEIVE, currency="USD")) == "currency_mismatch"
    assert process.refuses(replace(CLEAR, currency="USD")) == "currency_mismatch"


def test_a_process_clears_to_one_of_the_banks_own_accounts() -> None:
    assert given(PROCESS, RECEIVED).refuses(replace(CLEAR, contra="customer-current")) == "unknown_ledger_account"


@pytest.mark.parametrize(
    "answer",
    [
        HoldDeclined("a1", "p1", 20_00, "EUR", "account_not_open"),
        DebitDeclined("a1", "p1", 20_00, "EUR", "insufficient_funds"),
        CreditDeclined("a1", "p1", 20_00, "EUR", "account_frozen"),
    ],
)
def test_a_process_hears_an_answer_and_has_nothing_in_transit(answer: Answer) -> None:
    assert given(PROCESS).when(Decline(answer)) == [answer]
    assert given(PROCESS, answer).state.open_minor == 0


FIRST = ResolveTransit("p1", "operator:1", DAY, OVERDUE_AFTER["card-payments"])
SECOND = replace(FIRST, operator="operator:2", agrees_with="operator:1")
PROPOSED = TransitResolutionProposed("p1", 20_00, "EUR", "operator:1", DAY)


def test_two_operators_move_to_suspense_what_stays_in_transit() -> None:
    assert given(PROCESS, RECEIVED).when(FIRST) == [PROPOSED]
    proposed = given(PROCESS, RECEIVED, PROPOSED)
    assert proposed.refuses(FIRST) == "second_operator_needed"
    assert proposed.refuses(replace(SECOND, agrees_with=None)) == "already_proposed"
    resolved = [replace(CLEARED, contra="suspense")]
    assert proposed.when(SECOND) == resolved
    assert given(PROCESS, RECEIVED, PROPOSED, *resolved).refuses(SECOND) == "nothing_in_transit"
    assert given(PROCESS).refuses(FIRST) == "nothing_in_transit"


def test_what_was_proposed_to_be_moved_is_withdrawn_or_lapses_and_is_not_done_then() -> None:
    withdrawn = TransitResolutionWithdrawn("p1", "operator:3", DAY)
    withdraw = WithdrawResolution("p1", "operator:3", DAY)
    assert given(PROCESS, RECEIVED, PROPOSED).when(withdraw) == [withdrawn]
    assert given(PROCESS, RECEIVED).refuses(withdraw) == "not_proposed"
    assert given(PROCESS, RECEIVED, PROPOSED, withdrawn).refuses(SECOND) == "not_proposed"
    assert given(PROCESS, RECEIVED, PROPOSED, withdrawn).when(FIRST) == [PROPOSED]
    lapsed = DAY + STANDS_FOR
    assert given(PROCESS, RECEIVED, PROPOSED).refuses(replace(SECOND, resolved_on=lapsed)) == "not_proposed"
    anew = replace(SECOND, resolved_on=lapsed, agrees_with=None)
    renewed = replace(PROPOSED, proposed_by="operator:2", proposed_on=lapsed)
    assert given(PROCESS, RECEIVED, PROPOSED).when(anew) == [renewed]


@pytest.mark.parametrize("kind", OVERDUE_AFTER)
def test_only_a_process_that_is_overdue_is_resolved(kind: TransitKind) -> None:
    received = given(PROCESS, replace(RECEIVED, kind=kind))
    proposed = given(PROCESS, replace(RECEIVED, kind=kind), PROPOSED)
    overdue = OVERDUE_AFTER[kind]
    early = overdue - timedelta(microseconds=1)
    assert received.refuses(replace(FIRST, stood_for=early)) == "process_under_way"
    assert proposed.refuses(replace(SECOND, stood_for=early)) == "process_under_way"
    assert received.when(replace(FIRST, stood_for=overdue)) == [PROPOSED]
    assert proposed.when(replace(SECOND, stood_for=overdue)) == [replace(CLEARED, kind=kind, contra="suspense")]


RESOLVED = replace(CLEARED, contra="suspense")


def test_what_people_moved_to_suspense_is_cleared_from_there_and_once() -> None:
    resolved = given(PROCESS, RECEIVED, PROPOSED, RESOLVED)
    booked = OwnAccountsBooked("p1", 20_00, "EUR", "suspense", "card-settlement", DAY)
    assert resolved.when(CLEAR) == [booked]
    part = replace(booked, amount_minor=19_99)
    rest = given(PROCESS, RECEIVED, RESOLVED, part)
    assert rest.when(replace(CLEAR, amount_minor=1)) == [replace(booked, amount_minor=1)]
    assert rest.refuses(replace(CLEAR, amount_minor=2)) == "transit_exceeded"
    assert given(PROCESS, RECEIVED, RESOLVED, booked).refuses(CLEAR) == "transit_exceeded"
    assert resolved.refuses(replace(CLEAR, amount_minor=20_01)) == "transit_exceeded"
    assert resolved.refuses(replace(CLEAR, currency="USD")) == "currency_mismatch"
    assert resolved.refuses(replace(CLEAR, contra="customer-current")) == "unknown_ledger_account"


def test_a_claim_that_people_moved_to_suspense_is_cleared_from_there_the_other_way() -> None:
    lent = replace(RECEIVED, kind="loan-disbursements")
    resolved = given(PROCESS, lent, replace(RESOLVED, kind="loan-disbursements"))
    booked = OwnAccountsBooked("p1", 20_00, "EUR", "due-from-loans", "suspense", DAY)
    assert resolved.when(replace(CLEAR, contra="due-from-loans")) == [booked]


def test_what_people_moved_to_suspense_is_answered_with_nothing_to_return() -> None:
    resolved = given(PROCESS, RECEIVED, PROPOSED, RESOLVED)
    assert resolved.refuses(RETURN) == "transit_exceeded"
    assert resolved.when(CANCEL) == [replace(RETURNED, amount_minor=0)]
    assert resolved.refuses(replace(CANCEL, amount_minor=20_01)) == "money_received"
    assert given(PROCESS, RECEIVED, PROPOSED).refuses(CANCEL) == "money_received"
    assert given(PROCESS, RECEIVED, CLEARED).refuses(CANCEL) == "money_received"


def test_a_proposal_does_not_outlive_what_it_was_for() -> None:
    moved = given(PROCESS, RECEIVED, PROPOSED, RETURNED, RECEIVED)
    assert moved.refuses(SECOND) == "not_proposed"
    assert moved.when(replace(SECOND, agrees_with=None)) == [replace(PROPOSED, proposed_by="operator:2")]
