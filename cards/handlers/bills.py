"""What Cards does when Accounts answers about a bill payment.

Most of what Accounts takes is for somebody else, which the contra tells; a process that Cards never began is answered
with no event.
"""

from bank.context import Order, Subscription, Unit
from cards.domain.bill_payment import BILL_PAYMENT, CollectBillPayment, FailBillPayment, ReturnBillPayment
from cards.domain.card import CARD
from cards.domain.card.bill import ApplyBillPayment, DeclineBillPayment, RefundBillPayment
from cards.inbound import (
    BillPaymentCollected,
    BillPaymentReturned,
    BillPaymentUncollected,
    DebitCancelled,
    DebitDeclined,
    MoneyDebited,
    TransitReturned,
)

COLLECTED = "transit:bill-payments"


def collect(debited: MoneyDebited) -> Unit | None:
    if debited.contra != COLLECTED or debited.process_id is None:
        return None
    return Unit(Order(BILL_PAYMENT, debited.process_id, CollectBillPayment(debited.process_id, debited.booked_on)))


def fail(declined: DebitDeclined) -> Unit:
    return Unit(Order(BILL_PAYMENT, declined.process_id, FailBillPayment(declined.process_id, declined.code)))


def fail_unasked(cancelled: DebitCancelled) -> Unit:
    return Unit(Order(BILL_PAYMENT, cancelled.process_id, FailBillPayment(cancelled.process_id, "cancelled")))


def hear_return(returned: TransitReturned) -> Unit:
    by_hand = returned.amount_minor == 0
    back = ReturnBillPayment(returned.process_id, returned.booked_on, by_hand)
    return Unit(Order(BILL_PAYMENT, returned.process_id, back))


# Our own.


def apply(collected: BillPaymentCollected) -> Unit:
    paid = ApplyBillPayment(collected.payment_id, collected.card_id, collected.collected_on)
    return Unit(Order(CARD, collected.card_id, paid))


def decline(uncollected: BillPaymentUncollected) -> Unit:
    declined = DeclineBillPayment(uncollected.payment_id, uncollected.card_id, uncollected.code)
    return Unit(Order(CARD, uncollected.card_id, declined))


def refund(returned: BillPaymentReturned) -> Unit:
    refunded = RefundBillPayment(returned.payment_id, returned.card_id, returned.returned_on, returned.by_hand)
    return Unit(Order(CARD, returned.card_id, refunded))


BILLS: dict[str, Subscription] = {
    "accounts.MoneyDebited.v1": Subscription(MoneyDebited, collect, "collect_bill_payment"),
    "accounts.DebitDeclined.v1": Subscription(DebitDeclined, fail, "fail_bill_payment"),
    "accounts.DebitCancelled.v1": Subscription(DebitCancelled, fail_unasked, "fail_bill_payment"),
    "accounts.TransitReturned.v1": Subscription(TransitReturned, hear_return, "return_bill_payment"),
    "cards.BillPaymentCollected.v1": Subscription(BillPaymentCollected, apply, "apply_bill_payment"),
    "cards.BillPaymentUncollected.v1": Subscription(BillPaymentUncollected, decline, "decline_bill_payment"),
    "cards.BillPaymentReturned.v1": Subscription(BillPaymentReturned, refund, "refund_bill_payment"),
}
