"""What it takes to open or close a customer, or to change how he is reached: several aggregates, one unit."""

from datetime import date

from django.conf import settings

from bank.context import Order
from bank.sagas.progress import Begin
from customers.contact import mobile_key
from customers.domain.customer import (
    CUSTOMER,
    ChangeEmail,
    ChangeMobileNumber,
    CloseCustomer,
    OpenCustomer,
    RequestErasure,
    VerifyCustomer,
)
from customers.domain.holdings import HOLDINGS, ClearHoldings
from customers.domain.mobile import MOBILE, ClaimMobileNumber, ReleaseMobileNumber
from customers.domain.notices import NOTICES, TellFormerAddress
from customers.domain.number_change import NUMBER_CHANGE, RequestNumberChange, RequireNoNumberChange
from customers.domain.number_change.saga import NumberChangeCoordinated
from customers.sagas import NUMBER_CHANGE_SAGA


def open_customer(customer_id: str, *, name: str, email: str, mobile_number: str, opened_on: date) -> list[Order]:
    """The number is claimed, or the whole is refused. `mobile_number` is in E.164."""
    key = mobile_key(mobile_number)
    command = OpenCustomer(customer_id, name, email, mobile_number, key, opened_on)
    return [Order(CUSTOMER, customer_id, command), Order(MOBILE, key, ClaimMobileNumber(customer_id))]


def verified(customer_id: str, verified_on: date) -> Order:
    """Who brings his papers is verified at once."""
    return Order(CUSTOMER, customer_id, VerifyCustomer(customer_id, verified_on))


def change_email(notice_id: str, customer_id: str, email: str, *, replaces: str, on: date) -> list[Order]:
    """The address is another one, and the one which it `replaces` is told, or neither."""
    change = Order(CUSTOMER, customer_id, ChangeEmail(customer_id, email))
    if email == replaces:
        return [change]
    return [change, Order(NOTICES, customer_id, TellFormerAddress(notice_id, customer_id, replaces, on))]


def change_mobile_number(process_id: str, customer_id: str, mobile_number: str, *, replaces: str) -> list[Order]:
    """The new number is claimed and the change begins its way through everybody who keeps a copy, or neither.

    The number which it `replaces` stays claimed until all have agreed. Both are in E.164.
    """
    key, former_key = mobile_key(mobile_number), mobile_key(replaces)
    change = Order(CUSTOMER, customer_id, ChangeMobileNumber(customer_id, mobile_number, key, former_key))
    if key == former_key:
        return [change]
    claim = Order(MOBILE, key, ClaimMobileNumber(customer_id))
    coordinated = settings.MOBILE_NUMBER_CHANGE == "orchestration"
    request = RequestNumberChange(process_id, customer_id, mobile_number, key, replaces, former_key, coordinated)
    orders = [change, claim, Order(NUMBER_CHANGE, customer_id, request)]
    if coordinated:
        begun = NumberChangeCoordinated(process_id, customer_id, mobile_number, key, replaces, former_key)
        orders.append(Order(NUMBER_CHANGE_SAGA.decider, process_id, Begin(begun)))
    return orders


def close_customer(customer_id: str, closed_on: date, *, releases_key: str) -> list[Order]:
    """The customer is closed and the mobile number free, or neither because something is still open."""
    return [
        Order(CUSTOMER, customer_id, CloseCustomer(customer_id, releases_key, closed_on)),
        Order(NUMBER_CHANGE, customer_id, RequireNoNumberChange()),
        Order(HOLDINGS, customer_id, ClearHoldings(customer_id, closed_on)),
        Order(MOBILE, releases_key, ReleaseMobileNumber(customer_id)),
    ]


def erase_customer(customer_id: str, requested_on: date) -> list[Order]:
    """Forgotten is who was closed and of whom nothing was heard since."""
    return [
        Order(CUSTOMER, customer_id, RequestErasure(customer_id, requested_on)),
        Order(HOLDINGS, customer_id, ClearHoldings(customer_id, requested_on)),
    ]
