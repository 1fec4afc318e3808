"""The console's frame: what stands in its sidebar, and on its first page where each context stands."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bank import models, money
from bank.admin import COUNT_UP_TO
from bank.context import Check, Context, load
from bank.messaging import liveness

Item = dict[str, Any]
SILENT_S = 30.0

ICONS = {
    "event": "history",
    "commandrow": "rule",
    "head": "view_stream",
    "outboxmessage": "outbox",
    "parkedmessage": "report",
    "feedcursor": "rss_feed",
    "projection": "dynamic_feed",
}


def sidebar(request: HttpRequest) -> list[Item]:
    """One group per context: its own pages first, the kernel's after them; identity comes last."""
    groups = {app["app_label"]: app for app in admin.site.get_app_list(request)}
    contexts = [groups.pop(name) for name in settings.CONTEXTS if name in groups]
    return [_group(app) for app in (*contexts, *groups.values())]


def _group(app: Item) -> Item:
    pages = sorted(app["models"], key=lambda page: page["model"]._meta.model_name in ICONS)
    return {
        "title": app["name"],
        "separator": True,
        "collapsible": True,
        "items": [_link(page) for page in pages],
    }


def _link(page: Item) -> Item:
    icon = ICONS.get(page["model"]._meta.model_name, "table_rows")
    return {"title": str(page["name"]).capitalize(), "icon": icon, "link": page["admin_url"]}


def dashboard(request: HttpRequest, context: Item) -> Item:
    """Where each context stands: its books, its last event, and what waits, is blocked or is parked."""
    headers = [
        "context",
        "books",
        "last event at position",
        "waiting to be published",
        "blocked",
        "parked",
        "sources stopped",
        "consumers",
    ]
    return {**context, "bank_standing": {"headers": headers, "rows": [_standing(name) for name in settings.CONTEXTS]}}


def _standing(context: str) -> list[str | int | SafeString]:
    outbox = models.OutboxMessage.objects.using(context)
    last = models.Event.objects.using(context).order_by("-position").values_list("position", flat=True).first()
    return [
        context.capitalize(),
        books(load(context).books()),
        _linked(context, "event", last or 0),
        _linked(context, "outboxmessage", _few(outbox)),
        _linked(context, "outboxmessage", _few(outbox.filter(blocked_at__isnull=False))),
        _linked(context, "parkedmessage", _few(models.ParkedMessage.objects.using(context))),
        _linked(context, "feedcursor", _few(models.FeedCursor.objects.using(context).exclude(stopped=""))),
        consumers(load(context)),
    ]


def consumers(context: Context) -> str | SafeString:
    """When the slowest of the context's consumers last went round."""
    ages = liveness.ages(context).values()
    if not ages:
        return "–"
    heard = [age for age in ages if age is not None]
    if len(heard) < len(ages) or max(heard) > SILENT_S:
        return format_html('<strong style="color: #dc2626">{}</strong>', "✗ silent")
    return format_html('<span style="color: #16a34a">✓ {} s ago</span>', round(max(heard)))


def books(checks: Sequence[Check]) -> str | SafeString:
    off = [f"{check.name}: {_amount(check)}" for check in checks if check.off_minor]
    if off:
        return format_html('<strong style="color: #dc2626">✗ off by {}</strong>', ", ".join(off))
    return format_html('<span style="color: #16a34a">{}</span>', "✓ agree") if checks else "–"


def _amount(check: Check) -> str:
    if not check.currency:
        return str(check.off_minor)
    return f"{money.to_decimal(check.off_minor, check.currency)} {check.currency}"


def _few(rows: "QuerySet[Any]") -> int:
    return rows[:COUNT_UP_TO].count()


def _linked(context: str, model: str, number: int) -> int | SafeString:
    """A figure that leads to what it counts, where this context has such a page."""
    try:
        url = reverse(f"admin:{context}_{model}_changelist")
    except NoReverseMatch:
        return number
    return format_html('<a class="text-primary-600" href="{}">{}</a>', url, number)
