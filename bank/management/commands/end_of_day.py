"""`manage.py end_of_day`: standing orders, interest, fees, what expires and what ages, in every context served here."""

import json
from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from bank.business_day import DayNotEnded, EndOfDay, part_of
from bank.console.progress import bar


class Command(BaseCommand):
    help = (
        "End the business day, and those before it that have not ended, in every context served here: pay standing"
        " orders, accrue and post interest, charge fees, expire, age and collect. Run again, it does nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=day, default=None, help="the last day to end (YYYY-MM-DD); else yesterday")
        parser.add_argument("--dry-run", action="store_true", help="only count what would be done")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        today = localdate()
        until: date = options["date"] or today - timedelta(days=1)
        if until > today:
            raise CommandError(f"{until} has not begun.")
        done = {
            name: self.ended(part, until, dry_run=options["dry_run"], quiet=options["json"])
            for name, part in parts().items()
        }
        if options["json"]:
            self.stdout.write(json.dumps({"date": f"{until}", **done}))
            return
        would = " would be" if options["dry_run"] else ""
        for name, counts in done.items():
            said = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
            self.stdout.write(f"{name}: {said or 'nothing'}{would} by {until}")

    def ended(self, part: EndOfDay, until: date, *, dry_run: bool, quiet: bool) -> Mapping[str, int]:
        with bar(quiet=quiet) as report:
            try:
                return part(until, dry_run=dry_run, report=report)
            except DayNotEnded as error:
                raise CommandError(str(error)) from error


def parts() -> dict[str, EndOfDay]:
    found = {name: part_of(name) for name in settings.CONTEXTS}
    return {name: part for name, part in found.items() if part}


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-03-31") from error
