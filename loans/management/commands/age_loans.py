from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from bank.sweeping import finished
from loans import queries
from loans.ageing import age_loans


class Command(BaseCommand):
    help = "Tell and charge the instalments that are past due. Beat does the same every hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", type=day, default=None, help="as of this day (YYYY-MM-DD)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many loans are past due")

    def handle(self, *args: Any, **options: Any) -> None:
        today: date = options["today"] or localdate()
        if options["dry_run"]:
            self.stdout.write(f"{queries.count_past_due(today)} loans are past due as of {today}")
            return
        aged, problem = finished(lambda: age_loans(today))
        self.stdout.write(f"{aged} loans aged as of {today}")
        if problem:
            raise CommandError(problem)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-03-31") from error
