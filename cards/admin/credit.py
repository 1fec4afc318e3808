"""What is owed on credit cards: statements, bills and payouts, and the postings of Cards."""

from django.contrib import admin
from django.utils.safestring import SafeString

from bank.console import cells
from bank.console.formats import links, list_of, page_of
from bank.console.pages import ReadOnlyAdmin
from cards.domain.card import CARD
from cards.models import BillPayment, Payout, Posting, Statement


class CarriedPages(ReadOnlyAdmin):
    """Money on its way between a card and an account."""

    list_display = ("requested_at", "amount", "status_label", "code", "owner", "short_id", "ended_at")
    list_filter = ("status", "code", "currency", "requested_on")
    ordering = ("-requested_at",)

    amount = cells.money("amount_minor", "amount", sorts=True)
    owner = cells.page("customers", "customer", "customer_id", "customer")
    card = cells.page("cards", "card", "card_id", "card", whole=True)
    account = cells.page("accounts", "account", "account_id", "account", whole=True)
    customer = cells.page("customers", "customer", "customer_id", "customer", whole=True)


@admin.register(BillPayment)
class BillPaymentPages(CarriedPages):
    search_fields = ("payment_id__exact", "customer_id__exact", "card_id__exact", "account_id__exact")
    search_help_text = "The id of a bill payment, a card, an account or a customer"
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

    short_id = cells.short_id("payment_id")
    status_label = cells.label("status", LABELS)

    @admin.display(description="see also")
    def more(self, payment: BillPayment) -> SafeString:
        return links(
            page_of("bankview", "process", payment.pk, "Steps"),
            page_of("accounts", "process", payment.pk, "Transit"),
            list_of("accounts", "posting", "Postings", q=payment.pk),
            list_of("cards", "event", "Events", q=CARD.stream(payment.card_id)),
        )


@admin.register(Payout)
class PayoutPages(CarriedPages):
    search_fields = ("payout_id__exact", "customer_id__exact", "card_id__exact", "account_id__exact")
    search_help_text = "The id of a payout, a card, an account or a customer"
    fields = (
        *("payout_id", "amount", "status_label", "code", "card", "account", "customer"),
        *("requested_on", "requested_at", "ended_at", "more"),
    )

    LABELS = {"requested": "info", "settled": "success", "declined": "warning"}

    short_id = cells.short_id("payout_id")
    status_label = cells.label("status", LABELS)

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
