"""Cards: what they may spend and what is owed on them; given out, blocked and ended by commands."""

from typing import Any
from uuid import uuid5

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bank.console import cells
from bank.console.fields import AmountField
from bank.console.formats import NOTHING, links, list_of, page_of, short, shown, table
from bank.console.operators import OrderingAdmin, Questions, gives_order
from bank.context import Order
from bank.history.eventstore import load
from bank.money import CURRENCIES, to_decimal
from cards.context import CARDS
from cards.domain.card import CARD, ActivateCard, BlockCard, ChangePaymentLimits, UnblockCard
from cards.domain.card.credit import STATEMENT_DAYS
from cards.domain.card.life import CancelCard
from cards.models import Card
from cards.orders import (
    change_credit_limit,
    issue_credit_card,
    issue_debit_card,
    known_account,
    pay_out,
    replace_card,
)

BLOCKS = ("block", "block_for_customer", "block_for_fraud", "report_lost", "report_stolen")


class AccountForm(Questions):
    account = forms.UUIDField(
        label="the customer's account", widget=UnfoldAdminTextInputWidget, error_messages={"required": "Say which one."}
    )


class LimitsForm(Questions):
    per_payment_limit = AmountField(label="limit per payment")
    per_day_limit = AmountField(label="limit per day")

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial["per_payment_limit"] = to_decimal(row.per_payment_limit_minor, row.currency)
        self.initial["per_day_limit"] = to_decimal(row.per_day_limit_minor, row.currency)


class CreditLimitForm(Questions):
    credit_limit = AmountField(help_text="It may lie below what is owed: then nothing more is lent.")

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial["credit_limit"] = to_decimal(row.credit_limit_minor, row.currency)


