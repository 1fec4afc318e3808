"""`manage.py end_of_day`: standing orders, interest, fees, what expires and what ages, in every context served here."""

import json
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from bank.business_day import DayNotEnded, EndOfDay, part_of
from bank.console.progress import bar
from bank.sweeping import Failure, LeftBehind

Done = tuple[Mapping[str, int], Sequence[Failure]]


class Command(BaseCommand):
    help = (
        "End the business day, and those before it that have not ended, in every context served here: pay standing"
        " orders, accrue and post interest, charge fees, expire, age and collect. Run again, it does nothing twice."
        " What fails by itself is named, all else is done, and the command ends with an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = " ".join(f"{name}: {part.__doc__}" for name, part in parts().items())
        parser.add_argument("--date", type=day, default=None, help="the last day to end (YYYY-MM-DD); else yesterday")
        parser.add_argument("--dry-run", action="store_true", help="only count what would be done")
        parser.add_argument("--json", action="store_true", help="print the counts, and what failed, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        today = localdate()
        until: date = options["date"] or today - timedelta(days=1)
        if until > today:
            raise CommandError(f"{until} has not begun.")
        quiet, dry_run, not_ended = options["json"], options["dry_run"], list[str]()
        done: dict[str, Done] = {}
        for name, part in parts().items():
            try:
                done[name] = ended(part, until, dry_run=dry_run, quiet=quiet)
            except DayNotEnded as error:
                not_ended.append(f"{name}: {error}")
        self.stdout.write(as_json(until, done) if quiet else as_text(until, done, dry_run=dry_run), ending="")
        if problems := [*not_ended, *left_behind(done)]:
            raise CommandError("\n".join(problems))


def ended(part: EndOfDay, until: date, *, dry_run: bool, quiet: bool) -> Done:
    with bar(quiet=quiet) as report:
        try:
            return part(until, dry_run=dry_run, report=report), ()
        except LeftBehind as left:
            return left.counts, left.failures


def as_json(until: date, done: Mapping[str, Done]) -> str:
    failed = [
        {"context": name, "stream": failure.stream, "error": failure.error}
        for name, (_, failures) in done.items()
        for failure in failures
    ]
    counts = {name: counts for name, (counts, _) in done.items()}
    return json.dumps({"date": f"{until}", **counts, "left_behind": failed}) + "\n"


def as_text(until: date, done: Mapping[str, Done], *, dry_run: bool) -> str:
    would = " would be" if dry_run else ""
    said = {
        name: ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
        for name, (counts, _) in done.items()
    }
    return "".join(f"{name}: {text or 'nothing'}{would} by {until}\n" for name, text in said.items())


def left_behind(done: Mapping[str, Done]) -> list[str]:
    found = [f"{name}: left behind: {failure}" for name, (_, failures) in done.items() for failure in failures]
    return [*found, "All else is done. Put these right, then run it again: it tries them first."] if found else []


def parts() -> dict[str, EndOfDay]:
    found = {name: part_of(name) for name in settings.CONTEXTS}
    return {name: part for name, part in found.items() if part}


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-03-31") from error
