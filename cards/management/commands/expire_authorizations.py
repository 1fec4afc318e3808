from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from bank.sweeping import finished
from cards import queries
from cards.clock.expiry import expire_authorizations


class Command(BaseCommand):
    help = "Expire the card authorizations that nobody captured in time. Beat does the same every minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", type=day, default=None, help="as of this day (YYYY-MM-DD)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        today: date = options["today"] or localdate()
        if options["dry_run"]:
            self.stdout.write(f"{queries.count_due_to_expire(today)} authorizations would expire as of {today}")
            return
        expired, problem = finished(lambda: expire_authorizations(today))
        self.stdout.write(f"{expired} authorizations expired as of {today}")
        if problem:
            raise CommandError(problem)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-03-31") from error
