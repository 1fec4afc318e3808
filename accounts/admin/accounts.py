"""What there is on accounts and what is held of it. Paying, freezing, terms and closing are commands."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid5

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.decorators import action

from accounts import orders, queries
from accounts.admin.forms import (
    REASONS,
    CashForm,
    ClosingForm,
    FreezeForm,
    OpeningForm,
    OverdraftForm,
    ReasonForm,
    StandingOrderForm,
    StatementForm,
    TermsForm,
    TransferForm,
)
from accounts.api.statements import made
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, ChangeTerms, FreezeAccount, UnfreezeAccount
from accounts.domain.account.closing import CloseAccount
from accounts.domain.account.day import SettleCharges
from accounts.domain.freezes import Side
from accounts.domain.interest import Terms
from accounts.domain.transfer import halves
from accounts.models import Account, Hold
from bank.console import cells
from bank.console.formats import links, list_of, page_of, short, shown, table, when
from bank.console.operators import OrderingAdmin, answers, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from bank.http.problems import Problem

LAST_ENTRIES = 20


def freezing(key: str, side: Side, asked: dict[str, Any]) -> Order:
    return Order(ACCOUNT, key, FreezeAccount(key, side, asked["reason"]))


def unfreezing(key: str, side: Side, asked: dict[str, Any]) -> Order:
    return Order(ACCOUNT, key, UnfreezeAccount(key, side, asked["reason"]))


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
        *("balance", "on_hold", "overdraft_limit", "available", "terms", "accrued", "fees_due"),
        *("frozen_label", "freezes", "open_holds", "last_entries", "more"),
    )
    actions = ("freeze_debits", "freeze_credits", "freeze", "unfreeze")
    actions_list = ("open_account",)
    actions_detail = (
        {"title": "Pay", "items": ("deposit", "withdraw", "transfer", "open_standing_order")},
        {"title": "Freeze", "items": (*actions, "unfreeze_debits", "unfreeze_credits")},
        {"title": "Terms", "items": ("change_terms", "arrange_overdraft", "settle")},
        *("statement", "close"),
    )
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

    @admin.display(description="why")
    def freezes(self, account: Account) -> str:
        reasons = dict(REASONS)
        said = [f"{side}s {reasons[one]}" for side in ("debit", "credit") for one in account.freezes(side)]
        return ", ".join(said) or "–"

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
            list_of("accounts", "standingorder", "Standing orders", q=account.pk),
            list_of("cards", "card", "Cards", q=account.pk),
            list_of("loans", "loan", "Loans", q=account.pk),
            list_of("accounts", "event", "Events", q=ACCOUNT.stream(str(account.pk))),
        )

    @gives_order("Open an account", asks=OpeningForm)
    def open_account(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return orders.open_account(
            key,
            customer_id=str(asked["customer_id"]),
            kind=asked["kind"],
            currency=asked["currency"],
            opened_on=localdate(),
        )

    @gives_order("Deposit", asks=CashForm)
    def deposit(self, key: str, asked: dict[str, Any]) -> Order:
        return cash(key, asked, orders.pay_in)

    @gives_order("Withdraw", asks=CashForm)
    def withdraw(self, key: str, asked: dict[str, Any]) -> Order:
        return cash(key, asked, orders.pay_out)

    @gives_order("Transfer", asks=TransferForm)
    def transfer(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return halves(
            from_account_id=key,
            to_account_id=asked["to"],
            amount_minor=asked["amount"],
            currency=currency_of(key),
            booked_on=queries.booking_day(),
            reference=asked["reference"],
        )

    @gives_order("Open a standing order", asks=StandingOrderForm)
    def open_standing_order(self, key: str, asked: dict[str, Any]) -> Order:
        order_id = str(uuid5(asked["id"], "standing-order"))
        to_account_id, payee = orders.destination(asked["to"], None, asked["payee"])
        return orders.open_standing_order(
            order_id,
            orders.require_room(key, order_id),
            to_account_id=to_account_id,
            payee=payee,
            amount_minor=asked["amount"],
            reference=asked["reference"],
            opened_on=localdate(),
            first_on=asked["first_on"],
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
        terms = Terms(asked["interest_bps"], asked["overdraft_bps"], asked["monthly_fee"])
        return Order(ACCOUNT, key, ChangeTerms(key, terms, currency_of(key), queries.booking_day()))

    @gives_order("Arrange overdraft", asks=OverdraftForm)
    def arrange_overdraft(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return orders.arrange_overdraft(key, asked["limit"], currency_of(key))

    @gives_order("Settle interest and fees")
    def settle(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(ACCOUNT, key, SettleCharges(key, queries.booking_day()))

    @gives_order("Close", asks=ClosingForm)
    def close(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(ACCOUNT, key, CloseAccount(key, queries.booking_day(), waive_fees=asked["waive_fees"]))

    @gives_order("Unfreeze", asks=ReasonForm)
    def unfreeze(self, key: str, asked: dict[str, Any]) -> Order:
        return unfreezing(key, "both", asked)

    @gives_order("Unfreeze debits", asks=ReasonForm)
    def unfreeze_debits(self, key: str, asked: dict[str, Any]) -> Order:
        return unfreezing(key, "debit", asked)

    @gives_order("Unfreeze credits", asks=ReasonForm)
    def unfreeze_credits(self, key: str, asked: dict[str, Any]) -> Order:
        return unfreezing(key, "credit", asked)

    @action(description="Statement", url_path="statement", permissions=["view"])  # type: ignore[untyped-decorator]
    def statement(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The API's, which knows the operator by his session."""
        account: Account | None = self.get_object(request, object_id)
        if account is None:
            raise Http404
        form = StatementForm(answers(request))
        if form.is_valid() and can_be_made(account, form):
            return HttpResponseRedirect(f"/api/v1/accounts/{account.pk}/statement?{urlencode(form.query())}")
        return self.asking(request, account, form, "Statement")


def can_be_made(account: Account, form: StatementForm) -> bool:
    """What the API would answer with a problem is told beside the fields."""
    try:
        made(account, form.cleaned_data["since"], form.cleaned_data["to"])
    except Problem as problem:
        form.add_error("to", problem.sentence)
        return False
    return True


def cash(key: str, asked: dict[str, Any], pay: Callable[..., Order]) -> Order:
    today, reference = queries.booking_day(), asked["reference"]
    return pay(key, asked["amount"], currency_of(key), booked_on=today, reference=reference)


def currency_of(key: str) -> str:
    return Account.objects.get(pk=key).currency


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
