"""`manage.py verify_ledger`: is every event, head, snapshot and book what it should be?"""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bank.context import load
from bank.history.verification import Findings, count_events, verify


class Command(BaseCommand):
    help = (
        "Walk every hash chain, fold every state again, compare heads and snapshots, and check the books. "
        "Exits with 1 and names the first broken event when anything is off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--context", action="append", choices=settings.CONTEXTS, help="only this one (repeatable)")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        contexts = options["context"] or settings.CONTEXTS
        found = {name: self._verify(name, quiet=options["json"]) for name in contexts}
        if options["json"]:
            self.stdout.write(json.dumps({name: _as_json(one) for name, one in found.items()}, indent=2))
        else:
            for name, one in found.items():
                self.stdout.write(
                    f"{name}: {one.events:,} events in {one.streams:,} streams, {one.snapshots:,} snapshots compared, "
                    f"{books(one)}, {len(one.broken)} broken"
                )
        broken = [fault for one in found.values() for fault in one.broken]
        if broken:
            raise CommandError("\n".join(["The ledger is broken. First fault first:", *broken[:20]]))

    def _verify(self, name: str, *, quiet: bool) -> Findings:
        context = load(name)
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
            task = bar.add_task(name, total=count_events(context))
            return verify(context, lambda done: bar.advance(task, done))


def books(findings: Findings) -> str:
    if not findings.checks:
        return "no books"
    off = sum(" books: " in fault for fault in findings.broken)
    return (
        f"{off} of {findings.checks} checks of the books off" if off else f"the books agree in {findings.checks} checks"
    )


def _as_json(findings: Findings) -> dict[str, Any]:
    return {
        "events": findings.events,
        "streams": findings.streams,
        "snapshots": findings.snapshots,
        "checks": findings.checks,
        "broken": findings.broken,
    }
