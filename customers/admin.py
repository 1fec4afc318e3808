"""Customers as operators see them. What they change for a customer, they change by commands."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from bank.admin import ReadOnlyAdmin, register_kernel_pages
from bank.context import Order, Unit
from bank.execution import execute
from bank.http.principal import principal
from bank.recorded import Origin
from customers import queries
from customers.contact import e164
from customers.context import CUSTOMERS
from customers.domain.customer import CUSTOMER, ChangeAddress, ChangeEmail, ChangeName
from customers.models import Customer
from customers.orders import change_mobile_number

register_kernel_pages("customers")


class ContactForm(forms.Form):
    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(max_length=254, widget=UnfoldAdminEmailInputWidget)
    address = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    mobile_number = forms.CharField(max_length=40, widget=UnfoldAdminTextInputWidget)

    def clean_mobile_number(self) -> str:
        try:
            return e164(self.cleaned_data["mobile_number"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Customer)
class CustomerPages(ReadOnlyAdmin):
    list_display = ("name", "email", "mobile_number", "id", "opened_on")
    search_fields = ("id__exact", "mobile_number__exact", "email__exact", "name__icontains")
    search_help_text = "A name, an e-mail address, a mobile number or an id"
    ordering = ("-opened_on", "id")
    fields = ("id", "name", "email", "mobile_number", "address", "opened_on", "version", "history")
    actions_detail = ("change_contact_data",)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Customer]", search_term: str
    ) -> tuple["QuerySet[Customer]", bool]:
        """A mobile number is found however it is written."""
        try:
            return queryset.filter(mobile_number=e164(search_term)), False
        except ValueError:
            found: tuple[QuerySet[Customer], bool] = super().get_search_results(request, queryset, search_term)
            return found

    @admin.display(description="history")
    def history(self, customer: Customer) -> SafeString:
        events = f"{reverse('admin:customers_event_changelist')}?q={CUSTOMER.stream(str(customer.pk))}"
        return format_html('<a href="{}">Events</a>', events)

    @action(description="Change contact data", url_path="contact-data", permissions=["view"])  # type: ignore[untyped-decorator]
    def change_contact_data(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A form whose changes are one unit: all of them take effect, or none."""
        customer = queries.customer(object_id)
        if customer is None:
            raise Http404
        form = ContactForm(
            request.POST or None, initial={name: getattr(customer, name) for name in ContactForm.base_fields}
        )
        if form.is_valid() and self._changed(request, customer, form):
            return HttpResponseRedirect(reverse("admin:customers_customer_change", args=(object_id,)))
        context = {**self.admin_site.each_context(request), "form": form, "title": f"Contact data of {customer.name}"}
        return TemplateResponse(request, "admin/customers/contact_data.html", context)

    def _changed(self, request: HttpRequest, customer: Customer, form: ContactForm) -> bool:
        orders = changes(customer, form)
        if not orders:
            return True
        origin = Origin(principal(str(request.user.pk), None, is_operator=True).actor)
        (result,) = execute(CUSTOMERS, [Unit(*orders, id=uuid4(), origin=origin)])
        if result.outcome == "refused":
            form.add_error(None, result.reason)
            return False
        self.message_user(request, "The contact data was changed.", messages.SUCCESS)
        return True


def changes(customer: Customer, form: ContactForm) -> list[Order]:
    """The orders for those fields which the operator changed."""
    key, data = str(customer.pk), form.cleaned_data
    simple: dict[str, Any] = {"name": ChangeName, "email": ChangeEmail, "address": ChangeAddress}
    changed = [name for name in data if data[name] != getattr(customer, name)]
    orders = [Order(CUSTOMER, key, simple[name](key, data[name])) for name in changed if name in simple]
    if "mobile_number" in changed:
        orders += change_mobile_number(key, data["mobile_number"], replaces_key=customer.mobile_key)
    return orders
