"""The canary: a task from beat, through the broker, to a worker. While it sings, the whole road works."""

from celery import shared_task

from bank.runtime.heartbeat import beat


@shared_task(name="bank.canary")
def canary(part: str) -> None:
    beat(part)
