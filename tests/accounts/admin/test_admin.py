"""The console's pages of Accounts: they show, and act by commands alone."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts import queries
from accounts.domain.payment_file import PAYMENT_FILE, AcceptPaymentFile
from accounts.handlers import card_payments
from accounts.inbound import CardPaymentCaptured
from accounts.models import Posting
from bank.context import Order, Unit
from bank.models import Event
from tests import factories
from tests.accounts.facts import DAY
from tests.accounts.units import account_with, hold, run

pytestmark = pytest.mark.django_db(databases=["accounts", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def page(operator: Client, path: str) -> str:
    answer = operator.get(f"/admin/accounts/{path}")
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_an_account_is_shown_with_its_holds_and_entries(operator: Client) -> None:
    customer_id = str(uuid4())
    account_id = account_with(30_00, customer_id=customer_id)
    run(hold(account_id, customer_id, str(uuid4()), 12_34))
    assert "17.66 EUR" in page(operator, "account/")
    detail = page(operator, f"account/{account_id}/change/")
    assert "MoneyCredited.v1" in detail
    assert "12.34 EUR" in detail


def test_postings_holds_and_processes_are_listed(operator: Client) -> None:
    customer_id, payment_id = str(uuid4()), str(uuid4())
    account_id = account_with(30_00, customer_id=customer_id)
    run(hold(account_id, customer_id, payment_id, 12_34))
    run(card_payments.capture_for_payment(CardPaymentCaptured(payment_id, account_id, 12_00, "EUR", DAY)))
    assert "transit:card-payments" in page(operator, f"posting/?account_id={account_id}")
    assert "HoldCaptured.v1" in page(operator, "posting/?ledger=transit:card-payments")
    assert payment_id in page(operator, "hold/?status=captured")
    assert payment_id in page(operator, "process/?open=yes")
    assert payment_id not in page(operator, "process/?open=no")
    (posting,) = Posting.objects.filter(type="HoldCaptured.v1")
    assert str(posting) == "customer-savings / transit:card-payments 12.00 EUR"
    trial_balance = page(operator, "trialbalance/")
    assert "The books agree" in trial_balance
    assert "Captured, not yet settled" in trial_balance


def test_an_operator_freezes_by_command(operator: Client) -> None:
    account_id = account_with(10_00)
    chosen = {"_selected_action": account_id, "index": "0"}
    operator.post("/admin/accounts/account/", chosen | {"action": "freeze_debits", "reason": "suspected_fraud"})
    shown = queries.account(account_id)
    assert shown is not None
    assert (shown.debit_frozen, shown.credit_frozen) == (True, False)
    event = Event.objects.using("accounts").get(type="AccountFrozen.v1")
    assert '"because":"suspected_fraud"' in event.data
    assert '"actor":"operator:' in event.metadata
    operator.post("/admin/accounts/account/", chosen | {"action": "unfreeze", "reason": "suspected_fraud"})
    shown = queries.account(account_id)
    assert shown is not None
    assert not shown.debit_frozen


def test_an_operator_gives_up_a_file_that_cannot_be_read(operator: Client) -> None:
    file_id = str(uuid4())
    accept = AcceptPaymentFile(file_id, str(uuid4()), "M-1", "csv", 3, 6_00, "EUR", "nowhere", DAY)
    run(Unit(Order(PAYMENT_FILE, file_id, accept)))
    asked = operator.get(f"/admin/accounts/paymentfile/{file_id}/give-up/")
    assert (asked.status_code, b"Give up" in asked.content) == (200, True)
    operator.post(f"/admin/accounts/paymentfile/{file_id}/give-up/")
    file = queries.payment_file(file_id)
    assert file is not None
    assert (file.status, file.refused) == ("given_up", 3)


@pytest.mark.parametrize("path", ["account/add/", "posting/add/", "process/add/"])
def test_nothing_is_added_by_hand(operator: Client, path: str) -> None:
    assert operator.get(f"/admin/accounts/{path}").status_code == 403


def test_the_pages_are_for_operators(operator: Client) -> None:
    assert Client().get("/admin/accounts/account/").status_code == 302
