"""A customer of the bank: who they are, how they are reached, and whether the bank does business with them.

    active ⇄ suspended                       pending → verified ⇄ rejected
      ↘ closed ↙ → erasing → erased                ↘ rejected

The left is the life-cycle, the right what is known of the identity (KYC). Others hear both and draw their own
conclusions. Its history and state are in `facts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused
from customers.domain.customer.facts import (
    AddressChanged,
    Customer,
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
    Event,
    MobileNumberChanged,
    NameChanged,
    evolve,
)

KYC_REASONS = {
    "documents_missing": "documents missing",
    "documents_invalid": "documents not valid",
    "identity_mismatch": "not the person of the documents",
    "underage": "not of age",
    "not_accepted": "not accepted by the bank",
}
"""Why an identity is rejected, and how operators say it: a choice, so that nothing personal is written down.

The customer reads it, so it says nothing that would warn who is being investigated."""

SUSPENSION_REASONS = {
    "fraud": "suspected fraud",
    "kyc_review": "identity under review",
    "court_order": "order of a court",
    "customer_request": "asked for by the customer",
}
"""For operators alone."""

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


@dataclass(frozen=True, slots=True)
class RestoreMobileNumber:
    """Takes a change back: nothing, where the number is not any more the one of `replaces_key`."""

    customer_id: str
    mobile_number: str
    mobile_key: str
    replaces_key: str


@dataclass(frozen=True, slots=True)
class VerifyCustomer:
    customer_id: str
    verified_on: date


@dataclass(frozen=True, slots=True)
class RejectCustomer:
    customer_id: str
    reason: str
    rejected_on: date


@dataclass(frozen=True, slots=True)
class SuspendCustomer:
    customer_id: str
    reason: str
    suspended_on: date


@dataclass(frozen=True, slots=True)
class ReinstateCustomer:
    customer_id: str
    reinstated_on: date


@dataclass(frozen=True, slots=True)
class CloseCustomer:
    """`releases_key` is the key of the mobile number which the same unit gives up."""

    customer_id: str
    releases_key: str
    closed_on: date


@dataclass(frozen=True, slots=True)
class RequestErasure:
    customer_id: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class ConfirmErasure:
    customer_id: str
    context: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class RequireVerified:
    """In one unit with whatever vouches for him: it says nothing, or refuses the whole."""

    customer_id: str


Command = (
    OpenCustomer
    | ChangeName
    | ChangeEmail
    | ChangeAddress
    | ChangeMobileNumber
    | RestoreMobileNumber
    | VerifyCustomer
    | RejectCustomer
    | SuspendCustomer
    | ReinstateCustomer
    | CloseCustomer
    | RequestErasure
    | ConfirmErasure
    | RequireVerified
)

# Decisions.


def decide(customer: Customer, command: Command) -> list[Event]:
    match command:
        case OpenCustomer():
            return open_customer(customer, command)
        case ChangeName():
            require_not_closed(customer)
            return [NameChanged(command.customer_id, command.name)]
        case ChangeEmail():
            require_not_closed(customer)
            return [EmailChanged(command.customer_id, command.email)]
        case ChangeAddress():
            require_not_closed(customer)
            return [AddressChanged(command.customer_id, command.address)]
        case ChangeMobileNumber():
            return change_mobile_number(customer, command)
        case RestoreMobileNumber():
            return restore_mobile_number(customer, command)
        case VerifyCustomer():
            return verify(customer, command)
        case RejectCustomer():
            return reject(customer, command)
        case SuspendCustomer():
            return suspend(customer, command)
        case ReinstateCustomer():
            return reinstate(customer, command)
        case CloseCustomer():
            return close(customer, command)
        case RequestErasure():
            return request_erasure(customer, command)
        case ConfirmErasure():
            return confirm_erasure(customer, command)
        case RequireVerified():
            return require_verified(customer)
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
    require_active(customer)
    if customer.mobile_key != command.replaces_key:
        raise Refused("mobile_number_changed", "The mobile number was changed meanwhile. Look at it and try again.")
    if customer.mobile_key == command.mobile_key:
        return []
    return [MobileNumberChanged(command.customer_id, command.mobile_number, command.mobile_key)]


def restore_mobile_number(customer: Customer, command: RestoreMobileNumber) -> list[Event]:
    if customer.status == "closed" or customer.mobile_key != command.replaces_key:
        return []
    return [MobileNumberChanged(command.customer_id, command.mobile_number, command.mobile_key)]


def verify(customer: Customer, command: VerifyCustomer) -> list[Event]:
    require_not_closed(customer)
    if customer.kyc == "verified":
        return []
    return [CustomerVerified(command.customer_id, command.verified_on, customer.sequence + 1)]


def reject(customer: Customer, command: RejectCustomer) -> list[Event]:
    """Also who was verified: papers expire, and turn out to be somebody else's."""
    require_not_closed(customer)
    require_reason(command.reason, KYC_REASONS)
    if (customer.kyc, customer.kyc_reason) == ("rejected", command.reason):
        return []
    return [CustomerRejected(command.customer_id, command.reason, command.rejected_on, customer.sequence + 1)]


