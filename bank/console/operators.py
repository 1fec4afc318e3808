"""What operators do in the console: orders, given for the rows chosen in a list or for the one whose page is open.

A page shows and never changes; whoever may change its model may give these orders. Nothing happens in a GET: an action
on a row's own page asks first, and with it for what the order needs besides. An action above the list opens something
new. A form that is sent twice is one order.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.enums import ActionVariant
from unfold.forms import ActionForm

from bank.console.fields import AmountField, LineField, OnceField
from bank.console.pages import ReadOnlyAdmin
from bank.context import Context, Order, Unit
from bank.decider import Refused
from bank.execution import IdReused, execute, recall
from bank.http.card_numbers import holds_card_number
from bank.http.principal import of_user
from bank.http.problems import Problem, as_problem
from bank.outcomes import Result
from bank.recorded import Origin

CONSOLE = UUID("6a0f0c55-5d1e-5a0b-9a57-7f6f2c1b9d34")
"""The namespace of command ids that come from the console. Final: ids are remembered for ever."""

SENT_BEFORE = "This form was sent before, with other answers. Nothing was done now: open it anew."

AT_ONCE = 500
"""Orders in one transaction; the others wait for the next."""

Ordering = Callable[[Any, str, dict[str, Any]], Order | tuple[Order, ...]]
"""Several orders are taken or refused together."""
Action = Callable[..., HttpResponse | None]


class ChosenForm(ActionForm):
    """What stands above a list: which action, and with what the actions need besides."""

    once = OnceField()


class Questions(forms.Form):
    """What an order needs besides the row it is given for. A card number is not taken here either, nor shown again.
    Amounts are in the row's currency."""

    once = OnceField()

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if row is not None:
            self.in_currency(getattr(row, "currency", ""))

    def in_currency(self, currency: str) -> None:
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.of(currency)

    def clean(self) -> dict[str, Any]:
        asked = dict(super().clean() or self.cleaned_data)
        sent = {name: self.data.get(self.add_prefix(name)) for name in self.fields}
        refused = [name for name, answer in sent.items() if holds_card_number(answer)]
        for name in refused:
            self.add_error(name, "This looks like a card number. Never send one.")
        if refused:
            self.data = {name: answer for name, answer in sent.items() if name not in refused}
        return asked

    def fingerprint(self) -> bytes:
        """The same answers have the same."""
        said = sorted((name, str(answer)) for name, answer in self.cleaned_data.items() if name != "once")
        return hashlib.sha256(repr(said).encode()).digest()

    def refuse(self, reason: str) -> None:
        """The bank said no. What is sent next is another order."""
        self.add_error(None, reason)
        self.data = {**dict(self.data.items()), "once": str(uuid4())}


class AgreementForm(Questions):
    """See `bank.four_eyes`."""

    proposed_by = LineField(max_length=200, help_text="Whose proposal you agree with, as the page names him.")


class NoQuestions(Questions):
    """An order that needs nothing but the row it is given for."""


