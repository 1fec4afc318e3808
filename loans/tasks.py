"""What beat asks of Loans."""

from celery import shared_task
from django.utils.timezone import localdate

from loans import ageing


@shared_task(name="loans.age_loans")
def age_loans() -> int:
    return ageing.age_loans(localdate())
