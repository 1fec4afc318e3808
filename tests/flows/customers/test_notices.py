"""What others say reaches the customer by e-mail, whatever happens to the messages, and once."""

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from customers import notifying
from loans.ageing import age_loans, collect_due
from tests.flows.credit_cards.test_bill_payments import debtor
from tests.flows.credit_cards.test_credit_cards import credit_card
from tests.flows.credit_cards.test_credit_cards import pays as buys
from tests.flows.customers.test_mobile_number import change, new_number, undone
from tests.flows.harness import DISTURBANCES, Bank, Disturbance
from tests.flows.harness.stories import Holder, customer, eur, holder, open_account
from tests.flows.loans.test_loans import a_loan_is_paid_out, apply_for, balance

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

in_either_manner = pytest.mark.parametrize("manner", ["choreography", "orchestration"])


def told() -> list[str]:
    notifying.send_notices()
    return sorted(str(one.body) for one in mail.outbox)


def wants_notices(bank: Bank) -> Holder:
    anna = holder(bank)
    bank.operator.made(f"/customers/{anna.customer_id}/consent", {"notices": True})
    return anna


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_payments_settled_and_declined_are_told_once_each(bank: Bank, disturb: Disturbance) -> None:
    anna = wants_notices(bank)
    bank.disturb = disturb
    bank.restart()
    anna.pays("30.00")
    anna.pays("90.00")
    bank.flow()
    bank.catch_up()
    settled, declined = told()
    assert "30.00 EUR was settled" in settled
    assert "90.00 EUR was declined (insufficient funds)" in declined
    assert told() == [settled, declined]


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_bills_paid_and_not_paid_are_told_once_each(bank: Bank, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    anna = debtor(bank, bank.catch_up)
    bank.operator.made(f"/customers/{anna.customer_id}/consent", {"notices": True})
    anna.pays("20.00")
    anna.pays("30.00", str(uuid4()))
    bank.catch_up()
    told_of = [text for text in told() if "bill" in text]
    assert told_of == [
        "30.00 EUR for your credit card bill could not be paid (account not open).",
        "Your credit card bill was paid: 20.00 EUR.",
    ]
    assert [text for text in told() if "bill" in text] == told_of


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_what_is_bought_on_credit_is_told_like_any_settled_payment(bank: Bank, disturb: Disturbance) -> None:
    anna = wants_notices(bank)
    card_id = credit_card(bank, bank.catch_up, customer_id=anna.customer_id)
    bank.disturb = disturb
    bank.restart()
    buys(bank, card_id, "30.00")
    buys(bank, card_id, "40.00", auto_capture=False)
    bank.flow()
    bank.catch_up()
    assert told() == ["Your card payment of 30.00 EUR was settled."]
    assert told() == ["Your card payment of 30.00 EUR was settled."]


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_a_loan_that_was_paid_out_and_an_instalment_that_was_missed_are_told_once_each(
    bank: Bank, disturb: Disturbance
) -> None:
    customer_id = customer(bank)
    bank.operator.made(f"/customers/{customer_id}/consent", {"notices": True})
    account_id = open_account(bank, customer_id)
    bank.catch_up()
    bank.disturb = disturb
    bank.restart()
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    bank.catch_up()
    assert told() == ["Your loan of 1200.00 EUR was paid out."]
    due_on = date.fromisoformat(bank.operator.get(f"/loans/{loan_id}")["next_due_on"])
    age_loans(due_on + timedelta(days=1))
    bank.flow()
    bank.catch_up()
    _, overdue = sorted(told(), key=len)
    assert overdue == "An instalment of your loan is overdue: 104.89 EUR."
    assert len(told()) == 2


def test_who_has_closed_the_account_is_told_once_and_names_another_one(bank: Bank) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    bank.catch_up()
    loan_id = apply_for(bank, customer_id, account_id)
    bank.operator.made(f"/loans/{loan_id}/approve")
    bank.flow()
    bank.operator.made(f"/accounts/{account_id}/withdrawals", {"amount": eur("1300.00")})
    bank.operator.made(f"/accounts/{account_id}/close")
    due_on = date.fromisoformat(bank.operator.get(f"/loans/{loan_id}")["next_due_on"])
    for days in range(3):
        bank.clock(partial(collect_due, due_on + timedelta(days)))
        bank.flow()
    (stopped,) = told()
    assert stopped.startswith("Nothing more is collected for your loan (account closed).")
    assert not bank.operator.get(f"/loans/{loan_id}")["collect_on_due_date"]
    other = open_account(bank, customer_id)
    bank.operator.made(f"/accounts/{other}/deposits", {"amount": eur("4.89")})
    bank.flow()
    bank.operator.made(f"/loans/{loan_id}/collection", {"collect_on_due_date": True, "account_id": other})
    bank.clock(lambda: collect_due(due_on + timedelta(3)))
    bank.flow()
    assert balance(bank, other) == "0.00"
    assert bank.operator.get(f"/customers/{customer_id}/bank-view")["loans"][0]["account_id"] == other


def test_who_does_not_want_it_is_told_nothing(bank: Bank) -> None:
    anna = holder(bank)
    anna.pays("30.00")
    a_loan_is_paid_out(bank, bank.flow)
    assert told() == []


@in_either_manner
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_a_changed_mobile_number_is_told_once_and_not_before_everybody_agreed(
    bank: Bank, settings: Settings, disturb: Disturbance, manner: str
) -> None:
    settings.MOBILE_NUMBER_CHANGE = manner
    anna = holder(bank)
    bank.catch_up()
    bank.disturb = disturb
    bank.restart()
    change(bank, anna.customer_id, new_number())
    assert told() == []
    bank.flow()
    bank.catch_up()
    (text,) = told()
    assert "Your mobile number was changed." in text
    assert told() == [text]


@in_either_manner
def test_who_changes_the_address_first_cannot_keep_the_number_from_whom_it_is_taken(
    bank: Bank, settings: Settings, manner: str
) -> None:
    settings.MOBILE_NUMBER_CHANGE = manner
    anna = holder(bank)
    bank.catch_up()
    own = bank.operator.get(f"/customers/{anna.customer_id}")["email"]
    path = f"/api/v1/customers/{anna.customer_id}"
    for email in ("thief@example.com", "thief2@example.com"):
        headers = {"Idempotency-Key": str(uuid4())}
        assert bank.operator.api.patch(path, {"email": email}, format="json", headers=headers).status_code == 200
    change(bank, anna.customer_id, new_number())
    bank.flow()
    bank.catch_up()
    told()
    to = sorted(("number" in str(one.body), *one.to) for one in mail.outbox)
    assert to == [
        *((False, address) for address in sorted([own, "thief@example.com"])),
        *((True, address) for address in sorted([own, "thief@example.com", "thief2@example.com"])),
    ]


@in_either_manner
def test_a_change_of_mobile_number_that_is_refused_mails_nothing(bank: Bank, settings: Settings, manner: str) -> None:
    settings.MOBILE_NUMBER_CHANGE = manner
    anna = holder(bank)
    bank.operator.made(f"/accounts/{anna.account_id}/freeze", {"side": "both", "reason": "legal_order"})
    bank.flow()
    undone(bank, bank.flow, anna.customer_id, kept=["", "", ""])
    bank.catch_up()
    assert told() == []
