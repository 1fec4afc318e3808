"""Processes which Cards begins."""

from datetime import timedelta

from bank.sagas.choreography import Choreography, Step

# An authorization that nobody captures lives through the seventh day after it, and is expired on the eighth.
DEBIT_CARD_PAYMENT = Choreography(
    name="debit-card-payment",
    starts="cards.CardPaymentRequested.v1",
    steps=(
        Step("cards.SpendReserved.v1", undone_by="cards.SpendReleased.v1"),
        Step("accounts.FundsHeld.v1", undone_by="accounts.HoldReleased.v1"),
        Step("cards.CardPaymentAuthorized.v1", undone_by="cards.CardPaymentReversed.v1"),
        Step("cards.CardPaymentCaptured.v1", undone_by="cards.CardPaymentRefunded.v1"),
        Step("accounts.HoldCaptured.v1", undone_by="accounts.MoneyCredited.v1"),
    ),
    ends={
        "cards.CardPaymentSettled.v1": "settled",
        "cards.CardPaymentDeclined.v1": "declined",
        "cards.CardPaymentReversed.v1": "reversed",
        "cards.CardPaymentExpired.v1": "expired",
    },
    deadline=timedelta(days=9),
)

# Asked for by the merchant when the payment has long ended, and known by an id of its own. Accounts never declines it.
CARD_REFUND = Choreography(
    name="card-refund",
    starts="cards.CardPaymentRefunded.v1",
    steps=(Step("accounts.MoneyCredited.v1"),),
    ends={"cards.CardPaymentRefundSettled.v1": "refunded"},
    deadline=timedelta(minutes=5),
)

# Without an answer in ten minutes (`card_bill.ANSWER_WITHIN`) Cards takes it back, and Accounts has to answer that too.
BILL_PAID_FROM_SAVINGS = Choreography(
    name="bill-paid-from-savings",
    starts="cards.BillPaymentRequested.v1",
    steps=(
        Step("accounts.MoneyDebited.v1", undone_by="accounts.MoneyCredited.v1"),
        Step("cards.BillPaymentCollected.v1", undone_by="cards.BillPaymentReturned.v1"),
    ),
    ends={
        "cards.BillPaymentApplied.v1": "settled",
        "cards.BillPaymentDeclined.v1": "declined",
        "cards.BillPaymentRefunded.v1": "refunded",
    },
    turns=("cards.BillPaymentRejected.v1",),
    by_hand=("cards.BillPaymentRefunded.v1",),
    deadline=timedelta(minutes=15),
)

# Accounts credits it or says why not; either way the card has heard of it before anybody could undo anything.
CARD_BALANCE_PAYOUT = Choreography(
    name="card-balance-payout",
    starts="cards.CardPayoutRequested.v1",
    steps=(
        Step("accounts.MoneyCredited.v1"),
        Step("cards.PayoutCredited.v1"),
    ),
    ends={
        "cards.CardPayoutSettled.v1": "settled",
        "cards.CardPayoutDeclined.v1": "declined",
    },
    deadline=timedelta(minutes=5),
)
