"""Customers as operators see them, whole; and the processes that cross contexts, step by step."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import now

from bank.console import cells
from bank.console.formats import NOTHING, amount, link, links, list_of, page_of, table, when
from bank.console.kernel_pages import register_kernel_pages
from bank.console.pages import ReadOnlyAdmin
from bank.projections.projecting import live_generation
from bank.sagas.choreography import BY_HAND
from bankview import queries
from bankview.activity import words
from bankview.models import CustomerBankView, Part, Process
from bankview.processes import BY_NAME, CHOREOGRAPHIES, SUCCEEDED, StepState, happened, steps

register_kernel_pages("bankview")

LAST_ACTIVITIES = 30
MOST_NAMED = 200
"""So many customers of one name are found at most."""


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
    list_display = ("name", "mobile_number", "short_id", "revision", "updated_at")
    search_fields = ("customer_id__exact", "mobile_number__exact")
    search_help_text = "A name, a mobile number with its country code, or the id of a customer"
    ordering = ("-updated_at",)
    fields = (
        *("customer", "revision", "updated_at", "profile"),
        *("accounts", "loans", "cards", "card_payments", "payment_files", "activity", "answers"),
    )

    short_id = cells.short_id("customer_id", "customer")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        profile = profiles().filter(generation=OuterRef("generation"), customer_id=OuterRef("customer_id"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(person=Subquery(profile.values("person")[:1]))
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """By name, too; and by a number however it is written."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, may_repeat
        live = profiles().filter(generation=live_generation("bankview", self.projection))
        named = live.filter(person__icontains=search_term).values_list("customer_id", flat=True)[:MOST_NAMED]
        number = "".join(sign for sign in search_term if sign in "+0123456789")
        also = queryset.filter(Q(customer_id__in=list(named)) | Q(mobile_number=number or None))
        return found | also, may_repeat

    def document(self, view: CustomerBankView) -> dict[str, Any]:
        found = queries.bank_view(view.customer_id)
        return dict(json.loads(found.document)) if found else {}

    @admin.display
    def name(self, view: Any) -> str:
        return view.person or "–"

    @admin.display
    def customer(self, view: CustomerBankView) -> SafeString:
        return links(
            page_of("customers", "customer", view.pk),
            list_of("accounts", "account", "Accounts", q=view.pk),
            list_of("cards", "card", "Cards", q=view.pk),
            list_of("loans", "loan", "Loans", q=view.pk),
            list_of("bankview", "process", "Processes", q=view.pk),
        )

    @admin.display
    def profile(self, view: CustomerBankView) -> SafeString:
        profile = self.document(view).get("profile") or {}
        return table([(name.replace("_", " "), value) for name, value in profile.items()])

    @admin.display
    def accounts(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                (
                    page_of("accounts", "account", one["id"], one["iban"]),
                    one["kind"],
                    *(amount(one[name]) for name in ("balance", "on_hold", "available")),
                )
                for one in self.document(view).get("accounts", ())
            ),
            headers=("IBAN", "kind", "balance", "on hold", "available"),
        )

    @admin.display
    def loans(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                (
                    page_of("loans", "loan", one["id"], one["product"]),
                    one["status"],
                    amount(one["principal"]),
                    amount(one["outstanding"]),
                )
                for one in self.document(view).get("loans", ())
            ),
            headers=("product", "status", "principal", "outstanding"),
        )

    @admin.display
    def cards(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                (
                    page_of("cards", "card", one["id"], f"•••• {one['last_four']}"),
                    one["kind"],
                    one["status"],
                    one["blocked_for"] or "",
                    one["expires_on"],
                )
                for one in self.document(view).get("cards", ())
            ),
            headers=("number", "kind", "status", "blocked for", "expires"),
        )

    @admin.display(description="card payments")
    def card_payments(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                (
                    one["requested_on"],
                    page_of("cards", "payment", one["id"], one["merchant"]),
                    amount(one["amount"]),
                    one["status"],
                    one["code"] or "",
                    page_of("bankview", "process", one["id"], "steps"),
                )
                for one in self.document(view).get("card_payments", ())
            ),
            headers=("day", "merchant", "amount", "status", "code", ""),
        )

    @admin.display(description="files of payments")
    def payment_files(self, view: CustomerBankView) -> SafeString:
        return table(
            (
                (
                    one["booked_on"],
                    page_of("accounts", "paymentfile", one["id"], one["message_id"]),
                    amount(one["amount"]),
                    one["status"],
                    f"{one['executed']:,} of {one['lines']:,}, {one['refused']:,} refused",
                )
                for one in self.document(view).get("payment_files", ())
            ),
            headers=("day", "name", "amount", "status", "executed"),
        )

    @admin.display
    def activity(self, view: CustomerBankView) -> SafeString:
        rows = queries.activity(view.customer_id, after=None, limit=LAST_ACTIVITIES)
        return table((when(row["time"]), row["text"]) for row in rows)

    @admin.display(description="both answers")
    def answers(self, view: CustomerBankView) -> SafeString:
        base = f"/api/v1/customers/{view.customer_id}/bank-view"
        return links(
            link(f"{base}/compare", "Side by side"), link(base, "view"), link(f"{base}/composed", "composition")
        )


