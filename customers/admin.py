"""Customers as operators see them. What they change for a customer, they change by commands."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from unfold.decorators import action
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from bank.console import cells
from bank.console.fields import LineField
from bank.console.formats import NOTHING, form_of, links, list_of, page_of, shown
from bank.console.kernel_pages import register_kernel_pages
from bank.console.operators import NoQuestions, OrderingAdmin, Questions, answers, gives_order
from bank.console.pages import ReadOnlyAdmin
from bank.context import Order
from bank.history.eventstore import load
from customers.contact import e164
from customers.context import CUSTOMERS
from customers.domain.customer import (
    CUSTOMER,
    KYC_REASONS,
    SUSPENSION_REASONS,
    ChangeAddress,
    ChangeName,
    ReinstateCustomer,
    RejectCustomer,
    SuspendCustomer,
    VerifyCustomer,
)
from customers.domain.notices import NOTICES, SendAgain, WantNotices
from customers.models import Customer, Erasure, Notice
from customers.orders import change_email, change_mobile_number, close_customer, erase_customer, open_customer

register_kernel_pages("customers")


class OpeningForm(Questions):
    name = LineField()
    email = forms.EmailField(max_length=254, widget=UnfoldAdminEmailInputWidget)
    mobile_number = LineField(max_length=40, help_text="With the country code: +356 9912 3456.")

    def clean_mobile_number(self) -> str:
        try:
            return e164(self.cleaned_data["mobile_number"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class ContactForm(OpeningForm):
    address = LineField(required=False)

    field_order = ("name", "email", "address", "mobile_number")


CONTACT_DATA = ("name", "email", "address", "mobile_number")


def reasons(known: Mapping[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", "–"), *known.items()],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Say for which reason."},
    )


class KycReason(Questions):
    reason = reasons(KYC_REASONS)


class SuspensionReason(Questions):
    reason = reasons(SUSPENSION_REASONS)


@admin.register(Customer)
class CustomerPages(OrderingAdmin):
    context = CUSTOMERS
    list_display = ("name", "email", "mobile_number", "status_label", "kyc_label", "short_id", "opened_on")
    list_filter = ("status", "kyc")
    search_fields = ("id__exact", "mobile_number__exact", "email__exact", "name__icontains")
    search_help_text = "A name, an e-mail address, a mobile number or an id"
    ordering = ("-opened_on", "id")
    fields = (
        *("whole_id", "name", "email", "mobile_number", "address", "opened_on"),
        *("status_label", "status_reason", "kyc_label", "kyc_reason", "notices", "version", "more"),
    )
    actions = ("verify",)
    actions_list = ("open_customer",)
    actions_detail = (
        "change_contact_data",
        {"title": "Notices", "items": ("want_notices", "want_no_notices")},
        {"title": "Identity", "items": ("verify", "reject")},
        {"title": "Standing", "items": ("suspend", "reinstate")},
        *("close", "erase"),
    )

    STATUS_LABELS = {"active": "success", "suspended": "warning"}
    KYC_LABELS = {"pending": "info", "verified": "success", "rejected": "danger"}

    short_id = cells.short_id("id")

    status_label = cells.label("status", STATUS_LABELS)

    kyc_label = cells.label("kyc", KYC_LABELS, "identity")

    @admin.display(description="notices by e-mail")
    def notices(self, customer: Customer) -> str:
        told, _ = load(CUSTOMERS, NOTICES, str(customer.pk))
        return "wanted" if told.wanted else "not wanted"

    @gives_order("Open a customer", asks=OpeningForm)
    def open_customer(self, key: str, asked: dict[str, Any]) -> tuple[Order, ...]:
        data = {name: asked[name] for name in ("name", "email", "mobile_number")}
        return tuple(open_customer(key, **data, opened_on=localdate()))

    @gives_order("Wants notices by e-mail")
    def want_notices(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(NOTICES, key, WantNotices(key, True))

    @gives_order("Wants no notices")
    def want_no_notices(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(NOTICES, key, WantNotices(key, False))

    @gives_order("Verify identity")
    def verify(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CUSTOMER, key, VerifyCustomer(key, localdate()))

    @gives_order("Reject identity", asks=KycReason)
    def reject(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CUSTOMER, key, RejectCustomer(key, asked["reason"], localdate()))

    @gives_order("Suspend", asks=SuspensionReason)
    def suspend(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CUSTOMER, key, SuspendCustomer(key, asked["reason"], localdate()))

    @gives_order("Reinstate")
    def reinstate(self, key: str, asked: dict[str, Any]) -> Order:
        return Order(CUSTOMER, key, ReinstateCustomer(key, localdate()))

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Customer]", search_term: str
    ) -> tuple["QuerySet[Customer]", bool]:
        """A mobile number is found however it is written."""
        try:
            return queryset.filter(mobile_number=e164(search_term)), False
        except ValueError:
            found: tuple[QuerySet[Customer], bool] = super().get_search_results(request, queryset, search_term)
            return found

    @admin.display(description="see also")
    def more(self, customer: Customer) -> SafeString:
        return links(
            page_of("bankview", "customerbankview", customer.pk, "Bank view"),
            list_of("accounts", "account", "Accounts", q=customer.pk),
            form_of("accounts", "account", "open_account", "Open an account", customer_id=customer.pk),
            list_of("cards", "card", "Cards", q=customer.pk),
            list_of("cards", "payment", "Card payments", q=customer.pk),
            list_of("loans", "loan", "Loans", q=customer.pk),
            list_of("bankview", "process", "Processes", q=customer.pk),
            list_of("customers", "notice", "Notices", q=customer.pk),
            list_of("customers", "event", "Events", q=CUSTOMER.stream(str(customer.pk))),
        )

    @action(description="Close", url_path="close", permissions=["order"])  # type: ignore[untyped-decorator]
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        customer = self._known(request, object_id)
        form = NoQuestions(answers(request))
        if form.is_valid():
            orders = close_customer(str(customer.pk), localdate(), releases_key=customer.mobile_key)
            if self._executed(request, customer, orders, form, "The customer was closed."):
                return HttpResponseRedirect(self.page(customer.pk))
        return self.asking(request, customer, form, "Close")

    @action(description="Erase", url_path="erase", permissions=["order"])  # type: ignore[untyped-decorator]
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        customer = self._known(request, object_id)
        form = NoQuestions(answers(request))
        if form.is_valid():
            orders = erase_customer(str(customer.pk), localdate())
            if self._executed(request, customer, orders, form, "All contexts were asked to forget the customer."):
                return HttpResponseRedirect(reverse("admin:customers_erasure_change", args=(customer.pk,)))
        return self.asking(request, customer, form, "Erase for ever")

    def _known(self, request: HttpRequest, object_id: str) -> Customer:
        customer: Customer | None = self.get_object(request, object_id)
        if customer is None:
            raise Http404
        return customer

    @action(description="Change contact data", url_path="contact-data", permissions=["order"])  # type: ignore[untyped-decorator]
    def change_contact_data(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A form whose changes are one unit: all of them take effect, or none."""
        customer = self._known(request, object_id)
        form = ContactForm(answers(request), initial={name: getattr(customer, name) for name in CONTACT_DATA})
        if form.is_valid() and self._changed(request, customer, form):
            return HttpResponseRedirect(self.page(customer.pk))
        return self.asking(request, customer, form, "Change contact data")

    def _changed(self, request: HttpRequest, customer: Customer, form: ContactForm) -> bool:
        orders = changes(customer, form)
        return not orders or self._executed(request, customer, orders, form, "The contact data was changed.")

    def _executed(
        self, request: HttpRequest, customer: Customer, orders: Sequence[Order], form: Questions, said: str
    ) -> bool:
        """One unit: all of it took effect and is said, or the form says why not."""
        (result,) = self.give(request, [str(customer.pk)], lambda *_: tuple(orders), form)
        if result.outcome == "refused":
            form.refuse(result.reason)
            return False
        self.message_user(request, said, messages.SUCCESS)
        return True


