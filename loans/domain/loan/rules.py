"""What several decisions about a loan require."""

from bank.decider import Refused
from loans.domain.loan.facts import Loan


def borrower(loan: Loan) -> str:
    if loan.customer_id is None:
        raise Refused("loan_not_found", "There is no such loan.")
    return loan.customer_id
