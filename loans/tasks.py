"""What beat asks of Loans."""

from celery import shared_task
from django.utils.timezone import localtime

from loans import ageing


@shared_task(name="loans.age_loans")
def age_loans() -> int:
    """What is due is collected before what is past due ages."""
    return sum(ageing.collect_and_age(localtime()).values())
