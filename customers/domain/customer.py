"""A customer of the bank: who they are and how they are reached.

Names, addresses and numbers are facts for others to show; no decision here needs them, so the state does not keep them.
What it keeps of the mobile number is the key under which the number is claimed (see `mobile.py`).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from bank.decider import Decider, Personal, Refused

# Facts.


@dataclass(frozen=True, slots=True)
class CustomerOpened:
    customer_id: str
    name: Personal
    email: Personal
    mobile_number: Personal
    mobile_key: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class NameChanged:
    customer_id: str
    name: Personal


@dataclass(frozen=True, slots=True)
class EmailChanged:
    customer_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class AddressChanged:
    customer_id: str
    address: Personal


@dataclass(frozen=True, slots=True)
class MobileNumberChanged:
    customer_id: str
    mobile_number: Personal
    mobile_key: str


Event = CustomerOpened | NameChanged | EmailChanged | AddressChanged | MobileNumberChanged

# State.


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str | None = None
    mobile_key: str = ""


def evolve(customer: Customer, event: Event) -> Customer:
    match event:
        case CustomerOpened():
            return Customer(event.customer_id, event.mobile_key)
        case MobileNumberChanged():
            return replace(customer, mobile_key=event.mobile_key)
        case NameChanged() | EmailChanged() | AddressChanged():
            return customer
        case _:
            assert_never(event)


# Commands. Texts arrive normalized: trimmed, the mobile number in E.164.


@dataclass(frozen=True, slots=True)
class OpenCustomer:
    customer_id: str
    name: str
    email: str
    mobile_number: str
    mobile_key: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class ChangeName:
    customer_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    customer_id: str
    email: str


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    customer_id: str
    address: str


@dataclass(frozen=True, slots=True)
class ChangeMobileNumber:
    """`replaces_key` is the key which the same unit releases: refused when another change came between."""

    customer_id: str
    mobile_number: str
    mobile_key: str
    replaces_key: str


Command = OpenCustomer | ChangeName | ChangeEmail | ChangeAddress | ChangeMobileNumber

# Decisions.


def decide(customer: Customer, command: Command) -> list[Event]:
    match command:
        case OpenCustomer():
            return open_customer(customer, command)
        case ChangeName():
            require_known(customer)
            return [NameChanged(command.customer_id, command.name)]
        case ChangeEmail():
            require_known(customer)
            return [EmailChanged(command.customer_id, command.email)]
        case ChangeAddress():
            require_known(customer)
            return [AddressChanged(command.customer_id, command.address)]
        case ChangeMobileNumber():
            return change_mobile_number(customer, command)
        case _:
            assert_never(command)


def open_customer(customer: Customer, command: OpenCustomer) -> list[Event]:
    if customer.customer_id is not None:
        raise Refused("customer_exists", "There is already a customer with this id.")
    return [
        CustomerOpened(
            customer_id=command.customer_id,
            name=command.name,
            email=command.email,
            mobile_number=command.mobile_number,
            mobile_key=command.mobile_key,
            opened_on=command.opened_on,
        )
    ]


def change_mobile_number(customer: Customer, command: ChangeMobileNumber) -> list[Event]:
    require_known(customer)
    if customer.mobile_key != command.replaces_key:
        raise Refused("mobile_number_changed", "The mobile number was changed meanwhile. Look at it and try again.")
    if customer.mobile_key == command.mobile_key:
        return []
    return [MobileNumberChanged(command.customer_id, command.mobile_number, command.mobile_key)]


def require_known(customer: Customer) -> None:
    if customer.customer_id is None:
        raise Refused("customer_not_found", "There is no such customer.")


CUSTOMER = Decider(
    name="customer",
    initial=Customer(),
    decide=decide,
    evolve=evolve,
    events={
        "CustomerOpened.v1": CustomerOpened,
        "NameChanged.v1": NameChanged,
        "EmailChanged.v1": EmailChanged,
        "AddressChanged.v1": AddressChanged,
        "MobileNumberChanged.v1": MobileNumberChanged,
    },
    customer=lambda customer: customer.customer_id,
)
