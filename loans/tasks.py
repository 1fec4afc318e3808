"""What beat asks of Loans."""

from celery import shared_task
from django.utils.timezone import localdate

from loans import ageing


@shared_task(name="loans.age_loans")
def age_loans() -> int:
    """And then collect what is due: in this order, because money on its way counts as paid."""
    today = localdate()
    return ageing.age_loans(today) + ageing.collect_due(today)
