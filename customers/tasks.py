"""What beat asks of Customers."""

from celery import shared_task

from customers import notifying


@shared_task(name="customers.send_notices")
def send_notices() -> int:
    return notifying.send_notices()
