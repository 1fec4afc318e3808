"""Cards and payments as operators see them. What they change, they change by commands."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.widgets import UnfoldAdminTextInputWidget

from bank.console import cells
from bank.console.formats import NOTHING, links, list_of, page_of, short, shown, table, when
from bank.console.kernel_pages import register_kernel_pages
from bank.console.operators import OrderingAdmin, Questions, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from cards import queries
from cards.context import CARDS
from cards.domain.card import CARD, BlockCard, UnblockCard
from cards.domain.card_life import CancelCard
from cards.domain.card_payout import RequestPayout
from cards.domain.payment import PAYMENT
from cards.domain.payout import PAYOUT, BeginPayout
from cards.models import BillPayment, Card, Payment, Payout, Posting, Refund, Statement

register_kernel_pages("cards")


class AccountForm(Questions):
    account = forms.UUIDField(
        label="the customer's account", widget=UnfoldAdminTextInputWidget, error_messages={"required": "Say which one."}
    )


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
        *("per_payment_limit", "per_day_limit", "spent", "issued_on", "expires_on"),
        *("credit_limit", "outstanding", "available", "minimum_left", "payment_due_on", "is_late", "next_closing_on"),
        *("statement_left", "on_its_way"),
        *("version", "more"),
    )
    actions = actions_detail = ("block", "unblock", "report_lost", "report_stolen", "pay_out", "cancel")

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

    @admin.display(description="status", ordering="status")
    def status_label(self, card: Card) -> str:
        return card.status

    status_label.label = LABELS  # type: ignore[attr-defined]

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

    @gives_order("Block")
    def block(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, BlockCard(key, "operator", by_operator=True))

    @gives_order("Unblock")
    def unblock(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, UnblockCard(key, by_operator=True))

    @gives_order("Report lost")
    def report_lost(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, BlockCard(key, "lost", by_operator=True))

    @gives_order("Report stolen")
    def report_stolen(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, BlockCard(key, "stolen", by_operator=True))

    @gives_order("Pay out what the bank owes", asks=AccountForm)
    def pay_out(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        payout_id, card = str(uuid4()), queries.card(key)
        request = RequestPayout(payout_id, key, str(asked["account"]), localdate(), by_operator=True)
        begin = BeginPayout(payout_id, key, card.customer_id if card else "")
        return Order(CARD, key, request), Order(PAYOUT, payout_id, begin)

    @gives_order("Cancel for good")
    def cancel(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CARD, key, CancelCard(key, cancelled_on=localdate()))


@admin.register(Payment)
class PaymentPages(ReadOnlyAdmin):
    list_display = ("requested_at", "merchant", "amount", "status_label", "code", "owner", "short_id", "settled_at")
    list_filter = ("status", "code", "currency", "requested_on")
    search_fields = ("payment_id__exact", "customer_id__exact", "card_id__exact")
    search_help_text = "The id of a payment, a card or a customer"
    ordering = ("-requested_at",)
    fields = (
        *("payment_id", "merchant", "amount", "status_label", "code", "captured", "refunded"),
        *("card", "account", "customer", "requested_on", "expires_on"),
        *("requested_at", "authorized_at", "captured_at", "settled_at", "ended_at", "version", "refunds", "more"),
    )

    LABELS = {
        "requested": "info",
        "authorized": "info",
        "captured": "info",
        "settled": "success",
        "declined": "warning",
        "reversed": "warning",
        "expired": "warning",
    }

    amount = cells.money("amount_minor", "amount", sorts=True)
    captured = cells.money("captured_minor", "captured")
    refunded = cells.money("refunded_minor", "refunded")
    owner = cells.page("customers", "customer", "customer_id", "customer")
    card = cells.page("cards", "card", "card_id", "card", whole=True)
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)
    short_id = cells.short_id("payment_id")

    @admin.display(description="status", ordering="status")
    def status_label(self, payment: Payment) -> str:
        return payment.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display
    def account(self, payment: Payment) -> SafeString:
        if not payment.account_id:
            return NOTHING
        return page_of("accounts", "account", payment.account_id)

    @admin.display
    def refunds(self, payment: Payment) -> SafeString:
        return table(
            [
                (page_of("cards", "refund", one.pk, when(one.requested_at)), shown(one.amount_minor, one.currency))
                for one in queries.refunds_of(payment.pk)
            ]
        )

    @admin.display(description="see also")
    def more(self, payment: Payment) -> SafeString:
        return links(
            page_of("bankview", "process", payment.pk, "Steps"),
            page_of("accounts", "process", payment.pk, "Transit"),
            list_of("accounts", "posting", "Postings", q=payment.pk),
            list_of("cards", "event", "Events", q=PAYMENT.stream(payment.pk)),
        )


@admin.register(Refund)
class RefundPages(ReadOnlyAdmin):
    list_display = ("requested_at", "amount", "payment", "short_id", "settled_at")
    search_fields = ("refund_id__exact", "payment_id__exact")
    search_help_text = "The id of a refund or a payment"
    ordering = ("-requested_at",)
    fields = ("refund_id", "payment", "amount", "requested_at", "settled_at")

    amount = cells.money("amount_minor", "amount", sorts=True)
    payment = cells.page("cards", "payment", "payment_id", "payment", whole=True)
    short_id = cells.short_id("refund_id")


@admin.register(BillPayment)
class BillPaymentPages(ReadOnlyAdmin):
    list_display = ("requested_at", "amount", "status_label", "code", "owner", "short_id", "ended_at")
    list_filter = ("status", "code", "currency", "requested_on")
    search_fields = ("payment_id__exact", "customer_id__exact", "card_id__exact", "account_id__exact")
    search_help_text = "The id of a bill payment, a card, an account or a customer"
    ordering = ("-requested_at",)
    fields = (
        *("payment_id", "amount", "status_label", "code", "card", "account", "customer"),
        *("requested_on", "requested_at", "due_at", "ended_at", "more"),
    )

    LABELS = {
        "requested": "info",
        "settled": "success",
        "declined": "warning",
        "rejected": "danger",
        "refunded": "warning",
        "by_hand": "danger",
    }

    amount = cells.money("amount_minor", "amount", sorts=True)
    owner = cells.page("customers", "customer", "customer_id", "customer")
    card = cells.page("cards", "card", "card_id", "card", whole=True)
    account = cells.page("accounts", "account", "account_id", "account", whole=True)
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)
    short_id = cells.short_id("payment_id")

    @admin.display(description="status", ordering="status")
    def status_label(self, payment: BillPayment) -> str:
        return payment.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(description="see also")
    def more(self, payment: BillPayment) -> SafeString:
        return links(
            page_of("bankview", "process", payment.pk, "Steps"),
            page_of("accounts", "process", payment.pk, "Transit"),
            list_of("accounts", "posting", "Postings", q=payment.pk),
            list_of("cards", "event", "Events", q=CARD.stream(payment.card_id)),
        )


@admin.register(Payout)
class PayoutPages(ReadOnlyAdmin):
    list_display = ("requested_at", "amount", "status_label", "code", "owner", "short_id", "ended_at")
    list_filter = ("status", "code", "currency", "requested_on")
    search_fields = ("payout_id__exact", "customer_id__exact", "card_id__exact", "account_id__exact")
    search_help_text = "The id of a payout, a card, an account or a customer"
    ordering = ("-requested_at",)
    fields = (
        *("payout_id", "amount", "status_label", "code", "card", "account", "customer"),
        *("requested_on", "requested_at", "ended_at", "more"),
    )

    LABELS = {"requested": "info", "settled": "success", "declined": "warning"}

    amount = cells.money("amount_minor", "amount", sorts=True)
    owner = cells.page("customers", "customer", "customer_id", "customer")
    card = cells.page("cards", "card", "card_id", "card", whole=True)
    account = cells.page("accounts", "account", "account_id", "account", whole=True)
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)
    short_id = cells.short_id("payout_id")

    @admin.display(description="status", ordering="status")
    def status_label(self, payout: Payout) -> str:
        return payout.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(description="see also")
    def more(self, payout: Payout) -> SafeString:
        return links(
            page_of("bankview", "process", payout.pk, "Steps"),
            list_of("accounts", "posting", "Postings", q=payout.pk),
            list_of("cards", "event", "Events", q=CARD.stream(payout.card_id)),
        )


@admin.register(Statement)
class StatementPages(ReadOnlyAdmin):
    list_display = ("closed_on", "card", "number", "balance", "minimum_due", "interest", "due_on", "overdue")
    list_filter = ("currency", "closed_on")
    search_fields = ("card_id__exact",)
    search_help_text = "The id of a card"
    ordering = ("-closed_on", "-id")
    fields = ("card", "number", "closed_on", "opening", "balance", "interest", "minimum_due", "due_on", "overdue")

    opening = cells.money("opening_minor", "opening")
    balance = cells.money("balance_minor", "balance", sorts=True)
    interest = cells.money("interest_minor", "interest")
    minimum_due = cells.money("minimum_due_minor", "minimum due")
    overdue = cells.money("overdue_minor", "overdue")
    card = cells.page("cards", "card", "card_id", "card")


@admin.register(Posting)
class PostingPages(ReadOnlyAdmin):
    list_display = ("booked_on", "debit", "credit", "amount", "type", "card")
    list_filter = ("debit", "credit", "currency")
    search_fields = ("card_id__exact",)
    search_help_text = "The id of a card"
    ordering = ("-recorded_at", "-id")
    fields = (*list_display, "version", "recorded_at")

    amount = cells.money("amount_minor", "amount", sorts=True)
    card = cells.page("cards", "card", "card_id", "card")
