"""How the console writes what it shows: money, times, ids, links and tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from bank import money

NOTHING = SafeString("–")
SHORT = 8
"""So many characters of an id tell one row of a list from another."""


def shown(minor: int, currency: str) -> SafeString:
    return amount({"amount": str(money.to_decimal(minor, currency)), "currency": currency})


def amount(of: Mapping[str, str]) -> SafeString:
    """Money as the API's documents have it."""
    return format_html('<span class="money">{} {}</span>', of["amount"], of["currency"])


def when(time: datetime | None) -> SafeString:
    """To the second, with the zone."""
    return (
        format_html('<span class="nowrap">{}</span>', date_format(localtime(time), "DATETIME_FORMAT"))
        if time
        else NOTHING
    )


def short(id: object) -> SafeString:
    """The beginning of an id; the whole one shows under the pointer."""
    return format_html('<span class="nowrap" title="{}">{}…</span>', id, str(id)[:SHORT])


def link(url: str, text: object) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', url, text)


def page_of(context: str, model: str, id: object, text: object = None) -> SafeString:
    """An id, or what is said instead, as a link to its page; plain where another process serves that page."""
    return _linked(f"admin:{context}_{model}_change", (id,), {}, id if text is None else text) if id else NOTHING


def list_of(context: str, model: str, text: object, **query: object) -> SafeString:
    """A link to a list, with what is searched for (`q`) or filtered by."""
    return _linked(f"admin:{context}_{model}_changelist", (), query, text)


def form_of(context: str, model: str, action: str, text: object, **knows: object) -> SafeString:
    """A link to the form of an action above a list, with what is known already."""
    return _linked(f"admin:{context}_{model}_{action}", (), knows, text)


def _linked(name: str, args: Sequence[object], query: Mapping[str, object], text: object) -> SafeString:
    search = f"?{urlencode({key: str(value) for key, value in query.items()})}" if query else ""
    try:
        return link(reverse(name, args=args) + search, text)
    except NoReverseMatch:
        return format_html("{}", text)


def links(*those: SafeString) -> SafeString:
    return format_html_join(" · ", "{}", ((one,) for one in those))


def table(rows: Iterable[Sequence[object]], *, headers: Sequence[str] = ()) -> SafeString:
    """Rows of cells as a table that scrolls by itself where the page is too narrow for it."""
    body = [(_cells("td", row),) for row in rows]
    if not body:
        return NOTHING
    head = format_html("<thead><tr>{}</tr></thead>", _cells("th", headers)) if headers else ""
    return format_html(
        '<div class="scrolls"><table class="plain">{}<tbody>{}</tbody></table></div>',
        head,
        format_html_join("", "<tr>{}</tr>", body),
    )


def _cells(tag: str, cells: Iterable[object]) -> SafeString:
    pattern = "<td>{}</td>" if tag == "td" else "<th>{}</th>"
    return format_html_join("", pattern, ((cell,) for cell in cells))


def columns(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table as unfold's component takes it."""
    return {"headers": list(headers), "rows": [list(row) for row in rows]}
