"""Accounts as operators see them, down to the posting. What they change, they change by commands."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.forms import ActionForm

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, Command, FreezeAccount, UnfreezeAccount
from accounts.domain.chart import CHART
from accounts.domain.facts import Freeze
from accounts.models import Account, Hold, Posting, Process, TrialBalance
from bank import money
from bank.admin import ReadOnlyAdmin, register_kernel_pages
from bank.context import Order, Unit
from bank.execution import execute
from bank.http.principal import principal
from bank.recorded import Origin

register_kernel_pages("accounts")

MAX_CHOSEN = 500
LAST_ENTRIES = 20


def shown(minor: int, currency: str) -> str:
    return f"{money.to_decimal(minor, currency)} {currency}"


class FreezeForm(ActionForm):
    """The reason of a freeze; the other actions do not read it."""

    because = forms.ChoiceField(
        label="",
        choices=[
            ("customer_request", "at the customer's request"),
            ("suspected_fraud", "on suspicion of fraud"),
            ("legal_order", "by legal order"),
        ],
    )


@admin.register(Account)
class AccountPages(ReadOnlyAdmin):
    list_display = ("iban", "id", "kind", "customer_id", "balance", "on_hold", "available", "frozen_label", "opened_on")
    list_filter = ("kind", "currency", "debit_frozen", "credit_frozen")
    search_fields = ("id__exact", "customer_id__exact", "iban__exact")
    search_help_text = "The id of an account or a customer, or an IBAN"
    ordering = ("id",)
    fields = (
        *("iban", "id", "customer_id", "kind", "branch", "status", "opened_on", "version"),
        *("balance", "on_hold", "overdraft_limit", "available", "frozen_label", "open_holds", "last_entries"),
    )
    actions = ("freeze_debits", "freeze_credits", "freeze", "unfreeze")
    action_form = FreezeForm

    @admin.display(ordering="balance_minor")
    def balance(self, account: Account) -> str:
        return shown(account.balance_minor, account.currency)

    @admin.display(ordering="held_minor")
    def on_hold(self, account: Account) -> str:
        return shown(account.held_minor, account.currency)

    @admin.display(description="available")
    def available(self, account: Account) -> str:
        return shown(account.available_minor, account.currency)

    @admin.display(description="overdraft limit")
    def overdraft_limit(self, account: Account) -> str:
        return shown(account.overdraft_limit_minor, account.currency)

    @admin.display(description="frozen")
    def frozen_label(self, account: Account) -> str:
        sides = [side for side in ("debit", "credit") if getattr(account, f"{side}_frozen")]
        return " and ".join(sides) or "no"

    frozen_label.label = {"debit": "warning", "credit": "warning", "debit and credit": "danger"}  # type: ignore[attr-defined]

    @admin.display(description="holds")
    def open_holds(self, account: Account) -> SafeString:
        holds = queries.open_holds(account.pk, limit=LAST_ENTRIES)
        return lines(
            [(hold.held_at, shown(hold.amount_minor, hold.currency), f"until {hold.expires_on}") for hold in holds]
        )

    @admin.display(description="last entries")
    def last_entries(self, account: Account) -> SafeString:
        entries = queries.entries(account.pk, limit=LAST_ENTRIES)
        table = lines(
            [
                (
                    entry.booked_on,
                    entry.type,
                    shown(entry.customer_minor, entry.currency),
                    f"→ {shown(entry.balance_minor, entry.currency)}",
                    entry.reference,
                )
                for entry in entries
            ]
        )
        postings = f"{reverse('admin:accounts_posting_changelist')}?account_id={account.pk}"
        events = f"{reverse('admin:accounts_event_changelist')}?q={ACCOUNT.stream(str(account.pk))}"
        return format_html('{} <a href="{}">All postings</a> · <a href="{}">Events</a>', table, postings, events)

    @admin.action(description="Freeze debits", permissions=["view"])
    def freeze_debits(self, request: HttpRequest, chosen: "QuerySet[Account]") -> None:
        self._freeze(request, chosen, "debit")

    @admin.action(description="Freeze credits", permissions=["view"])
    def freeze_credits(self, request: HttpRequest, chosen: "QuerySet[Account]") -> None:
        self._freeze(request, chosen, "credit")

    @admin.action(description="Freeze debits and credits", permissions=["view"])
    def freeze(self, request: HttpRequest, chosen: "QuerySet[Account]") -> None:
        self._freeze(request, chosen, "both")

    @admin.action(description="Unfreeze", permissions=["view"])
    def unfreeze(self, request: HttpRequest, chosen: "QuerySet[Account]") -> None:
        self._order(request, [UnfreezeAccount(key, "both") for key in keys(chosen)])

    def _freeze(self, request: HttpRequest, chosen: "QuerySet[Account]", side: Freeze) -> None:
        because = forms.ChoiceField(choices=FreezeForm.base_fields["because"].choices)
        reason = because.clean(request.POST.get("because", "customer_request"))
        self._order(request, [FreezeAccount(key, side, reason) for key in keys(chosen)])

    def _order(self, request: HttpRequest, orders: Sequence[FreezeAccount | UnfreezeAccount]) -> None:
        origin = Origin(principal(str(request.user.pk), None, is_operator=True).actor)
        units = [unit(order.account_id, order, origin) for order in orders]
        results = execute(ACCOUNTS, units)
        done = sum(result.outcome == "applied" for result in results)
        self.message_user(request, f"{done} of {len(results)} accounts changed.", messages.SUCCESS)


def keys(chosen: "QuerySet[Account]") -> list[str]:
    return [str(key) for key in chosen.values_list("pk", flat=True)[:MAX_CHOSEN]]


def unit(account_id: str, order: Command, origin: Origin) -> Unit:
    return Unit(Order(ACCOUNT, account_id, order), id=uuid4(), origin=origin)


def lines(rows: Sequence[Sequence[Any]]) -> SafeString:
    """Rows of cells as a plain table."""
    if not rows:
        return SafeString("–")
    body = [(format_html_join("", '<td class="pr-6 whitespace-nowrap">{}</td>', ((c,) for c in row)),) for row in rows]
    return format_html("<table>{}</table>", format_html_join("", "<tr>{}</tr>", body))


@admin.register(Hold)
class HoldPages(ReadOnlyAdmin):
    list_display = ("id", "account_id", "amount", "status", "captured", "held_at", "expires_on")
    list_filter = ("status", "currency")
    search_fields = ("id__exact", "account_id__exact")
    search_help_text = "The id of a payment or an account"
    ordering = ("-held_at",)
    fields = list_display

    @admin.display(ordering="amount_minor")
    def amount(self, hold: Hold) -> str:
        return shown(hold.amount_minor, hold.currency)

    @admin.display(ordering="captured_minor")
    def captured(self, hold: Hold) -> str:
        return shown(hold.captured_minor, hold.currency)


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
class PostingPages(ReadOnlyAdmin):
    list_display = ("booked_on", "debit", "credit", "amount", "type", "account_id", "reference", "unarranged")
    list_filter = (LedgerAccountFilter, "currency", "unarranged")
    search_fields = ("account_id__exact", "process_id__exact")
    search_help_text = "The id of an account or a process"
    ordering = ("-id",)
    fields = (*list_display, "counterparty", "process_id", "event", "recorded_at")

    @admin.display(ordering="amount_minor")
    def amount(self, posting: Posting) -> str:
        return shown(posting.amount_minor, posting.currency)

    @admin.display(description="event")
    def event(self, posting: Posting) -> SafeString:
        url = f"{reverse('admin:accounts_event_changelist')}?q={posting.stream}"
        return format_html('<a href="{}">{}@{}</a>', url, posting.stream, posting.version)


class OpenFilter(admin.SimpleListFilter):
    title = "in transit"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Process]") -> "QuerySet[Process]":
        ended = Q(received_minor=F("cleared_minor"))
        return {"yes": queryset.exclude(ended), "no": queryset.filter(ended)}.get(self.value() or "", queryset)


@admin.register(Process)
class ProcessPages(ReadOnlyAdmin):
    list_display = ("id", "kind", "received", "cleared", "in_transit", "began_at", "changed_at")
    list_filter = (OpenFilter, "kind", "currency")
    search_fields = ("id__exact",)
    search_help_text = "The id of a payment, a loan or a repayment"
    ordering = ("-began_at",)
    fields = list_display

    @admin.display(ordering="received_minor")
    def received(self, process: Process) -> str:
        return shown(process.received_minor, process.currency)

    @admin.display(ordering="cleared_minor")
    def cleared(self, process: Process) -> str:
        return shown(process.cleared_minor, process.currency)

    @admin.display(description="in transit")
    def in_transit(self, process: Process) -> str:
        return shown(process.open_minor, process.currency)


@admin.register(TrialBalance)
class TrialBalancePages(ReadOnlyAdmin):
    """No list of rows: the sums of all postings, each with a link to them."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        checks = queries.books()
        return TemplateResponse(
            request,
            "admin/accounts/trial_balance.html",
            {
                **self.admin_site.each_context(request),
                "title": "Trial balance",
                "agree": not any(check.off_minor for check in checks),
                "checks": table(
                    ("check", "difference"), [(check.name, shown(check.off_minor, check.currency)) for check in checks]
                ),
                "transit": table(
                    ("kind", "amount", "processes"),
                    [(row.kind, shown(row.open_minor, row.currency), row.processes) for row in queries.transit()],
                ),
                "ledger": table(
                    ("account", "debit", "credit", "balance"), [ledger_row(row) for row in queries.trial_balance()]
                ),
            },
        )


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {"headers": list(headers), "rows": [list(row) for row in rows]}


def ledger_row(row: queries.LedgerBalance) -> Sequence[Any]:
    link = f"{reverse('admin:accounts_posting_changelist')}?ledger={row.name}"
    return (
        format_html('<a href="{}">{}</a>', link, CHART[row.name].title),
        shown(row.debit_minor, row.currency),
        shown(row.credit_minor, row.currency),
        shown(row.balance_minor, row.currency),
    )
