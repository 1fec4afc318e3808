"""What Cards does when Customers speaks, and when it has begun to forget somebody."""

from bank.context import Order, Unit
from bank.erasure import BeginErasure, EndErasure
from cards.domain.cardholder import CARDHOLDER, HearKyc, HearStanding
from cards.domain.cardholder.erasure import ERASURE
from cards.inbound import (
    CardholderErasureBegun,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
)


def verify_holder(customer: CustomerVerified) -> Unit:
    return of_holder(HearKyc(customer.customer_id, "verified", customer.verified_on, customer.sequence))


def reject_holder(customer: CustomerRejected) -> Unit:
    return of_holder(HearKyc(customer.customer_id, "rejected", customer.rejected_on, customer.sequence))


def suspend_holder(customer: CustomerSuspended) -> Unit:
    return of_holder(HearStanding(customer.customer_id, "suspended", customer.suspended_on, customer.sequence))


def reinstate_holder(customer: CustomerReinstated) -> Unit:
    return of_holder(HearStanding(customer.customer_id, "active", customer.reinstated_on, customer.sequence))


def close_holder(customer: CustomerClosed) -> Unit:
    return of_holder(HearStanding(customer.customer_id, "closed", customer.closed_on, customer.sequence))


def of_holder(heard: HearKyc | HearStanding) -> Unit:
    return Unit(Order(CARDHOLDER, heard.customer_id, heard))


def begin_erasure(asked: CustomerErasureRequested) -> Unit:
    return Unit(Order(ERASURE, asked.customer_id, BeginErasure(asked.customer_id, asked.requested_on)))


def end_erasure(begun: CardholderErasureBegun) -> Unit:
    """Our own word has come back, so what was said before it has left."""
    return Unit(Order(ERASURE, begun.customer_id, EndErasure(begun.customer_id, begun.begun_on)))
