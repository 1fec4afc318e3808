"""A loan comes about in all contexts, or in none: whatever declines, is silent, or cannot be undone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

import accounts.queries.ledger
from bank.context import Order, Unit
from bank.execution import execute
from bank.history.eventstore import load
from bank.models import SagaRow
from bank.sagas import driving
from bank.sagas.progress import Compensate
from loans.context import LOANS
from loans.domain.borrower import BORROWER
from loans.domain.loan import LOAN
from loans.domain.loan.origination import ChoosePayoutAccount
from loans.sagas import LOAN_ORIGINATION_SAGA
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Disturbance,
    backwards,
    every_other_lost,
    lost,
    undisturbed,
)
from tests.flows.harness.stories import accepted, customer, eur, open_account, transit_is_overdue
from tests.flows.loans.test_loans import another_operator, apply_for, balance, promises_hold

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]

PAID_OUT = [("loan-disbursements", 1_200_00)]


def approved(bank: Bank, account_id: str, customer_id: str) -> str:
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    return loan_id


def shown(bank: Bank, loan_id: str) -> Any:
    return bank.operator.get(f"/loans/{loan_id}")


def came_to(bank: Bank, loan_id: str) -> tuple[str, str | None, str, str]:
    """How the loan stands and why, how its origination ended, and how its saga stands."""
    loan = shown(bank, loan_id)
    outcome = bank.operator.get(f"/operations/{loan['origination_id']}")["outcome"]
    return loan["status"], loan["code"], outcome, saga(loan["origination_id"]).status


def saga(origination_id: str) -> SagaRow:
    return SagaRow.objects.using("loans").get(id=origination_id)


def reserved_minor(customer_id: str) -> int:
    state, _ = load(LOANS, BORROWER, customer_id)
    return int(state.exposure_minor("EUR"))


def in_transit() -> list[tuple[str, int]]:
    return [(one.kind, one.open_minor) for one in accounts.queries.ledger.transit()]


# Stories which end the same whatever happens to the messages.


def a_loan_comes_about(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = approved(bank, account_id, customer_id)
    then()
    assert came_to(bank, loan_id) == ("active", None, "disbursed", "completed")
    assert balance(bank, account_id) == "1300.00"
    assert reserved_minor(customer_id) == 1_200_00
    operation = bank.operator.get(f"/operations/{shown(bank, loan_id)['origination_id']}")
    assert {step["state"] for step in operation["steps"]} == {"done"}


def a_customer_suspended_just_now_is_not_cleared(bank: Bank, then: Then) -> None:
    """Loans has not heard of it when it is asked, Customers knows."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/customers/{customer_id}/suspend", {"reason": "fraud"})
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    assert came_to(bank, loan_id) == ("applied", "customer_suspended", "failed", "compensated")
    assert (balance(bank, account_id), reserved_minor(customer_id)) == ("100.00", 0)


def a_customer_who_owes_too_much_is_lent_nothing_more(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    first, second = (large(bank, customer_id, account_id) for _ in range(2))
    two_approve(bank, first)
    then()
    two_approve(bank, second)
    then()
    assert came_to(bank, first) == ("active", None, "disbursed", "completed")
    assert came_to(bank, second) == ("applied", "exposure_limit_exceeded", "failed", "compensated")
    assert (balance(bank, account_id), reserved_minor(customer_id)) == ("1500100.00", 1_500_000_00)


def large(bank: Bank, customer_id: str, account_id: str) -> str:
    terms = {"product": "home", "principal": eur("1500000.00"), "term_months": 240}
    return accepted(bank, "/loans", {"customer_id": customer_id, "account_id": account_id, **terms})


def two_approve(bank: Bank, loan_id: str) -> None:
    bank.operator.made(f"/loans/{loan_id}/approve")
    assert shown(bank, loan_id)["status"] == "awaiting_second_approval"
    another_operator().made(f"/loans/{loan_id}/approve")


def an_account_that_takes_no_money_gets_none(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    frozen, closed, unknown = open_account(bank, customer_id), open_account(bank, customer_id), str(uuid4())
    anothers = open_account(bank, str(uuid4()))
    loans = {id: apply_for(bank, customer_id, frozen) for id in (frozen, closed, anothers, unknown)}
    for account_id, loan_id in loans.items():
        pay_out_to(bank, loan_id, account_id)
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "credit", "reason": "legal_order"})
    bank.operator.made(f"/accounts/{closed}/withdrawals", {"amount": eur("100.00")})
    bank.operator.made(f"/accounts/{closed}/close")
    for loan_id in loans.values():
        bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    for account_id, code in (
        (frozen, "account_frozen"),
        (closed, "account_closed"),
        (anothers, "not_your_account"),
        (unknown, "account_not_open"),
    ):
        assert came_to(bank, loans[account_id]) == ("applied", code, "failed", "compensated")
    assert (reserved_minor(customer_id), balance(bank, frozen), balance(bank, closed)) == (0, "100.00", "0.00")


