"""What Accounts does when Cards and Loans speak.

A step's command id is made from its process, so that it happens once however often it is asked for. A hold answers for
itself; a unit of two orders can only be refused whole, so then its process hears the answer.

What the customer reads beside an amount, the reference, goes into the events of his account alone: a process belongs to
no customer, so nothing could be sealed there.
"""

from dataclasses import replace

from accounts.domain.account import ACCOUNT
from accounts.domain.account.facts import HoldDeclined
from accounts.domain.account.holds import CaptureHold, HoldFunds, ReleaseHold
from accounts.domain.account.money import CreditMoney, DebitMoney, RefundMoney
from accounts.domain.chart import CARD_SETTLEMENT, DUE_FROM_CARDS, DUE_FROM_LOANS, TRANSIT
from accounts.domain.holder import HOLDER, HearKyc, HearStanding
from accounts.domain.holder.erasure import ERASURE
from accounts.domain.process import (
    PROCESS,
    BookOwnAccounts,
    CancelDebit,
    ClearTransit,
    Decline,
    ReceiveTransit,
    ReturnTransit,
)
from accounts.domain.process.facts import Answer, CreditDeclined, DebitDeclined, TransitReturnDeclined, TransitReturned
from accounts.inbound import (
    BillPaymentApplied,
    BillPaymentRejected,
    BillPaymentRequested,
    CardPaymentCaptured,
    CardPaymentEnded,
    CardPaymentRefunded,
    CardPaymentRequested,
    CardPaymentSettled,
    CreditPaymentCaptured,
    CreditPaymentRefunded,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    HolderErasureBegun,
    LoanCreditAsked,
    LoanCreditReturnAsked,
    LoanDisbursed,
    LoanRecovered,
    LoanRepaid,
    RepaymentRequested,
)
from bank.context import Order, Unit, step_id
from bank.decider import Refused
from bank.erasure import BeginErasure, EndErasure
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id

# Cards.


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
    return Unit(Order(PROCESS, payment.payment_id, clear), id=step_id(payment.payment_id, "settle"))


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


def pay_scheme(payment: CreditPaymentCaptured) -> Unit:
    """Bought on credit: Accounts owes the card scheme, and is owed by Cards, who lent it."""
    booked = BookOwnAccounts(
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        debit=DUE_FROM_CARDS,
        credit=CARD_SETTLEMENT,
        booked_on=payment.captured_on,
    )
    return Unit(Order(PROCESS, payment.payment_id, booked), id=step_id(payment.payment_id, "scheme"))


def take_back_from_scheme(payment: CreditPaymentRefunded) -> Unit:
    booked = BookOwnAccounts(
        process_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        debit=CARD_SETTLEMENT,
        credit=DUE_FROM_CARDS,
        booked_on=payment.refunded_on,
    )
    return Unit(
        Order(PROCESS, payment.payment_id, booked), id=step_id(payment.payment_id, f"scheme/{payment.refund_id}")
    )


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
    receive = ReceiveTransit(
        process_id=bill.payment_id,
        kind="bill-payments",
        amount_minor=bill.amount_minor,
        currency=bill.currency,
        booked_on=bill.requested_on,
    )

    def decline(refused: Refused) -> Order:
        answer = DebitDeclined(bill.account_id, bill.payment_id, bill.amount_minor, bill.currency, refused.code)
        return Order(PROCESS, bill.payment_id, Decline(answer))

    return Unit(
        Order(ACCOUNT, bill.account_id, debit),
        Order(PROCESS, bill.payment_id, receive),
        id=step_id(bill.payment_id, "debit"),
        otherwise=decline,
    )


def clear_bill(bill: BillPaymentApplied) -> Unit:
    clear = ClearTransit(
        process_id=bill.payment_id,
        amount_minor=bill.amount_minor,
        currency=bill.currency,
        contra=DUE_FROM_CARDS,
        booked_on=bill.applied_on,
    )
    return Unit(Order(PROCESS, bill.payment_id, clear), id=step_id(bill.payment_id, "applied"))


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


# Loans.


def pay_out_loan(loan: LoanCreditAsked) -> Unit:
    """Credits the loan before Loans has taken it up: until then it stands in transit as the bank's claim."""
    credit = CreditMoney(
        account_id=loan.account_id,
        amount_minor=loan.amount_minor,
        currency=loan.currency,
        contra=TRANSIT["loan-disbursements"],
        booked_on=loan.requested_on,
        process_id=loan.saga_id,
        reference="Loan paid out",
        customer_id=loan.customer_id,
        only_in_use=True,
    )
    receive = ReceiveTransit(loan.saga_id, "loan-disbursements", loan.amount_minor, loan.currency, loan.requested_on)

    def decline(refused: Refused) -> Order:
        answer = CreditDeclined(loan.account_id, loan.saga_id, loan.amount_minor, loan.currency, refused.code)
        return Order(PROCESS, loan.saga_id, Decline(answer))

    return Unit(
        Order(ACCOUNT, loan.account_id, credit),
        Order(PROCESS, loan.saga_id, receive),
        id=do_id(loan.saga_id, "credit"),
        otherwise=decline,
    )