class IssueForm(Questions):
    """There is no card yet whose currency it could be."""

    currency = forms.ChoiceField(
        choices=[(one, one) for one in sorted(CURRENCIES)], initial="EUR", widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (chosen := str(self.data.get("currency"))) in CURRENCIES:
            self.in_currency(chosen)


class DebitCardForm(IssueForm):
    account = forms.UUIDField(label="the account it draws on", widget=UnfoldAdminTextInputWidget)
    per_payment_limit = AmountField(label="limit per payment")
    per_day_limit = AmountField(label="limit per day")

    field_order = ("account", "currency")


class CreditCardForm(IssueForm):
    customer = forms.UUIDField(widget=UnfoldAdminTextInputWidget)
    credit_limit = AmountField()
    per_payment_limit = AmountField(
        label="limit per payment", required=False, help_text="The credit limit unless said."
    )
    per_day_limit = AmountField(label="limit per day", required=False, help_text="The credit limit unless said.")
    statement_day = forms.IntegerField(
        initial=STATEMENT_DAYS.start,
        min_value=STATEMENT_DAYS.start,
        max_value=STATEMENT_DAYS[-1],
        help_text="The day of the month on which a statement is closed.",
        widget=UnfoldAdminIntegerFieldWidget,
    )

    field_order = ("customer", "currency")


@admin.register(Card)
class CardPages(OrderingAdmin):
    context = CARDS
    list_display = ("number", "status_label", "owner", "draws_on", "spent", "expires_on")
    list_filter = ("kind", "status", "is_late", "blocked_for", "currency")
    search_fields = ("card_id__exact", "customer_id__exact", "account_id__exact")
    search_help_text = "The id of a card, a customer or an account"
    ordering = ("-issued_on", "card_id")
    fields = (
        *("number", "card_id", "kind", "customer", "account", "currency", "status_label", "blocked_for"),
        "blocked_by_the_bank_for",
        *("per_payment_limit", "per_day_limit", "spent", "issued_on", "expires_on"),
        *("credit_limit", "outstanding", "available", "minimum_left", "payment_due_on", "is_late", "next_closing_on"),
        *("statement_left", "on_its_way"),
        *("version", "more"),
    )
    actions_list = ("issue_debit", "issue_credit")
    actions = (*BLOCKS, "unblock", "activate", "cancel")
    actions_detail = (
        *("activate", {"title": "Block", "items": (*BLOCKS, "unblock")}),
        {"title": "Limits", "items": ("change_limits", "change_credit_limit")},
        *("pay_out", "replace", "cancel"),
    )

    LABELS = {
        "issued": "info",
        "active": "success",
        "blocked": "danger",
        "expired": "warning",
        "cancelled": "warning",
    }

    per_payment_limit = cells.money("per_payment_limit_minor", "limit per payment")
    per_day_limit = cells.money("per_day_limit_minor", "limit per day")
    owner = cells.page("customers", "customer", "customer_id", "customer")

    @admin.display(ordering="last_four")
    def number(self, card: Card) -> str:
        return str(card)

    status_label = cells.label("status", LABELS)

    @admin.display
    def blocked_by_the_bank_for(self, card: Card) -> str:
        """A loss reported since hides it elsewhere; replacing the card lifts it."""
        known, _ = load(CARDS, CARD, card.pk)
        return known.blocked_by_bank_for or NOTHING

    @admin.display(description="account", ordering="account_id")
    def draws_on(self, card: Card) -> SafeString:
        if not card.account_id:
            return shown(card.credit_limit_minor, card.currency)
        return page_of("accounts", "account", card.account_id, short(card.account_id))

    @admin.display
    def customer(self, card: Card) -> SafeString:
        view = page_of("bankview", "customerbankview", card.customer_id, "Bank view")
        return links(page_of("customers", "customer", card.customer_id), view)

    @admin.display
    def account(self, card: Card) -> SafeString:
        if not card.account_id:
            return NOTHING
        return page_of("accounts", "account", card.account_id)

    @admin.display
    def credit_limit(self, card: Card) -> SafeString:
        return self.lent(card, card.credit_limit_minor)

    @admin.display
    def outstanding(self, card: Card) -> SafeString:
        return self.lent(card, card.outstanding_minor)

    @admin.display
    def available(self, card: Card) -> SafeString:
        return self.lent(card, card.credit_limit_minor - card.outstanding_minor - card.authorized_minor)

    @admin.display(description="minimum due")
    def minimum_left(self, card: Card) -> SafeString:
        return self.lent(card, card.minimum_left_minor)

    @admin.display(description="left of the statement")
    def statement_left(self, card: Card) -> SafeString:
        return self.lent(card, card.statement_left_minor)

    @admin.display
    def on_its_way(self, card: Card) -> SafeString:
        return self.lent(card, card.on_its_way_minor)

    def lent(self, card: Card, amount_minor: int) -> SafeString:
        return shown(amount_minor, card.currency) if card.kind == "credit" else NOTHING

    @admin.display(description="spent that day")
    def spent(self, card: Card) -> SafeString:
        if not card.spent_minor:
            return NOTHING
        return table([(shown(card.spent_minor, card.currency), f"on {card.counted_on}")])

    @admin.display(description="see also")
    def more(self, card: Card) -> SafeString:
        return links(
            list_of("cards", "payment", "Payments", q=card.pk),
            list_of("cards", "billpayment", "Bill payments", q=card.pk),
            list_of("cards", "payout", "Payouts", q=card.pk),
            list_of("cards", "statement", "Statements", q=card.pk),
            list_of("cards", "posting", "Postings", q=card.pk),
            list_of("cards", "event", "Events", q=CARD.stream(card.pk)),
        )

    @gives_order("Issue a debit card", asks=DebitCardForm)
    def issue_debit(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        account_id = str(asked["account"])
        return issue_debit_card(
            key,
            str(known_account(account_id).customer_id),
            account_id,
            currency=asked["currency"],
            per_payment_limit_minor=asked["per_payment_limit"],
            per_day_limit_minor=asked["per_day_limit"],
            today=localdate(),
        )

    @gives_order("Issue a credit card", asks=CreditCardForm)
    def issue_credit(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return issue_credit_card(
            key,
            str(asked["customer"]),
            currency=asked["currency"],
            credit_limit_minor=asked["credit_limit"],
            per_payment_limit_minor=asked["per_payment_limit"],
            per_day_limit_minor=asked["per_day_limit"],
            statement_day=asked["statement_day"],
            today=localdate(),
        )

    @gives_order("Activate")
    def activate(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, ActivateCard(key))

    @gives_order("Block for the customer")
    def block_for_customer(self, key: str, asked: dict[str, Any]) -> Order:
        return blocking(key, "customer_request")

    @gives_order("Block")
    def block(self, key: str, asked: dict[str, Any]) -> Order:
        return blocking(key, "operator")

    @gives_order("Block on suspicion of fraud")
    def block_for_fraud(self, key: str, asked: dict[str, Any]) -> Order:
        return blocking(key, "fraud")

    @gives_order("Report lost")
    def report_lost(self, key: str, asked: dict[str, Any]) -> Order:
        return blocking(key, "lost")

    @gives_order("Report stolen")
    def report_stolen(self, key: str, asked: dict[str, Any]) -> Order:
        return blocking(key, "stolen")

    @gives_order("Unblock")
    def unblock(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, UnblockCard(key, by_operator=True))

    @gives_order("Replace")
    def replace(self, key: str, asked: dict[str, Any]) -> Order:
        return replace_card(key, localdate(), by_operator=True)

    @gives_order("Change limits", asks=LimitsForm)
    def change_limits(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, ChangePaymentLimits(key, asked["per_payment_limit"], asked["per_day_limit"]))

    @gives_order("Change credit limit", asks=CreditLimitForm)
    def change_credit_limit(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        return change_credit_limit(Card.objects.get(pk=key), asked["credit_limit"])

    @gives_order("Pay out what the bank owes", asks=AccountForm)
    def pay_out(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        card, payout_id = Card.objects.get(pk=key), str(uuid5(asked["id"], "payout"))
        return pay_out(card, payout_id, str(asked["account"]), localdate(), by_operator=True)

    @gives_order("Cancel for good")
    def cancel(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, CancelCard(key, cancelled_on=localdate(), by_operator=True))


def blocking(key: str, cause: str) -> Order:
    return Order(CARD, key, BlockCard(key, cause, by_operator=True))
