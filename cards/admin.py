"""Cards and payments as operators see them. What they change, they change by commands."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from bank import money
from bank.admin import ReadOnlyAdmin, register_kernel_pages
from bank.context import Order, Unit
from bank.execution import Result, execute
from bank.http.principal import principal
from bank.recorded import Origin
from cards.context import CARDS
from cards.domain.card import CARD, BlockCard, Command, UnblockCard
from cards.models import Card, Payment, Refund

register_kernel_pages("cards")

MAX_CHOSEN = 500


@admin.register(Card)
class CardPages(ReadOnlyAdmin):
    list_display = ("__str__", "card_id", "status_label", "customer_id", "account_id", "spent", "expires_on")
    list_filter = ("status", "blocked_for", "currency")
    search_fields = ("card_id__exact", "customer_id__exact", "account_id__exact")
    search_help_text = "The id of a card, a customer or an account"
    ordering = ("-issued_on", "card_id")
    actions = ("block", "unblock")

    LABELS = {"issued": "info", "active": "success", "blocked": "danger"}

    @admin.display(description="status", ordering="status")
    def status_label(self, card: Card) -> str:
        return card.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(description="spent that day")
    def spent(self, card: Card) -> str:
        return f"{shown(card.spent_minor, card.currency)} on {card.counted_on}" if card.spent_minor else "–"

    @admin.action(description="Block")
    def block(self, request: HttpRequest, chosen: "QuerySet[Card]") -> None:
        keys = chosen.values_list("card_id", flat=True)[:MAX_CHOSEN]
        self._order(request, {key: BlockCard(key, "operator", by_operator=True) for key in keys})

    @admin.action(description="Unblock")
    def unblock(self, request: HttpRequest, chosen: "QuerySet[Card]") -> None:
        keys = chosen.values_list("card_id", flat=True)[:MAX_CHOSEN]
        self._order(request, {key: UnblockCard(key, by_operator=True) for key in keys})

    def _order(self, request: HttpRequest, orders: dict[str, Command]) -> None:
        origin = Origin(principal(str(request.user.pk), None, is_operator=True).actor)
        units = [Unit(Order(CARD, key, order), id=uuid4(), origin=origin) for key, order in orders.items()]
        for line, level in told(execute(CARDS, units)):
            self.message_user(request, line, level)


@admin.register(Payment)
class PaymentPages(ReadOnlyAdmin):
    list_display = (
        "requested_at",
        "merchant",
        "amount",
        "status_label",
        "code",
        "customer_id",
        "payment_id",
        "settled_at",
    )
    list_filter = ("status", "code", "currency", "requested_on")
    search_fields = ("payment_id__exact", "customer_id__exact")
    search_help_text = "The id of a payment or a customer"
    ordering = ("-requested_at",)

    LABELS = {
        "requested": "info",
        "authorized": "info",
        "captured": "info",
        "settled": "success",
        "declined": "warning",
        "reversed": "warning",
        "expired": "warning",
    }

    @admin.display(description="status", ordering="status")
    def status_label(self, payment: Payment) -> str:
        return payment.status

    status_label.label = LABELS  # type: ignore[attr-defined]

    @admin.display(description="amount", ordering="amount_minor")
    def amount(self, payment: Payment) -> str:
        return shown(payment.amount_minor, payment.currency)


@admin.register(Refund)
class RefundPages(ReadOnlyAdmin):
    list_display = ("requested_at", "amount", "payment_id", "refund_id", "settled_at")
    search_fields = ("refund_id__exact", "payment_id__exact")
    ordering = ("-requested_at",)

    @admin.display(description="amount", ordering="amount_minor")
    def amount(self, refund: Refund) -> str:
        return shown(refund.amount_minor, refund.currency)


def shown(amount_minor: int, currency: str) -> str:
    return f"{money.to_decimal(amount_minor, currency)} {currency}"


def told(results: list[Result]) -> list[tuple[str, Any]]:
    """What became of the orders, for the operator who gave them."""
    changed = sum(result.outcome == "applied" for result in results)
    lines: list[tuple[str, Any]] = [(f"{changed} of {len(results)} cards changed.", messages.SUCCESS)]
    return lines + [(reason, messages.WARNING) for reason in sorted({r.reason for r in results if r.reason})]
