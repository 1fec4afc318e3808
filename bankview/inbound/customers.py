"""What we read of Customers."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CustomerOpened:
    name: str
    email: str
    mobile_number: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class NameChanged:
    name: str


@dataclass(frozen=True, slots=True)
class EmailChanged:
    email: str


@dataclass(frozen=True, slots=True)
class AddressChanged:
    address: str


@dataclass(frozen=True, slots=True)
class MobileNumberChanged:
    mobile_number: str


@dataclass(frozen=True, slots=True)
class CustomerVerified:
    verified_on: date


@dataclass(frozen=True, slots=True)
class CustomerRejected:
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerSuspended:
    suspended_on: date


@dataclass(frozen=True, slots=True)
class CustomerReinstated:
    reinstated_on: date


@dataclass(frozen=True, slots=True)
class CustomerClosed:
    closed_on: date


@dataclass(frozen=True, slots=True)
class CustomerErasureRequested:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ErasureConfirmed:
    context: str


@dataclass(frozen=True, slots=True)
class ErasureCertified:
    customer_id: str


@dataclass(frozen=True, slots=True)
class ClearanceStep:
    process_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class ClearanceDeclined:
    process_id: str
    code: str
