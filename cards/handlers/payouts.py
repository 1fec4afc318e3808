"""What Cards does when Accounts answers about a payout.

Most credits and refusals are about something else; a payout that Cards never began is answered with no event.
"""

from bank.context import Order, Subscription, Unit
from bank.recorded import Message
from cards.domain.card import CARD
from cards.domain.card.payout import DeclinePayout, SettlePayout
from cards.domain.payout import PAYOUT, CreditPayout, FailPayout
from cards.inbound import CreditDeclined, MoneyCredited, PayoutCredited, PayoutUncredited

PAID_FOR_CARDS = "due-from-cards"


def credit(credited: MoneyCredited) -> Unit | None:
    if credited.contra != PAID_FOR_CARDS or credited.process_id is None:
        return None
    return Unit(Order(PAYOUT, credited.process_id, CreditPayout(credited.process_id, credited.booked_on)))


def fail(message: Message[CreditDeclined]) -> Unit:
    declined = message.data
    return Unit(Order(PAYOUT, declined.process_id, FailPayout(declined.process_id, declined.code, message.on)))


# Our own.


def settle(credited: PayoutCredited) -> Unit:
    settled = SettlePayout(credited.payout_id, credited.card_id, credited.credited_on)
    return Unit(Order(CARD, credited.card_id, settled))


def decline(uncredited: PayoutUncredited) -> Unit:
    declined = DeclinePayout(uncredited.payout_id, uncredited.card_id, uncredited.code, uncredited.declined_on)
    return Unit(Order(CARD, uncredited.card_id, declined))


PAYOUTS: dict[str, Subscription] = {
    "accounts.CreditDeclined.v1": Subscription(CreditDeclined, fail, "fail_payout", whole=True),
    "cards.PayoutCredited.v1": Subscription(PayoutCredited, settle, "settle_payout"),
    "cards.PayoutUncredited.v1": Subscription(PayoutUncredited, decline, "decline_payout"),
}
"""`accounts.MoneyCredited.v1` is heard of refunds too: see `payments.settle_credit`."""
