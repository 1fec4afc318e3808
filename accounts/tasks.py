"""What beat asks of Accounts."""

import logging
import time

from celery import shared_task
from django.conf import settings
from django.utils.timezone import localtime

from accounts import end_of_day
from accounts.payment_files import execution
from bank.business_day import DayNotEnded
from bank.execution import Contended
from bank.messaging.inbox import TRANSIENT
from bank.sweeping import LeftBehind

log = logging.getLogger(__name__)

AT_A_STRETCH_S = 2.0
"""A worker has other things to do: what is left after this is rung for again, behind them."""


@shared_task(name="accounts.execute_payment_files")
def execute_payment_files() -> None:
    """Swept each second: a file waits as a row, and so does one whose worker was killed."""
    until = time.monotonic() + AT_A_STRETCH_S
    try:
        left = execution.execute_files(lambda: time.monotonic() < until)
    except (Contended, *TRANSIENT) as error:
        log.warning("payment files put off: %s: %s", type(error).__name__, error)
        return
    if left:
        execute_payment_files.apply_async(expires=5, ignore_result=True)


HOURS_AT_MOST = 6
"""A run that takes longer is ended, and the next sweep goes on where it was."""


@shared_task(name="accounts.end_of_day", time_limit=HOURS_AT_MOST * 3600, acks_late=False)
def end_day() -> None:
    """Swept each minute: the days that should have ended and have not, in their order."""
    try:
        done = end_of_day.catch_up(localtime(), settings.END_OF_DAY_AT)
    except (Contended, DayNotEnded, *TRANSIENT) as error:
        log.warning("end of day put off: %s: %s", type(error).__name__, error)
        return
    except LeftBehind as left:
        log.error("days ended, but not for all: %s", left)
        done = left.counts
    if done:
        log.info("days ended: %s", dict(done))
