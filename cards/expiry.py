"""Authorizations which nobody captured in time: Cards alone ends them, and Accounts hears it by message."""

from datetime import date
from uuid import UUID

from bank.context import Order, Unit, step_id
from bank.execution import execute
from bank.recorded import Origin
from cards import queries
from cards.context import CARDS
from cards.domain.payment import PAYMENT, ExpirePayment

BATCH = 500
CLOCK = "service:cards"


def expire_authorizations(today: date) -> int:
    """Expire what has outlived its last day, in batches; how many did. Repeating it does no harm."""
    expired = 0
    while due := queries.due_to_expire(today, limit=BATCH):
        results = execute(CARDS, [expiry(payment_id, today) for payment_id in due])
        applied = sum(result.outcome == "applied" and not result.replayed for result in results)
        if not applied:
            break
        expired += applied
    return expired


def expiry(payment_id: str, today: date) -> Unit:
    return Unit(
        Order(PAYMENT, payment_id, ExpirePayment(payment_id, today)),
        id=step_id(payment_id, f"expire/{today}"),
        origin=Origin(CLOCK, correlation_id=UUID(payment_id)),
    )
