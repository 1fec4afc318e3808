"""Processes which Loans begins."""

from datetime import timedelta

from bank.sagas.choreography import Choreography, Step
from bank.sagas.orchestration import Saga, SagaStep
from loans.domain.origination import (
    ActivationAsked,
    ApprovalAsked,
    ApprovalWithdrawalAsked,
    ClearanceAsked,
    ClearanceWithdrawalAsked,
    FailureAsked,
    LimitAsked,
    LimitReleaseAsked,
    LoanCreditAsked,
    LoanCreditReturnAsked,
    OriginationBegun,
)

# What the tracker sees of an origination: it begins and ends on the loan's own stream.
LOAN_ORIGINATION = Choreography(
    name="loan-origination",
    starts="loans.OriginationRequested.v1",
    steps=(
        Step("customers.CustomerCleared.v1", undone_by="customers.ClearanceWithdrawn.v1"),
        Step("loans.LimitReserved.v1", undone_by="loans.LimitReleased.v1"),
        Step("loans.LoanApproved.v1", undone_by="loans.ApprovalWithdrawn.v1"),
        Step("accounts.MoneyCredited.v1", undone_by="accounts.TransitReturned.v1"),
    ),
    ends={
        "loans.LoanDisbursed.v1": "disbursed",
        "loans.OriginationFailed.v1": "failed",
    },
    deadline=timedelta(minutes=15),
)

# Once the account is credited there is a debt, so from there it only goes forward: what was paid out is not asked back
# because something else is slow. Until that is known, the money is taken back, if it is still there. What a loan and a
# limit stand at Loans alone can change; the money people can see to by hand.
LOAN_ORIGINATION_SAGA = Saga(
    name="loan_origination",
    begins=("OriginationBegun.v1", OriginationBegun),
    steps=(
        SagaStep("loan", at="loans", undo=("FailureAsked.v1", FailureAsked), by_hand=False),
        SagaStep(
            "customer",
            at="customers",
            do=("ClearanceAsked.v1", ClearanceAsked),
            undo=("ClearanceWithdrawalAsked.v1", ClearanceWithdrawalAsked),
        ),
        SagaStep(
            "limit",
            at="loans",
            do=("LimitAsked.v1", LimitAsked),
            undo=("LimitReleaseAsked.v1", LimitReleaseAsked),
            by_hand=False,
        ),
        SagaStep(
            "approval",
            at="loans",
            do=("ApprovalAsked.v1", ApprovalAsked),
            undo=("ApprovalWithdrawalAsked.v1", ApprovalWithdrawalAsked),
            by_hand=False,
        ),
        SagaStep(
            "credit",
            at="accounts",
            do=("LoanCreditAsked.v1", LoanCreditAsked),
            undo=("LoanCreditReturnAsked.v1", LoanCreditReturnAsked),
        ),
        SagaStep("activation", at="loans", do=("ActivationAsked.v1", ActivationAsked), by_hand=False),
    ),
    pivot="credit",
    deadline=LOAN_ORIGINATION.deadline,
)

# Until Accounts has debited, nothing has happened; after it, Loans always takes the money up. So nothing is undone but
# the amount set aside on the loan, which the decline releases.
LOAN_REPAYMENT = Choreography(
    name="loan-repayment",
    starts="loans.RepaymentRequested.v1",
    steps=(
        Step("accounts.MoneyDebited.v1"),
        Step("loans.RepaymentCollected.v1"),
    ),
    ends={
        "loans.LoanRepaid.v1": "repaid",
        "loans.LoanRecovered.v1": "recovered",
        "loans.RepaymentDeclined.v1": "declined",
    },
    deadline=timedelta(minutes=5),
)
