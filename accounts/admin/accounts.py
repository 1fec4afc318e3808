"""What there is on accounts and what is held of it; freezing, terms and closing, by commands."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import ActionForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, MAX_RATE_BPS, ChangeTerms, FreezeAccount, UnfreezeAccount
from accounts.domain.account_closing import CloseAccount
from accounts.domain.account_day import SettleCharges
from accounts.domain.account_facts import Freeze
from accounts.domain.interest import Terms
from accounts.models import Account, Hold
from bank.console import cells
from bank.console.formats import links, list_of, page_of, short, shown, table, when
from bank.console.operators import OrderingAdmin, Questions, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from bank.money import MAX_MINOR

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


def percent(bps: int) -> str:
    return f"{bps / 100:.2f} %"
