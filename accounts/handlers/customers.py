"""What Accounts does when Customers speaks, and when it has begun to forget somebody."""

from accounts.domain.holder import HOLDER, HearKyc, HearStanding
from accounts.domain.holder.erasure import ERASURE
from accounts.inbound import (
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    HolderErasureBegun,
)
from bank.context import Order, Unit
from bank.erasure import BeginErasure, EndErasure


def verify_holder(customer: CustomerVerified) -> Unit:
    return heard(HearKyc(customer.customer_id, "verified", customer.verified_on, customer.sequence))


def reject_holder(customer: CustomerRejected) -> Unit:
    return heard(HearKyc(customer.customer_id, "rejected", customer.rejected_on, customer.sequence))


def suspend_holder(customer: CustomerSuspended) -> Unit:
    return heard(HearStanding(customer.customer_id, "suspended", customer.suspended_on, customer.sequence))


def reinstate_holder(customer: CustomerReinstated) -> Unit:
    return heard(HearStanding(customer.customer_id, "active", customer.reinstated_on, customer.sequence))


def close_holder(customer: CustomerClosed) -> Unit:
    return heard(HearStanding(customer.customer_id, "closed", customer.closed_on, customer.sequence))


def heard(said: HearKyc | HearStanding) -> Unit:
    return Unit(Order(HOLDER, said.customer_id, said))


def begin_erasure(asked: CustomerErasureRequested) -> Unit:
    return Unit(Order(ERASURE, asked.customer_id, BeginErasure(asked.customer_id, asked.requested_on)))


def end_erasure(begun: HolderErasureBegun) -> Unit:
    """Our own word has come back, so what was said before it has left."""
    return Unit(Order(ERASURE, begun.customer_id, EndErasure(begun.customer_id, begun.begun_on)))
