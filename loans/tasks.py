"""What beat asks of Loans."""

from celery import shared_task
from django.utils.timezone import localtime

from loans import ageing

SECONDS_AT_MOST = 3540
"""Below the time between two, so that none meets the next, which goes on where it was."""


@shared_task(name="loans.age_loans", time_limit=SECONDS_AT_MOST, acks_late=False)
def age_loans() -> int:
    """What is due is collected before what is past due ages."""
    return sum(ageing.collect_and_age(localtime()).values())
