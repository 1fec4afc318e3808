"""What Accounts does when Cards pays out what the bank owes on a credit card."""

from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney
from accounts.domain.chart import DUE_FROM_CARDS
from accounts.domain.process import PROCESS, Decline
from accounts.domain.process.facts import CreditDeclined
from accounts.inbound import CardPayoutRequested
from bank.context import Order, Subscription, Unit, step_id
from bank.decider import Refused


def credit_payout(payout: CardPayoutRequested) -> Unit:
    """Cards has given the money up before it asked, so it is the account's at once, or Cards hears why not."""
    credit = CreditMoney(
        account_id=payout.account_id,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        contra=DUE_FROM_CARDS,
        booked_on=payout.requested_on,
        process_id=payout.payout_id,
        reference="Credit card balance",
        customer_id=payout.customer_id,
    )

    def decline(refused: Refused) -> Order:
        answer = CreditDeclined(payout.account_id, payout.payout_id, payout.amount_minor, payout.currency, refused.code)
        return Order(PROCESS, payout.payout_id, Decline(answer))

    return Unit(Order(ACCOUNT, payout.account_id, credit), id=step_id(payout.payout_id, "credit"), otherwise=decline)


CARD_PAYOUTS: dict[str, Subscription] = {
    "cards.CardPayoutRequested.v1": Subscription(CardPayoutRequested, credit_payout, "credit_payout"),
}
