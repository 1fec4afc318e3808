"""What Loans does to originate a loan: the saga begins when operators have approved, and hears what was done.

Its own steps Loans hears of itself, like any participant. What is answered about an origination that Loans never began
is nothing.
"""

from bank.context import Order, Subscription, Unit
from bank.sagas.orchestration import do_id, undo_id
from bank.sagas.progress import Begin, StepAnswered
from loans import inbound
from loans.domain.borrower import BORROWER, EndLoan, ReleaseLimit, ReserveLimit
from loans.domain.loan import LOAN
from loans.domain.loan.origination import ActivateLoan, ConfirmApproval, FailOrigination, WithdrawApproval
from loans.domain.origination import OriginationBegun
from loans.sagas import LOAN_ORIGINATION_SAGA

SAGA = LOAN_ORIGINATION_SAGA.decider
PAID_OUT = "transit:loan-disbursements"


def begin(requested: inbound.OriginationRequested) -> Unit:
    """Not in the unit of the approval: who composes that cannot know whether it is the last one."""
    begun = OriginationBegun(
        saga_id=requested.origination_id,
        customer_id=requested.customer_id,
        loan_id=requested.loan_id,
        account_id=requested.account_id,
        amount_minor=requested.amount_minor,
        currency=requested.currency,
        requested_on=requested.requested_on,
    )
    return Unit(Order(SAGA, requested.origination_id, Begin(begun)), id=do_id(requested.origination_id, "begin"))


# What the saga asks of Loans.


def reserve_limit(asked: inbound.LimitAsked) -> Unit:
    reserve = ReserveLimit(asked.customer_id, asked.loan_id, asked.saga_id, asked.amount_minor, asked.currency)
    return Unit(Order(BORROWER, asked.customer_id, reserve), id=do_id(asked.saga_id, "limit"))


def release_limit(asked: inbound.LimitReleaseAsked) -> Unit:
    release = ReleaseLimit(asked.customer_id, asked.loan_id, asked.saga_id, asked.currency)
    return Unit(
        Order(BORROWER, asked.customer_id, release),
        id=undo_id(asked.saga_id, "limit", asked.attempt),
        undoes=do_id(asked.saga_id, "limit"),
    )


def approve(asked: inbound.ApprovalAsked) -> Unit:
    confirm = ConfirmApproval(asked.loan_id, asked.saga_id, asked.requested_on)
    return Unit(Order(LOAN, asked.loan_id, confirm), id=do_id(asked.saga_id, "approval"))


def withdraw_approval(asked: inbound.ApprovalWithdrawalAsked) -> Unit:
    return Unit(
        Order(LOAN, asked.loan_id, WithdrawApproval(asked.loan_id, asked.saga_id)),
        id=undo_id(asked.saga_id, "approval", asked.attempt),
        undoes=do_id(asked.saga_id, "approval"),
    )


def activate(asked: inbound.ActivationAsked) -> Unit:
    active = ActivateLoan(asked.loan_id, asked.saga_id, asked.requested_on)
    return Unit(Order(LOAN, asked.loan_id, active), id=do_id(asked.saga_id, "activation", asked.attempt))


def fail(asked: inbound.FailureAsked) -> Unit:
    failed = FailOrigination(asked.loan_id, asked.saga_id, asked.code)
    return Unit(Order(LOAN, asked.loan_id, failed), id=undo_id(asked.saga_id, "loan", asked.attempt))


# What was answered.


def answered(saga_id: str, answer: StepAnswered) -> Unit | None:
    return Unit(Order(SAGA, saga_id, answer)) if saga_id else None


def cleared(answer: inbound.Answered) -> Unit | None:
    return answered(answer.process_id, StepAnswered("customer"))


def not_cleared(answer: inbound.Declined) -> Unit | None:
    return answered(answer.process_id, StepAnswered("customer", answer.code))


def clearance_withdrawn(answer: inbound.Answered) -> Unit | None:
    return answered(answer.process_id, StepAnswered("customer", is_undo=True))


