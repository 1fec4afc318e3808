"""The kernel's own pages for each context.

The kernel's tables exist in every context's database, and Django registers a model once. So each context gets models
of its own over the same tables, in a registry of their own: migrations do not see them, and the context's router
sends their queries to its database.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps, apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Field, Model, QuerySet, TextField
from django.db.models.functions import Cast, Now
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bank import models
from bank.console import cells
from bank.console.formats import SHORT, links, list_of, page_of, short
from bank.console.pages import ReadOnlyAdmin
from bank.console.saga_pages import SagaPages
from bank.context import Context, load
from bank.history import codec
from bank.messaging import relay, retrying

SEALED = "[sealed]"


class KernelAdmin(ReadOnlyAdmin):
    """A table that every context has. The permission is one for all of them, since Django knows the table once."""

    def may(self, request: HttpRequest, what: str) -> bool:
        return request.user.has_perm(f"bank.{what}_{self.opts.model_name}")

    def has_order_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")


class EventPages(KernelAdmin):
    list_display = ("position", "stream", "version", "type", "recorded_at")
    list_display_links = ("position", "stream")
    search_fields = ("stream__exact",)
    search_help_text = "The whole name of a stream, such as account-… or payment-…"
    fields = (
        *("position", "stream", "version", "type", "recorded_at", "data_shown", "metadata_shown", "hash_shown"),
        "more",
    )
    ordering = ("-position",)
    sortable_by = ("position",)

    @admin.display(description="see also")
    def more(self, event: Any) -> SafeString:
        context, metadata = self.opts.app_label, json.loads(event.metadata)
        return links(
            page_of(context, "commandrow", metadata["commandid"], "Command"),
            list_of(context, "event", "All events of the stream", q=event.stream),
            page_of(context, "head", quote(event.stream), "State"),
            list_of("bankview", "process", "Processes of the same request", q=metadata["correlationid"]),
        )

    @admin.display(description="data")
    def data_shown(self, event: Any) -> SafeString:
        return pretty(event.data)

    @admin.display(description="metadata")
    def metadata_shown(self, event: Any) -> SafeString:
        return pretty(event.metadata)

    @admin.display(description="hash")
    def hash_shown(self, event: Any) -> str:
        return bytes(event.hash).hex()


class OutboxPages(KernelAdmin):
    list_display = ("seq", "aggregateid", "type", "lane", "attempts", "retry_at", "blocked_at")
    search_fields = ("aggregateid__exact",)
    list_filter = (("blocked_at", admin.EmptyFieldListFilter),)
    fields = (*list_display, "id", "error", "message_shown")
    ordering = ("seq",)
    actions = ("publish_again",)

    @admin.action(description="Try to publish the streams of these again", permissions=["order"])
    def publish_again(self, request: HttpRequest, chosen: "QuerySet[Any]") -> None:
        streams = set(chosen.values_list("aggregateid", flat=True))
        freed = sum(relay.unblock(self.opts.app_label, stream) for stream in streams)
        self.message_user(request, f"{freed} rows are free to go again.")

    @admin.display(description="message")
    def message_shown(self, row: Any) -> SafeString:
        return pretty(masked(row._meta.app_label, row.aggregateid, row.type, row.payload))


class ParkedPages(KernelAdmin):
    list_display = ("consumer", "source", "stream", "version", "type", "error", "attempts", "parked_at", "next_try")
    list_filter = ("consumer", "source", "type")
    search_fields = ("stream__exact",)
    fields = (*list_display, "message_id", "retry_would")
    ordering = ("-parked_at",)
    actions = ("retry_soon",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """`retry_at` as text: what is never tried again stands at infinity, which is no time that Python knows."""
        rows = super().get_queryset(request).defer("retry_at")
        readable: QuerySet[Any] = rows.annotate(next_try_text=Cast("retry_at", TextField()))
        return readable

    @admin.display(description="next try", ordering="retry_at")
    def next_try(self, row: Any) -> str:
        if row.next_try_text == "infinity":
            return "when asked for" if row.deadly else "never"
        return str(row.next_try_text).partition(".")[0]

    @admin.display(description="if its stream were tried now")
    def retry_would(self, row: Any) -> str:
        """Tried and rolled back, on the row's own page alone: a list would try them all."""
        if row.next_try_text == "infinity" and not row.deadly:
            return "it is never tried again"
        return retrying.preview(self.opts.app_label, row.consumer, (row.source, row.stream))

    @admin.action(description="Try the streams of these again at once", permissions=["order"])
    def retry_soon(self, request: HttpRequest, chosen: "QuerySet[Any]") -> None:
        streams = (
            chosen.exclude(next_try_text="infinity", deadly=False).values("consumer", "source", "stream").distinct()
        )
        hastened = sum(self._hasten(**stream) for stream in streams.order_by())
        self.message_user(request, f"{hastened} messages are tried again within seconds, in order.")

    def _hasten(self, **stream: str) -> int:
        waiting = models.ParkedMessage.objects.using(self.opts.app_label).filter(**stream)
        return waiting.update(retry_at=Now())


