"""Customers as operators see them, whole; and the processes that cross contexts, step by step."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from bank.admin import ReadOnlyAdmin, register_kernel_pages
from bank.projecting import live_generation
from bankview import queries
from bankview.models import CustomerBankView, Process
from bankview.processes import BY_NAME, CHOREOGRAPHIES, StepState, steps

register_kernel_pages("bankview")

LAST_ACTIVITIES = 30
NOTHING = SafeString("–")


class LiveAdmin(ReadOnlyAdmin):
    """Shows the generation that readers see, and no other."""

    projection: str

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(generation=live_generation("bankview", self.projection))


# A customer's whole bank.


@admin.register(CustomerBankView)
class CustomerBankViewPages(LiveAdmin):
    projection = "bank_view"
    list_display = ("customer_id", "mobile_number", "revision", "updated_at")
    search_fields = ("customer_id__exact", "mobile_number__exact")
    search_help_text = "The id of a customer, or a mobile number with its country code"
    ordering = ("-updated_at",)
    fields = (
        *("customer_id", "revision", "updated_at", "profile"),
        *("accounts", "loans", "cards", "card_payments", "activity", "answers"),
    )

    def document(self, view: CustomerBankView) -> dict[str, Any]:
        found = queries.bank_view(view.customer_id)
        return dict(json.loads(found.document)) if found else {}

    @admin.display
    def profile(self, view: CustomerBankView) -> SafeString:
        profile = self.document(view).get("profile") or {}
        return table([(name.replace("_", " "), value) for name, value in profile.items()])

    @admin.display
    def accounts(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                one["iban"],
                one["kind"],
                amount(one["balance"]),
                f"on hold {amount(one['on_hold'])}",
                amount(one["available"]),
            )
            for one in self.document(view).get("accounts", ())
        )

    @admin.display
    def loans(self, view: CustomerBankView) -> SafeString:
        return table(
            (one["product"], one["status"], amount(one["principal"]), f"outstanding {amount(one['outstanding'])}")
            for one in self.document(view).get("loans", ())
        )

    @admin.display
    def cards(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                f"•••• {one['last_four']}",
                one["kind"],
                one["status"],
                one["blocked_for"] or "",
                f"until {one['expires_on']}",
            )
            for one in self.document(view).get("cards", ())
        )

    @admin.display(description="card payments")
    def card_payments(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                one["requested_on"],
                one["merchant"],
                amount(one["amount"]),
                one["status"],
                one["code"] or "",
                process_link(one["id"]),
            )
            for one in self.document(view).get("card_payments", ())
        )

    @admin.display
    def activity(self, view: CustomerBankView) -> SafeString:
        rows = queries.activity(view.customer_id, after=None, limit=LAST_ACTIVITIES)
        return table((f"{row['time']:%Y-%m-%d %H:%M:%S}", row["text"]) for row in rows)

    @admin.display(description="both answers")
    def answers(self, view: CustomerBankView) -> SafeString:
        base = f"/api/v1/customers/{view.customer_id}/bank-view"
        links = [(base, "view"), (f"{base}/composed", "composition"), (f"{base}/compare", "side by side")]
        return format_html_join(" · ", '<a href="{}">{}</a>', links)


# Processes.


class OutcomeFilter(admin.SimpleListFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        outcomes = dict.fromkeys(outcome for one in CHOREOGRAPHIES for outcome in one.ends.values())
        return [
            ("open", "Under way"),
            ("overdue", "Overdue"),
            *((outcome, outcome.capitalize()) for outcome in outcomes),
        ]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Process]") -> "QuerySet[Process]":
        match self.value():
            case None:
                return queryset
            case "open":
                return queryset.filter(outcome="")
            case "overdue":
                return queryset.filter(Q(outcome="") & Q(deadline__lt=now()))
            case outcome:
                return queryset.filter(outcome=outcome)


class NameFilter(admin.SimpleListFilter):
    title = "kind of process"
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.name, one.name.replace("-", " ").capitalize()) for one in CHOREOGRAPHIES]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Process]") -> "QuerySet[Process]":
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(Process)
class ProcessPages(LiveAdmin):
    """Only processes whose beginning was heard: of the others nobody knows yet what they are."""

    projection = "processes"
    list_display = ("id", "name", "state", "started_at", "took", "customer_id")
    list_filter = (NameFilter, OutcomeFilter)
    search_fields = ("id__exact", "customer_id__exact", "correlation_id__exact")
    search_help_text = "The id of a payment, a loan or a repayment, of the request that began it, or of a customer"
    ordering = ("-started_at",)
    fields = (
        *("id", "name", "state", "customer", "correlation_id", "started_at", "ended_at", "took", "deadline"),
        *("steps", "timeline"),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Process]":
        return super().get_queryset(request).exclude(name="")

    @admin.display(ordering="outcome")
    def state(self, process: Process) -> str:
        if process.outcome:
            return str(process.outcome)
        return "overdue" if process.deadline and process.deadline < now() else "under way"

    state.label = {  # type: ignore[attr-defined]
        **dict.fromkeys(("settled", "disbursed", "repaid"), "success"),
        **dict.fromkeys(("declined", "reversed", "expired", "failed"), "warning"),
        "under way": "info",
        "overdue": "danger",
    }

    @admin.display
    def took(self, process: Process) -> str:
        if process.started_at is None or process.ended_at is None:
            return "–"
        return f"{(process.ended_at - process.started_at).total_seconds() * 1000:,.0f} ms"

    @admin.display
    def customer(self, process: Process) -> SafeString:
        if process.customer_id is None:
            return NOTHING
        url = reverse("admin:bankview_customerbankview_change", args=(process.customer_id,))
        return format_html('<a href="{}">{}</a>', url, process.customer_id)

    @admin.display
    def steps(self, process: Process) -> SafeString:
        found = queries.process(process.id)
        return table(map(step_row, found_steps(found))) if found else NOTHING

    @admin.display
    def timeline(self, process: Process) -> SafeString:
        found = queries.process(process.id)
        events: Sequence[Mapping[str, Any]] = found["events"] if found else ()
        return table(event_row(event, events[0]["time"]) for event in events)


def found_steps(found: Mapping[str, Any]) -> list[StepState]:
    heard = {event["type"]: event["time"] for event in reversed(found["events"])}
    return steps(BY_NAME[found["name"]], heard, ended=bool(found["outcome"]))


MARKS = {"done": "●", "undone": "↶", "waiting": "○", "skipped": "–"}


def step_row(step: StepState) -> tuple[str, str, str, str]:
    when = f"{step.time:%H:%M:%S.%f}" if step.time else ""
    return MARKS[step.state], step.event, step.state, when


def event_row(event: Mapping[str, Any], began: datetime) -> tuple[str, SafeString, str, str, str]:
    context, _, name = event["type"].partition(".")
    after_ms = (event["time"] - began).total_seconds() * 1000
    return f"+{after_ms:,.0f} ms", event_link(context, event["stream"], name), context, event["actor"], event["detail"]


def event_link(context: str, stream: str, name: str) -> SafeString:
    """To the context's own history, where this process serves it."""
    try:
        url = reverse(f"admin:{context}_event_changelist")
    except NoReverseMatch:
        return format_html("{}", name)
    return format_html('<a href="{}?q={}">{}</a>', url, stream, name)


def process_link(id: str) -> SafeString:
    return format_html('<a href="{}">steps</a>', reverse("admin:bankview_process_change", args=(id,)))


def amount(money: Mapping[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


def table(rows: Iterable[Sequence[Any]]) -> SafeString:
    """Rows of cells as a plain table."""
    body = [(format_html_join("", '<td class="pr-6 whitespace-nowrap">{}</td>', ((c,) for c in row)),) for row in rows]
    return format_html("<table>{}</table>", format_html_join("", "<tr>{}</tr>", body)) if body else NOTHING
