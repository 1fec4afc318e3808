"""Accounts as operators see them, down to the posting. What they change, they change by commands."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import ActionForm
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts import queries, reversals, suspense
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, MAX_RATE_BPS, ChangeTerms, FreezeAccount, UnfreezeAccount
from accounts.domain.account_closing import CloseAccount
from accounts.domain.account_day import SettleCharges
from accounts.domain.account_facts import Freeze
from accounts.domain.chart import CHART
from accounts.domain.interest import Terms
from accounts.domain.payment_file import PAYMENT_FILE
from accounts.domain.process import PROCESS, ResolveTransit
from accounts.domain.process_facts import Process as State
from accounts.domain.standing_order import STANDING_ORDER
from accounts.models import Account, BusinessDay, Hold, PaymentFile, Posting, Process, StandingOrder, TrialBalance
from accounts.payment_files.execution import giving_up
from bank.console import cells
from bank.console.formats import NOTHING, columns, links, list_of, page_of, short, shown, table, when
from bank.console.kernel_pages import register_kernel_pages
from bank.console.operators import OrderingAdmin, Questions, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from bank.history.eventstore import load
from bank.money import MAX_MINOR

register_kernel_pages("accounts")

LAST_ENTRIES = 20
REASONS = [
    ("customer_request", "at the customer's request"),
    ("suspected_fraud", "on suspicion of fraud"),
    ("legal_order", "by legal order"),
]


class ReasonForm(Questions):
    reason = forms.ChoiceField(choices=REASONS, widget=UnfoldAdminSelectWidget)


class TermsForm(Questions):
    interest_bps = forms.IntegerField(min_value=0, max_value=MAX_RATE_BPS, widget=UnfoldAdminIntegerFieldWidget)
    overdraft_bps = forms.IntegerField(min_value=0, max_value=MAX_RATE_BPS, widget=UnfoldAdminIntegerFieldWidget)
    monthly_fee_minor = forms.IntegerField(min_value=0, max_value=MAX_MINOR, widget=UnfoldAdminIntegerFieldWidget)


class ClosingForm(Questions):
    waive_fees = forms.BooleanField(required=False, label="give up what is due in fees", widget=UnfoldBooleanWidget)


class PayoutForm(Questions):
    account_id = forms.UUIDField(
        required=False,
        label="another account of the customer than the one it came from",
        widget=UnfoldAdminTextInputWidget,
    )
    amount_minor = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_MINOR,
        label="of it only, in minor units",
        widget=UnfoldAdminIntegerFieldWidget,
    )


class FreezeForm(ActionForm):
    """The reason of a freeze; the other actions do not read it."""

    reason = forms.ChoiceField(label="", choices=REASONS)


def freezing(key: str, side: Freeze, asked: dict[str, Any]) -> Order:
    return Order(ACCOUNT, key, FreezeAccount(key, side, asked["reason"]))


@admin.register(Account)
class AccountPages(OrderingAdmin):
    context = ACCOUNTS
    list_display = ("iban_label", "kind", "owner", "balance", "on_hold", "available", "frozen_label", "opened_on")
    list_filter = ("status", "kind", "currency", "debit_frozen", "credit_frozen")
    search_fields = ("id__exact", "customer_id__exact", "iban__exact")
    search_help_text = "The id of an account or a customer, or an IBAN"
    ordering = ("id",)
    fields = (
        *("iban_label", "whole_id", "customer", "kind", "branch", "status", "opened_on", "active_on", "version"),
        *("balance", "on_hold", "overdraft_limit", "available", "terms", "accrued", "fees_due", "frozen_label"),
        *("open_holds", "last_entries", "more"),
    )
    actions = ("freeze_debits", "freeze_credits", "freeze", "unfreeze")
    actions_detail = ({"title": "Freeze", "items": actions[:3]}, "unfreeze", "change_terms", "settle", "close")
    action_form = FreezeForm

    balance = cells.money("balance_minor", "balance", sorts=True)
    on_hold = cells.money("held_minor", "on hold", sorts=True)
    available = cells.money("available_minor", "available")
    overdraft_limit = cells.money("overdraft_limit_minor", "overdraft limit")
    accrued = cells.money("accrued_minor", "accrued interest")
    fees_due = cells.money("fees_due_minor", "fees due")
    owner = cells.page("customers", "customer", "customer_id", "customer")

    @admin.display(description="IBAN", ordering="iban")
    def iban_label(self, account: Account) -> str:
        return account.iban

    @admin.display(description="customer")
    def customer(self, account: Account) -> SafeString:
        view = page_of("bankview", "customerbankview", account.customer_id, "Bank view")
        return links(page_of("customers", "customer", account.customer_id), view)

    @admin.display
    def terms(self, account: Account) -> SafeString:
        return format_html(
            "{} interest, {} overdrawn, {} a month",
            percent(account.interest_bps),
            percent(account.overdraft_bps),
            shown(account.monthly_fee_minor, account.currency),
        )

    @admin.display(description="frozen")
    def frozen_label(self, account: Account) -> str:
        sides = [side for side in ("debit", "credit") if getattr(account, f"{side}_frozen")]
        return " and ".join(sides) or "no"

    frozen_label.label = {"debit": "warning", "credit": "warning", "debit and credit": "danger"}  # type: ignore[attr-defined]

    @admin.display(description="holds")
    def open_holds(self, account: Account) -> SafeString:
        holds = queries.open_holds(account.pk, limit=LAST_ENTRIES)
        return table(
            [
                (
                    when(hold.held_at),
                    shown(hold.amount_minor, hold.currency),
                    hold.expires_on,
                    page_of("cards", "payment", hold.pk, short(hold.pk)),
                )
                for hold in holds
            ],
            headers=("held", "amount", "expires", "payment"),
        )

    @admin.display(description="last entries")
    def last_entries(self, account: Account) -> SafeString:
        return table(
            [
                (
                    entry.booked_on,
                    entry.type,
                    shown(entry.customer_minor, entry.currency),
                    shown(entry.balance_minor, entry.currency),
                    entry.reference,
                )
                for entry in queries.entries(account.pk, limit=LAST_ENTRIES)
            ],
            headers=("booked", "event", "amount", "balance after", "reference"),
        )

    @admin.display(description="see also")
    def more(self, account: Account) -> SafeString:
        return links(
            list_of("accounts", "posting", "All postings", account_id=account.pk),
            list_of("cards", "card", "Cards", q=account.pk),
            list_of("loans", "loan", "Loans", q=account.pk),
            list_of("accounts", "event", "Events", q=ACCOUNT.stream(str(account.pk))),
        )

    @gives_order("Freeze debits", asks=ReasonForm)
    def freeze_debits(self, key: str, asked: dict[str, Any]) -> Order:
        return freezing(key, "debit", asked)

    @gives_order("Freeze credits", asks=ReasonForm)
    def freeze_credits(self, key: str, asked: dict[str, Any]) -> Order:
        return freezing(key, "credit", asked)

    @gives_order("Freeze debits and credits", asks=ReasonForm)
    def freeze(self, key: str, asked: dict[str, Any]) -> Order:
        return freezing(key, "both", asked)

    @gives_order("Change terms", asks=TermsForm)
    def change_terms(self, key: str, asked: dict[str, Any]) -> Order:
        account = Account.objects.get(pk=key)
        terms = Terms(asked["interest_bps"], asked["overdraft_bps"], asked["monthly_fee_minor"])
        return Order(ACCOUNT, key, ChangeTerms(key, terms, account.currency, queries.booking_day()))

    @gives_order("Settle interest and fees")
    def settle(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(ACCOUNT, key, SettleCharges(key, queries.booking_day()))

    @gives_order("Close", asks=ClosingForm)
    def close(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(ACCOUNT, key, CloseAccount(key, queries.booking_day(), waive_fees=asked["waive_fees"]))

    @gives_order("Unfreeze")
    def unfreeze(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(ACCOUNT, key, UnfreezeAccount(key, "both"))


@admin.register(Hold)
class HoldPages(ReadOnlyAdmin):
    list_display = ("held_at", "payment", "account", "amount", "status", "captured", "expires_on")
    list_display_links = ("held_at",)
    list_filter = ("status", "currency")
    search_fields = ("id__exact", "account_id__exact")
    search_help_text = "The id of a payment or an account"
    ordering = ("-held_at",)
    fields = list_display

    amount = cells.money("amount_minor", "amount", sorts=True)
    captured = cells.money("captured_minor", "captured", sorts=True)
    payment = cells.page("cards", "payment", "id", "payment", whole=True)
    account = cells.page("accounts", "account", "account_id", "account")


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
    def reverse(self, key: str, asked: dict[str, Any]) -> Order:
        return reversals.of_entry(Posting.objects.get(pk=key), queries.booking_day())

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


class OpenFilter(admin.SimpleListFilter):
    title = "in transit"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Process]") -> "QuerySet[Process]":
        ended = Q(received_minor=F("cleared_minor"))
        return {"yes": queryset.exclude(ended), "no": queryset.filter(ended)}.get(self.value() or "", queryset)


@admin.register(Process)
class ProcessPages(OrderingAdmin):
    context = ACCOUNTS
    list_display = ("began_at", "short_id", "kind", "received", "cleared", "in_transit", "changed_at")
    list_filter = (OpenFilter, "kind", "currency")
    search_fields = ("id__exact",)
    search_help_text = "The id of a payment, an origination or a repayment"
    ordering = ("-began_at",)
    fields = (
        *("whole_id", "kind", "received", "cleared", "in_transit", "proposed_by", "in_suspense", "payout_proposed"),
        *("began_at", "changed_at", "more"),
    )
    actions = ("resolve",)
    actions_detail = ("resolve", "pay_out")

    received = cells.money("received_minor", "received", sorts=True)
    cleared = cells.money("cleared_minor", "cleared", sorts=True)
    in_transit = cells.money("open_minor", "in transit")
    short_id = cells.short_id("id")

    @admin.display(description="see also")
    def more(self, process: Process) -> SafeString:
        return links(
            page_of("bankview", "process", process.pk, "Steps"),
            list_of("accounts", "posting", "Postings", q=process.pk),
            list_of("accounts", "event", "Events", q=PROCESS.stream(str(process.pk))),
        )

    @admin.display(description="to suspense, proposed by")
    def proposed_by(self, process: Process) -> str:
        return state_of(process).resolution_proposed_by or NOTHING

    @admin.display(description="in suspense")
    def in_suspense(self, process: Process) -> SafeString | str:
        return shown(state_of(process).in_suspense_minor, process.currency)

    @admin.display(description="out of suspense, proposed")
    def payout_proposed(self, process: Process) -> SafeString | str:
        proposed = state_of(process).payout
        if proposed is None:
            return NOTHING
        amount = shown(proposed.amount_minor, process.currency)
        return format_html("{} to {}, by {}", amount, proposed.account_id, proposed.proposed_by)

    @gives_order("Move to suspense what is in transit")
    def resolve(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(PROCESS, key, ResolveTransit(key, asked["by"], queries.booking_day(), queries.stood_for(key)))

    @gives_order("Pay out of suspense to the customer", asks=PayoutForm)
    def pay_out(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        account_id = asked["account_id"]
        wish = suspense.Wish(key, asked["by"], str(account_id) if account_id else None, asked["amount_minor"])
        return suspense.paying_out(wish)


def state_of(process: Process) -> State:
    state: State
    state, _ = load(ACCOUNTS, PROCESS, str(process.pk))
    return state


@admin.register(BusinessDay)
class BusinessDayPages(ReadOnlyAdmin):
    """The days that have ended; the business date is the day after the newest."""

    list_display = ("day", "ended_at")
    ordering = ("-day",)
    fields = list_display


class UnfinishedFilter(admin.SimpleListFilter):
    title = "progress"
    parameter_name = "completed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Unfinished"), ("yes", "Completed")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[PaymentFile]") -> "QuerySet[PaymentFile]":
        ended = Q(through=F("lines"))
        return {"no": queryset.exclude(ended), "yes": queryset.filter(ended)}.get(self.value() or "", queryset)


@admin.register(PaymentFile)
class PaymentFilePages(OrderingAdmin):
    context = ACCOUNTS
    list_display = ("received_at", "message_id", "owner", "amount", "progress", "accepted", "refused", "changed_at")
    list_filter = (UnfinishedFilter, "format", "currency")
    search_fields = ("id__exact", "customer_id__exact", "message_id__exact")
    search_help_text = "The id of a file or a customer, or a message id"
    ordering = ("-received_at",)
    fields = (
        *("whole_id", "message_id", "customer", "format", "booked_on", "amount", "progress", "accepted", "refused"),
        *("accepted_amount", "status", "received_at", "changed_at", "more"),
    )
    actions = ("give_up",)
    actions_detail = ("give_up",)

    @gives_order("Give up, as it cannot be read")
    def give_up(self, key: str, asked: dict[str, Any]) -> Order:
        return giving_up(PaymentFile.objects.get(pk=key))

    amount = cells.money("amount_minor", "amount", sorts=True)
    accepted_amount = cells.money("accepted_minor", "accepted amount")
    owner = cells.page("customers", "customer", "customer_id", "customer")
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)

    @admin.display(description="booked", ordering="accepted_on")
    def booked_on(self, file: PaymentFile) -> Any:
        return file.accepted_on

    @admin.display
    def progress(self, file: PaymentFile) -> str:
        return f"{file.through:,} of {file.lines:,} ({file.through * 100 // file.lines} %)"

    @admin.display(description="see also")
    def more(self, file: PaymentFile) -> SafeString:
        return list_of("accounts", "event", "Events", q=PAYMENT_FILE.stream(str(file.pk)))


@admin.register(StandingOrder)
class StandingOrderPages(ReadOnlyAdmin):
    list_display = ("next_on", "account", "amount", "status", "last_on", "code")
    list_filter = ("status", "code")
    search_fields = ("id__exact", "account_id__exact", "customer_id__exact")
    search_help_text = "The id of a standing order, an account or a customer"
    ordering = ("next_on",)
    fields = (
        "id",
        "account",
        "amount",
        "payee",
        "reference",
        "status",
        "first_on",
        "next_on",
        "last_on",
        "code",
        "more",
    )

    amount = cells.money("amount_minor", "amount", sorts=True)
    account = cells.page("accounts", "account", "account_id", "account")

    @admin.display(description="see also")
    def more(self, order: StandingOrder) -> SafeString:
        return list_of("accounts", "event", "Events", q=STANDING_ORDER.stream(str(order.pk)))


@admin.register(TrialBalance)
class TrialBalancePages(ReadOnlyAdmin):
    """No list of rows: the sums of all postings, each with a link to them."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = UntilForm(request.GET)
        until = asked.cleaned_data["until"] if asked.is_valid() else None
        checks = queries.books()
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
                    [(row.kind, shown(row.open_minor, row.currency), row.processes) for row in queries.transit()],
                ),
                "ledgers": [
                    (currency, columns(LEDGER_HEADERS, [ledger_row(row, until) for row in rows]))
                    for currency, rows in by_currency(queries.trial_balance(until or date.max))
                ],
            },
        )


LEDGER_HEADERS = ("account", "debit", "credit", "balance")


class UntilForm(forms.Form):
    until = forms.DateField(required=False, label="Booked through", widget=UnfoldAdminDateWidget)


def by_currency(rows: Sequence[queries.LedgerBalance]) -> list[tuple[str, list[queries.LedgerBalance]]]:
    return [(currency, list(some)) for currency, some in groupby(rows, key=lambda row: row.currency)]


def percent(bps: int) -> str:
    return f"{bps / 100:.2f} %"


def ledger_row(row: queries.LedgerBalance, until: date | None) -> tuple[SafeString, ...]:
    through = {"booked_on__lte": until} if until else {}
    return (
        list_of("accounts", "posting", CHART[row.name].title, ledger=row.name, currency=row.currency, **through),
        shown(row.debit_minor, row.currency),
        shown(row.credit_minor, row.currency),
        shown(row.balance_minor, row.currency),
    )
