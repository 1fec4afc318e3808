"""`manage.py import_berka_clients DIR`: a real bank's clients as customers, opened on their dates."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from customers import berka


class Command(BaseCommand):
    help = "Open the owners of the first year's accounts in the Berka data set, each once however often it is run."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="Where account.asc, disp.asc and trans.asc are.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")

    def handle(self, *, directory: Path, **options: Any) -> None:
        began = time.perf_counter()
        try:
            done, known = berka.import_clients(directory)
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing.") from error
        except (KeyError, ValueError) as error:
            raise CommandError(f"The files in {directory} are not of the data set's form: {error!r}") from error
        figures = {"customers": done, "opened_before": known, "seconds": round(time.perf_counter() - began, 2)}
        self.stdout.write(json.dumps(figures) if options["json"] else self.sentence(figures))

    def sentence(self, figures: dict[str, Any]) -> str:
        return (
            f"{figures['customers']:,} customers ({figures['opened_before']:,} opened before)"
            f" in {figures['seconds']:.2f} s"
        )
