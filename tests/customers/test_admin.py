"""The console's pages of Customers: they show, and act by commands alone."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from bank.context import Order, Unit
from bank.execution import execute
from bank.history.eventstore import load
from bank.models import Event
from customers import queries
from customers.context import CUSTOMERS
from customers.domain.holdings import HOLDINGS, BeginHolding
from customers.domain.notices import NOTICES
from customers.models import Customer
from customers.orders import open_customer
from tests import factories

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def opened(name: str, number: str) -> str:
    customer_id = str(uuid4())
    orders = open_customer(
        customer_id, name=name, email="x@example.com", mobile_number=number, opened_on=date(2026, 3, 1)
    )
    execute(CUSTOMERS, [Unit(*orders)])
    return customer_id


def page(operator: Client, path: str, **query: str) -> str:
    answer = operator.get(f"/admin/customers/customer/{path}", query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def contact_data(customer_id: str) -> str:
    return f"/admin/customers/customer/{customer_id}/contact-data/"


FORM = {"name": "Ada King", "email": "ada@king.example", "address": "London", "mobile_number": "+356 9900 0009"}


def test_a_customer_is_found_by_name_by_id_and_by_number_however_it_is_written(operator: Client) -> None:
    ada = opened("Ada Lovelace", "+35699000001")
    opened("Eve Moneypenny", "+35699000002")
    for term in ("lovelace", ada, "+356 9900 0001", "+35699000001"):
        found = page(operator, "", q=term)
        assert "Ada Lovelace" in found
        assert "Moneypenny" not in found
    assert "+35699000001" in page(operator, f"{ada}/change/")


def test_an_operator_changes_contact_data_by_command(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    form = operator.get(contact_data(customer_id)).content.decode()
    assert "Ada Lovelace" in form
    assert "Cancel" in form
    answer = operator.post(contact_data(customer_id), FORM)
    assert answer.status_code == 302
    customer = queries.customer(customer_id)
    assert customer is not None
    assert (customer.name, customer.email, customer.address) == ("Ada King", "ada@king.example", "London")
    assert (customer.mobile_number, customer.version) == ("+35699000009", 5)
    event = Event.objects.using("customers").get(type="MobileNumberChanged.v1")
    assert '"actor":"operator:' in event.metadata


def test_a_taken_number_is_refused_whole_and_said(operator: Client) -> None:
    opened("Eve Moneypenny", "+35699000009")
    customer_id = opened("Ada Lovelace", "+35699000001")
    answer = operator.post(contact_data(customer_id), FORM)
    assert "belongs to another customer" in answer.content.decode()
    customer = queries.customer(customer_id)
    assert customer is not None
    assert (customer.name, customer.version) == ("Ada Lovelace", 1)


def test_a_wrong_number_is_said_beside_its_field(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    answer = operator.post(contact_data(customer_id), {**FORM, "mobile_number": "12"})
    assert "begins with its country code" in answer.content.decode()


@pytest.mark.parametrize("field", ["name", "address", "email", "mobile_number"])
def test_a_card_number_is_neither_taken_nor_shown_again(operator: Client, field: str) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    answer = operator.post(contact_data(customer_id), {**FORM, field: "4111 1111 1111 1111"}).content.decode()
    assert "looks like a card number" in answer
    assert "4111 1111" not in answer
    assert all(sent in answer for name, sent in FORM.items() if name != field)
    customer = queries.customer(customer_id)
    assert customer is not None
    assert (customer.name, customer.version) == ("Ada Lovelace", 1)


def test_contact_data_left_as_it_is_changes_nothing(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    same = {"name": "Ada Lovelace", "email": "x@example.com", "address": "", "mobile_number": "+35699000001"}
    assert operator.post(contact_data(customer_id), same).status_code == 302
    customer = queries.customer(customer_id)
    assert customer is not None
    assert customer.version == 1


def standing(customer_id: str) -> tuple[str, str, str, str]:
    customer = queries.customer(customer_id)
    assert customer is not None
    return customer.status, customer.status_reason, customer.kyc, customer.kyc_reason


def test_an_operator_judges_a_customer(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    at = f"/admin/customers/customer/{customer_id}"
    assert "Say for which reason" in operator.post(f"{at}/suspend/", {"reason": ""}).content.decode()
    for order, reason in (("reject", "underage"), ("suspend", "fraud")):
        assert operator.post(f"{at}/{order}/", {"reason": reason}).status_code == 302
    assert standing(customer_id) == ("suspended", "fraud", "rejected", "underage")
    for order in ("verify", "reinstate"):
        assert operator.post(f"{at}/{order}/").status_code == 302
    assert standing(customer_id) == ("active", "", "verified", "")


def test_an_operator_closes_a_customer(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    assert operator.post(f"/admin/customers/customer/{customer_id}/close/").status_code == 302
    assert standing(customer_id)[0] == "closed"
    kept = opened("Eve", "+35699000001")
    held = Order(HOLDINGS, kept, BeginHolding(kept, "card:1"))
    execute(CUSTOMERS, [Unit(held)])
    answer = operator.post(f"/admin/customers/customer/{kept}/close/")
    assert "still has cards" in answer.content.decode()
    assert standing(kept)[0] == "active"


def test_an_operator_has_a_customer_forgotten_and_reads_the_certificate(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    at = f"/admin/customers/customer/{customer_id}"
    assert "close first" in operator.post(f"{at}/erase/").content.decode()
    operator.post(f"{at}/close/")
    answer = operator.post(f"{at}/erase/")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/customers/erasure/{customer_id}/change/")
    assert operator.get(answer["Location"]).status_code == 200
    assert customer_id in operator.get("/admin/customers/erasure/").content.decode()
    assert "Lovelace" not in page(operator, f"{customer_id}/change/")


OPEN = "/admin/customers/customer/open-customer/"
ADA = {"name": "Ada Lovelace", "email": "ada@king.example", "mobile_number": "+356 9900 0001"}


def test_an_operator_opens_a_customer_once(operator: Client) -> None:
    assert OPEN in page(operator, "")
    sent = {**ADA, "once": str(uuid4())}
    first, again = operator.post(OPEN, sent), operator.post(OPEN, sent)
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    (customer,) = Customer.objects.all()
    assert (customer.name, customer.mobile_number, customer.kyc) == ("Ada Lovelace", "+35699000001", "pending")
    assert first["Location"] == f"/admin/customers/customer/{customer.pk}/change/"
    assert '"actor":"operator:' in Event.objects.using("customers").get(type="CustomerOpened.v1").metadata


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mobile_number": "12"}, "begins with its country code"),
        ({"mobile_number": "+356 9900 0009"}, "belongs to another customer"),
        ({"email": "ada"}, "Enter a valid email address."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"name": "Ada\tKing"}, "Control characters are not allowed."),
        ({"name": ""}, "This field is required."),
    ],
    ids=["no number", "taken", "no address", "long", "two lines", "empty"],
)
def test_who_cannot_be_opened_is_told_why(operator: Client, wrong: dict[str, str], said: str) -> None:
    opened("Eve Moneypenny", "+35699000009")
    answer = operator.post(OPEN, {**ADA, **wrong})
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert Customer.objects.count() == 1


def test_who_was_refused_is_opened_once_the_form_is_right(operator: Client) -> None:
    opened("Eve Moneypenny", "+35699000009")
    refused = operator.post(OPEN, {**ADA, "mobile_number": "+356 9900 0009", "once": str(uuid4())}).content.decode()
    key = re.search(r'name="once" value="([^"]+)"', refused)
    assert key is not None
    assert operator.post(OPEN, {**ADA, "once": key[1]}).status_code == 302
    assert Customer.objects.count() == 2


def test_an_operator_notes_whether_a_customer_wants_notices(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    assert "not wanted" in page(operator, f"{customer_id}/change/")
    for order, wanted in (("want-notices", True), ("want-no-notices", False)):
        assert operator.post(f"/admin/customers/customer/{customer_id}/{order}/").status_code == 302
        assert load(CUSTOMERS, NOTICES, customer_id)[0].wanted is wanted


def test_a_customers_page_leads_to_the_opening_of_an_account(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    assert f"/admin/accounts/account/open-account/?customer_id={customer_id}" in page(
        operator, f"{customer_id}/change/"
    )


def test_the_pages_are_for_operators_and_add_nothing_by_hand(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    assert operator.get("/admin/customers/customer/add/").status_code == 403
    for path in ("/admin/customers/customer/", contact_data(customer_id)):
        assert Client().get(path).status_code == 302
    assert operator.get(contact_data(str(uuid4()))).status_code == 404


def test_events_show_personal_data_sealed(operator: Client) -> None:
    opened("Ada Lovelace", "+35699000001")
    event = Event.objects.using("customers").get(type="CustomerOpened.v1")
    shown = operator.get(f"/admin/customers/event/{event.position}/change/").content.decode()
    assert "CustomerOpened.v1" in shown
    assert "Lovelace" not in shown


def test_a_customers_page_leads_to_what_is_his(operator: Client) -> None:
    customer_id = opened("Ada Lovelace", "+35699000001")
    shown = page(operator, f"{customer_id}/change/")
    for where in ("accounts/account/?q=", "cards/card/?q=", "loans/loan/?q=", "bankview/customerbankview/"):
        assert f"/admin/{where}{customer_id}" in shown
