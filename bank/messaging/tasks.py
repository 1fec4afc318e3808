"""Celery's part: hints and sweeps. Whatever must not be lost is a row, so a task may be lost, late or doubled."""

import logging

from celery import shared_task
from django.conf import settings

from bank.context import load
from bank.messaging import brokers, doorbell, retrying, sinks
from bank.messaging import relay as relaying
from bank.messaging.brokers import BrokerLost
from bank.messaging.feed import Feed
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.sagas import driving

log = logging.getLogger(__name__)


@shared_task(name=doorbell.RELAY_TASK)
def relay(context: str) -> int:
    """Empty the outbox of the context that rang, and of its neighbours in this process; linger for what follows."""
    if context not in settings.CONTEXTS:
        return 0
    neighbours = [name for name in settings.CONTEXTS if name != context and load(name).deciders]
    try:
        return relaying.relay([context, *neighbours], brokers.publisher())
    except (BrokerLost, *TRANSIENT) as error:
        log.warning("%s: not relayed (%s: %s); the sweep will come by", context, type(error).__name__, error)
        return 0


@shared_task(name="bank.sweep")
def sweep() -> None:
    """The guarantee behind the doorbell: every second, start a relay wherever a row still waits that did so before.

    Each process remembers what it saw, so where several take turns it may be the third second.
    """
    for context in settings.CONTEXTS:
        oldest = relaying.oldest(context)
        if oldest is not None and oldest == _waited.get(context):
            relay.apply_async((context,), expires=1, ignore_result=True)
        _waited[context] = oldest


_waited: dict[str, int | None] = {}


@shared_task(name="bank.retry_parked")
def retry_parked() -> None:
    """Try parked messages again whose time has come."""
    for sink in sinks.served():
        try:
            retrying.retry_parked(Inbox(sink, Feed(sink.context), careful=True))
        except TRANSIENT as error:
            log.warning("%s: retry put off: %s: %s", sink.name, type(error).__name__, error)


@shared_task(name="bank.drive_sagas")
def drive_sagas() -> None:
    """Look at the orchestrated sagas which have waited long enough for an answer."""
    for name in settings.CONTEXTS:
        try:
            if load(name).sagas:
                driving.drive(load(name))
        except TRANSIENT as error:
            log.warning("%s: sagas put off: %s: %s", name, type(error).__name__, error)
