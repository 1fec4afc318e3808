"""Loans and the accounts they are paid out to and repaid from: the same end whatever happens on the way."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest

import accounts.queries.ledger
import loans.queries
from bank.http.principal import principal
from loans.ageing import collect_and_age, collect_due
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Client,
    Disturbance,
    every_other_lost,
    lost,
    promises,
    unharmed,
    wherever_somebody_dies,
)
from tests.flows.harness.stories import accepted, customer, eur, open_account, refused

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]

PRINCIPAL, OWED = "1200.00", "1258.63"


def apply_for(bank: Bank, customer_id: str, account_id: str) -> str:
    terms = {"product": "personal", "principal": eur(PRINCIPAL), "term_months": 12}
    return accepted(bank, "/loans", {"customer_id": customer_id, "account_id": account_id, **terms})


def balance(bank: Bank, account_id: str) -> str:
    return str(bank.operator.get(f"/accounts/{account_id}")["balance"]["amount"])


def a_loan_is_paid_out(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["status"], loan["outstanding"]["amount"]) == ("active", OWED)
    assert balance(bank, account_id) == "1300.00"


def a_loan_for_a_frozen_account_is_paid_out_to_another(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id, frozen = open_account(bank, customer_id), open_account(bank, customer_id)
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "credit", "reason": "legal_order"})
    loan_id = apply_for(bank, customer_id, frozen)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    failed = bank.operator.get(f"/loans/{loan_id}")
    assert (failed["status"], failed["code"]) == ("applied", "account_frozen")
    assert bank.operator.get(f"/operations/{failed['origination_id']}")["outcome"] == "failed"
    bank.operator.made(f"/loans/{loan_id}/account", {"account_id": account_id})
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    again = bank.operator.get(f"/loans/{loan_id}")
    assert again["status"] == "active"
    assert bank.operator.get(f"/operations/{again['origination_id']}")["outcome"] == "disbursed"
    assert balance(bank, account_id) == "1300.00"


def a_loan_is_repaid_to_the_last_cent(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    first = bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur("104.89")})
    then()
    repaid = bank.operator.get(f"/loan-repayments/{first}")
    assert (repaid["status"], repaid["interest"]["amount"], repaid["principal"]["amount"]) == (
        "applied",
        "8.90",
        "95.99",
    )
    bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur("1153.74")})
    then()
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["status"], loan["outstanding"]["amount"]) == ("closed", "0.00")
    assert bank.operator.get(f"/operations/{first}")["outcome"] == "repaid"
    assert balance(bank, account_id) == "41.37"


@unharmed()
def a_loan(bank: Bank) -> tuple[str, str]:
    """A loan that was paid out, and the account it was paid out to. (Who dies on that way: `test_origination`.)"""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    return loan_id, account_id


def a_loan_is_repaid_at_once(bank: Bank, then: Then) -> None:
    loan_id, account_id = a_loan(bank)
    bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur(OWED)})
    then()
    assert bank.operator.get(f"/loans/{loan_id}")["status"] == "closed"
    assert balance(bank, account_id) == "41.37"


def a_loan_is_paid_off_before_its_time(bank: Bank, then: Then) -> None:
    """On the day it was paid out: no interest has run."""
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    payoff = bank.operator.made(f"/loans/{loan_id}/payoff")
    then()
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["status"], loan["outstanding"]["amount"]) == ("closed", "0.00")
    assert bank.operator.get(f"/operations/{payoff}")["outcome"] == "repaid"
    assert balance(bank, account_id) == "100.00"


def what_is_due_is_collected_from_the_account(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    due = date.fromisoformat(bank.operator.get(f"/loans/{loan_id}")["next_due_on"])
    bank.clock(lambda: collect_due(due))
    then()
    bank.clock(lambda: collect_due(due))
    then()
    assert bank.operator.get(f"/loans/{loan_id}")["outstanding"]["amount"] == "1153.74"
    assert balance(bank, account_id) == "1195.11"


def what_was_written_off_is_recovered(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    bank.operator.made(f"/loans/{loan_id}/write-off")
    another_operator().made(f"/loans/{loan_id}/write-off", {"agrees_with": "operator:1"})
    recovery = bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur("200.00")})
    then()
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["status"], loan["outstanding"]["amount"]) == ("written_off", "1000.00")
    assert bank.operator.get(f"/operations/{recovery}")["outcome"] == "recovered"
    assert balance(bank, account_id) == "1100.00"


def another_operator() -> Client:
    other = Client(is_operator=True)
    other.api.force_authenticate(principal("2", None, is_operator=True))  # type: ignore[arg-type]
    return other


def a_repayment_that_the_account_refuses_is_declined(bank: Bank, then: Then) -> None:
    customer_id = customer(bank)
    account_id, poor, frozen, closed = (open_account(bank, customer_id) for _ in range(4))
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    then()
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "debit", "reason": "legal_order"})
    bank.operator.made(f"/accounts/{closed}/withdrawals", {"amount": eur("100.00")})
    bank.operator.made(f"/accounts/{closed}/close")
    tries = {
        bank.operator.made(f"/loans/{loan_id}/repayments", {"amount": eur("100.01"), "account_id": wanted}): code
        for wanted, code in (
            (poor, "insufficient_funds"),
            (frozen, "account_frozen"),
            (closed, "account_closed"),
            (str(uuid4()), "account_not_open"),
        )
    }
    from_anothers = {"amount": eur("100.01"), "account_id": open_account(bank, str(uuid4()))}
    tries |= refused(bank.operator.post(f"/loans/{loan_id}/repayments", from_anothers), "not_your_account")
    then()
    ended = {key: bank.operator.get(f"/loan-repayments/{key}") for key in tries}
    assert {key: (one["status"], one["code"]) for key, one in ended.items()} == {
        key: ("declined", code) for key, code in tries.items()
    }
    loan = bank.operator.get(f"/loans/{loan_id}")
    assert (loan["outstanding"]["amount"], loan["on_its_way"]["amount"]) == (OWED, "0.00")
    assert (balance(bank, poor), balance(bank, frozen)) == ("100.00", "100.00")


STORIES: tuple[Story, ...] = (
    a_loan_is_paid_out,
    a_loan_for_a_frozen_account_is_paid_out_to_another,
    a_loan_is_repaid_to_the_last_cent,
    a_loan_is_paid_off_before_its_time,
    what_is_due_is_collected_from_the_account,
    what_was_written_off_is_recovered,
    a_repayment_that_the_account_refuses_is_declined,
)


def promises_hold() -> None:
    promises.hold()
    what_loans_owe_accounts_is_what_accounts_are_owed()
    assert [check for check in loans.queries.books() if check.off_minor] == []


def what_loans_owe_accounts_is_what_accounts_are_owed() -> None:
    owed = {
        row.currency: row.balance_minor
        for row in accounts.queries.ledger.trial_balance()
        if row.name == "due-from-loans"
    }
    assert loans.queries.due_to_accounts() == owed


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_the_story_ends_the_same_whatever_the_broker_does(bank: Bank, story: Story, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    promises_hold()


@pytest.mark.parametrize(("salary", "fee", "left"), [("104.89", "0.00", "0.00"), ("104.88", "10.00", "104.88")])
def test_who_is_paid_at_noon_of_the_due_date_is_in_time(bank: Bank, salary: str, fee: str, left: str) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    due = date.fromisoformat(bank.operator.get(f"/loans/{loan_id}")["next_due_on"])
    bank.operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("1300.00")})
    at(bank, due, 0)
    bank.operator.made(f"/accounts/{account_id}/deposits", {"amount": eur(salary)})
    for hours in (22, 24, 25):
        at(bank, due, hours)
    assert bank.operator.get(f"/loans/{loan_id}")["fees"]["amount"] == fee
    assert balance(bank, account_id) == left
    promises_hold()


def at(bank: Bank, day: date, hours: int) -> None:
    """What Loans does at that hour of a day, and what comes of it."""
    now = datetime.combine(day, time()) + timedelta(hours=hours)
    bank.clock(lambda: collect_and_age(now))
    bank.flow()


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_publish", "after_apply"])
def test_a_repayment_ends_the_same_wherever_somebody_dies(bank: Bank, point: str) -> None:
    wherever_somebody_dies(bank, point, lambda: a_loan_is_repaid_at_once(bank, bank.flow))
    promises_hold()
