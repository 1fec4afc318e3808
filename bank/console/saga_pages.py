"""Orchestrated processes as operators see them: how far each is, what happened, and what they may order of it."""

from typing import Any, get_args

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from bank.console.formats import NOTHING, list_of, short, table, when
from bank.console.operators import OrderingAdmin, gives_order
from bank.context import Order, load
from bank.models import SagaRow
from bank.sagas import driving
from bank.sagas.progress import Command, Compensate, Resolve, Retry, Status


class StatusFilter(admin.SimpleListFilter):
    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, pages: Any) -> list[tuple[str, str]]:
        return [(status, status.replace("_", " ")) for status in get_args(Status) if status]

    def queryset(self, request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.filter(status=self.value()) if self.value() else rows


class SagaPages(OrderingAdmin):
    list_display = ("short_id", "name", "labelled_status", "step", "participant", "code", "begun", "waits_until")
    list_filter = (StatusFilter,)
    search_fields = ("id__exact", "customer_id__exact")
    search_help_text = "The whole id of a process or of a customer"
    ordering = ("-begun_at",)
    sortable_by = ()
    fields = (
        *("whole_id", "name", "labelled_status", "step", "participant", "code", "asked_for", "begun", "waits_until"),
        *("timeline", "more"),
    )
    actions_detail = ("retry", "compensate", "resolve")

    def __init__(self, model: type[Model], site: AdminSite) -> None:
        super().__init__(model, site)
        self.context = load(model._meta.app_label)

    def may(self, request: HttpRequest, what: str) -> bool:
        """The permission is one for all contexts, since Django knows the kernel's tables once."""
        return request.user.has_perm(f"bank.{what}_{self.opts.model_name}")

    @admin.display(description="ID")
    def short_id(self, row: Any) -> SafeString:
        return short(row.pk)

    @display(  # type: ignore[untyped-decorator]
        description="status",
        label={
            **dict.fromkeys(("running", "compensating"), "info"),
            **dict.fromkeys(("stuck", "compensation_failed"), "danger"),
            "completed": "success",
        },
    )
    def labelled_status(self, row: Any) -> tuple[str, str]:
        return row.status, row.status.replace("_", " ")

    @admin.display(description="resolution asked for")
    def asked_for(self, row: Any) -> str | SafeString:
        return f"{row.proposed_by}: {row.proposed} was seen to by hand" if row.proposed else NOTHING

    @admin.display(description="begun")
    def begun(self, row: Any) -> SafeString:
        return when(row.begun_at)

    @admin.display(description="looked at again")
    def waits_until(self, row: Any) -> SafeString:
        return when(row.due_at)

    @admin.display(description="timeline")
    def timeline(self, row: Any) -> SafeString:
        lines = driving.timeline(self.context, driving.by_name(self.context, row.name), row.pk)
        return table([(when(time), what, who) for time, what, who in lines], headers=("time", "what", "by"))

    @admin.display(description="see also")
    def more(self, row: Any) -> SafeString:
        stream = driving.by_name(self.context, row.name).decider.stream(row.pk)
        return list_of(self.context.name, "event", "Events of the process", q=stream)

    @gives_order("Ask again")
    def retry(self, key: str, asked: dict[str, Any]) -> Order:
        return self._order(key, Retry(asked["by"]))

    @gives_order("Turn back")
    def compensate(self, key: str, asked: dict[str, Any]) -> Order:
        return self._order(key, Compensate(asked["by"]))

    @gives_order("Seen to by hand")
    def resolve(self, key: str, asked: dict[str, Any]) -> Order:
        return self._order(key, Resolve(asked["by"]))

    def _order(self, key: str, command: Command) -> Order:
        row = SagaRow.objects.using(self.context.name).get(id=key)
        return Order(driving.by_name(self.context, row.name).decider, key, command)
