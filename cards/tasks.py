"""What beat asks of Cards."""

from celery import shared_task
from django.utils.timezone import localdate, now

from bank.sweeping import in_turn
from cards.clock import expiry, statements

SECONDS_AT_MOST = 540
"""Below the time between two, so that none meets the next, which goes on where it was."""


@shared_task(name="cards.expire_authorizations")
def expire_authorizations() -> int:
    return expiry.expire_authorizations(localdate())


@shared_task(name="cards.give_up_bill_payments")
def give_up_bill_payments() -> int:
    return expiry.give_up_bill_payments(now(), localdate())


@shared_task(name="cards.age_cards", time_limit=SECONDS_AT_MOST, acks_late=False)
def age_cards() -> int:
    """What a day brings, one after the other, so that it takes one place of the worker's."""
    today = localdate()
    return sum(
        in_turn(
            {
                "cards_expired": lambda: expiry.expire_cards(today),
                "cards_late": lambda: statements.mark_late(today),
                "statements_closed": lambda: statements.close_statements(today),
            }
        ).values()
    )
