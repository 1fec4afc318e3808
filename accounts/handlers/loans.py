"""What Accounts does when Loans speaks."""

from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.chart import DUE_FROM_LOANS, TRANSIT
from accounts.domain.process import PROCESS, ClearTransit, Decline, ReceiveTransit, ReturnTransit
from accounts.domain.process.facts import Answer, TransitReturnDeclined, TransitReturned
from accounts.handlers.steps import booked, into_transit, not_credited
from accounts.inbound import (
    LoanCreditAsked,
    LoanCreditReturnAsked,
    LoanDisbursed,
    LoanRecovered,
    LoanRepaid,
    RepaymentRequested,
)
from bank.context import Order, Unit
from bank.decider import Refused
from bank.recorded import Message
from bank.sagas.orchestration import do_id, undo_id


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
    return Unit(
        Order(ACCOUNT, loan.account_id, credit),
        Order(PROCESS, loan.saga_id, receive),
        id=do_id(loan.saga_id, "credit"),
        otherwise=not_credited(loan.saga_id, credit),
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
    return booked("disbursed", clear)


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
    return into_transit(repayment.repayment_id, "loan-repayments", debit)


def clear_repayment(repayment: LoanRepaid) -> Unit:
    clear = ClearTransit(
        process_id=repayment.repayment_id,
        amount_minor=repayment.amount_minor,
        currency=repayment.currency,
        contra=DUE_FROM_LOANS,
        booked_on=repayment.repaid_on,
    )
    return booked("repaid", clear)


def clear_recovery(recovered: LoanRecovered) -> Unit:
    """A repayment of a loan that Loans had written off: here it is one like any other."""
    return clear_repayment(
        LoanRepaid(recovered.repayment_id, recovered.amount_minor, recovered.currency, recovered.recovered_on)
    )
