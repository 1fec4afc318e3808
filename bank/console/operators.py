"""What operators do in the console: orders, given for the rows chosen in a list or for the one whose page is open.

A page shows and never changes; whoever may change its model may give these orders. Nothing happens in a GET: an action
on a row's own page asks first, and with it for what the order needs besides.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.enums import ActionVariant

from bank.console.pages import ReadOnlyAdmin
from bank.context import Context, Order, Unit
from bank.execution import Result, execute
from bank.http.card_numbers import holds_card_number
from bank.http.principal import of_user
from bank.recorded import Origin

AT_ONCE = 500
"""Orders in one transaction; the others wait for the next."""

Ordering = Callable[[Any, str, dict[str, Any]], Order | tuple[Order, ...]]
"""Several orders are taken or refused together."""
Action = Callable[..., HttpResponse | None]


class Questions(forms.Form):
    """What an order needs besides the row it is given for. A card number is not taken here either, nor shown again."""

    def clean(self) -> dict[str, Any]:
        asked = dict(super().clean() or self.cleaned_data)
        sent = {name: self.data.get(self.add_prefix(name)) for name in self.fields}
        refused = [name for name, answer in sent.items() if holds_card_number(answer)]
        for name in refused:
            self.add_error(name, "This looks like a card number. Never send one.")
        if refused:
            self.data = {name: answer for name, answer in sent.items() if name not in refused}
        return asked


class NoQuestions(Questions):
    """An order that needs nothing but the row it is given for."""


def gives_order(description: str, *, asks: type[Questions] = NoQuestions) -> Callable[[Ordering], Action]:
    """Make an action of `OrderingAdmin` of what gives the order for a key: for its `actions` and its `actions_detail`.

    `asks` is what the order needs besides; its answers come with the key, and `by`: who gives it, as events name him.
    """

    def decorate(order: Ordering) -> Action:
        def act(
            pages: "OrderingAdmin",
            request: HttpRequest,
            chosen: "QuerySet[Any] | None" = None,
            *,
            object_id: str | None = None,
        ) -> HttpResponse | None:
            if not pages.has_order_permission(request):
                raise PermissionDenied
            if chosen is None:
                return pages.order_for_one(request, str(object_id), order, asks(answers(request)), description)
            pages.order_for_all(request, chosen, order, asks(request.POST))
            return None

        members: dict[str, Any] = {
            "__name__": order.__name__,
            "short_description": description,
            "allowed_permissions": ("order",),
            "url_path": order.__name__.replace("_", "-"),
            "attrs": {},
            "variant": ActionVariant.DEFAULT,
        }
        for name, value in members.items():
            setattr(act, name, value)
        return act

    return decorate


class OrderingAdmin(ReadOnlyAdmin):
    """Pages whose actions are orders to their context's aggregates."""

    context: Context

    def has_order_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.may(request, "change")

    def order_for_all(self, request: HttpRequest, chosen: "QuerySet[Any]", order: Ordering, asked: forms.Form) -> None:
        if not asked.is_valid():
            for fault in faults(asked):
                self.message_user(request, fault, messages.ERROR)
            return
        keys = list(chosen.values_list("pk", flat=True))
        told = asked.cleaned_data | {"by": origin(request).actor}
        self.give(request, [order(self, str(key), told) for key in keys])

    def order_for_one(
        self, request: HttpRequest, key: str, order: Ordering, asked: forms.Form, description: str
    ) -> HttpResponse:
        row = self.get_object(request, key)
        if row is None:
            raise Http404
        if request.method == "POST" and asked.is_valid():
            self.give(request, [order(self, str(row.pk), asked.cleaned_data | {"by": origin(request).actor})])
            return HttpResponseRedirect(self.page(row))
        return self.asking(request, row, asked, description)

    def asking(self, request: HttpRequest, row: Model, form: forms.Form, title: str) -> HttpResponse:
        """A form of its own for one row, with the way back."""
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "original": row, "title": title, "form": form, "back": self.page(row)},
        }
        return TemplateResponse(request, "bank/asking.html", context)

    def page(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=(row.pk,))

    def give(self, request: HttpRequest, orders: Sequence[Order | tuple[Order, ...]]) -> None:
        together = (each if isinstance(each, tuple) else (each,) for each in orders)
        units = (Unit(*each, id=uuid4(), origin=origin(request)) for each in together)
        results = [result for some in chunks(units) for result in execute(self.context, some)]
        for line, level in told(results, str(self.opts.verbose_name_plural)):
            self.message_user(request, line, level)


def answers(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def origin(request: HttpRequest) -> Origin:
    """The operator who is signed in, as events name him in every service. Raises PermissionDenied for a stranger."""
    return Origin(of_user(request.user).actor)


def chunks(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    left = iter(units)
    while some := list(islice(left, AT_ONCE)):
        yield some


def told(results: Sequence[Result], noun: str) -> list[tuple[str, int]]:
    """What became of the orders, for the operator who gave them: green only if all took effect."""
    changed = sum(result.outcome == "applied" for result in results)
    level = messages.SUCCESS if results and changed == len(results) else messages.WARNING
    lines = [(f"{changed} of {len(results)} {noun} changed.", level)]
    if idle := sum(result.outcome == "nothing" for result in results):
        lines.append((f"{idle} needed no change.", messages.WARNING))
    reasons = Counter(result.reason for result in results if result.reason)
    return lines + [(f"{count} refused: {reason}", messages.WARNING) for reason, count in sorted(reasons.items())]


def faults(form: forms.Form) -> list[str]:
    return [str(fault) for those in form.errors.values() for fault in those]
