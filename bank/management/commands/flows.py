from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bank.context import load
from bank.sagas.flows import pages

FOLDER = Path("docs/flows")


class Command(BaseCommand):
    help = "Draw each declared process as a Mermaid diagram, from its declaration, into docs/flows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages are")
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a page is out of date")

    def handle(self, *args: Any, folder: Path, check: bool, **options: Any) -> None:
        drawn = pages(map(load, settings.CONTEXTS))
        kept = {path.name: path.read_text() for path in folder.glob("*.md")}
        stale = sorted(name for name in drawn.keys() | kept.keys() if drawn.get(name) != kept.get(name))
        if check:
            if stale:
                raise CommandError(f"{folder} is out of date ({', '.join(stale)}): manage.py flows")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            if name in drawn:
                (folder / name).write_text(drawn[name])
            else:
                (folder / name).unlink()
        self.stdout.write(f"{len(drawn)} pages in {folder}, {len(stale)} of them changed")
