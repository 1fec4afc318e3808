"""What beat asks of who keeps identity."""

from celery import shared_task


@shared_task(name="identity.forget_logins")
def forget_logins() -> int:
    from config.identity import forgetting  # its models are there once Django is

    return forgetting.forget_logins()
