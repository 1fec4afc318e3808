"""A customer's history, and the state that the decisions of `customer` need of it.

Names, addresses and numbers are facts for others to show; no decision needs them, so the state does not keep them.
What it keeps of the mobile number is the key under which the number is claimed (see `mobile.py`).

What the bank says of a customer is numbered from 1 on: messages come in any order, and the one with the highest
`sequence` that was heard holds.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from bank.decider import Personal

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


@dataclass(frozen=True, slots=True)
class CustomerVerified:
    customer_id: str
    verified_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerRejected:
    customer_id: str
    reason: str
    rejected_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerSuspended:
    customer_id: str
    reason: str
    suspended_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerReinstated:
    customer_id: str
    reinstated_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerClosed:
    customer_id: str
    closed_on: date
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class CustomerErasureRequested:
    """Every context forgets who this was, and says so."""

    customer_id: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class ErasureConfirmed:
    """`context` has blanked its read tables and destroyed its key."""

    customer_id: str
    context: str


@dataclass(frozen=True, slots=True)
class ErasureCertified:
    """`covered` are the contexts, by name, with commas between them. Customers destroys its own key with this."""

    customer_id: str
    covered: str
    certified_on: date


Event = (
    CustomerOpened
    | NameChanged
    | EmailChanged
    | AddressChanged
    | MobileNumberChanged
    | CustomerVerified
    | CustomerRejected
    | CustomerSuspended
    | CustomerReinstated
    | CustomerClosed
    | CustomerErasureRequested
    | ErasureConfirmed
    | ErasureCertified
)

# State.

Status = Literal["active", "suspended", "closed", "erasing", "erased"]
Kyc = Literal["pending", "verified", "rejected"]


@dataclass(frozen=True, slots=True)
class Customer:
    """`status` is the life-cycle, `kyc` what the bank knows of who this is; neither follows from the other."""

    customer_id: str | None = None
    mobile_key: str = ""
    status: Status = "active"
    status_reason: str = ""
    kyc: Kyc = "pending"
    kyc_reason: str = ""
    sequence: int = 0
    erased_by: tuple[str, ...] = ()


def evolve(customer: Customer, event: Event) -> Customer:
    match event:
        case CustomerOpened():
            return Customer(event.customer_id, event.mobile_key)
        case MobileNumberChanged():
            return replace(customer, mobile_key=event.mobile_key)
        case NameChanged() | EmailChanged() | AddressChanged():
            return customer
        case CustomerVerified(sequence=sequence):
            return replace(customer, kyc="verified", kyc_reason="", sequence=sequence)
        case CustomerRejected(reason=reason, sequence=sequence):
            return replace(customer, kyc="rejected", kyc_reason=reason, sequence=sequence)
        case CustomerSuspended(reason=reason, sequence=sequence):
            return replace(customer, status="suspended", status_reason=reason, sequence=sequence)
        case CustomerReinstated(sequence=sequence):
            return replace(customer, status="active", status_reason="", sequence=sequence)
        case CustomerClosed(sequence=sequence):
            return replace(customer, status="closed", status_reason="", sequence=sequence)
        case CustomerErasureRequested():
            return replace(customer, status="erasing")
        case ErasureConfirmed(context=context):
            return replace(customer, erased_by=(*customer.erased_by, context))
        case ErasureCertified():
            return replace(customer, status="erased")
        case _:
            assert_never(event)
