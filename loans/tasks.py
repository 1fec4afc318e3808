"""What beat asks of Loans."""

from celery import shared_task
from django.utils.timezone import localdate

from bank.sweeping import in_turn
from loans import ageing


@shared_task(name="loans.age_loans")
def age_loans() -> int:
    """And then collect what is due: in this order, because money on its way counts as paid."""
    today = localdate()
    steps = {"aged": lambda: ageing.age_loans(today), "begun": lambda: ageing.collect_due(today)}
    return sum(in_turn(steps).values())
