"""`manage.py import_berka DIR`: book a real bank's year and compare every account-day with what that bank printed."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import berka


class Command(BaseCommand):
    help = (
        "Open the accounts and book the transactions of a directory in the Berka data set's form, each once however"
        " often it is run, and compare the closing balance of every account-day with the printed one."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="Where account.asc, disp.asc and trans.asc are.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")
        parser.add_argument("--dry-run", action="store_true", help="Book nothing; compare what is booked.")

    def handle(self, *, directory: Path, **options: Any) -> None:
        if missing := [name for name in ("account.asc", "disp.asc", "trans.asc") if not (directory / name).is_file()]:
            raise CommandError(f"{directory} has no {', '.join(missing)}.")
        try:
            figures = self.work(directory, dry_run=options["dry_run"])
        except berka.Unreadable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures) if options["json"] else self.sentences(figures))
        if figures["off"]:
            raise CommandError(f"{figures['off']} account-days are off by more than 1.00 CZK.")

    def work(self, directory: Path, *, dry_run: bool) -> dict[str, Any]:
        began = time.perf_counter()
        opened, booked = berka.Imported(), berka.Imported()
        if not dry_run:
            opened, booked = berka.import_books(directory, self.progress)
        took = time.perf_counter() - began
        compared = berka.compare(directory)
        return {
            "accounts": opened.new + opened.known,
            "transactions": booked.new + booked.known,
            "booked_before": booked.known,
            "seconds": round(took, 2),
            "account_days": compared.days,
            "exact": compared.exact,
            "within_1_00": compared.near,
            "off": compared.off,
            "printed_below_zero": compared.negative,
        }

    def progress(self, done: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} transactions booked", ending="")
        elif done % 5_000 == 0:
            self.stderr.write(f"{done:,} transactions booked")

    def sentences(self, figures: dict[str, Any]) -> str:
        return "\n".join(
            (
                f"{figures['accounts']:,} accounts, {figures['transactions']:,} transactions"
                f" ({figures['booked_before']:,} booked before) in {figures['seconds']:.2f} s",
                f"{figures['account_days']:,} account-days: {figures['exact']:,} exact,"
                f" {figures['within_1_00']:,} within 1.00, {figures['off']:,} off",
                f"{figures['printed_below_zero']:,} printed balances are below zero",
            )
        )
