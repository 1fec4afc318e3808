"""What stands in transit for a process, and what people do about it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.process import PROCESS, ResolveTransit, WithdrawResolution
from accounts.domain.process.facts import Process as State
from accounts.domain.process.suspense import WithdrawPayout
from accounts.models import Process
from accounts.orders import suspense
from accounts.queries import ledger
from bank.console import cells
from bank.console.fields import AmountField
from bank.console.formats import NOTHING, links, list_of, page_of, shown
from bank.console.operators import AgreementForm, OrderingAdmin, Questions, gives_order
from bank.context import Order
from bank.history.eventstore import load


class PayoutForm(Questions):
    account_id = forms.UUIDField(
        required=False,
        label="another account of the customer than the one it came from",
        widget=UnfoldAdminTextInputWidget,
    )
    amount = AmountField(required=False, label="of it only")


class PayoutAgreementForm(PayoutForm, AgreementForm):
    """The same as was proposed."""


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
    actions_detail = (
        {"title": "To suspense", "items": ("resolve", "agree_to_resolve", "withdraw_resolution")},
        {"title": "Out of suspense", "items": ("pay_out", "agree_to_pay_out", "withdraw_payout")},
    )

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
        proposed = state_of(process).resolution
        return f"{proposed.by}, on {proposed.on}" if proposed.by else NOTHING

    @admin.display(description="in suspense")
    def in_suspense(self, process: Process) -> SafeString | str:
        return shown(state_of(process).in_suspense_minor, process.currency)

    @admin.display(description="out of suspense, proposed")
    def payout_proposed(self, process: Process) -> SafeString | str:
        proposed = state_of(process).payout
        if proposed is None:
            return NOTHING
        amount = shown(proposed.amount_minor, process.currency)
        by = proposed.proposal
        return format_html("{} to {}, by {}, on {}", amount, proposed.account_id, by.by, by.on)

    @gives_order("Propose to move to suspense what is in transit")
    def resolve(self, key: str, asked: dict[str, Any]) -> Order:
        return resolving(key, asked["by"])

    @gives_order("Agree to move it to suspense", asks=AgreementForm)
    def agree_to_resolve(self, key: str, asked: dict[str, Any]) -> Order:
        return resolving(key, asked["by"], asked["proposed_by"])

    @gives_order("Withdraw what is proposed")
    def withdraw_resolution(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(PROCESS, key, WithdrawResolution(key, asked["by"], queries.booking_day()))

    @gives_order("Propose to pay out of suspense to the customer", asks=PayoutForm)
    def pay_out(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return paying_out(key, asked)

    @gives_order("Agree to pay out of suspense", asks=PayoutAgreementForm)
    def agree_to_pay_out(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return paying_out(key, asked)

    @gives_order("Withdraw the proposed payout")
    def withdraw_payout(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(PROCESS, key, WithdrawPayout(key, asked["by"], queries.booking_day()))


def resolving(key: str, operator: str, agrees_with: str | None = None) -> Order:
    resolve = ResolveTransit(key, operator, queries.booking_day(), ledger.stood_for(key), agrees_with)
    return Order(PROCESS, key, resolve)


def paying_out(key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
    account_id = asked["account_id"]
    wish = suspense.Wish(
        process_id=key,
        operator=asked["by"],
        account_id=str(account_id) if account_id else None,
        amount_minor=asked["amount"],
        agrees_with=asked.get("proposed_by"),
    )
    return suspense.paying_out(wish)


def state_of(process: Process) -> State:
    state: State
    state, _ = load(ACCOUNTS, PROCESS, str(process.pk))
    return state
