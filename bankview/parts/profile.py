"""Who the customer is, from the events of Customers."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from bank.decider import ERASED
from bankview.inbound.customers import (
    AddressChanged,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerOpened,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    EmailChanged,
    ErasureCertified,
    ErasureConfirmed,
    MobileNumberChanged,
    NameChanged,
)
from bankview.parts.part import Part, Said

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


@dataclass(frozen=True, slots=True)
class Profile:
    name: str = ""
    email: str = ""
    mobile_number: str = ""
    address: str = ""
    opened_on: date | None = None
    status: str = "active"
    kyc: str = "pending"
    kyc_reason: str = ""


def evolve(profile: Profile | None, said: Said) -> Profile:
    return fold(profile or Profile(), said.data)


def fold(profile: Profile, event: Event) -> Profile:
    match event:
        case CustomerOpened():
            return Profile(event.name, event.email, event.mobile_number, opened_on=event.opened_on)
        case NameChanged(name=name):
            return replace(profile, name=name)
        case EmailChanged(email=email):
            return replace(profile, email=email)
        case AddressChanged(address=address):
            return replace(profile, address=address)
        case MobileNumberChanged(mobile_number=number):
            return replace(profile, mobile_number=number)
        case CustomerVerified():
            return replace(profile, kyc="verified", kyc_reason="")
        case CustomerRejected(reason=reason):
            return replace(profile, kyc="rejected", kyc_reason=reason)
        case CustomerSuspended():
            return replace(profile, status="suspended")
        case CustomerReinstated():
            return replace(profile, status="active")
        case CustomerClosed():
            return replace(profile, status="closed")
        case CustomerErasureRequested():
            return erased(replace(profile, status="erasing"))
        case ErasureConfirmed():
            return profile
        case ErasureCertified():
            return replace(profile, status="erased")
        case _:
            assert_never(event)


def erased(profile: Profile) -> Profile:
    """What was given reads erased; what was not stays empty."""
    address = profile.address and ERASED
    return replace(profile, name=ERASED, email=ERASED, mobile_number=ERASED, address=address)


def document(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "email": profile.email,
        "mobile_number": profile.mobile_number,
        "address": profile.address,
        "opened_on": profile.opened_on,
        "status": profile.status,
        "kyc": profile.kyc,
        "kyc_reason": profile.kyc_reason or None,
    }


PROFILE: Part[Profile] = Part(
    name="profile",
    types={
        "customers.CustomerOpened.v1": CustomerOpened,
        "customers.NameChanged.v1": NameChanged,
        "customers.EmailChanged.v1": EmailChanged,
        "customers.AddressChanged.v1": AddressChanged,
        "customers.MobileNumberChanged.v1": MobileNumberChanged,
        "customers.CustomerVerified.v1": CustomerVerified,
        "customers.CustomerRejected.v1": CustomerRejected,
        "customers.CustomerSuspended.v1": CustomerSuspended,
        "customers.CustomerReinstated.v1": CustomerReinstated,
        "customers.CustomerClosed.v1": CustomerClosed,
        "customers.CustomerErasureRequested.v1": CustomerErasureRequested,
        "customers.ErasureConfirmed.v1": ErasureConfirmed,
        "customers.ErasureCertified.v1": ErasureCertified,
    },
    blank=Profile(),
    evolve=evolve,
    document=document,
    ordered_by="opened_on",
)
