"""What Accounts does when Cards speaks of credit cards: of what was bought, of bills, and of what the bank owes."""

from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney, DebitMoney, RefundMoney
from accounts.domain.chart import CARD_SETTLEMENT, DUE_FROM_CARDS, TRANSIT
from accounts.domain.process import PROCESS, BookOwnAccounts, CancelDebit, ClearTransit, ReturnTransit
from accounts.handlers.steps import booked, into_transit, not_credited
from accounts.inbound import (
    BillPaymentApplied,
    BillPaymentRejected,
    BillPaymentRequested,
    CardPayoutRequested,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
)
from bank.context import Order, Unit, step_id
from bank.decider import Refused


def pay_scheme(payment: CreditPaymentCaptured) -> Unit:
    """Bought on credit: Accounts owes the card scheme, and is owed by Cards, who lent it."""
    owed = BookOwnAccounts(
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        debit=DUE_FROM_CARDS,
        credit=CARD_SETTLEMENT,
        booked_on=payment.captured_on,
    )
    return booked("scheme", owed)


def take_back_from_scheme(payment: CreditPaymentRefunded) -> Unit:
    back = BookOwnAccounts(
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        debit=CARD_SETTLEMENT,
        credit=DUE_FROM_CARDS,
        booked_on=payment.refunded_on,
    )
    return booked(f"scheme/{payment.refund_id}", back)


def debit_for_bill(bill: BillPaymentRequested) -> Unit:
    """The customer pays his credit card's bill: into transit until Cards has taken it up, or say why not."""
    debit = DebitMoney(
        account_id=bill.account_id,
        amount_minor=bill.amount_minor,
        currency=bill.currency,
        contra=TRANSIT["bill-payments"],
        booked_on=bill.requested_on,
        process_id=bill.payment_id,
        reference="Credit card bill",
        customer_id=bill.customer_id,
    )
    return into_transit(bill.payment_id, "bill-payments", debit)


def clear_bill(bill: BillPaymentApplied) -> Unit:
    clear = ClearTransit(
        process_id=bill.payment_id,
        amount_minor=bill.amount_minor,
        currency=bill.currency,
        contra=DUE_FROM_CARDS,
        booked_on=bill.applied_on,
    )
    return booked("applied", clear)


def give_back_bill(bill: BillPaymentRejected) -> Unit:
    """Back to the account, whatever was frozen or closed since; or forbid the debit, if it was not asked for yet.

    The process itself forbids it, because Cards awaits an answer: a command written down as cancelled gives none; and
    it answers where people have moved the money to suspense: then nothing goes back, which is theirs to settle. What
    goes back says nothing personal, so it reaches a customer too who is being forgotten.
    """
    returned = ReturnTransit(bill.payment_id, bill.amount_minor, bill.currency, bill.rejected_on)
    refund = RefundMoney(
        account_id=bill.account_id,
        amount_minor=bill.amount_minor,
        currency=bill.currency,
        contra=TRANSIT["bill-payments"],
        booked_on=bill.rejected_on,
        process_id=bill.payment_id,
    )

    def cancel(_refused: Refused) -> Order:
        forbid = CancelDebit(bill.account_id, bill.payment_id, bill.amount_minor, bill.currency, bill.rejected_on)
        return Order(PROCESS, bill.payment_id, forbid)

    return Unit(
        Order(PROCESS, bill.payment_id, returned),
        Order(ACCOUNT, bill.account_id, refund),
        id=step_id(bill.payment_id, "debit/undo"),
        otherwise=cancel,
    )


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
    return Unit(
        Order(ACCOUNT, payout.account_id, credit),
        id=step_id(payout.payout_id, "credit"),
        otherwise=not_credited(payout.payout_id, credit),
    )
