"""What customers have asked to be paid: files of payments, and standing orders."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from accounts import orders
from accounts.context import ACCOUNTS
from accounts.domain.payment_file import PAYMENT_FILE
from accounts.domain.standing_order import STANDING_ORDER
from accounts.models import PaymentFile, StandingOrder
from accounts.payment_files.execution import giving_up
from bank.console import cells
from bank.console.formats import list_of
from bank.console.operators import OrderingAdmin, gives_order
from bank.context import Order


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
class StandingOrderPages(OrderingAdmin):
    context = ACCOUNTS
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
    actions_detail = ("end",)

    amount = cells.money("amount_minor", "amount", sorts=True)
    account = cells.page("accounts", "account", "account_id", "account")

    @gives_order("End")
    def end(self, key: str, asked: dict[str, Any]) -> Order:
        return orders.end_standing_order(key, localdate())

    @admin.display(description="see also")
    def more(self, order: StandingOrder) -> SafeString:
        return list_of("accounts", "event", "Events", q=STANDING_ORDER.stream(str(order.pk)))
