"""Customers over HTTP. Operators open customers, and so does whoever has signed in and is none yet, for himself."""

from uuid import UUID

from django.utils.timezone import localdate, now

from bank.context import Order, Unit
from bank.history.eventstore import load
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import opened_by, operator_only, owned
from bank.http.problems import bad_request, not_found, unavailable
from bank.http.views import BankView
from customers import queries
from customers.api.schemas import (
    ChangeCustomerBody,
    ChangeMobileNumberBody,
    ConfirmMobileNumberBody,
    ConsentBody,
    ConsentOut,
    CustomerFilter,
    CustomerOut,
    ErasureOut,
    KycBody,
    OpenCustomerBody,
    SuspendBody,
    customer_out,
    erasure_out,
)
from customers.codes import code_for, code_hash
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.confirmation import CONFIRMATION, RequestCode, TryCode, UseCode
from customers.domain.customer import (
    CUSTOMER,
    ChangeAddress,
    ChangeName,
    ReinstateCustomer,
    RejectCustomer,
    SuspendCustomer,
    VerifyCustomer,
)
from customers.domain.mobile import MOBILE, RequestText
from customers.domain.notices import NOTICES, WantNotices
from customers.orders import change_email, change_mobile_number, close_customer, erase_customer, open_customer
from customers.texting import NotDelivered, Text, deliver

CUSTOMER_AT = "/api/v1/customers/{customer}"


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
        """Change name, email and address: what is not given stays, and all of it changes or none.

        Of another email the address it replaces is told; for thirty days it also hears of another mobile number.
        """
        owned(asked.principal, customer_id)
        changed = changes(asked, known(customer_id))
        if not changed:
            raise bad_request("nothing_to_change", "Give at least one of name, email, address.")
        return Do(*changed)


def changes(asked: Asked, customer: queries.CustomerRow) -> list[Order]:
    key, wanted = str(customer.pk), asked.body
    orders: list[Order] = []
    if "name" in wanted:
        orders.append(Order(CUSTOMER, key, ChangeName(key, wanted["name"])))
    if "email" in wanted:
        told = asked.new_id("notice")
        orders += change_email(told, key, wanted["email"], replaces=customer.email, on=localdate())
    if "address" in wanted:
        orders.append(Order(CUSTOMER, key, ChangeAddress(key, wanted["address"])))
    return orders


class MobileNumbers(BankView):
    @command(CUSTOMERS, ChangeMobileNumberBody, location=CUSTOMER_AT, status=202)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Ask for a new mobile number: a code is sent to it, which confirms the change within ten minutes.

        A code replaces the one before it. So many are sent in an hour for one customer, and so many to one number,
        whoever asks (422 `too_many_codes`). A code that could not be sent (503) is sent when the same key comes again.
        """
        owned(asked.principal, customer_id)
        known(customer_id)
        key, number, code_id, now = str(customer_id), asked.body["mobile_number"], asked.new_id("code"), now_s()
        hidden = mobile_key(number)
        code = code_for(code_id, hidden)
        text = Text(key, code_id, number, hidden, code, asked.origin)
        request = RequestCode(key, code_id, hidden, code_hash(key, hidden, code), now)
        return Do(
            Order(CONFIRMATION, key, request),
            Order(MOBILE, hidden, RequestText(now)),
            then=lambda repeated: send(text, again=repeated),
        )


def send(text: Text, *, again: bool) -> None:
    """Raises 503 when it did not leave."""
    try:
        deliver(text, again=again, now_s=now_s())
    except NotDelivered as error:
        raise unavailable(str(error)) from error


class Confirmations(BankView):
    @command(CUSTOMERS, ConfirmMobileNumberBody, location=CUSTOMER_AT, about=CUSTOMER)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Change the mobile number, by the code that was sent to the new one; another customer's is refused."""
        owned(asked.principal, customer_id)
        customer, key, number, now = known(customer_id), str(customer_id), asked.body["mobile_number"], now_s()
        hidden = mobile_key(number)
        attempt = TryCode(key, hidden, code_hash(key, hidden, asked.body["code"]), now)
        process_id = asked.new_id("number-change")
        change = change_mobile_number(process_id, key, number, replaces=customer.mobile_number)
        return Do(
            Order(CONFIRMATION, key, UseCode(key, hidden, now)),
            *change,
            before=Unit(Order(CONFIRMATION, key, attempt), id=UUID(asked.new_id("try")), origin=asked.origin),
        )


def now_s() -> int:
    return int(now().timestamp())


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


class Consents(BankView):
    @command(CUSTOMERS, ConsentBody, location="/api/v1/customers/{customer}/consent")
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Say whether to be told by e-mail of payments, bills and loans; nobody is unless he says so."""
        owned(asked.principal, customer_id)
        known(customer_id)
        key = str(customer_id)
        return Do(Order(NOTICES, key, WantNotices(key, asked.body["notices"])))

    @read(ConsentOut)
    def get(self, wanted: Wanted, customer_id: UUID) -> Shown:
        """Whether the customer is told by e-mail of payments, bills and loans."""
        owned(wanted.principal, customer_id)
        known(customer_id)
        notices, version = load(CUSTOMERS, NOTICES, str(customer_id))
        return Shown({"notices": notices.wanted}, version=version)


class Erasures(BankView):
    @command(CUSTOMERS, location="/api/v1/customers/{customer}/erasure", status=202)
    def post(self, asked: Asked, customer_id: UUID) -> Do:
        """Forget who a customer was, for ever. He asks for it himself or by an operator, once he is closed.

        Amounts stay, because books are kept; the name and all that he wrote read `[erased]` from then on.
        """
        owned(asked.principal, customer_id)
        known(customer_id)
        return Do(*erase_customer(str(customer_id), localdate()))

    @read(ErasureOut)
    def get(self, wanted: Wanted, customer_id: UUID) -> Shown:
        """How far the erasure is, and its certificate. Operators only."""
        operator_only(wanted.principal)
        erasure = queries.erasure(customer_id)
        return Shown(None if erasure is None else erasure_out(erasure))


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
