"""What beat asks of Cards."""

from celery import shared_task
from django.utils.timezone import localdate, now

from cards.clock import expiry, statements


@shared_task(name="cards.expire_authorizations")
def expire_authorizations() -> int:
    return expiry.expire_authorizations(localdate())


@shared_task(name="cards.expire_cards")
def expire_cards() -> int:
    return expiry.expire_cards(localdate())


@shared_task(name="cards.give_up_bill_payments")
def give_up_bill_payments() -> int:
    return expiry.give_up_bill_payments(now(), localdate())


@shared_task(name="cards.close_statements")
def close_statements() -> int:
    return statements.close_statements(localdate())


@shared_task(name="cards.mark_late")
def mark_late() -> int:
    return statements.mark_late(localdate())