def take_back_loan(message: Message[LoanCreditReturnAsked]) -> Unit:
    """The loan did not come about: its money comes back from the account while it is there, or Loans hears why not.

    What the bank would lend by an overdraft is not that money.

    Booked on the day it was asked for, which may be long after the credit. What was not paid out does not come back.
    """
    loan, on = message.data, message.on
    debit = DebitMoney(
        account_id=loan.account_id,
        amount_minor=loan.amount_minor,
        currency=loan.currency,
        contra=TRANSIT["loan-disbursements"],
        booked_on=on,
        process_id=loan.saga_id,
        reference="Loan taken back",
        customer_id=loan.customer_id,
        only_own=True,
        automatic=True,
    )

    def answer(refused: Refused) -> Order:
        declined: Answer = TransitReturnDeclined(
            loan.account_id, loan.saga_id, loan.amount_minor, loan.currency, refused.code, loan.attempt
        )
        if refused.code == "transit_exceeded":
            declined = TransitReturned(loan.saga_id, "loan-disbursements", 0, loan.currency, on)
        return Order(PROCESS, loan.saga_id, Decline(declined))

    return Unit(
        Order(PROCESS, loan.saga_id, ReturnTransit(loan.saga_id, loan.amount_minor, loan.currency, on)),
        Order(ACCOUNT, loan.account_id, debit),
        id=undo_id(loan.saga_id, "credit", loan.attempt),
        undoes=do_id(loan.saga_id, "credit"),
        otherwise=answer,
    )


def clear_disbursement(loan: LoanDisbursed) -> Unit:
    process_id = loan.origination_id or loan.loan_id
    clear = ClearTransit(process_id, loan.amount_minor, loan.currency, DUE_FROM_LOANS, loan.disbursed_on)
    return Unit(Order(PROCESS, process_id, clear), id=step_id(process_id, "disbursed"))


def debit_for_repayment(repayment: RepaymentRequested) -> Unit:
    """The customer repays from his account: into transit until Loans has taken it up, or say why not."""
    debit = DebitMoney(
        account_id=repayment.account_id,
        amount_minor=repayment.amount_minor,
        currency=repayment.currency,
        contra=TRANSIT["loan-repayments"],
        booked_on=repayment.requested_on,
        process_id=repayment.repayment_id,
        reference="Repayment of loan",
        customer_id=repayment.customer_id,
        automatic=repayment.collected,
    )
    receive = ReceiveTransit(
        process_id=repayment.repayment_id,
        kind="loan-repayments",
        amount_minor=repayment.amount_minor,
        currency=repayment.currency,
        booked_on=repayment.requested_on,
    )

    def decline(refused: Refused) -> Order:
        answer = DebitDeclined(
            repayment.account_id, repayment.repayment_id, repayment.amount_minor, repayment.currency, refused.code
        )
        return Order(PROCESS, repayment.repayment_id, Decline(answer))

    return Unit(
        Order(ACCOUNT, repayment.account_id, debit),
        Order(PROCESS, repayment.repayment_id, receive),
        id=step_id(repayment.repayment_id, "debit"),
        otherwise=decline,
    )


def clear_repayment(repayment: LoanRepaid) -> Unit:
    clear = ClearTransit(
        process_id=repayment.repayment_id,
        amount_minor=repayment.amount_minor,
        currency=repayment.currency,
        contra=DUE_FROM_LOANS,
        booked_on=repayment.repaid_on,
    )
    return Unit(Order(PROCESS, repayment.repayment_id, clear), id=step_id(repayment.repayment_id, "repaid"))


def clear_recovery(recovered: LoanRecovered) -> Unit:
    """A repayment of a loan that Loans had written off: here it is one like any other."""
    return clear_repayment(
        LoanRepaid(recovered.repayment_id, recovered.amount_minor, recovered.currency, recovered.recovered_on)
    )


# Customers.


def verify_holder(customer: CustomerVerified) -> Unit:
    return heard(HearKyc(customer.customer_id, "verified", customer.verified_on, customer.sequence))


def reject_holder(customer: CustomerRejected) -> Unit:
    return heard(HearKyc(customer.customer_id, "rejected", customer.rejected_on, customer.sequence))


def suspend_holder(customer: CustomerSuspended) -> Unit:
    return heard(HearStanding(customer.customer_id, "suspended", customer.suspended_on, customer.sequence))


def reinstate_holder(customer: CustomerReinstated) -> Unit:
    return heard(HearStanding(customer.customer_id, "active", customer.reinstated_on, customer.sequence))


def close_holder(customer: CustomerClosed) -> Unit:
    return heard(HearStanding(customer.customer_id, "closed", customer.closed_on, customer.sequence))


def heard(said: HearKyc | HearStanding) -> Unit:
    return Unit(Order(HOLDER, said.customer_id, said))


# Erasure.


def begin_erasure(asked: CustomerErasureRequested) -> Unit:
    return Unit(Order(ERASURE, asked.customer_id, BeginErasure(asked.customer_id, asked.requested_on)))


def end_erasure(begun: HolderErasureBegun) -> Unit:
    """Our own word has come back, so what was said before it has left."""
    return Unit(Order(ERASURE, begun.customer_id, EndErasure(begun.customer_id, begun.begun_on)))
