"""What people ask of Loans, by the API and in the console alike: which orders make a unit, and what has to be known
here of an account before they are given: what is missing is `too_early`, what can never be is `Refused`."""

from datetime import date

from bank.context import Order
from bank.decider import Refused
from bank.history.eventstore import load
from bank.http.problems import too_early
from loans import queries
from loans.context import LOANS
from loans.domain.loan import LOAN
from loans.domain.loan.collection import ChooseCollection
from loans.domain.loan.origination import ChoosePayoutAccount
from loans.domain.loan.payoff import PayoffQuote, RequestPayoff, quote
from loans.domain.loan.repayments import RequestRepayment
from loans.domain.payout import PAYOUT, Payout
from loans.domain.repayment import REPAYMENT, BeginRepayment


def choose_account(loan: queries.LoanRow, account_id: str) -> Order:
    require_account(account_id, str(loan.customer_id), loan.currency)
    return Order(LOAN, str(loan.pk), ChoosePayoutAccount(str(loan.pk), account_id))


def choose_collection(loan: queries.LoanRow, account_id: object | None, *, collects: bool) -> Order:
    """`account_id` None keeps the loan's. Raises like `require_account`, unless nothing is collected from it."""
    chosen = str(loan.account_id) if account_id is None else str(account_id)
    if collects or account_id is not None:
        require_account(chosen, str(loan.customer_id), loan.currency)
    return Order(LOAN, str(loan.pk), ChooseCollection(str(loan.pk), chosen, collects))


def repay(
    loan: queries.LoanRow,
    repayment_id: str,
    account_id: object | None,
    *,
    amount_minor: int,
    currency: str,
    today: date,
) -> tuple[Order, Order]:
    require_not_anothers(account_id, loan)
    request = RequestRepayment(repayment_id, str(loan.pk), _text(account_id), amount_minor, currency, today)
    return Order(LOAN, str(loan.pk), request), _beginning(loan, repayment_id)


def pay_off(loan: queries.LoanRow, repayment_id: str, account_id: object | None, *, today: date) -> tuple[Order, Order]:
    require_not_anothers(account_id, loan)
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


# Whose account it is.


def require_account(account_id: str, customer_id: str, currency: str) -> None:
    """Raises unless a loan of this customer can be paid out to the account or collected from it, as far as Loans
    knows.

    409 while Loans has not heard of the account: it may have been opened a moment ago, so the same request may be made
    again. 422 where the account can never serve.
    """
    known, _ = load(LOANS, PAYOUT, account_id)
    if known.customer_id is None:
        raise too_early(
            "account_not_known",
            "Loans knows no such account. If it was opened just now, try again shortly.",
        )
    require_fits(known, customer_id, currency)


def require_not_anothers(account_id: object | None, loan: queries.LoanRow) -> None:
    """Raises where Loans knows that the account cannot pay. Of one that it has not heard of Accounts will tell."""
    if account_id is None:
        return
    known, _ = load(LOANS, PAYOUT, str(account_id))
    if known.customer_id is not None:
        require_fits(known, str(loan.customer_id), loan.currency)


def require_fits(account: Payout, customer_id: str, currency: str) -> None:
    if account.customer_id != customer_id:
        raise Refused("not_your_account", "The account belongs to another customer.")
    if account.currency != currency:
        raise Refused("currency_mismatch", "The account is kept in another currency.")
