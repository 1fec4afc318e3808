"""The ledger, from a balance down to the posting, and the days that have ended."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminDateWidget

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.chart import CHART
from accounts.models import BusinessDay, Posting, TrialBalance
from accounts.orders import reversals
from accounts.queries import ledger
from bank.console import cells
from bank.console.formats import columns, list_of, shown
from bank.console.operators import OrderingAdmin, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order


class LedgerAccountFilter(admin.SimpleListFilter):
    """Postings that name a ledger account on either side."""

    title = "ledger account"
    parameter_name = "ledger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(account.name, account.title) for account in CHART.values()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Posting]") -> "QuerySet[Posting]":
        name = self.value()
        return queryset.filter(Q(debit=name) | Q(credit=name)) if name else queryset


@admin.register(Posting)
class PostingPages(OrderingAdmin):
    context = ACCOUNTS
    list_display = ("booked_on", "debit", "credit", "amount", "type", "account", "reference", "overdrawn")
    list_filter = (LedgerAccountFilter, "currency", "unarranged")
    search_fields = ("account_id__exact", "process_id__exact")
    search_help_text = "The id of an account or a process"
    ordering = ("-recorded_at", "-id")
    fields = (*list_display, "other_account", "process", "event", "takes_back", "recorded_at")
    actions_detail = ("reverse",)

    amount = cells.money("amount_minor", "amount", sorts=True)
    account = cells.page("accounts", "account", "account_id", "account")
    other_account = cells.page("accounts", "account", "counterparty", "counterparty", whole=True)
    process = cells.page("accounts", "process", "process_id", "process", whole=True)

    @gives_order("Reverse")
    def reverse(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return reversals.of_posting(Posting.objects.get(pk=key), queries.booking_day())

    @admin.display(description="takes back", empty_value="")
    def takes_back(self, posting: Posting) -> str:
        return f"version {posting.reverses}" if posting.reverses else ""

    @admin.display(description="unarranged", ordering="unarranged")
    def overdrawn(self, posting: Posting) -> str:
        return "unarranged" if posting.unarranged else ""

    overdrawn.label = {"unarranged": "warning"}  # type: ignore[attr-defined]

    @admin.display(description="event")
    def event(self, posting: Posting) -> SafeString:
        return list_of("accounts", "event", f"{posting.stream}@{posting.version}", q=posting.stream)


@admin.register(TrialBalance)
class TrialBalancePages(ReadOnlyAdmin):
    """No list of rows: the sums of all postings, each with a link to them."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = UntilForm(request.GET)
        until = asked.cleaned_data["until"] if asked.is_valid() else None
        checks = ledger.books()
        return TemplateResponse(
            request,
            "admin/accounts/trial_balance.html",
            {
                **self.admin_site.each_context(request),
                "title": "Trial balance",
                "asked": asked,
                "until": until,
                "business_date": queries.business_date(),
                "agree": not any(check.off_minor for check in checks),
                "checks": columns(
                    ("check", "difference"), [(check.name, shown(check.off_minor, check.currency)) for check in checks]
                ),
                "transit": columns(
                    ("kind", "amount", "processes"),
                    [(row.kind, shown(row.open_minor, row.currency), row.processes) for row in ledger.transit()],
                ),
                "ledgers": [
                    (currency, columns(LEDGER_HEADERS, [ledger_row(row, until) for row in rows]))
                    for currency, rows in by_currency(ledger.trial_balance(until or date.max))
                ],
            },
        )


LEDGER_HEADERS = ("account", "debit", "credit", "balance")


class UntilForm(forms.Form):
    until = forms.DateField(required=False, label="Booked through", widget=UnfoldAdminDateWidget)


def by_currency(rows: Sequence[ledger.LedgerBalance]) -> list[tuple[str, list[ledger.LedgerBalance]]]:
    return [(currency, list(some)) for currency, some in groupby(rows, key=lambda row: row.currency)]


def ledger_row(row: ledger.LedgerBalance, until: date | None) -> tuple[SafeString, ...]:
    through = {"booked_on__lte": until} if until else {}
    return (
        list_of("accounts", "posting", CHART[row.name].title, ledger=row.name, currency=row.currency, **through),
        shown(row.debit_minor, row.currency),
        shown(row.credit_minor, row.currency),
        shown(row.balance_minor, row.currency),
    )


@admin.register(BusinessDay)
class BusinessDayPages(ReadOnlyAdmin):
    """The days that have ended; the business date is the day after the newest."""

    list_display = ("day", "ended_at")
    ordering = ("-day",)
    fields = list_display