@admin.register(Erasure)
class ErasurePages(ReadOnlyAdmin):
    """Certificates: who was forgotten, by whom, and when."""

    list_display = ("customer_id", "requested_at", "certified_at", "covered")
    search_fields = ("customer_id__exact",)
    search_help_text = "The id of a customer"
    ordering = ("-requested_at",)
    fields = (*list_display, "more")

    @admin.display(description="see also")
    def more(self, erasure: Erasure) -> SafeString:
        return links(
            page_of("customers", "customer", erasure.pk, "Customer"),
            page_of("bankview", "process", erasure.pk, "Steps"),
        )


@admin.register(Notice)
class NoticePages(OrderingAdmin):
    """What customers are told by e-mail, and what became of it."""

    context = CUSTOMERS
    list_display = ("requested_at", "kind", "customer", "amount", "status_label", "outcome_code", "message_id")
    list_filter = ("status", "kind")
    search_fields = ("id__exact", "customer_id__exact", "message_id__exact")
    search_help_text = "The id of a notice, a customer or a mail"
    ordering = ("-requested_at", "id")
    fields = (*list_display, "code", "turned_at", "retry_at")
    actions_detail = ("send_again",)

    LABELS = {"waiting": "info", "sending": "info", "sent": "success", "failed": "danger", "unknown": "warning"}

    customer = cells.page("customers", "customer", "customer_id", "customer")

    status_label = cells.label("status", LABELS)

    @admin.display(ordering="amount_minor")
    def amount(self, notice: Notice) -> SafeString | str:
        return shown(notice.amount_minor, notice.currency) if notice.currency else NOTHING

    @gives_order("Send again")
    def send_again(self, key: str, asked: dict[str, Any]) -> Order:
        customer_id = str(Notice.objects.get(pk=key).customer_id)
        return Order(NOTICES, customer_id, SendAgain(key, customer_id))


def changes(customer: Customer, form: ContactForm) -> list[Order]:
    """The orders for those fields which the operator changed."""
    key, data = str(customer.pk), form.cleaned_data
    simple: dict[str, Any] = {"name": ChangeName, "address": ChangeAddress}
    changed = [name for name in CONTACT_DATA if data[name] != getattr(customer, name)]
    orders = [Order(CUSTOMER, key, simple[name](key, data[name])) for name in changed if name in simple]
    if "email" in changed:
        orders += change_email(str(uuid4()), key, data["email"], replaces=customer.email, on=localdate())
    if "mobile_number" in changed:
        orders += change_mobile_number(str(uuid4()), key, data["mobile_number"], replaces=customer.mobile_number)
    return orders
