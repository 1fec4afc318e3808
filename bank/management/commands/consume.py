"""Hear messages: reactions and asynchronous projections of this process's contexts."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from bank.context import load
from bank.messaging import consumer
from bank.runtime.memory import keep_what_is_loaded


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--context", choices=settings.CONTEXTS, help="only this one")

    def handle(self, *args: Any, context: str | None, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        names = [context] if context else settings.CONTEXTS
        found = [listener for name in names for listener in consumer.listeners(load(name), stop)]
        keep_what_is_loaded()
        consumer.run(found, stop, ready=lambda: self._say([listener.queue.name for listener in found]))

    def _say(self, queues: list[str]) -> None:
        self.stdout.write(f"consuming {', '.join(queues) or 'nothing'}")
        self.stdout.flush()