def pay_out_to(bank: Bank, loan_id: str, account_id: str) -> None:
    """Whatever account it is: Loans knows of them only what it has heard."""
    choose = ChoosePayoutAccount(loan_id, account_id)
    bank.clock(lambda: execute(LOANS, [Unit(Order(LOAN, loan_id, choose))]))


STORIES: tuple[Story, ...] = (
    a_loan_comes_about,
    a_customer_suspended_just_now_is_not_cleared,
    a_customer_who_owes_too_much_is_lent_nothing_more,
    an_account_that_takes_no_money_gets_none,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_whatever_happens_to_the_messages_it_ends_the_same(bank: Bank, story: Story, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    promises_hold()


# When somebody is silent, and when it cannot be undone.


def sweep() -> None:
    """Beat's task, when whatever waits has waited long enough."""
    driving.drive(LOANS, datetime.now(UTC) + timedelta(days=1))


def sweep_until(bank: Bank, done: Callable[[], bool]) -> None:
    for _ in range(4 * LOAN_ORIGINATION_SAGA.limit):
        if done():
            return
        sweep()
        bank.flow()
    assert done()


def without_accounts(bank: Bank) -> None:
    bank.stop()
    bank.start("customers", "loans", "cards", "bankview")


def awaiting_the_credit(bank: Bank, freeze: str = "") -> tuple[str, str, str]:
    """Accounts is down when it is asked to credit. The loan, its account, and its customer."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.flow()
    if freeze:
        bank.operator.made(f"/accounts/{account_id}/freeze", {"side": freeze, "reason": "legal_order"})
    without_accounts(bank)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    row = saga(shown(bank, loan_id)["origination_id"])
    assert (row.status, row.step, row.participant) == ("running", "credit", "accounts")
    assert (shown(bank, loan_id)["status"], reserved_minor(customer_id)) == ("approved", 1_200_00)
    return loan_id, account_id, customer_id


def turn_back(bank: Bank, loan_id: str) -> str:
    origination_id = str(shown(bank, loan_id)["origination_id"])
    ordered = driving.order(LOANS, LOAN_ORIGINATION_SAGA, origination_id, Compensate("operator:1"), "operator:1")
    assert ordered.outcome == "applied"
    return origination_id


@pytest.mark.parametrize("disturb", [undisturbed, backwards], ids=lambda disturb: disturb.__name__)
def test_a_credit_that_comes_after_the_loan_was_turned_back_is_taken_back(bank: Bank, disturb: Disturbance) -> None:
    """Or is forbidden, where its undoing comes first."""
    loan_id, account_id, customer_id = awaiting_the_credit(bank)
    turn_back(bank, loan_id)
    bank.flow()
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    sweep_until(bank, lambda: shown(bank, loan_id)["status"] == "applied")
    bank.flow()
    assert came_to(bank, loan_id) == ("applied", "operator", "failed", "compensated")
    assert (balance(bank, account_id), reserved_minor(customer_id)) == ("100.00", 0)
    promises_hold()


def test_who_is_down_past_the_deadline_finds_the_loan_undone(bank: Bank) -> None:
    loan_id, account_id, customer_id = awaiting_the_credit(bank)
    for _ in range(3 * LOAN_ORIGINATION_SAGA.limit):
        sweep()
        bank.flow()
    row = saga(shown(bank, loan_id)["origination_id"])
    assert (row.status, row.step, row.code) == ("compensation_failed", "credit", "timeout")
    bank.catch_up()
    assert came_to(bank, loan_id) == ("applied", "timeout", "failed", "compensated")
    assert (balance(bank, account_id), reserved_minor(customer_id)) == ("100.00", 0)
    promises_hold()


def test_a_customer_who_was_silent_past_the_deadline_was_never_cleared(bank: Bank) -> None:
    """Customers is down: the first step is undone before anybody else was asked."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.flow()
    bank.stop()
    bank.start("accounts", "loans", "cards", "bankview")
    bank.operator.made(f"/loans/{loan_id}/approve")
    for _ in range(3 * LOAN_ORIGINATION_SAGA.limit):
        bank.flow()
        sweep()
    assert (shown(bank, loan_id)["status"], reserved_minor(customer_id)) == ("originating", 0)
    bank.catch_up()
    sweep_until(bank, lambda: shown(bank, loan_id)["status"] == "applied")
    assert came_to(bank, loan_id)[:2] == ("applied", "timeout")
    promises_hold()


def test_a_compensation_that_fails_three_times_works_when_the_money_can_be_had(bank: Bank) -> None:
    loan_id, account_id, customer_id = awaiting_the_credit(bank, freeze="debit")
    origination_id = turn_back(bank, loan_id)
    bank.restart()
    bank.flow()
    for attempt in (1, 2, 3):
        assert declines(origination_id) == attempt
        assert (in_transit(), balance(bank, account_id)) == (PAID_OUT, "1300.00")
        assert saga(origination_id).status == "compensating"
        if attempt < 3:
            sweep()
            bank.flow()
    bank.operator.made(f"/accounts/{account_id}/unfreeze", {"side": "debit", "reason": "legal_order"})
    sweep()
    bank.flow()
    assert came_to(bank, loan_id) == ("applied", "operator", "failed", "compensated")
    assert (in_transit(), balance(bank, account_id), reserved_minor(customer_id)) == ([], "100.00", 0)
    promises_hold()


def declines(origination_id: str) -> int:
    events = driving.timeline(LOANS, LOAN_ORIGINATION_SAGA, origination_id)
    return sum(what == "UndoDeclined" for _, what, _ in events)


def test_a_compensation_that_never_works_is_resolved_by_two_people(bank: Bank) -> None:
    """The customer has taken the money out by then."""
    loan_id, account_id, customer_id = awaiting_the_credit(bank, freeze="debit")
    origination_id = turn_back(bank, loan_id)
    bank.restart()
    bank.flow()
    sweep_until(bank, lambda: not saga(origination_id).due_at)
    row = saga(origination_id)
    assert (row.status, row.step, row.code) == ("compensation_failed", "credit", "operator")
    assert declines(origination_id) == LOAN_ORIGINATION_SAGA.limit
    assert (in_transit(), balance(bank, account_id)) == (PAID_OUT, "1300.00")
    assert shown(bank, loan_id)["status"] == "approved"

    stands = f"/books/transit/{origination_id}"
    transit_is_overdue()
    bank.operator.made(f"{stands}/resolve")
    refused = bank.operator.post(f"{stands}/resolve")
    assert (refused.status_code, refused.json()["code"]) == (422, "second_operator_needed")
    assert bank.operator.get(stands)["resolution_proposed_by"] == "operator:1"
    assert in_transit() == PAID_OUT
    another_operator().made(f"{stands}/resolve", {"agrees_with": "operator:1"})
    assert in_transit() == []
    suspense = [row for row in accounts.queries.ledger.trial_balance() if row.name == "suspense"]
    assert [row.balance_minor for row in suspense] == [1_200_00]

    resolve("anna", origination_id)
    with pytest.raises(CommandError, match="four_eyes"):
        resolve("anna", origination_id)
    assert saga(origination_id).status == "compensation_failed"
    resolve("bert", origination_id)
    bank.flow()
    assert came_to(bank, loan_id) == ("applied", "operator", "failed", "compensated")
    assert reserved_minor(customer_id) == 0
    promises_hold()


def resolve(operator: str, origination_id: str) -> None:
    get_user_model().objects.using("default").get_or_create(username=operator, defaults={"is_staff": True})
    call_command("sagas", "resolve", origination_id, operator=operator, stdout=StringIO())


def test_what_was_resolved_by_hand_is_not_taken_from_the_account_later(bank: Bank) -> None:
    """The saga asks once more, the money being there again: it is not asked for twice."""
    loan_id, account_id, _ = awaiting_the_credit(bank, freeze="debit")
    origination_id = turn_back(bank, loan_id)
    bank.restart()
    bank.flow()
    transit_is_overdue()
    bank.operator.made(f"/books/transit/{origination_id}/resolve")
    another_operator().made(f"/books/transit/{origination_id}/resolve", {"agrees_with": "operator:1"})
    bank.operator.made(f"/accounts/{account_id}/unfreeze", {"side": "debit", "reason": "legal_order"})
    sweep()
    bank.flow()
    assert came_to(bank, loan_id) == ("applied", "operator", "failed", "compensated")
    assert balance(bank, account_id) == "1300.00"
    promises_hold()
