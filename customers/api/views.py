"""Customers over HTTP. Operators open customers, and so does whoever has signed in and is none yet, for himself."""

from collections.abc import Callable
from uuid import UUID

from django.utils.timezone import localdate

from bank.context import Order
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import opened_by, operator_only, owned
from bank.http.problems import bad_request, not_found
from bank.http.views import BankView
from customers import queries
from customers.api.schemas import (
    ChangeCustomerBody,
    ChangeMobileNumberBody,
    CustomerFilter,
    CustomerOut,
    KycBody,
    OpenCustomerBody,
    SuspendBody,
    customer_out,
)
from customers.context import CUSTOMERS
from customers.domain.customer import (
    CUSTOMER,
    ChangeAddress,
    ChangeEmail,
    ChangeName,
    Command,
    ReinstateCustomer,
    RejectCustomer,
    SuspendCustomer,
    VerifyCustomer,
)
from customers.orders import change_mobile_number, close_customer, open_customer

CUSTOMER_AT = "/api/v1/customers/{id}"


class Customers(BankView):
    @command(CUSTOMERS, OpenCustomerBody, location=CUSTOMER_AT, status=201)
    def post(self, asked: Asked) -> Do:
        """Open a customer.

        Operators open anybody. Who has signed up and is no customer yet opens himself, once: tokens issued after the
        bank has heard of it, a moment later, name him as that customer.
        """
        return Do(*open_customer(customer_id(asked), **asked.body, opened_on=localdate()))

    @listing(CustomerOut, CustomerFilter)
    def get(self, wanted: Wanted) -> Page:
        """The customers, for operators: all of them, or who has a mobile number."""
        operator_only(wanted.principal)
        number = wanted.filters.get("mobile_number")
        rows = queries.customers(mobile_number=number, after=wanted.after, limit=wanted.fetch)
        return wanted.page([customer_out(row) for row in rows], key=lambda row: (str(row["id"]),))


def customer_id(asked: Asked) -> str:
    """Who is opened: anybody by an operator, else only who asks."""
    if asked.principal.is_operator:
        return asked.new_id("customer")
    return asked.principal.customer_id or opened_by(asked.principal.user_id)


class Customer(BankView):
    @read(CustomerOut)
    def get(self, wanted: Wanted, customer_id: UUID) -> Shown:
        """Who the customer is and how he is reached."""
        owned(wanted.principal, customer_id)
        customer = known(customer_id)
        return Shown(customer_out(customer), version=customer.version)

    @command(CUSTOMERS, ChangeCustomerBody, location=CUSTOMER_AT)
    def patch(self, asked: Asked, customer_id: UUID) -> Do:
        """Change name, email and address: what is not given stays, and all of it changes or none."""
        owned(asked.principal, customer_id)
        known(customer_id)
        changes = [change(str(customer_id), asked.body[name]) for name, change in CHANGES.items() if name in asked.body]
        if not changes:
            raise bad_request("nothing_to_change", f"Give at least one of {', '.join(CHANGES)}.")
        return Do(*(Order(CUSTOMER, str(customer_id), one) for one in changes))


CHANGES: dict[str, Callable[[str, str], Command]] = {"name": ChangeName, "email": ChangeEmail, "address": ChangeAddress}


class MobileNumbers(BankView):
    @command(CUSTOMERS, ChangeMobileNumberBody, location=CUSTOMER_AT)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Change the mobile number; one that belongs to another customer is refused."""
        owned(asked.principal, customer_id)
        customer = known(customer_id)
        number = asked.body["mobile_number"]
        return Do(*change_mobile_number(str(customer_id), number, replaces_key=customer.mobile_key))


class Identities(BankView):
    @command(CUSTOMERS, KycBody, location=CUSTOMER_AT)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Say whether the bank knows who the customer is: only then is he lent to. Operators only."""
        key, today = for_operators(asked, customer_id), localdate()
        if asked.body["status"] == "verified":
            return Do(Order(CUSTOMER, key, VerifyCustomer(key, today)))
        return Do(Order(CUSTOMER, key, RejectCustomer(key, asked.body["reason"], today)))


class Suspensions(BankView):
    @command(CUSTOMERS, SuspendBody, location=CUSTOMER_AT)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Begin nothing new with a customer until he is reinstated. Operators only."""
        key = for_operators(asked, customer_id)
        return Do(Order(CUSTOMER, key, SuspendCustomer(key, asked.body["reason"], localdate())))


class Reinstatements(BankView):
    @command(CUSTOMERS, location=CUSTOMER_AT)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Take a suspension back. Operators only."""
        key = for_operators(asked, customer_id)
        return Do(Order(CUSTOMER, key, ReinstateCustomer(key, localdate())))


class Closings(BankView):
    @command(CUSTOMERS, location=CUSTOMER_AT)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """End the business with a customer, who has no account, card or loan left. Operators only."""
        key = for_operators(asked, customer_id)
        return Do(*close_customer(key, localdate(), releases_key=known(customer_id).mobile_key))


def for_operators(asked: Asked, customer_id: UUID) -> str:
    """The key of a customer whom an operator may give orders about. Raises 403 and 404."""
    operator_only(asked.principal)
    known(customer_id)
    return str(customer_id)


def known(customer_id: UUID) -> queries.CustomerRow:
    customer = queries.customer(customer_id)
    if customer is None:
        raise not_found()
    return customer