def gives_order(description: str, *, asks: type[Questions] = NoQuestions) -> Callable[[Ordering], Action]:
    """Make an action of `OrderingAdmin` of what gives the order for a key: for its `actions` and its `actions_detail`;
    for its `actions_list` the key is a new one, of what is opened.

    `asks` is what the order needs besides. Its answers come with the key, with `by`: who gives it, as events name him,
    and with `id`: the command's. What is refused while the order is made is told and not remembered.
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
            if chosen is not None:
                pages.order_for_all(request, chosen, order, asks(request.POST))
                return None
            if object_id is None:
                return pages.order_anew(request, order, asks(answers(request), initial=prefilled(request)), description)
            return pages.order_for_one(request, object_id, order, asks, description)

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
    action_form = ChosenForm

    def has_order_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.may(request, "change")

    def order_for_all(self, request: HttpRequest, chosen: "QuerySet[Any]", order: Ordering, asked: Questions) -> None:
        if not asked.is_valid():
            for fault in faults(asked):
                self.message_user(request, fault, messages.ERROR)
            return
        self.tell(request, self.give(request, map(str, chosen.values_list("pk", flat=True)), order, asked))

    def order_for_one(
        self, request: HttpRequest, key: str, order: Ordering, asks: type[Questions], description: str
    ) -> HttpResponse:
        row = self.get_object(request, key)
        if row is None:
            raise Http404
        asked = asks(answers(request), row=row)
        if request.method == "POST" and asked.is_valid():
            self.tell(request, self.give(request, [str(row.pk)], order, asked))
            return HttpResponseRedirect(self.page(row.pk))
        return self.asking(request, row, asked, description)

    def order_anew(self, request: HttpRequest, order: Ordering, asked: Questions, description: str) -> HttpResponse:
        if request.method == "POST" and asked.is_valid():
            key = str(command_id(request, "", asked))
            (result,) = results = self.give(request, [key], order, asked)
            if result.outcome == "applied":
                self.tell(request, results)
                return HttpResponseRedirect(self.page(key))
            asked.refuse(result.reason)
        return self.asking(request, None, asked, description)

    def asking(
        self, request: HttpRequest, row: Model | None, form: forms.Form, title: str, *, answer: str = ""
    ) -> HttpResponse:
        """A form of its own for one row, or for what is opened, with the way back, and the answer to what it asks."""
        back = self.page(row.pk) if row else reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        original = row or str(self.opts.verbose_name_plural).capitalize()
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "original": original, "title": title, "form": form, "back": back},
            "answer": answer,
        }
        return TemplateResponse(request, "bank/asking.html", context)

    def page(self, key: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=(key,))

    def give(self, request: HttpRequest, keys: Iterable[str], order: Ordering, asked: Questions) -> list[Result]:
        """One unit for each key, and what became of it."""
        results, units = [], []
        try:
            for key in keys:
                try:
                    units.append(self.unit(request, key, order, asked))
                except (Refused, Problem) as error:
                    problem = as_problem(error)
                    known = recall(self.context, command_id(request, key, asked), asked.fingerprint())
                    results.append(known or Result(uuid4(), "refused", problem.code, problem.sentence))
            return results + [result for some in chunks(units) for result in execute(self.context, some)]
        except IdReused as error:
            return [Result(UUID(str(error)), "refused", "id_reused", SENT_BEFORE)]

    def unit(self, request: HttpRequest, key: str, order: Ordering, asked: Questions) -> Unit:
        by, id = origin(request), command_id(request, key, asked)
        orders = order(self, key, {**asked.cleaned_data, "by": by.actor, "id": id})
        together = orders if isinstance(orders, tuple) else (orders,)
        return Unit(*together, id=id, origin=by, fingerprint=asked.fingerprint())

    def tell(self, request: HttpRequest, results: Sequence[Result]) -> None:
        for line, level in told(results, str(self.opts.verbose_name_plural)):
            self.message_user(request, line, level)


def command_id(request: HttpRequest, key: str, asked: Questions) -> UUID:
    """The same operator, address, row and form are the same command. A list has one address for all its actions."""
    address = request.path + "".join(request.POST.getlist("action"))
    said = (origin(request).actor, address, key, str(asked.cleaned_data["once"]))
    return uuid5(CONSOLE, "\n".join(said))


def answers(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def prefilled(request: HttpRequest) -> dict[str, Any]:
    """What a link to the form knows already."""
    return {name: said for name, said in request.GET.items() if not holds_card_number(said)}


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
    if again := sum(result.replayed for result in results):
        lines.append((f"{again} had been sent before: nothing was done twice.", messages.WARNING))
    if idle := sum(result.outcome == "nothing" for result in results):
        lines.append((f"{idle} needed no change.", messages.WARNING))
    reasons = Counter(result.reason for result in results if result.reason)
    return lines + [(f"{count} refused: {reason}", messages.WARNING) for reason, count in sorted(reasons.items())]


def faults(form: forms.Form) -> list[str]:
    return [str(fault) for those in form.errors.values() for fault in those]
