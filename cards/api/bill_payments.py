"""The bill of a credit card, paid from an account of the same customer, over HTTP."""

from typing import Any, get_args
from uuid import UUID

from django.utils.timezone import localdate
from rest_framework import serializers

from bank.context import Order
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import visible
from bank.http.schemas import Body, MoneyField, MoneyOut
from bank.http.views import BankView
from cards import queries
from cards.api.schemas import carried_out
from cards.api.views import known_card, payment_key, two_texts
from cards.context import CARDS
from cards.domain.bill_payment import BILL_PAYMENT, BeginBillPayment
from cards.domain.card import CARD
from cards.domain.card.bill import Portion, RequestBillPayment
from cards.orders import require_not_anothers


class BillPaymentBody(Body):
    account_id = serializers.UUIDField(help_text="The account of the same customer that pays.")
    amount = MoneyField(required=False, help_text="Either a figure, up to what is owed,")
    portion = serializers.ChoiceField(
        get_args(Portion),
        required=False,
        help_text="or what is left of the minimum due, of the last statement, or all that is owed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("amount" in attrs) == ("portion" in attrs):
            raise serializers.ValidationError({"amount": ["Either an amount or a portion of what is owed."]})
        return attrs


class BillPaymentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    card_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    amount = MoneyOut()
    status = serializers.ChoiceField(
        ["requested", "settled", "declined", "rejected", "refunded", "by_hand"],
        help_text="Rejected is what is on its way back to the account; by hand, the bank has it and will see to it.",
    )
    code = serializers.CharField(allow_null=True, help_text="Why it was not settled.")
    requested_on = serializers.DateField()
    requested_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class BillPayments(BankView):
    @command(CARDS, BillPaymentBody, location="/api/v1/bill-payments/{bill_payment}", status=202)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Pay a credit card's bill from an account: a figure, or a portion of what is owed.

        Not more than is owed, counting what is on its way. The account answers later: the payment tells how it went.
        """
        card, payment_id = known_card(asked.principal, card_id), asked.new_id("bill-payment")
        account_id, amount = str(asked.body["account_id"]), asked.body.get("amount")
        require_not_anothers(account_id, card)
        request = RequestBillPayment(
            payment_id=payment_id,
            card_id=card.card_id,
            account_id=account_id,
            requested_on=localdate(),
            amount_minor=amount and amount.amount_minor,
            portion=asked.body.get("portion"),
            currency=amount and amount.currency,
        )
        begin = BeginBillPayment(payment_id, card.card_id, card.customer_id)
        return Do(Order(CARD, card.card_id, request), Order(BILL_PAYMENT, payment_id, begin))

    @listing(BillPaymentOut)
    def get(self, wanted: Wanted, card_id: UUID) -> Page:
        """The bill payments of a card, the newest first, those that came to nothing included."""
        card = known_card(wanted.principal, card_id)
        found = queries.bill_payments(card.card_id, after=two_texts(wanted.after), limit=wanted.fetch)
        return wanted.page([carried_out(payment) for payment in found], key=payment_key)


class BillPayment(BankView):
    @read(BillPaymentOut)
    def get(self, wanted: Wanted, payment_id: UUID) -> Shown:
        """One bill payment."""
        return Shown(carried_out(visible(wanted.principal, queries.bill_payment(payment_id))))