def profiles() -> "QuerySet[Any]":
    """What the view knows of people, each with the `person`'s name. Their data stand in it in plain text."""
    name = KeyTextTransform("name", Cast("document", JSONField()))
    rows: QuerySet[Any] = Part.objects.filter(part="profile").annotate(person=name)
    return rows


# Processes.


class OutcomeFilter(admin.SimpleListFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = dict.fromkeys(outcome for one in CHOREOGRAPHIES for outcome in one.outcomes)
        return [
            ("open", "Under way"),
            ("overdue", "Overdue"),
            *((outcome, words(outcome).capitalize()) for outcome in known),
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
    list_display = ("started_at", "short_id", "name", "state", "took", "owner")
    list_filter = (NameFilter, OutcomeFilter)
    search_fields = ("id__exact", "customer_id__exact", "correlation_id__exact")
    search_help_text = "The id of a payment, a loan or a repayment, of the request that began it, or of a customer"
    ordering = ("-started_at",)
    fields = (
        *("whole_id", "name", "state", "customer", "subject", "correlation_id"),
        *("started_at", "ended_at", "took", "deadline", "steps", "timeline"),
    )

    owner = cells.page("bankview", "customerbankview", "customer_id", "customer")
    customer = cells.page("bankview", "customerbankview", "customer_id", "customer", whole=True)
    short_id = cells.short_id("id")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Process]":
        return super().get_queryset(request).exclude(name="")

    @admin.display(ordering="outcome")
    def state(self, process: Process) -> str:
        if process.outcome:
            return words(process.outcome)
        return "overdue" if process.deadline and process.deadline < now() else "under way"

    state.label = {  # type: ignore[attr-defined]
        **dict.fromkeys(SUCCEEDED, "success"),
        **dict.fromkeys(("declined", "reversed", "expired", "failed"), "warning"),
        "under way": "info",
        **dict.fromkeys(("overdue", words(BY_HAND)), "danger"),
    }

    @admin.display
    def took(self, process: Process) -> str:
        if process.started_at is None or process.ended_at is None:
            return "–"
        return f"{(process.ended_at - process.started_at).total_seconds() * 1000:,.0f} ms"

    @admin.display(description="about")
    def subject(self, process: Process) -> SafeString:
        context, model = SUBJECTS.get(process.name, ("", ""))
        return page_of(context, model, process.pk, model) if model else NOTHING

    @admin.display
    def steps(self, process: Process) -> SafeString:
        found = queries.process(process.id)
        return table(map(step_row, found_steps(found)), headers=("", "step", "state", "time")) if found else NOTHING

    @admin.display
    def timeline(self, process: Process) -> SafeString:
        found = queries.process(process.id)
        events: Sequence[Mapping[str, Any]] = found["events"] if found else ()
        headers = ("time", "after", "event", "context", "by", "")
        return table((event_row(event, events[0]["time"]) for event in events), headers=headers)


SUBJECTS = {
    "debit-card-payment": ("cards", "payment"),
    "loan-origination": ("loans", "sagarow"),
    "loan-repayment": ("loans", "repayment"),
}
"""The page of what a process is about; it has the process's id."""


def found_steps(found: Mapping[str, Any]) -> list[StepState]:
    return steps(BY_NAME[found["name"]], happened(found["events"]), ended=bool(found["outcome"]))


MARKS = {"done": "●", "undone": "↶", "waiting": "○", "skipped": "–"}


def step_row(step: StepState) -> tuple[object, ...]:
    return MARKS[step.state], step.event, step.state, when(step.time) if step.time else ""


def event_row(event: Mapping[str, Any], began: datetime) -> tuple[object, ...]:
    context, _, name = event["type"].partition(".")
    after_ms = (event["time"] - began).total_seconds() * 1000
    history = list_of(context, "event", name, q=event["stream"])
    return when(event["time"]), f"+{after_ms:,.0f} ms", history, context, event["actor"], event["detail"]
