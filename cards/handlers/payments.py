"""What Cards does when Accounts answers, and when a payment of its own comes to nothing.

Holds and credits are known to Accounts by ids that Cards gave; one that Cards never gave is somebody else's, and the
payment of that name, which does not exist, answers with no event.
"""

from bank.context import Order, Unit
from cards.domain.card import CARD, ReleaseSpend
from cards.domain.card.credit import ChargeCard, CreditCardBack
from cards.domain.funding import FUNDING, KnowAccount
from cards.domain.payment import PAYMENT, AuthorizePayment, DeclinePayment, SettlePayment, SettleRefund
from cards.handlers import payouts
from cards.inbound import (
    AccountOpened,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
    FundsHeld,
    HoldCaptured,
    HoldDeclined,
    MoneyCredited,
    PaymentGivenUp,
)


def know_account(opened: AccountOpened) -> Unit:
    """Cards are issued on accounts which Cards knows."""
    known = KnowAccount(opened.account_id, opened.customer_id, opened.currency)
    return Unit(Order(FUNDING, opened.account_id, known))


def authorize(held: FundsHeld) -> Unit:
    return Unit(Order(PAYMENT, held.hold_id, AuthorizePayment(held.hold_id)))


def decline(declined: HoldDeclined) -> Unit:
    return Unit(Order(PAYMENT, declined.hold_id, DeclinePayment(declined.hold_id, declined.code)))


def settle(captured: HoldCaptured) -> Unit:
    return Unit(Order(PAYMENT, captured.process_id, SettlePayment(captured.process_id, captured.booked_on)))


def settle_credit(credited: MoneyCredited) -> Unit | None:
    """A refund has arrived, or a card's balance."""
    return settle_refund(credited) or payouts.credit(credited)


def settle_refund(credited: MoneyCredited) -> Unit | None:
    if credited.process_id is None or credited.refund_id is None:
        return None
    settled = SettleRefund(credited.process_id, credited.refund_id, credited.booked_on)
    return Unit(Order(PAYMENT, credited.process_id, settled))


# Our own.


def release_spend(payment: PaymentGivenUp) -> Unit:
    """The answer that declines a payment does not say which card it was; the payment does, so we hear ourselves."""
    release = ReleaseSpend(
        card_id=payment.card_id,
        payment_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        spent_on=payment.requested_on,
    )
    return Unit(Order(CARD, payment.card_id, release))


def charge_card(payment: CreditPaymentCaptured) -> Unit:
    charge = ChargeCard(
        card_id=payment.card_id,
        payment_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        authorized_minor=payment.authorized_minor,
        currency=payment.currency,
        charged_on=payment.captured_on,
    )
    return Unit(Order(CARD, payment.card_id, charge))


def credit_card_back(payment: CreditPaymentRefunded) -> Unit:
    back = CreditCardBack(
        card_id=payment.card_id,
        payment_id=payment.payment_id,
        refund_id=payment.refund_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        credited_on=payment.refunded_on,
    )
    return Unit(Order(CARD, payment.card_id, back))
