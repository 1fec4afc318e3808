"""What Accounts does when Cards speaks of card payments."""

from dataclasses import replace

from accounts.domain.account import ACCOUNT
from accounts.domain.account.facts import HoldDeclined
from accounts.domain.account.holds import CaptureHold, HoldFunds, ReleaseHold
from accounts.domain.account.money import RefundMoney
from accounts.domain.chart import CARD_SETTLEMENT, TRANSIT
from accounts.domain.process import PROCESS, ClearTransit, Decline, ReceiveTransit
from accounts.handlers.steps import booked
from accounts.inbound import (
    CardPaymentCaptured,
    CardPaymentEnded,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentSettled,
)
from bank.context import Order, Unit, step_id
from bank.decider import Refused


def hold_for_payment(payment: CardPaymentRequested) -> Unit:
    """The customer pays by card: set the money aside, or say why not."""
    hold = HoldFunds(
        account_id=payment.account_id,
        customer_id=payment.customer_id,
        hold_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        expires_on=payment.expires_on,
        answers=payment.payment_id,
        reference=payment.merchant,
    )

    def decline(refused: Refused) -> Order:
        answer = HoldDeclined(
            payment.account_id, payment.payment_id, payment.amount_minor, payment.currency, refused.code
        )
        return Order(PROCESS, payment.payment_id, Decline(answer))

    return Unit(
        Order(ACCOUNT, payment.account_id, hold),
        id=step_id(payment.payment_id, "hold"),
        otherwise=decline,
    )


def capture_for_payment(payment: CardPaymentCaptured) -> Unit:
    """The merchant takes the money: from the account into transit, until Cards has settled it."""
    capture = CaptureHold(
        account_id=payment.account_id,
        hold_id=payment.payment_id,
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        contra=TRANSIT["card-payments"],
        booked_on=payment.captured_on,
    )
    receive = ReceiveTransit(
        process_id=payment.payment_id,
        kind="card-payments",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        booked_on=payment.captured_on,
    )
    return Unit(
        Order(ACCOUNT, payment.account_id, capture),
        Order(PROCESS, payment.payment_id, receive),
        id=step_id(payment.payment_id, "capture"),
    )


def settle_payment(payment: CardPaymentSettled) -> Unit:
    clear = ClearTransit(
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        contra=CARD_SETTLEMENT,
        booked_on=payment.settled_on,
    )
    return booked("settle", clear)


def release_for_payment(payment: CardPaymentEnded) -> Unit:
    """Takes the hold back, or forbids it if it was not asked for yet."""
    release = ReleaseHold(payment.account_id, payment.payment_id)
    return Unit(
        Order(ACCOUNT, payment.account_id, release),
        id=step_id(payment.payment_id, "hold/undo"),
        undoes=step_id(payment.payment_id, "hold"),
    )


def refund_payment(payment: CardPaymentRefunded) -> Unit:
    refund = RefundMoney(
        account_id=payment.account_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        contra=CARD_SETTLEMENT,
        booked_on=payment.refunded_on,
        process_id=payment.payment_id,
        refund_id=payment.refund_id,
        reference=payment.merchant,
    )

    def without_merchant(_refused: Refused) -> Order:
        """Of a customer who has been forgotten meanwhile nothing more is said, but he loses no money."""
        return Order(ACCOUNT, payment.account_id, replace(refund, reference=""))

    return Unit(
        Order(ACCOUNT, payment.account_id, refund),
        id=step_id(payment.payment_id, f"refund/{payment.refund_id}"),
        otherwise=without_merchant,
    )
