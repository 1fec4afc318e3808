"""Where tables live. A context's own router is this one under its name."""

from typing import Any

from django.db.models import Model


class ContextRouter:
    """Sends one context's tables to its database, and lets the kernel's tables be made there.

    The kernel's tables exist in every database, so a query on them must say whose (`using`); asking without is an
    error, and so is a relation that leaves the database.
    """

    context: str

    def _own(self, model: type[Model]) -> str | None:
        if model._meta.app_label == self.context:
            return self.context
        return None

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return self._own(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return self._own(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        labels = {one._meta.app_label, other._meta.app_label}
        if self.context not in labels:
            return None
        return labels == {self.context}

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if db == self.context:
            return app_label in (self.context, "bank")
        if app_label == self.context:
            return False
        return None


class IdentityRouter:
    """The last word: what no context owns lives in `default`, the identity database, if it is known to live there."""

    KERNEL = "bank"

    def __init__(self) -> None:
        from django.conf import settings

        self.labels: frozenset[str] = frozenset(settings.IDENTITY_APP_LABELS)

    def _place(self, model: type[Model]) -> str:
        label = model._meta.app_label
        if label in self.labels:
            return "default"
        if label == self.KERNEL:
            raise LookupError(f"{model.__name__} exists in every context's database: say whose with using().")
        raise LookupError(f"No router knows where {label}.{model.__name__} lives.")

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return self._where(model, hints.get("instance"))

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return self._where(model, hints.get("instance"))

    def _where(self, model: type[Model], instance: Model | None) -> str:
        """A kernel row that was read knows its own database."""
        if instance is not None and instance._meta.app_label == self.KERNEL and instance._state.db:
            return instance._state.db
        return self._place(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return one._meta.app_label in self.labels and other._meta.app_label in self.labels

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default" and app_label in self.labels
