"""The doorbell: after a commit, somebody should look at the outbox soon. A hint; beat's sweep is the guarantee.

Ringing never waits: a thread of its own sends the task, so that no command feels a slow broker, or a dead one.
"""

import logging
import os
import threading
import time
from typing import Final

import psycopg
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

log = logging.getLogger(__name__)

DEBOUNCE_S: Final = 0.1
"""At most one task per context in this time."""

QUICK_S: Final = 0.01
RELAY_TASK: Final = "bank.relay"
EXPIRES_S: Final = 5


class Doorbell:
    """One per process: notifies the relay that attends the outbox, or sends a task where none does."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._rung: set[str] = set()
        self._sent_at: dict[str, float] = {}
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self, context: str) -> None:
        with self._lock:
            self._rung.add(context)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
        self._wake.set()

    def _take(self) -> set[str]:
        with self._lock:
            self._wake.clear()
            rung, self._rung = self._rung, set()
        return rung

    def _run(self) -> None:
        unanswered: set[str] = set()
        while True:
            self._wake.wait(DEBOUNCE_S if unanswered else None)
            unanswered = {context for context in self._take() | unanswered if not self._answered(context)}
            time.sleep(QUICK_S)

    def _answered(self, context: str) -> bool:
        if _is_heard(context):
            return True
        if time.monotonic() - self._sent_at.get(context, float("-inf")) < DEBOUNCE_S:
            return False
        self._sent_at[context] = time.monotonic()
        _send(context)
        return True


def _is_heard(context: str) -> bool:
    """Wake the relay that attends the context's outbox, if there is one: a hundredth of what a task costs."""
    from bank.messaging.relay import call

    try:
        return call(context)
    except (psycopg.Error, DatabaseError):
        connections[context].close()
        return False


def _send(context: str) -> None:
    from celery import current_app

    try:
        current_app.send_task(RELAY_TASK, (context,), retry=False, expires=EXPIRES_S, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - a hint that fails, in whatever way transports fail, is no more than that
        log.warning("doorbell of %s not heard (%s); the sweep will come by", context, type(error).__name__)


_bell: Doorbell | None = None
_at_home: set[str] = set()
_rung_at_home: set[str] = set()


def ring(context: str) -> None:
    """Say that this context's outbox has new rows. Call it after the commit."""
    global _bell
    if context in _at_home:
        _rung_at_home.add(context)
        return
    if not settings.DOORBELL:
        return
    if _bell is None or _bell.pid != os.getpid():
        _bell = Doorbell()
    _bell.ring(context)


def answer_at_home(context: str) -> None:
    """This process relays the context's outbox itself, after each piece of its own work: no task is needed."""
    _at_home.add(context)


def rung_at_home(context: str) -> bool:
    """Whether the bell rang since the last call."""
    if context not in _rung_at_home:
        return False
    _rung_at_home.discard(context)
    return True
