"""What the bank owes on a credit card, paid out to an account of the same customer, over HTTP."""

from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from rest_framework import serializers

from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import visible
from bank.http.schemas import Body, MoneyOut
from bank.http.views import BankView
from cards import orders, queries
from cards.api.schemas import carried_out
from cards.api.views import known_card, payment_key, two_texts
from cards.context import CARDS


class PayoutBody(Body):
    account_id = serializers.UUIDField(help_text="The account of the same customer to which it is paid.")


class PayoutOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    card_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    amount = MoneyOut()
    status = serializers.ChoiceField(["requested", "settled", "declined"])
    code = serializers.CharField(allow_null=True, help_text="Why the account did not take it: it is on the card again.")
    requested_on = serializers.DateField()
    requested_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class Payouts(BankView):
    @command(CARDS, PayoutBody, location="/api/v1/card-payouts/{card_payout}", status=202)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Pay out what the bank owes on a credit card, because a merchant gave back what had been paid.

        All of it, less interest that is not posted yet and what open authorizations count on; from a card that has
        ended too. The account answers later: the payout tells how it went.
        """
        card, account_id = known_card(asked.principal, card_id), str(asked.body["account_id"])
        payout_id, by_operator = asked.new_id("payout"), asked.principal.is_operator
        asking = orders.pay_out(card, payout_id, account_id, localdate(), by_operator=by_operator)
        return Do(*asking)

    @listing(PayoutOut)
    def get(self, wanted: Wanted, card_id: UUID) -> Page:
        """The payouts of a card, the newest first, those that came to nothing included."""
        card = known_card(wanted.principal, card_id)
        found = queries.payouts(card.card_id, after=two_texts(wanted.after), limit=wanted.fetch)
        return wanted.page([carried_out(payout) for payout in found], key=payment_key)


class Payout(BankView):
    @read(PayoutOut)
    def get(self, wanted: Wanted, payout_id: UUID) -> Shown:
        """One payout."""
        return Shown(carried_out(visible(wanted.principal, queries.payout(payout_id))))
