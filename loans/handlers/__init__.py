"""What Loans does when Accounts answers, and what it hears of customers.

Accounts names the process alone, which is the repayment's id when it collects. Most of what it books is not about
loans, which the contra tells; an id that Loans never gave is answered with no event. How a loan is originated is in
`originations`.
"""

from bank.context import Order, Unit
from bank.erasure import BeginErasure, EndErasure
from loans.domain.borrower import BORROWER, HearKyc, HearStanding
from loans.domain.borrower.erasure import ERASURE
from loans.domain.loan import LOAN
from loans.domain.loan.repayments import ApplyRepayment, DeclineRepayment
from loans.domain.payout import PAYOUT, KnowAccount
from loans.domain.repayment import REPAYMENT, CollectRepayment, DeclineCollection
from loans.inbound import (
    AccountOpened,
    BorrowerErasureBegun,
    CollectionDeclined,
    CustomerClosed,
    CustomerErasureRequested,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
    DebitDeclined,
    MoneyDebited,
    RepaymentCollected,
)

COLLECTED = "transit:loan-repayments"


def know_account(opened: AccountOpened) -> Unit:
    """Loans are applied for with accounts which Loans knows."""
    known = KnowAccount(opened.account_id, opened.customer_id, opened.currency)
    return Unit(Order(PAYOUT, opened.account_id, known))


def collect(debited: MoneyDebited) -> Unit | None:
    if debited.contra != COLLECTED or debited.process_id is None:
        return None
    return Unit(Order(REPAYMENT, debited.process_id, CollectRepayment(debited.process_id, debited.booked_on)))


def decline_collection(declined: DebitDeclined) -> Unit:
    return Unit(Order(REPAYMENT, declined.process_id, DeclineCollection(declined.process_id, declined.code)))


def apply_repayment(collected: RepaymentCollected) -> Unit:
    repaid = ApplyRepayment(collected.repayment_id, collected.loan_id, collected.collected_on)
    return Unit(Order(LOAN, collected.loan_id, repaid))


def decline_repayment(declined: CollectionDeclined) -> Unit:
    given_up = DeclineRepayment(declined.repayment_id, declined.loan_id, declined.code)
    return Unit(Order(LOAN, declined.loan_id, given_up))


# Customers.


def verify(customer: CustomerVerified) -> Unit:
    return heard(HearKyc(customer.customer_id, "verified", customer.verified_on, customer.sequence))


def reject(customer: CustomerRejected) -> Unit:
    return heard(HearKyc(customer.customer_id, "rejected", customer.rejected_on, customer.sequence))


def suspend(customer: CustomerSuspended) -> Unit:
    return heard(HearStanding(customer.customer_id, "suspended", customer.suspended_on, customer.sequence))


def reinstate(customer: CustomerReinstated) -> Unit:
    return heard(HearStanding(customer.customer_id, "active", customer.reinstated_on, customer.sequence))


def close(customer: CustomerClosed) -> Unit:
    return heard(HearStanding(customer.customer_id, "closed", customer.closed_on, customer.sequence))


def heard(said: HearKyc | HearStanding) -> Unit:
    return Unit(Order(BORROWER, said.customer_id, said))


# Erasure.


def begin_erasure(asked: CustomerErasureRequested) -> Unit:
    return Unit(Order(ERASURE, asked.customer_id, BeginErasure(asked.customer_id, asked.requested_on)))


def end_erasure(begun: BorrowerErasureBegun) -> Unit:
    """Our own word has come back, so what was said before it has left."""
    return Unit(Order(ERASURE, begun.customer_id, EndErasure(begun.customer_id, begun.begun_on)))
