"""`manage.py import_berka DIR`: a real bank's books (the Berka data set), in every context served here."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bank.console.progress import bar
from bank.importing import Illegible, ImportBooks, Imported, NotImported, part_of


class Command(BaseCommand):
    help = (
        "Import the books of a directory in the Berka data set's form, every line on its own date and once however"
        " often it is run: customers, accounts, transactions, cards, loans and standing orders, as far as their"
        " contexts are served here. Compare afterwards with verify_books."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="Where account.asc, trans.asc and the others are.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")

    def handle(self, *, directory: Path, **options: Any) -> None:
        began = time.perf_counter()
        try:
            imported = self.imported(directory, quiet=options["json"])
        except (NotImported, Illegible) as error:
            raise CommandError(str(error)) from error
        seconds = time.perf_counter() - began
        if options["json"]:
            figures = {what: {"now": one.new, "before": one.known} for what, one in imported.items()}
            self.stdout.write(json.dumps({**figures, "seconds": round(seconds, 2)}))
            return
        for what, one in imported.items():
            self.stdout.write(f"{one.all:,} {what}" + (f" ({one.known:,} imported before)" if one.known else ""))
        lines = sum(one.all for one in imported.values())
        self.stdout.write(f"in {seconds:.2f} s: {lines / seconds:,.0f} lines a second")

    def imported(self, directory: Path, *, quiet: bool) -> Mapping[str, Imported]:
        found: dict[str, Imported] = {}
        with bar(quiet=quiet) as report:
            for part in parts():
                found.update(part(directory, report))
        return found


def parts() -> list[ImportBooks]:
    found = [part for name in settings.CONTEXTS if (part := part_of(name, "berka"))]
    if not found:
        raise CommandError("No context with a part in these books is served here.")
    return found
