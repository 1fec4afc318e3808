"""`manage.py compare_views`: the view and the composition of the same customers side by side."""

import asyncio
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from bankview import queries
from bankview.demo import client
from bankview.demo.addresses import addresses
from bankview.demo.races import Race, Verdicts, compare, percentile, race

REQUESTS, TOGETHER = 300, 4


class Command(BaseCommand):
    help = (
        "Ask the running bank (BASE_URL) for sampled customers' views and for their compositions; print what each took"
        " and whether they differ. Exits non-zero on drift."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=50, metavar="N", help="How many to sample.")
        parser.add_argument("--json", action="store_true", help="Print the figures as one JSON object.")

    def handle(self, **options: Any) -> None:
        ids = queries.sample(options["customers"])
        if not ids:
            raise CommandError("The bank has no customers yet.")
        try:
            verdicts, raced = asyncio.run(self.ask(ids))
        except (client.Unanswered, client.Unexpected) as error:
            raise CommandError(str(error)) from error
        figures = summed_up(verdicts, raced)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            console = Console(highlight=False)
            console.print(tabled(figures))
            console.print(in_words(figures), soft_wrap=True)
        if verdicts.drift:
            raise CommandError(f"{verdicts.drift} customers drift: {verdicts.differences[:3]}")

    async def ask(self, ids: list[str]) -> tuple[Verdicts, Race]:
        async with client.bank(addresses(), connections=2 * TOGETHER) as bank:
            return await compare(bank, ids), await race(bank, ids, requests=REQUESTS, together=TOGETHER)


def summed_up(verdicts: Verdicts, raced: Race) -> dict[str, Any]:
    return {
        "customers": sum(verdicts.counts.values()),
        "verdicts": dict(verdicts.counts),
        "drift": verdicts.drift,
        "view": side(raced.view_ms, raced.view_per_s),
        "composed": side(raced.composed_ms, raced.composed_per_s),
        "throughput_ratio": round(raced.view_per_s / raced.composed_per_s, 2),
        "p99_ratio": round(percentile(raced.view_ms, 99) / percentile(raced.composed_ms, 99), 3),
    }


def side(latencies_ms: Any, per_s: float) -> dict[str, float]:
    p50, p90, p99 = (round(percentile(latencies_ms, percent), 2) for percent in (50, 90, 99))
    return {"p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "per_s": round(per_s, 1)}


def tabled(figures: dict[str, Any]) -> Table:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(figures["verdicts"].items()))
    table = Table(title=f"{figures['customers']} customers: {verdicts}", title_justify="left")
    for name in ("", "p50 ms", "p90 ms", "p99 ms", "answers/s"):
        table.add_column(name, justify="right" if name else "left")
    for name in ("view", "composed"):
        one = figures[name]
        table.add_row(name, *(f"{one[key]:,.1f}" for key in ("p50_ms", "p90_ms", "p99_ms", "per_s")))
    return table


def in_words(figures: dict[str, Any]) -> str:
    return (
        f"The view gives {figures['throughput_ratio']} times as many answers a second, and its p99 is "
        f"{figures['p99_ratio']:.0%} of the composition's. Customers who drift: {figures['drift']}."
    )
