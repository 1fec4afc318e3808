"""Everything Cards decides, shows and hears."""

from bank.context import Context, Subscription
from cards import queries
from cards.domain.bill_payment import BILL_PAYMENT
from cards.domain.card import CARD
from cards.domain.cardholder import CARDHOLDER
from cards.domain.cardholder.contact import CARD_CONTACT
from cards.domain.cardholder.erasure import ERASURE
from cards.domain.funding import FUNDING
from cards.domain.payment import PAYMENT
from cards.domain.payout import PAYOUT
from cards.handlers.bills import BILLS
from cards.handlers.contacts import CONTACTS
from cards.handlers.customers import (
    begin_erasure,
    close_holder,
    end_erasure,
    reinstate_holder,
    reject_holder,
    suspend_holder,
    verify_holder,
)
from cards.handlers.payments import (
    authorize,
    charge_card,
    credit_card_back,
    decline,
    know_account,
    release_spend,
    settle,
    settle_credit,
)
from cards.handlers.payouts import PAYOUTS
from cards.inbound import (
    AccountOpened,
    CardholderErasureBegun,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    MoneyCredited,
    PaymentGivenUp,
)
from cards.projections import (
    BILL_PAYMENTS_TABLE,
    CARDS_TABLE,
    ERASURES,
    LEDGER,
    PAYMENTS_TABLE,
    STATEMENTS_TABLE,
)
from cards.projections.payouts import PAYOUTS_TABLE
from cards.sagas import BILL_PAID_FROM_SAVINGS, CARD_BALANCE_PAYOUT, CARD_REFUND, DEBIT_CARD_PAYMENT

CARDS = Context(
    name="cards",
    deciders=(CARD, PAYMENT, BILL_PAYMENT, PAYOUT, FUNDING, CARDHOLDER, ERASURE, CARD_CONTACT),
    inline_projections=(
        *(CARDS_TABLE, PAYMENTS_TABLE, BILL_PAYMENTS_TABLE, PAYOUTS_TABLE, STATEMENTS_TABLE),
        *(LEDGER, ERASURES),
    ),
    subscriptions={
        "accounts.AccountOpened.v1": Subscription(AccountOpened, know_account, "know_account"),
        "accounts.FundsHeld.v1": Subscription(FundsHeld, authorize, "authorize"),
        "accounts.HoldDeclined.v1": Subscription(HoldDeclined, decline, "decline"),
        "accounts.HoldCaptured.v1": Subscription(HoldCaptured, settle, "settle"),
        "accounts.MoneyCredited.v1": Subscription(MoneyCredited, settle_credit, "settle_refund"),
        "cards.CardPaymentDeclined.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CardPaymentReversed.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CardPaymentExpired.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "customers.CustomerErasureRequested.v1": Subscription(CustomerErasureRequested, begin_erasure, "begin_erasure"),
        "cards.CardholderErasureBegun.v1": Subscription(CardholderErasureBegun, end_erasure, "end_erasure"),
        "cards.CreditPaymentReversed.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CreditPaymentExpired.v1": Subscription(PaymentGivenUp, release_spend, "release_spend"),
        "cards.CreditPaymentCaptured.v1": Subscription(CreditPaymentCaptured, charge_card, "charge_card"),
        "cards.CreditPaymentRefunded.v1": Subscription(CreditPaymentRefunded, credit_card_back, "credit_card_back"),
        "customers.CustomerVerified.v1": Subscription(CustomerVerified, verify_holder, "verify_holder"),
        "customers.CustomerRejected.v1": Subscription(CustomerRejected, reject_holder, "reject_holder"),
        "customers.CustomerSuspended.v1": Subscription(CustomerSuspended, suspend_holder, "suspend_holder"),
        "customers.CustomerReinstated.v1": Subscription(CustomerReinstated, reinstate_holder, "reinstate_holder"),
        "customers.CustomerClosed.v1": Subscription(CustomerClosed, close_holder, "close_holder"),
        **BILLS,
        **PAYOUTS,
        **CONTACTS,
    },
    choreographies=(DEBIT_CARD_PAYMENT, CARD_REFUND, BILL_PAID_FROM_SAVINGS, CARD_BALANCE_PAYOUT),
    books=queries.books,
)
