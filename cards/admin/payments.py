"""Card payments, and what a merchant asks for: capture, reversal, refund."""

from typing import Any
from uuid import uuid5

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from bank.console import cells
from bank.console.fields import AmountField
from bank.console.formats import NOTHING, links, list_of, page_of, shown, table, when
from bank.console.operators import OrderingAdmin, Questions, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from cards import queries
from cards.context import CARDS
from cards.domain.payment import PAYMENT, CapturePayment, ReversePayment
from cards.models import Payment, Refund
from cards.orders import refund_payment


class CaptureForm(Questions):
    amount = AmountField(required=False, help_text="The whole authorization unless said; up to 20 percent above it.")


class RefundForm(Questions):
    amount = AmountField(required=False, help_text="What is left of the captured amount unless said.")


@admin.register(Payment)
class PaymentPages(OrderingAdmin):
    context = CARDS
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
    actions_detail = ("capture", "reverse", "refund")

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

    status_label = cells.label("status", LABELS)

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

    @gives_order("Capture", asks=CaptureForm)
    def capture(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(PAYMENT, key, CapturePayment(key, asked["amount"], captured_on=localdate()))

    @gives_order("Reverse")
    def reverse(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(PAYMENT, key, ReversePayment(key))

    @gives_order("Refund", asks=RefundForm)
    def refund(self, key: str, asked: dict[str, Any]) -> Order:
        payment, refund_id = Payment.objects.get(pk=key), str(uuid5(asked["id"], "refund"))
        return refund_payment(payment, refund_id, asked["amount"], localdate())


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