def suspend(customer: Customer, command: SuspendCustomer) -> list[Event]:
    require_not_closed(customer)
    require_reason(command.reason, SUSPENSION_REASONS)
    if (customer.status, customer.status_reason) == ("suspended", command.reason):
        return []
    return [CustomerSuspended(command.customer_id, command.reason, command.suspended_on, customer.sequence + 1)]


def reinstate(customer: Customer, command: ReinstateCustomer) -> list[Event]:
    require_not_closed(customer)
    if customer.status == "active":
        return []
    return [CustomerReinstated(command.customer_id, command.reinstated_on, customer.sequence + 1)]


def close(customer: Customer, command: CloseCustomer) -> list[Event]:
    require_known(customer)
    if customer.status not in ("active", "suspended"):
        return []
    if customer.mobile_key != command.releases_key:
        raise Refused("mobile_number_changed", "The mobile number was changed meanwhile. Look at it and try again.")
    return [CustomerClosed(command.customer_id, command.closed_on, customer.sequence + 1)]


def request_erasure(customer: Customer, command: RequestErasure) -> list[Event]:
    require_known(customer)
    if customer.status in ("erasing", "erased"):
        return []
    if customer.status != "closed":
        raise Refused("customer_not_closed", "Whoever is still a customer is not forgotten: close first.")
    return [CustomerErasureRequested(command.customer_id, command.requested_on)]


def confirm_erasure(customer: Customer, command: ConfirmErasure) -> list[Event]:
    """The last of the others to answer brings the certificate."""
    if customer.status != "erasing" or command.context in customer.erased_by:
        return []
    confirmed = ErasureConfirmed(command.customer_id, command.context)
    done = {*customer.erased_by, command.context}
    if done < OTHERS:
        return [confirmed]
    covered = ",".join(sorted({*done, "customers"}))
    return [confirmed, ErasureCertified(command.customer_id, covered, command.confirmed_on)]


OTHERS = {"accounts", "cards", "loans"}
"""The contexts that keep history of a customer, beside this one."""


def require_known(customer: Customer) -> None:
    if customer.customer_id is None:
        raise Refused("customer_not_found", "There is no such customer.")


def require_not_closed(customer: Customer) -> None:
    require_known(customer)
    if customer.status not in ("active", "suspended"):
        raise Refused("customer_closed", "This is no customer of the bank any more.")


def require_active(customer: Customer) -> None:
    require_not_closed(customer)
    if customer.status == "suspended":
        raise Refused("customer_suspended", "This customer is suspended.")


def require_verified(customer: Customer) -> list[Event]:
    require_active(customer)
    if customer.kyc == "rejected":
        raise Refused("customer_rejected", "The bank could not verify who this customer is.")
    if customer.kyc == "pending":
        raise Refused("customer_not_verified", "The bank has not verified yet who this customer is.")
    return []


def require_reason(reason: str, known: Mapping[str, str]) -> None:
    if reason not in known:
        raise Refused("unknown_reason", f"The reason is one of these: {', '.join(known)}.")


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
        "CustomerVerified.v1": CustomerVerified,
        "CustomerRejected.v1": CustomerRejected,
        "CustomerSuspended.v1": CustomerSuspended,
        "CustomerReinstated.v1": CustomerReinstated,
        "CustomerClosed.v1": CustomerClosed,
        "CustomerErasureRequested.v1": CustomerErasureRequested,
        "ErasureConfirmed.v1": ErasureConfirmed,
        "ErasureCertified.v1": ErasureCertified,
    },
    state_version=4,
    customer=lambda customer: customer.customer_id,
)
