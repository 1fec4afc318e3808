"""What people ask of Loans to be repaid, by the API and in the console alike: which orders make a unit."""

from datetime import date

from bank.context import Order
from bank.decider import Refused
from bank.history.eventstore import load
from loans import queries
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan.payoff import PayoffQuote, RequestPayoff, quote
from loans.domain.loan.repayments import RequestRepayment
from loans.domain.repayment import REPAYMENT, BeginRepayment


def repay(
    loan: queries.LoanRow,
    repayment_id: str,
    account_id: object | None,
    *,
    amount_minor: int,
    currency: str,
    today: date,
) -> tuple[Order, Order]:
    request = RequestRepayment(repayment_id, str(loan.pk), _text(account_id), amount_minor, currency, today)
    return Order(LOAN, str(loan.pk), request), _beginning(loan, repayment_id)


def pay_off(loan: queries.LoanRow, repayment_id: str, account_id: object | None, *, today: date) -> tuple[Order, Order]:
    request = RequestPayoff(repayment_id, str(loan.pk), _text(account_id), today)
    return Order(LOAN, str(loan.pk), request), _beginning(loan, repayment_id)


def payoff_quote(loan: queries.LoanRow, on: date) -> PayoffQuote:
    """What pays an active loan off on a day. Raises Refused for any other."""
    if loan.status != "active":
        raise Refused("loan_not_active", f"Only an active loan is paid off; this one is {loan.status}.")
    state, _ = load(LOANS, LOAN, str(loan.pk))
    return quote(state, on)


def _beginning(loan: queries.LoanRow, repayment_id: str) -> Order:
    return Order(REPAYMENT, repayment_id, BeginRepayment(repayment_id, str(loan.pk), str(loan.customer_id)))


def _text(id: object | None) -> str | None:
    return None if id is None else str(id)
