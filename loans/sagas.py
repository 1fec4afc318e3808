"""Processes which Loans begins."""

from datetime import timedelta

from bank.sagas.choreography import Choreography, Step

# A failed disbursement may be asked for again. Beginning and ends stand on the loan's stream, in their order, and the
# last of them says how the process stands: asked for again, it is under way once more.
LOAN_DISBURSEMENT = Choreography(
    name="loan-disbursement",
    starts="loans.DisbursementRequested.v1",
    steps=(Step("accounts.MoneyCredited.v1"),),
    ends={
        "loans.DisbursementFailed.v1": "failed",
        "loans.LoanDisbursed.v1": "disbursed",
    },
    deadline=timedelta(minutes=5),
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