def limit_reserved(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("limit"))


def limit_declined(answer: inbound.OwnDeclined) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("limit", answer.code))


def limit_released(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("limit", is_undo=True))


def approved(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("approval"))


def approval_withdrawn(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("approval", is_undo=True))


def credited(answer: inbound.MoneyCredited) -> Unit | None:
    if answer.contra != PAID_OUT or answer.process_id is None:
        return None
    return answered(answer.process_id, StepAnswered("credit"))


def not_credited(answer: inbound.Declined) -> Unit | None:
    return answered(answer.process_id, StepAnswered("credit", answer.code))


def returned(answer: inbound.Answered) -> Unit | None:
    return answered(answer.process_id, StepAnswered("credit", is_undo=True))


def not_returned(answer: inbound.ReturnDeclined) -> Unit | None:
    declined = StepAnswered("credit", answer.code, is_undo=True, attempt=answer.attempt)
    return answered(answer.process_id, declined)


def activated(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("activation"))


def failed(answer: inbound.OwnStep) -> Unit | None:
    return answered(answer.origination_id, StepAnswered("loan", is_undo=True))


def end(loan: inbound.LoanClosed) -> Unit:
    return Unit(Order(BORROWER, loan.customer_id, EndLoan(loan.customer_id, loan.loan_id)))


ORIGINATIONS: dict[str, Subscription] = {
    "loans.OriginationRequested.v1": Subscription(inbound.OriginationRequested, begin, "begin_origination"),
    "loans.LimitAsked.v1": Subscription(inbound.LimitAsked, reserve_limit, "reserve_limit"),
    "loans.LimitReleaseAsked.v1": Subscription(inbound.LimitReleaseAsked, release_limit, "release_limit"),
    "loans.ApprovalAsked.v1": Subscription(inbound.ApprovalAsked, approve, "approve"),
    "loans.ApprovalWithdrawalAsked.v1": Subscription(
        inbound.ApprovalWithdrawalAsked, withdraw_approval, "withdraw_approval"
    ),
    "loans.ActivationAsked.v1": Subscription(inbound.ActivationAsked, activate, "activate_loan"),
    "loans.FailureAsked.v1": Subscription(inbound.FailureAsked, fail, "fail_origination"),
    "customers.CustomerCleared.v1": Subscription(inbound.Answered, cleared, "cleared"),
    "customers.ClearanceDeclined.v1": Subscription(inbound.Declined, not_cleared, "not_cleared"),
    "customers.ClearanceWithdrawn.v1": Subscription(inbound.Answered, clearance_withdrawn, "clearance_withdrawn"),
    "loans.LimitReserved.v1": Subscription(inbound.OwnStep, limit_reserved, "limit_reserved"),
    "loans.LimitDeclined.v1": Subscription(inbound.OwnDeclined, limit_declined, "limit_declined"),
    "loans.LimitReleased.v1": Subscription(inbound.OwnStep, limit_released, "limit_released"),
    "loans.LoanApproved.v1": Subscription(inbound.OwnStep, approved, "approved"),
    "loans.ApprovalWithdrawn.v1": Subscription(inbound.OwnStep, approval_withdrawn, "approval_withdrawn"),
    "accounts.MoneyCredited.v1": Subscription(inbound.MoneyCredited, credited, "activate"),
    "accounts.CreditDeclined.v1": Subscription(inbound.Declined, not_credited, "fail_disbursement"),
    "accounts.TransitReturned.v1": Subscription(inbound.Answered, returned, "returned"),
    "accounts.TransitReturnDeclined.v1": Subscription(inbound.ReturnDeclined, not_returned, "not_returned"),
    "loans.LoanDisbursed.v1": Subscription(inbound.OwnStep, activated, "activated"),
    "loans.OriginationFailed.v1": Subscription(inbound.OwnStep, failed, "origination_failed"),
    "loans.LoanClosed.v1": Subscription(inbound.LoanClosed, end, "end_loan"),
}
