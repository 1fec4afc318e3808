"""Everything Cards decides, shows and hears."""

from bank.context import Context, Subscription
from cards.contacts import CONTACTS
from cards.domain.card import CARD
from cards.domain.contact import CARD_CONTACT
from cards.domain.erasure import ERASURE
from cards.domain.funding import FUNDING
from cards.domain.payment import PAYMENT
from cards.handlers import (
    authorize,
    begin_erasure,
    decline,
    end_erasure,
    know_account,
    release_spend,
    settle,
    settle_refund,
)
from cards.inbound import (
    AccountOpened,
    CardholderErasureBegun,
    CustomerErasureRequested,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    MoneyCredited,
    PaymentGivenUp,
)
from cards.projections import CARDS_TABLE, ERASURES, PAYMENTS_TABLE
from cards.sagas import CARD_REFUND, DEBIT_CARD_PAYMENT

CARDS = Context(
    name="cards",
    deciders=(CARD, PAYMENT, FUNDING, ERASURE, CARD_CONTACT),
    inline_projections=(CARDS_TABLE, PAYMENTS_TABLE, ERASURES),
    subscriptions={
        "accounts.AccountOpened.v1": Subscription(AccountOpened, know_account, "know_account"),
        "accounts.FundsHeld.v1": Subscription(FundsHeld, authorize, "authorize"),
        "accounts.HoldDeclined.v1": Subscription(HoldDeclined, decline, "decline"),
        "accounts.HoldCaptured.v1": Subscription(HoldCaptured, settle, "settle"),
        "accounts.MoneyCredited.v1": Subscription(MoneyCredited, settle_refund, "settle_refund"),
        "cards.CardPaymentDeclined.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CardPaymentReversed.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CardPaymentExpired.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "customers.CustomerErasureRequested.v1": Subscription(CustomerErasureRequested, begin_erasure, "begin_erasure"),
        "cards.CardholderErasureBegun.v1": Subscription(CardholderErasureBegun, end_erasure, "end_erasure"),
        **CONTACTS,
    },
    choreographies=(DEBIT_CARD_PAYMENT, CARD_REFUND),
)
