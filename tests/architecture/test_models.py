"""Every declared process is checked in every interleaving of what may happen to it."""

from importlib import import_module
from pathlib import Path

from tests import model
from tests.architecture.contexts import ALL

MODELS = sorted(Path(model.__file__ or "").parent.glob("test_*.py"))


def test_every_declared_process_has_a_model_check() -> None:
    declared = {process.name for context in ALL.values() for process in context.choreographies}
    declared |= {saga.name for context in ALL.values() for saga in context.sagas}
    checks = [import_module(f"tests.model.{file.stem}") for file in MODELS]
    checked = {process.name for each in checks for process in each.CHECKED}
    assert declared
    assert declared - checked == set()
