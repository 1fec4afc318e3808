"""What migrations say of tables that SQL makes: `makemigrations --check` passes over those."""

from typing import Any

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

MIGRATED = MigrationLoader(None).project_state()
DETECTOR = MigrationAutodetector(ProjectState(), ProjectState())
UNMANAGED = {model._meta.label_lower: model for model in apps.get_models() if not model._meta.managed}


def said(state: ModelState) -> dict[str, Any]:
    """A model's fields and options as plain values."""
    fields = {name: DETECTOR.deep_deconstruct(field) for name, field in state.fields.items()}
    return {"fields": fields, "options": state.options, "bases": state.bases}


@pytest.mark.parametrize("label", UNMANAGED)
def test_migrations_know_a_table_made_by_sql_as_its_model_does(label: str) -> None:
    migrated = MIGRATED.models[tuple(label.split("."))]
    assert said(migrated) == said(ModelState.from_model(UNMANAGED[label]))


def test_migrations_know_no_table_made_by_sql_that_has_no_model() -> None:
    known = {".".join(key) for key, state in MIGRATED.models.items() if state.options.get("managed") is False}
    assert known == set(UNMANAGED)
