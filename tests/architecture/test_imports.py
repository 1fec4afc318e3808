"""Who may import whom, and that every context lives without the others."""

import subprocess
import sys
from pathlib import Path

import pytest

from bank.runtime.databases import CONTEXTS

ROOT = Path(__file__).parents[2]

ALONE = """
import sys

FORBIDDEN = set({forbidden!r})

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ModuleNotFoundError(f"{{name}} is another service's", name=name)
        return None

sys.meta_path.insert(0, Blocker())

import django
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver
assert settings.CONTEXTS == ({context!r},), settings.CONTEXTS
call_command("check", fail_level="WARNING")
assert get_resolver().url_patterns

import threading
import config.celery, config.wsgi
from bank.context import load
from bank.messaging.consumer import listeners
config.celery.app.loader.import_default_modules()
listeners(load({context!r}), threading.Event())
assert not FORBIDDEN & {{name.partition(".")[0] for name in sys.modules}}
print("alive")
"""


def test_the_import_contracts_hold() -> None:
    """In a process of its own, because it takes everybody else's loggers away."""
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    looked = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert looked.returncode == 0, looked.stdout


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_context_starts_where_the_others_cannot_be_imported(context: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTEXTS", context)
    forbidden = sorted({*CONTEXTS, "tests"} - {context})
    code = ALONE.format(forbidden=forbidden, context=context)
    started = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert started.stdout.endswith("alive\n"), started.stderr[-3000:]
