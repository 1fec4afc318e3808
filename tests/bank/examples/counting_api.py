"""An API over the counters of the kernel's own tests: each has an owner, who is named in its key."""

from typing import Any
from uuid import UUID

from django.urls import include, path
from rest_framework import serializers

from bank.context import Order
from bank.history.eventstore import load
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import acting_for, operator_only, owned
from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money
from bank.http.views import BankView
from tests.bank.examples.counting import COUNTER, COUNTING, Add

OWNERS: dict[str, str] = {}


class OpenBody(Body):
    customer_id = serializers.UUIDField(required=False)


class AddBody(Body):
    amount = MoneyField(minimum_minor=-(10**9))
    reference = Text(required=False)


class CounterOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    total = MoneyOut()


class LineOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()


class LineFilter(Body):
    above = serializers.IntegerField(min_value=0, default=0)


class Counters(BankView):
    @command(COUNTING, OpenBody, location="/api/v1/counters/{counter}", status=201)
    def post(self, asked: Asked) -> Do:
        """Open a counter."""
        customer_id = acting_for(asked.principal, asked.body.get("customer_id"))
        counter_id = asked.new_id("counter")
        OWNERS[counter_id] = customer_id
        return Do(Order(COUNTER, counter_id, Add(1)))


class Counter(BankView):
    @read(CounterOut)
    def get(self, wanted: Wanted, counter_id: UUID) -> Shown:
        """One counter."""
        owned(wanted.principal, OWNERS.get(str(counter_id)))
        state, version = load(COUNTING, COUNTER, str(counter_id))
        return Shown({"id": counter_id, "total": as_money(state.total, "EUR")}, version=version)


class Additions(BankView):
    @command(COUNTING, AddBody, location="/api/v1/counters/{counter}")
    def post(self, asked: Asked, counter_id: UUID) -> Do:
        """Add to a counter."""
        owned(asked.principal, OWNERS.get(str(counter_id)))
        return Do(Order(COUNTER, str(counter_id), Add(asked.body["amount"].amount_minor)))


class Resets(BankView):
    @command(COUNTING, location="/api/v1/counters/{counter}")
    def post(self, asked: Asked, counter_id: UUID) -> Do:
        """Take one away; operators only."""
        operator_only(asked.principal)
        return Do(Order(COUNTER, str(counter_id), Add(-1)))


class Lines(BankView):
    @listing(LineOut, LineFilter)
    def get(self, wanted: Wanted) -> Page:
        """The numbers from 1 to 5."""
        first = max(wanted.after[0] if wanted.after else 0, wanted.filters["above"]) + 1
        rows = [{"number": number} for number in range(first, 6)][: wanted.fetch]
        return wanted.page(rows, key=lambda row: (row["number"],))


class Defect(BankView):
    @read(CounterOut)
    def get(self, wanted: Wanted) -> Shown:
        """Fails."""
        raise RuntimeError("a secret in a stack trace")


urlpatterns = [
    path("api/v1/counters", Counters.as_view()),
    path("api/v1/counters/<uuid:counter_id>", Counter.as_view()),
    path("api/v1/counters/<uuid:counter_id>/additions", Additions.as_view()),
    path("api/v1/counters/<uuid:counter_id>/resets", Resets.as_view()),
    path("api/v1/lines", Lines.as_view()),
    path("api/v1/defect", Defect.as_view()),
    path("", include("bank.http.urls")),
]
handler404 = "bank.http.problems.page_not_found"
handler500 = "bank.http.problems.server_error"
