"""Take up a source again after its database was restored from a backup.

Consumers stop at the first message of a newer epoch: what they heard before may never have happened. Compare (rebuild
projections that folded lost events, undo what reactions did), then say so with this command.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bank.context import load
from bank.messaging.places import reconcile, stopped


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", help="the context that was restored; without it, show what is stopped")
        parser.add_argument("--epoch", type=int, help="the epoch that is accepted now")

    def handle(self, *args: Any, source: str | None, epoch: int | None, **options: Any) -> None:
        if source is None:
            self._show()
            return
        heard = sources()
        if source not in heard:
            raise CommandError(f"Nobody here hears {source!r}; heard are {', '.join(heard) or 'none'}.")
        if epoch is None:
            raise CommandError("Say with --epoch which one you have reconciled.")
        freed = sum(reconcile(context, source, epoch=epoch) for context in settings.CONTEXTS)
        if not freed:
            raise CommandError(f"No consumer here is stopped for {source}.")
        self.stdout.write(f"{freed} consumers read {source} again from its first event; repeats do no harm.")

    def _show(self) -> None:
        found = [f"{consumer}: {why}" for context in settings.CONTEXTS for consumer, why in stopped(context)]
        self.stdout.write("\n".join(found) or "No source is stopped.")


def sources() -> list[str]:
    """Every context that somebody served here hears."""
    types = [
        type
        for context in map(load, settings.CONTEXTS)
        for types in (context.subscriptions, *(one.types for one in context.async_projections))
        for type in types
    ]
    return sorted({type.partition(".")[0] for type in types})
