"""Coordinated processes in the operators' console: how far one is, and the orders that two people give."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from bank.context import Order, Unit
from bank.execution import execute
from bank.models import SagaRow
from bank.sagas.progress import Learned, StepAnswered
from config.identity import logins
from customers.context import CUSTOMERS
from customers.orders import change_mobile_number, open_customer
from customers.sagas import NUMBER_CHANGE_SAGA
from tests.customers.test_uniqueness import DAY

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)

PAGES = "/admin/customers/sagarow/"
OLD, NEW = "+35699000001", "+35699000002"


def operator(name: str) -> Client:
    browser = Client()
    user = logins.ensure_operator(f"{name}@bank.example", "correct-horse-battery")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def saga(settings: Settings) -> str:
    settings.MOBILE_NUMBER_CHANGE = "orchestration"
    customer_id, process_id = str(uuid4()), str(uuid4())
    opened = open_customer(customer_id, name="N", email="n@example.com", mobile_number=OLD, opened_on=DAY)
    change = change_mobile_number(process_id, customer_id, NEW, replaces=OLD)
    for orders in (opened, change):
        assert execute(CUSTOMERS, [Unit(*orders)])[0].outcome == "applied"
    return process_id


def row(process_id: str) -> SagaRow:
    return SagaRow.objects.using("customers").get(id=process_id)


def order(browser: Client, process_id: str, what: str) -> str:
    return browser.post(f"{PAGES}{process_id}/{what}/", follow=True).content.decode()


def fail(process_id: str, *answers: StepAnswered) -> None:
    """Somebody declines in the end, and what was done last cannot be taken back however often it is asked for."""
    for answer in answers:
        execute(CUSTOMERS, [Unit(Order(NUMBER_CHANGE_SAGA.decider, process_id, answer))])
    while row(process_id).status == "compensating":
        learned = Learned(row(process_id).turn, "unreachable")
        execute(CUSTOMERS, [Unit(Order(NUMBER_CHANGE_SAGA.decider, process_id, learned))])


def test_a_page_shows_how_far_a_saga_is_and_what_has_happened(saga: str) -> None:
    browser = operator("first")
    assert saga[:8] in browser.get(PAGES, {"status": "running"}).content.decode()
    page = browser.get(f"{PAGES}{saga}/change/").content.decode()
    assert all(told in page for told in ("accounts", "NumberChangeCoordinated", "AccountContactAsked"))
    assert NEW not in page


def test_an_operator_turns_it_back(saga: str) -> None:
    order(operator("first"), saga, "compensate")
    assert row(saga).status == "compensating"


def test_one_that_failed_is_seen_to_by_two_people(saga: str) -> None:
    fail(saga, StepAnswered("accounts"), StepAnswered("cards", "no"))
    first, second = operator("first"), operator("second")
    assert (row(saga).status, row(saga).step) == ("compensation_failed", "accounts")
    order(first, saga, "resolve")
    assert "a second person does" in order(first, saga, "resolve")
    assert row(saga).status == "compensation_failed"
    order(second, saga, "resolve")
    assert (row(saga).status, row(saga).step) == ("compensating", "profile")


def test_a_profile_that_is_not_restored_is_not_said_to_be(saga: str) -> None:
    fail(saga, StepAnswered("accounts", "no"))
    assert (row(saga).status, row(saga).step) == ("compensation_failed", "profile")
    assert "Nobody can do this by hand" in order(operator("first"), saga, "resolve")
    assert (row(saga).status, row(saga).proposed) == ("compensation_failed", "")
