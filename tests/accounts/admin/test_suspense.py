"""What people moved to suspense goes back to its customer by two of them: decided, booked, and shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.account import ACCOUNT
from accounts.domain.account.reversal import ReverseEntry
from accounts.domain.process import OVERDUE_AFTER, PROCESS, CancelDebit, ClearTransit, ResolveTransit
from accounts.domain.process.facts import (
    OwnAccountsBooked,
    SuspensePaidOut,
    SuspensePayoutProposed,
    SuspensePayoutWithdrawn,
    TransitCleared,
    TransitReceived,
    TransitReturned,
)
from accounts.domain.process.suspense import PayOut, ProposePayout, WithdrawPayout
from accounts.handlers import credit_cards, loans
from accounts.inbound import BillPaymentRejected, BillPaymentRequested, LoanCreditAsked
from accounts.queries import ledger
from bank.context import Order, Unit
from bank.four_eyes import STANDS_FOR
from bank.http.principal import principal
from bank.money import MAX_MINOR
from bank.testing import given
from tests.accounts.admin.test_transit import operator
from tests.accounts.api.test_api import client, euro, get, post
from tests.accounts.facts import DAY, LATER, credited, opened
from tests.accounts.units import account_with, run

# Decided.

RECEIVED = TransitReceived("p1", "bill-payments", 20_00, "EUR", DAY)
MOVED = TransitCleared("p1", "bill-payments", 20_00, "EUR", "suspense", DAY)
WITHIN = DAY + STANDS_FOR - timedelta(days=1)
PROPOSE = ProposePayout("p1", "a1", 20_00, "EUR", "operator:1", DAY, is_of_customer=True)
PROPOSED = SuspensePayoutProposed("p1", "a1", 20_00, "EUR", "operator:1", DAY)
PAY = PayOut("p1", "a1", 20_00, "EUR", "operator:2", WITHIN, "operator:1")
PAID = SuspensePaidOut("p1", "a1", 20_00, "EUR", "operator:1", "operator:2", WITHIN)


def test_one_operator_proposes_and_another_one_gives_it_back() -> None:
    assert given(PROCESS, RECEIVED, MOVED).when(PROPOSE) == [PROPOSED]
    proposed = given(PROCESS, RECEIVED, MOVED, PROPOSED)
    assert proposed.refuses(PROPOSE) == "second_operator_needed"
    assert proposed.refuses(replace(PAY, operator="operator:1")) == "second_operator_needed"
    assert proposed.when(PAY) == [PAID]
    paid = given(PROCESS, RECEIVED, MOVED, PROPOSED, PAID)
    assert (paid.state.in_suspense_minor, paid.state.paid_out_minor, paid.state.payout) == (0, 20_00, None)
    assert paid.refuses(PAY) == paid.refuses(PROPOSE) == "nothing_in_suspense"


def test_what_was_proposed_to_be_paid_is_withdrawn_or_lapses_and_is_not_paid_then() -> None:
    withdrawn = SuspensePayoutWithdrawn("p1", "operator:3", DAY)
    withdraw = WithdrawPayout("p1", "operator:3", DAY)
    history = (RECEIVED, MOVED, PROPOSED)
    assert given(PROCESS, *history).when(withdraw) == [withdrawn]
    assert given(PROCESS, RECEIVED, MOVED).refuses(withdraw) == "not_proposed"
    assert given(PROCESS, *history, withdrawn).refuses(PAY) == "not_proposed"
    late = DAY + STANDS_FOR
    assert given(PROCESS, *history).refuses(replace(PAY, booked_on=late)) == "not_proposed"
    again = replace(PROPOSE, operator="operator:2")
    assert given(PROCESS, *history).refuses(again) == "already_proposed"
    assert given(PROCESS, *history).when(replace(again, proposed_on=late)) == [
        replace(PROPOSED, proposed_by="operator:2", proposed_on=late)
    ]


def test_nothing_is_paid_that_nobody_proposed() -> None:
    assert given(PROCESS, RECEIVED, MOVED).refuses(PAY) == "not_proposed"
    proposed = given(PROCESS, RECEIVED, MOVED, PROPOSED)
    assert proposed.refuses(replace(PAY, amount_minor=19_99)) == "not_proposed"
    assert proposed.refuses(replace(PAY, account_id="a2")) == "not_proposed"


def test_another_amount_or_account_is_another_proposal() -> None:
    other = replace(PROPOSED, account_id="a2", amount_minor=5_00, proposed_by="operator:2")
    asked = replace(PROPOSE, account_id="a2", amount_minor=5_00, operator="operator:2")
    assert given(PROCESS, RECEIVED, MOVED, PROPOSED).when(asked) == [other]
    assert given(PROCESS, RECEIVED, MOVED, PROPOSED, other).refuses(PAY) == "not_proposed"


def test_never_more_is_paid_than_stands_there_for_the_process() -> None:
    moved = given(PROCESS, RECEIVED, MOVED)
    assert moved.refuses(replace(PROPOSE, amount_minor=20_01)) == "suspense_exceeded"
    part = replace(PROPOSED, amount_minor=19_99), replace(PAID, amount_minor=19_99)
    rest = given(PROCESS, RECEIVED, MOVED, *part)
    assert rest.refuses(replace(PROPOSE, amount_minor=2)) == "suspense_exceeded"
    assert rest.when(replace(PROPOSE, amount_minor=1)) == [replace(PROPOSED, amount_minor=1)]
    assert given(PROCESS, RECEIVED).refuses(PROPOSE) == "nothing_in_suspense"
    assert given(PROCESS).refuses(PROPOSE) == "nothing_in_suspense"


@pytest.mark.parametrize("amount_minor", [0, -1, MAX_MINOR + 1])
def test_an_amount_is_positive_and_not_larger_than_the_bank_books(amount_minor: int) -> None:
    moved = given(PROCESS, RECEIVED, MOVED, PROPOSED)
    assert moved.refuses(replace(PROPOSE, amount_minor=amount_minor)) == "invalid_amount"
    assert moved.refuses(replace(PAY, amount_minor=amount_minor)) == "invalid_amount"


def test_it_goes_to_its_customer_and_in_its_currency() -> None:
    moved = given(PROCESS, RECEIVED, MOVED)
    assert moved.refuses(replace(PROPOSE, is_of_customer=False)) == "not_the_customers"
    assert moved.refuses(replace(PROPOSE, currency="USD")) == "currency_mismatch"


def test_the_banks_own_claim_is_paid_to_nobody() -> None:
    lent = replace(RECEIVED, kind="loan-disbursements"), replace(MOVED, kind="loan-disbursements")
    assert given(PROCESS, *lent).refuses(PROPOSE) == "claim_in_suspense"


def test_what_was_cleared_from_suspense_is_not_paid_out_of_it() -> None:
    cleared = OwnAccountsBooked("p1", 20_00, "EUR", "suspense", "due-from-cards", DAY)
    assert given(PROCESS, RECEIVED, MOVED, PROPOSED, cleared).refuses(PAY) == "nothing_in_suspense"
    part = replace(cleared, amount_minor=1)
    assert given(PROCESS, RECEIVED, MOVED, PROPOSED, part).refuses(replace(PAY, amount_minor=19_99)) == "not_proposed"


def test_a_process_that_ends_after_it_was_paid_out_hears_so_and_clears_nothing() -> None:
    paid = given(PROCESS, RECEIVED, MOVED, PROPOSED, PAID)
    returned = TransitReturned("p1", "bill-payments", 0, "EUR", LATER)
    assert paid.when(CancelDebit("a1", "p1", 20_00, "EUR", LATER)) == [returned]
    assert paid.refuses(ClearTransit("p1", 20_00, "EUR", "due-from-cards", LATER)) == "transit_exceeded"


def test_what_was_paid_out_of_suspense_is_not_reversed() -> None:
    account = given(ACCOUNT, opened(), credited(50_00))
    assert account.refuses(ReverseEntry("a1", 2, 20_00, "EUR", "suspense", DAY)) == "not_reversible"


# Booked and shown.


in_the_database = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)


def who(number: int) -> APIClient:
    signed_in = APIClient()
    signed_in.force_authenticate(principal(str(number), None, is_operator=True))  # type: ignore[arg-type]
    return signed_in


def in_suspense(customer_id: str) -> tuple[str, str]:
    """A bill of 60.00 paid from an account of 100.00, whose money two operators moved to suspense."""
    process_id, account_id = str(uuid4()), account_with(100_00, customer_id=customer_id)
    run(credit_cards.debit_for_bill(BillPaymentRequested(process_id, account_id, customer_id, 60_00, "EUR", DAY)))
    move(process_id, "bill-payments")
    return process_id, account_id


def move(process_id: str, kind: Any) -> None:
    for number, agrees_with in ((8, None), (9, "operator:8")):
        resolve = ResolveTransit(process_id, f"operator:{number}", DAY, OVERDUE_AFTER[kind], agrees_with)
        assert run(Unit(Order(PROCESS, process_id, resolve)))[0].outcome == "applied"


def asked(number: int, process_id: str, amount: str = "60.00", **body: str) -> tuple[int, Any]:
    answer = post(who(number), f"books/transit/{process_id}/payout", {"amount": euro(amount), **body})
    return answer.status_code, answer.json().get("code")


def both(process_id: str, amount: str = "60.00", **body: str) -> list[tuple[int, Any]]:
    """One proposes, another agrees."""
    return [asked(1, process_id, amount, **body), asked(2, process_id, amount, agrees_with="operator:1", **body)]


def balance(account_id: str) -> str:
    return str(get(client(), f"accounts/{account_id}").json()["balance"]["amount"])


def suspense() -> list[int]:
    return [row.balance_minor for row in ledger.trial_balance() if row.name == "suspense"]


def off() -> list[str]:
    checks = ledger.books()
    assert "suspense against the processes" in {check.name for check in checks}
    return [check.name for check in checks if check.off_minor]


@in_the_database
def test_two_operators_pay_it_to_the_account_it_came_from() -> None:
    process_id, account_id = in_suspense(str(uuid4()))
    assert (suspense(), off(), balance(account_id)) == ([-60_00], [], "40.00")
    assert asked(1, process_id) == (200, None)
    assert asked(1, process_id) == (422, "second_operator_needed")
    shown = get(client(), f"books/transit/{process_id}").json()
    assert shown["in_suspense"] == euro("60.00")
    proposed = {"account_id": account_id, "amount": euro("60.00"), "proposed_by": "operator:1"}
    assert shown["payout_proposed"].items() >= proposed.items()
    assert asked(2, process_id) == (422, "already_proposed")
    assert asked(2, process_id, agrees_with="operator:1") == (200, None)
    assert (suspense(), off(), balance(account_id)) == ([0], [], "100.00")
    shown = get(client(), f"books/transit/{process_id}").json()
    assert (shown["in_suspense"], shown["paid_out"], shown["payout_proposed"]) == (euro("0.00"), euro("60.00"), None)
    for number in (1, 2):
        assert asked(number, process_id) == (422, "nothing_in_suspense")


@in_the_database
def test_a_request_that_is_repeated_pays_once() -> None:
    process_id, account_id = in_suspense(str(uuid4()))
    asked(1, process_id, "25.00")
    path, key = f"books/transit/{process_id}/payout", str(uuid4())
    first, again = (
        post(who(2), path, {"amount": euro("25.00"), "agrees_with": "operator:1"}, key=key) for _ in range(2)
    )
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (200, 200, "true")
    assert (suspense(), balance(account_id)) == ([-35_00], "65.00")


@in_the_database
def test_the_balance_of_suspense_leads_to_the_event_that_paid_it_out() -> None:
    process_id, account_id = in_suspense(str(uuid4()))
    both(process_id)
    paid, moved = get(client(), "postings?ledger=suspense").json()["items"]
    assert (paid["debit"], paid["credit"], paid["account_id"]) == ("suspense", "customer-savings", account_id)
    assert (paid["process_id"], moved["process_id"], moved["credit"]) == (process_id, process_id, "suspense")
    assert "operator:2" in get(client(), f"postings/{paid['id']}").json()["metadata"]


@in_the_database
def test_it_goes_to_another_account_of_the_same_customer_and_to_nobody_elses() -> None:
    customer_id = str(uuid4())
    process_id, account_id = in_suspense(customer_id)
    other, strangers = account_with(0, customer_id=customer_id), account_with(0)
    assert asked(1, process_id, account_id=strangers) == (422, "not_the_customers")
    assert asked(1, process_id, account_id=str(uuid4())) == (422, "not_the_customers")
    assert both(process_id, account_id=other) == [(200, None), (200, None)]
    assert (balance(account_id), balance(other), off()) == ("40.00", "60.00", [])


@in_the_database
def test_it_is_for_operators_and_for_processes_that_there_are() -> None:
    process_id, _ = in_suspense(str(uuid4()))
    body = {"amount": euro("60.00")}
    assert post(client(str(uuid4())), f"books/transit/{process_id}/payout", body).status_code == 403
    assert asked(1, str(uuid4())) == (404, "not_found")
    assert post(who(1), f"books/transit/{process_id}/payout", {}).status_code == 400


@in_the_database
def test_a_loan_that_was_paid_out_and_never_taken_up_is_not_paid_out_again() -> None:
    process_id, customer_id = str(uuid4()), str(uuid4())
    account_id = account_with(0, customer_id=customer_id)
    run(loans.pay_out_loan(LoanCreditAsked(process_id, customer_id, account_id, 60_00, "EUR", DAY)))
    move(process_id, "loan-disbursements")
    assert asked(1, process_id) == (422, "claim_in_suspense")
    assert (suspense(), off()) == ([60_00], [])


@in_the_database
def test_a_rejected_bill_ends_after_its_money_was_given_back_and_gives_it_back_once() -> None:
    customer_id = str(uuid4())
    process_id, account_id = in_suspense(customer_id)
    both(process_id)
    rejected = BillPaymentRejected(process_id, account_id, 60_00, "EUR", LATER)
    assert [result.outcome for result in run(credit_cards.give_back_bill(rejected))] == ["applied"]
    assert (balance(account_id), off()) == ("100.00", [])


def proposer(process_id: str) -> str:
    return str(get(client(), f"books/transit/{process_id}").json()["payout_proposed"]["proposed_by"])


@in_the_database
def test_a_proposal_to_pay_out_is_withdrawn_by_any_operator() -> None:
    process_id, _ = in_suspense(str(uuid4()))
    path = f"books/transit/{process_id}/payout/withdraw"
    assert post(who(2), path, {}).json()["code"] == "not_proposed"
    asked(1, process_id)
    assert post(client(str(uuid4())), path, {}).status_code == 403
    assert post(who(2), path, {}).status_code == 200
    assert get(client(), f"books/transit/{process_id}").json()["payout_proposed"] is None
    assert asked(2, process_id, agrees_with="operator:1") == (422, "not_proposed")


@in_the_database
def test_the_console_asks_and_takes_both_orders() -> None:
    process_id, account_id = in_suspense(str(uuid4()))
    page = f"/admin/accounts/process/{process_id}"
    browser: Client = operator()
    assert "60.00 EUR" in browser.get(f"{page}/change/").content.decode()
    assert browser.get(f"{page}/pay-out/").status_code == 200
    told = browser.post(f"{page}/pay-out/", {"account_id": "", "amount": ""}, follow=True).content.decode()
    assert "1 of 1 processes changed." in told
    assert account_id in told
    again = browser.post(f"{page}/pay-out/", {"account_id": "", "amount": ""}, follow=True).content.decode()
    assert "Another operator is needed" in again
    own = {"account_id": "", "amount": "", "proposed_by": proposer(process_id)}
    agreed = browser.post(f"{page}/agree-to-pay-out/", own, follow=True).content.decode()
    assert "Another operator is needed" in agreed
    assert asked(2_000, process_id, agrees_with=proposer(process_id)) == (200, None)
    assert (suspense(), balance(account_id)) == ([0], "100.00")


@in_the_database
def test_part_of_what_stands_in_suspense_is_typed_as_a_decimal() -> None:
    process_id, account_id = in_suspense(str(uuid4()))
    page, browser = f"/admin/accounts/process/{process_id}", operator()
    wrong = browser.post(f"{page}/pay-out/", {"account_id": "", "amount": "10,50"}).content.decode()
    assert "An amount is a decimal string such as" in wrong
    told = browser.post(f"{page}/pay-out/", {"account_id": "", "amount": "10.5"}, follow=True).content.decode()
    assert f'<span class="money">10.50 EUR</span> to {account_id}' in told
