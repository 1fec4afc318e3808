"""`manage.py demo`: a day of banking through the public API of the running bank."""

import asyncio
import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from bank.runtime import home
from bankview.demo import client, plan
from bankview.demo.addresses import addresses
from bankview.demo.day import Actor, Lived
from bankview.demo.evening import Figures, evening
from bankview.demo.shown import Board, summary, watched

CLOCKS_DIFFER = timedelta(minutes=5)


class Command(BaseCommand):
    help = (
        "Live a day at the bank that BASE_URL names (the one `make run` started, unless said): customers, accounts,"
        " cards, salaries, loans and card payments. Then count. Exits non-zero when an invariant does not hold."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=20, metavar="N")
        parser.add_argument("--payments", type=int, default=500, metavar="M")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="The same seed plans the same day.")
        parser.add_argument("--concurrency", type=int, default=16, help="Requests under way at once.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")
        parser.add_argument("--data", type=Path, metavar="DIR", help="First import a real bank's books (Berka format).")
        parser.add_argument("--plot", type=Path, default=home.path() / "demo.png", metavar="FILE", help="Of latencies.")

    def handle(self, **options: Any) -> None:
        if options["customers"] < 1 or options["payments"] < 1 or options["concurrency"] < 1:
            raise CommandError("A day needs at least one customer, one payment and one request at a time.")
        if options["data"]:
            call_command("import_berka", options["data"], stdout=self.stdout, stderr=self.stderr)
            call_command("verify_books", against=options["data"], stdout=self.stdout, stderr=self.stderr)
        console = Console(highlight=False, stderr=options["json"])
        try:
            figures = asyncio.run(self.live(console, options))
        except (client.Unanswered, client.Unexpected, TimeoutError) as error:
            raise CommandError(str(error) or "The bank took too long.") from error
        if options["json"]:
            self.stdout.write(json.dumps(figures.as_json()))
        self.report(console, figures, options["plot"])

    async def live(self, console: Console, options: dict[str, Any]) -> Figures:
        where, run = addresses(), uuid4().hex[:12]
        the_day = plan.day(customers=options["customers"], payments=options["payments"], seed=options["seed"], run=run)
        lived, began = Lived(the_day), datetime.now(UTC) - CLOCKS_DIFFER
        console.print(f"A day at {where.bank}: {options['customers']} customers, {options['payments']} card payments")
        async with client.bank(where, connections=2 * options["concurrency"]) as bank:
            if not await bank.is_open():
                raise CommandError(f"No bank answers at {where.bank}. Start one with `make run`.")
            with watched(console, Board(lived, bank)):
                await Actor(bank, lived, run, options["concurrency"]).live()
                figures = await evening(bank, lived, began)
        return figures

    def report(self, console: Console, figures: Figures, path: Path) -> None:
        from bankview.demo import plot

        console.print(summary(figures))
        plot.draw(figures, path)
        console.print(f"Latency distributions: {path}")
        if failures := figures.failures():
            raise CommandError("; ".join(failures))
        console.print("Everything adds up.")
