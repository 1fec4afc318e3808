"""The console's frame: what stands in its sidebar, and on its first page where each context stands."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bank import models, money
from bank.console.formats import link, list_of
from bank.console.pages import COUNT_UP_TO
from bank.context import Check, Context, load, no_books
from bank.db import at_most, transaction
from bank.messaging import liveness
from bank.runtime import databases

Item = dict[str, Any]
SILENT_S = 30.0
BOOKS_TIMEOUT_MS = 10_000

ICONS = {
    "event": "history",
    "commandrow": "rule",
    "head": "view_stream",
    "outboxmessage": "outbox",
    "parkedmessage": "report",
    "feedcursor": "rss_feed",
    "projection": "dynamic_feed",
    "sagarow": "account_tree",
}


def sidebar(request: HttpRequest) -> list[Item]:
    """One group per context: its own pages first, the kernel's after them; identity comes last."""
    groups = {app["app_label"]: app for app in admin.site.get_app_list(request)}
    contexts = [groups.pop(name) for name in settings.CONTEXTS if name in groups]
    identity = [page for app in groups.values() for page in app["models"]]
    named = [{"name": "Identity", "models": identity}] if identity else []
    return [*(_group(app) for app in (*contexts, *named)), *elsewhere()]


def elsewhere() -> list[Item]:
    """The consoles of services that keep no logins are opened from here, where operators sign in."""
    others = [name for name in databases.CONTEXTS if name not in settings.CONTEXTS] if settings.OWNS_IDENTITY else []
    items = [
        {"title": name.capitalize(), "icon": "open_in_new", "link": reverse("console_of", args=[name])}
        for name in others
    ]
    return [{"title": "Other consoles", "separator": True, "collapsible": True, "items": items}] if items else []


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
        "last event",
        "to be published",
        "blocked",
        "parked",
        "sources stopped",
        "overdue",
        "consumers",
    ]
    return {**context, "bank_standing": {"headers": headers, "rows": [_standing(name) for name in settings.CONTEXTS]}}


def _standing(context: str) -> list[str | int | SafeString]:
    outbox = models.OutboxMessage.objects.using(context)
    last = models.Event.objects.using(context).order_by("-position").values_list("position", flat=True).first()
    return [
        str(apps.get_app_config(context).verbose_name),
        standing_of_books(load(context)),
        _linked(context, "event", last or 0),
        _linked(context, "outboxmessage", _few(outbox)),
        _linked(context, "outboxmessage", _few(outbox.filter(blocked_at__isnull=False))),
        _linked(context, "parkedmessage", _few(models.ParkedMessage.objects.using(context))),
        _linked(context, "feedcursor", _few(models.FeedCursor.objects.using(context).exclude(stopped=""))),
        overdue(load(context)),
        consumers(load(context)),
    ]


def overdue(context: Context) -> str | SafeString:
    """Processes which should have ended: only who tracks them knows."""
    if context.overdue is None:
        return "–"
    number = context.overdue()
    text = _alarm(str(number)) if number else "0"
    return list_of(context.name, "process", text, outcome="overdue")


def consumers(context: Context) -> str | SafeString:
    """When the slowest of the context's consumers last went round, and whether it can read its sources' feeds."""
    try:
        reports = liveness.heard(context).values()
    except liveness.NotKnown:
        return _alarm("? not known: the cache does not answer")
    if not reports:
        return "–"
    heard = [report for report in reports if report is not None]
    slowest_s = max((report.age_s for report in heard), default=0.0)
    if len(heard) < len(reports) or slowest_s > SILENT_S:
        return _alarm("✗ silent")
    if unread := sorted({source for report in heard for source in report.no_feed}):
        return _alarm(f"✗ no feed of {', '.join(unread)}")
    return format_html('<span style="color: #16a34a">✓ {} s ago</span>', round(slowest_s))


def _alarm(text: str) -> SafeString:
    return format_html('<strong style="color: #dc2626">{}</strong>', text)


def standing_of_books(context: Context) -> str | SafeString:
    """Adding up a long history may take longer than anybody waits for a page: then the page says that it did."""
    if context.books is no_books:
        return "–"
    try:
        with transaction(context.name) as cursor:
            at_most(cursor, BOOKS_TIMEOUT_MS)
            return books(context.books())
    except psycopg.errors.QueryCanceled:
        return _alarm("? not known: verify_ledger takes the time")


def books(checks: Sequence[Check]) -> str | SafeString:
    off = [f"{check.name}: {_amount(check)}" for check in checks if check.off_minor]
    if off:
        return _alarm(f"✗ off by {', '.join(off)}")
    return format_html('<span style="color: #16a34a">{}</span>', "✓ agree" if checks else "✓ nothing booked")


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
    return link(url, number)
