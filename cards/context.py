"""Everything Cards decides, shows and hears."""

from bank.context import Context, Subscription
from cards.domain.card import CARD
from cards.domain.payment import PAYMENT
from cards.handlers import authorize, decline, release_spend, settle, settle_refund
from cards.inbound import FundsHeld, HoldCaptured, HoldDeclined, MoneyCredited, PaymentGivenUp
from cards.projections import CARDS_TABLE, PAYMENTS_TABLE
from cards.sagas import DEBIT_CARD_PAYMENT

CARDS = Context(
    name="cards",
    deciders=(CARD, PAYMENT),
    inline_projections=(CARDS_TABLE, PAYMENTS_TABLE),
    subscriptions={
        "accounts.FundsHeld.v1": Subscription(FundsHeld, authorize),
        "accounts.HoldDeclined.v1": Subscription(HoldDeclined, decline),
        "accounts.HoldCaptured.v1": Subscription(HoldCaptured, settle),
        "accounts.MoneyCredited.v1": Subscription(MoneyCredited, settle_refund),
        "cards.CardPaymentDeclined.v1": Subscription(PaymentGivenUp, release_spend),
        "cards.CardPaymentReversed.v1": Subscription(PaymentGivenUp, release_spend),
        "cards.CardPaymentExpired.v1": Subscription(PaymentGivenUp, release_spend),
    },
    choreographies=(DEBIT_CARD_PAYMENT,),
)