class OutcomeFilter(admin.SimpleListFilter):
    """The outcomes there are, without asking a million rows which of them occur."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome.capitalize()) for outcome in OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(outcome=self.value()) if self.value() in OUTCOMES else queryset


OUTCOMES = {"applied": "success", "nothing": "info", "refused": "warning", "cancelled": "danger"}


class CommandPages(KernelAdmin):
    list_display = ("recorded_at", "outcome_label", "code", "short_id", "changed")
    list_filter = (OutcomeFilter,)
    search_fields = ("id__exact",)
    search_help_text = "A command id; answers carry it as trace_id"
    ordering = ("-recorded_at", "id")
    sortable_by = ("recorded_at",)
    fields = ("whole_id", "outcome_label", "code", "reason", "changed", "versions", "recorded_at")

    outcome_label = cells.label("outcome", OUTCOMES, sorts=False)

    @admin.display(description="ID")
    def short_id(self, row: Any) -> SafeString:
        return short(row.pk)

    @admin.display(description="streams")
    def changed(self, row: Any) -> SafeString:
        return links(*(list_of(self.opts.app_label, "event", short_stream(one), q=one) for one in row.streams))


class KindFilter(admin.SimpleListFilter):
    """Streams of one kind of aggregate: their names begin with it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        deciders = load(model_admin.opts.app_label).deciders
        return [(decider.name, decider.name.replace("_", " ").capitalize()) for decider in deciders]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(stream__startswith=f"{self.value()}-") if self.value() else queryset


class HeadPages(KernelAdmin):
    list_display = ("stream", "version", "state_version", "events")
    list_filter = (KindFilter,)
    search_fields = ("stream__exact",)
    search_help_text = "The whole name of a stream, such as account-… or payment-…"
    ordering = ("stream",)
    sortable_by = ("stream",)
    fields = ("stream", "version", "state_version", "events", "state_shown", "hash_shown")

    @admin.display
    def events(self, head: Any) -> SafeString:
        return list_of(self.opts.app_label, "event", "Events", q=head.stream)

    @admin.display(description="state")
    def state_shown(self, head: Any) -> SafeString:
        return pretty(head.state)

    @admin.display(description="hash")
    def hash_shown(self, head: Any) -> str:
        return bytes(head.hash).hex()


class ProjectionPages(KernelAdmin):
    list_display = ("name", "live", "shadow", "previous", "changed_at")
    fields = list_display


class SourcePages(KernelAdmin):
    list_display = ("consumer", "source", "epoch", "position", "stopped")
    list_display_links = None
    ordering = ("consumer", "source")


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one of the kernel's tables. `key` is the column by which the console names a row."""

    model: type[Model]
    name: str
    plural: str
    key: str
    admin: type[ReadOnlyAdmin]


OF_DECIDING = (
    Pages(models.Event, "event", "events", "position", EventPages),
    Pages(models.CommandRow, "command", "commands", "id", CommandPages),
    Pages(models.Head, "stream", "streams", "stream", HeadPages),
    Pages(models.OutboxMessage, "outbox message", "outbox", "seq", OutboxPages),
)
OF_HEARING = (
    Pages(models.ParkedMessage, "parked message", "parked messages", "id", ParkedPages),
    Pages(models.FeedCursor, "source", "sources", "source", SourcePages),
)
OF_ORCHESTRATING = (Pages(models.SagaRow, "saga", "sagas", "id", SagaPages),)
OF_PROJECTING = (Pages(models.Projection, "projection", "projections", "name", ProjectionPages),)


def kernel_pages(context: Context) -> tuple[Pages, ...]:
    """What there is to see of a context depends on what it does."""
    return (
        *(OF_DECIDING if context.deciders else ()),
        *(OF_HEARING if context.subscriptions or context.async_projections else ()),
        *(OF_ORCHESTRATING if context.sagas else ()),
        *(OF_PROJECTING if context.async_projections else ()),
    )


def register_kernel_pages(context: str) -> None:
    """Pages for a context's events, commands, streams, outbox and parked messages; for the context's admin.py."""
    registry = Apps()
    registry.app_configs = apps.app_configs
    for pages in kernel_pages(load(context)):
        admin.site.register(_model(pages, context, registry), pages.admin)


def _model(pages: Pages, context: str, registry: Apps) -> type[Model]:
    """The same table as a model of one context's. The admin needs a key of one column, so the key is said here."""
    model = pages.model
    meta = {
        "app_label": context,
        "apps": registry,
        "managed": False,
        "db_table": model._meta.db_table,
        "verbose_name": pages.name,
        "verbose_name_plural": pages.plural,
    }
    members: dict[str, Any] = {
        "__module__": f"{context}.admin",
        "__str__": model.__str__,
        "Meta": type("Meta", (), meta),
    }
    members |= {field.name: _copy(field, is_key=field.name == pages.key) for field in model._meta.local_concrete_fields}
    return type(model.__name__, (Model,), members)


def _copy(field: "Field[Any, Any]", *, is_key: bool) -> "Field[Any, Any]":
    _, _, args, kwargs = field.deconstruct()
    return type(field)(*args, **{**kwargs, "primary_key": is_key})


# What is shown of stored JSON.


def pretty(text: str) -> SafeString:
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return format_html('<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', text)


def short_stream(stream: str) -> SafeString:
    kind, _, key = stream.partition("-")
    return format_html('<span title="{}">{}-{}…</span>', stream, kind, key[:SHORT])


def masked(context: str, stream: str, type_: str, payload: str) -> str:
    """A message as operators may see it: what is sealed in the event is not opened here either."""
    message = json.loads(payload)
    name = type_.removeprefix(f"{context}.")
    try:
        shape = codec.event_class(load(context).decider(stream), name)
    except (LookupError, codec.Unreadable):
        message["data"] = SEALED
    else:
        message["data"] |= dict.fromkeys(codec.personal_fields(shape), SEALED)
    return json.dumps(message)
