"""Standing orders over HTTP: opened, shown, ended. The end of a day executes them."""

from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from rest_framework import serializers

from accounts import orders, queries
from accounts.api.schemas import IbanField
from accounts.api.views import known, last_of
from accounts.context import ACCOUNTS
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import owned
from bank.http.problems import bad_request, not_found
from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money
from bank.http.views import BankView

AT = "/api/v1/standing-orders/{standingorder}"


class StandingOrderBody(Body):
    amount = MoneyField(help_text="Each month, in the account's currency.")
    to_account_id = serializers.UUIDField(required=False, help_text="An account of this bank.")
    to_iban = IbanField(required=False, help_text="Or an IBAN, of this bank or of another.")
    payee = Text(
        required=False,
        max_length=orders.PAYEE_LENGTH,
        default="",
        help_text="Or who is paid at another bank, and where. An IBAN of this bank in it means the account here.",
    )
    reference = Text(required=False, max_length=orders.REFERENCE_LENGTH, default="")
    first_on = serializers.DateField(help_text="Today or later; then monthly, at the latest on a month's last day.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "to_iban" in attrs and (attrs.get("to_account_id") or attrs["payee"]):
            raise serializers.ValidationError({"to_iban": ["Either this, `to_account_id` or `payee`."]})
        return attrs


class StandingOrderOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    to_account_id = serializers.UUIDField(allow_null=True)
    payee = serializers.CharField(allow_blank=True)
    amount = MoneyOut()
    reference = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["active", "ended"])
    first_on = serializers.DateField()
    next_on = serializers.DateField(allow_null=True, help_text="Null once it has ended.")
    last_on = serializers.DateField(allow_null=True, help_text="When it was last executed or missed.")
    code = serializers.CharField(allow_blank=True, help_text="Why the last one was missed; empty if it was executed.")


def standing_order_out(order: queries.StandingOrderRow) -> dict[str, Any]:
    return {
        "id": order.pk,
        "account_id": order.account_id,
        "to_account_id": order.to_account_id,
        "payee": order.payee,
        "amount": as_money(order.amount_minor, order.currency),
        "reference": order.reference,
        "status": order.status,
        "first_on": order.first_on,
        "next_on": order.next_on if order.status == "active" else None,
        "last_on": order.last_on,
        "code": order.code,
    }


class AccountStandingOrders(BankView):
    @command(ACCOUNTS, StandingOrderBody, location=AT, status=201)
    def post(self, asked: Asked, account_id: UUID) -> Do:
        """Have the same amount paid every month, by the end of the day on which it is due.

        A month in which the account does not pay is missed and not tried again.
        """
        known(asked.principal, account_id)
        order_id = asked.new_id("standing-order")
        account = orders.require_room(account_id, order_id)
        paid, named = asked.body["amount"], asked.body.get("to_account_id")
        if paid.currency != account.currency:
            raise bad_request("invalid", "Some fields are wrong.", amount=["In the account's currency."])
        to_account_id, payee = orders.destination(
            str(named) if named else None, asked.body.get("to_iban"), asked.body["payee"]
        )
        opening = orders.open_standing_order(
            order_id,
            account,
            to_account_id=to_account_id,
            payee=payee,
            amount_minor=paid.amount_minor,
            reference=asked.body["reference"],
            opened_on=localdate(),
            first_on=asked.body["first_on"],
        )
        return Do(opening)

    @listing(StandingOrderOut)
    def get(self, wanted: Wanted, account_id: UUID) -> Page:
        """The account's standing orders, those that have ended too."""
        known(wanted.principal, account_id)
        rows = queries.standing_orders(account_id, after=last_of(wanted), limit=wanted.fetch)
        return wanted.page([standing_order_out(row) for row in rows], key=lambda row: (str(row["id"]),))


class StandingOrder(BankView):
    @read(StandingOrderOut)
    def get(self, wanted: Wanted, order_id: UUID) -> Shown:
        """One standing order, and what became of its last month."""
        order = queries.standing_order(order_id)
        owned(wanted.principal, order and order.customer_id)
        if order is None:
            raise not_found()
        return Shown(standing_order_out(order), version=order.version)


class StandingOrderEndings(BankView):
    @command(ACCOUNTS, location=AT)
    def post(self, asked: Asked, order_id: UUID) -> Do:
        """End a standing order. What was executed stays."""
        order = queries.standing_order(order_id)
        owned(asked.principal, order and order.customer_id)
        return Do(orders.end_standing_order(str(order_id), localdate()))
