import re

import pytest
from django.test import Client
from django.urls import reverse

from bank.db import transaction
from bank.recorded import Message
from bankview.projections import BANK_VIEW
from bankview.tracker import PROCESSES
from config.identity import logins
from tests.bankview import messages as m

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "bankview"])


@pytest.fixture
def operator() -> Client:
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def fold(*batch: Message[object], generation: int = 1) -> None:
    with transaction("bankview") as cursor:
        for projection in (BANK_VIEW, PROCESSES):
            projection.fold(cursor, generation, m.of_types(batch, projection.types))


def page(operator: Client, name: str, *args: str, **query: str) -> str:
    answer = operator.get(reverse(f"admin:bankview_{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_customer_is_shown_whole(operator: Client) -> None:
    fold(m.customer_opened(), m.account_opened(), m.credited(2, 100_00), m.card_issued(), *m.settled_payment())
    shown = page(operator, "customerbankview_change", m.CUSTOMER)
    for text in ("Ada Lovelace", "88.00 EUR", "•••• 4242", "Bakery", "settled", "You became a customer"):
        assert text in shown
    assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC<", shown)


def test_a_customer_is_found_by_mobile_number(operator: Client) -> None:
    fold(m.customer_opened())
    assert m.CUSTOMER in page(operator, "customerbankview_changelist", q="+491701234567")
    assert m.CUSTOMER not in page(operator, "customerbankview_changelist", q="+491700000000")


def test_a_customer_is_found_by_name_and_by_a_number_however_it_is_written(operator: Client) -> None:
    fold(m.customer_opened())
    for term in ("lovelace", "Ada", "+49 170 123 4567", m.CUSTOMER):
        assert "Ada Lovelace" in page(operator, "customerbankview_changelist", q=term)
    for term in ("Moneypenny", "4711", "+49", "–"):
        assert "Ada Lovelace" not in page(operator, "customerbankview_changelist", q=term)


def test_a_process_is_shown_as_a_timeline(operator: Client) -> None:
    fold(*m.settled_payment())
    shown = page(operator, "process_change", m.PAYMENT)
    for text in ("debit-card-payment", "settled", "accounts.HoldCaptured.v1", "TransitCleared.v1", "ms"):
        assert text in shown


def test_processes_are_filtered_by_outcome(operator: Client) -> None:
    fold(*m.settled_payment())
    assert m.PAYMENT in page(operator, "process_changelist", outcome="settled")
    assert m.PAYMENT not in page(operator, "process_changelist", outcome="open")
    assert m.PAYMENT not in page(operator, "process_changelist", outcome="overdue")


def test_what_is_not_live_is_not_shown(operator: Client) -> None:
    fold(m.customer_opened(), generation=2)
    assert m.CUSTOMER not in page(operator, "customerbankview_changelist")
