"""Build a projection anew from the events, beside the one that readers see, and switch to it at the end."""

import os
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bank.context import AsyncProjection, Context, InlineProjection, load
from bank.projections.inline import rebuild_inline
from bank.projections.rebuilding import Progress, RebuildFailed, Report, rebuild, switch_back


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"a projection's name, after its context's if need be: {', '.join(known())}")
        parser.add_argument("--shards", type=_shards, default=min(4, os.cpu_count() or 1), help="processes")
        parser.add_argument("--keep-previous", action="store_true", help="keep what readers saw, for --back")
        parser.add_argument("--back", action="store_true", help="switch to the one that was kept, caught up")

    def handle(self, *args: Any, name: str, shards: int, keep_previous: bool, back: bool, **options: Any) -> None:
        context, projection = _find(name)
        try:
            with _bar(f"{context.name}.{projection.name}") as report:
                if isinstance(projection, InlineProjection):
                    said = f"{rebuild_inline(context, projection, report=report)} events"
                elif back:
                    said = f"generation {switch_back(context.name, projection)} is live again"
                else:
                    live = rebuild(context.name, projection, shards=shards, keep_previous=keep_previous, report=report)
                    said = f"generation {live} is live"
        except RebuildFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{context.name}.{projection.name}: {said}")


def _shards(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise ArgumentTypeError("between 1 and 64")
    return int(text)


def known() -> list[str]:
    """Every projection of the contexts served here. Names are stored beside their rows, so none is ever changed: some
    have hyphens, some underscores."""
    return [f"{context.name}.{one.name}" for context, one in _every()]


def _every() -> list[tuple[Context, AsyncProjection | InlineProjection]]:
    every: list[tuple[Context, AsyncProjection | InlineProjection]] = []
    for context in map(load, settings.CONTEXTS):
        every += [(context, projection) for projection in context.async_projections]
        every += [(context, projection) for projection in context.inline_projections]
    return every


def _find(name: str) -> tuple[Context, AsyncProjection | InlineProjection]:
    owner, _, own = name.rpartition(".")
    found = [(context, one) for context, one in _every() if one.name == own and owner in ("", context.name)]
    if len(found) != 1:
        raise CommandError(f"{name!r} is {'ambiguous' if found else 'unknown'}; there are {', '.join(known())}")
    return found[0]


@contextmanager
def _bar(title: str) -> Iterator[Report]:
    """Progress on the terminal, with rate and time left; silent where there is none."""
    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), rate, TimeRemainingColumn())
    console = Console(stderr=True)
    with Bar(*columns, console=console, disable=not console.is_terminal, transient=True, auto_refresh=False) as bar:
        task = bar.add_task(title, total=None, rate="")

        def report(progress: Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0
            rate = f"{progress.events / elapsed:,.0f} events/s" if elapsed else ""
            bar.update(task, completed=progress.done, total=progress.total, rate=rate, refresh=True)

        yield report
