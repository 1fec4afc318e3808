"""A loan repaid: Accounts is asked for the money, and reports that it was or was not taken."""

from dataclasses import dataclass
from datetime import date

from bank.decider import Refused
from loans.domain.loan.arrears import cure
from loans.domain.loan.collection_facts import CollectionStopped, Repayment
from loans.domain.loan.facts import (
    Event,
    Loan,
    LoanClosed,
    LoanRecovered,
    LoanRepaid,
    RepaymentDeclined,
    RepaymentRequested,
    evolve,
)
from loans.domain.loan.rules import borrower
from loans.domain.schedule import Parts, allocate

MAX_OPEN_REPAYMENTS = 20
"""So many repayments may be on their way at once, so that the state stays small."""

NEVER_AGAIN = frozenset({"account_closed", "account_not_open", "not_your_account"})
"""Why Accounts declines what it will not take another day either: the bank stops collecting, or the customer would hear
of the same each day."""

# Commands.


@dataclass(frozen=True, slots=True)
class RequestRepayment:
    """`account_id` None takes the money from the account of the loan; `collected` by the bank."""

    repayment_id: str
    loan_id: str
    account_id: str | None
    amount_minor: int
    currency: str
    requested_on: date
    collected: bool = False


@dataclass(frozen=True, slots=True)
class ApplyRepayment:
    repayment_id: str
    loan_id: str
    repaid_on: date


@dataclass(frozen=True, slots=True)
class DeclineRepayment:
    repayment_id: str
    loan_id: str
    code: str


# Decisions.


def request_repayment(loan: Loan, command: RequestRepayment) -> list[Event]:
    customer_id = borrower(loan)
    if loan.status not in ("active", "written_off"):
        raise Refused("loan_not_active", f"Only an active loan is repaid; this one is {loan.status}.")
    if command.amount_minor <= 0:
        raise Refused("invalid_amount", "A repayment is above zero.")
    if command.currency != loan.currency:
        raise Refused("currency_mismatch", f"This loan is repaid in {loan.currency}.")
    if loan.is_paid_off_soon:
        raise Refused("payoff_on_its_way", "What pays this loan off is on its way.")
    if command.amount_minor > loan.outstanding_minor - loan.on_its_way_minor:
        raise Refused("overpayment", "This is more than is still owed, counting repayments on their way.")
    if on_its_way(loan, command.repayment_id):
        raise Refused("repayment_exists", "There is already a repayment with this id.")
    if len(loan.open_repayments) >= MAX_OPEN_REPAYMENTS:
        raise Refused("too_many_repayments", f"At most {MAX_OPEN_REPAYMENTS} repayments are on their way at once.")
    return [
        RepaymentRequested(
            repayment_id=command.repayment_id,
            loan_id=command.loan_id,
            customer_id=customer_id,
            account_id=command.account_id or loan.account_id,
            amount_minor=command.amount_minor,
            currency=loan.currency,
            requested_on=command.requested_on,
            collected=command.collected,
        )
    ]


def apply_repayment(loan: Loan, command: ApplyRepayment) -> list[Event]:
    repayment = on_its_way(loan, command.repayment_id)
    if loan.customer_id is None or repayment is None:
        return []
    if loan.status == "written_off":
        return recover(loan, loan.customer_id, command, repayment.amount_minor)
    amount = repayment.amount_minor
    penalty = min(amount, loan.penalty_minor)
    fee = min(amount - penalty, loan.fee_minor)
    parts = (settlement if repayment.settles else allocation)(loan, amount - penalty - fee)
    left = loan.outstanding_minor - amount
    waived = left if repayment.settles else 0
    repaid = LoanRepaid(
        repayment_id=command.repayment_id,
        loan_id=command.loan_id,
        customer_id=loan.customer_id,
        amount_minor=amount,
        interest_minor=parts.interest_minor,
        principal_minor=parts.principal_minor,
        outstanding_minor=left - waived,
        currency=loan.currency,
        repaid_on=command.repaid_on,
        fee_minor=fee,
        penalty_minor=penalty,
        waived_minor=waived,
    )
    events: list[Event] = [repaid, *cure(evolve(loan, repaid), command.loan_id, loan.customer_id, command.repaid_on)]
    if repaid.outstanding_minor > 0:
        return events
    return [*events, LoanClosed(command.loan_id, loan.customer_id, command.repaid_on)]


def recover(loan: Loan, customer_id: str, command: ApplyRepayment, amount_minor: int) -> list[Event]:
    recovered = LoanRecovered(
        repayment_id=command.repayment_id,
        loan_id=command.loan_id,
        customer_id=customer_id,
        amount_minor=amount_minor,
        outstanding_minor=loan.outstanding_minor - amount_minor,
        currency=loan.currency,
        recovered_on=command.repaid_on,
    )
    if recovered.outstanding_minor > 0:
        return [recovered]
    return [recovered, LoanClosed(command.loan_id, customer_id, command.repaid_on)]


def decline_repayment(loan: Loan, command: DeclineRepayment) -> list[Event]:
    repayment = on_its_way(loan, command.repayment_id)
    if loan.customer_id is None or repayment is None:
        return []
    declined = RepaymentDeclined(
        repayment_id=command.repayment_id,
        loan_id=command.loan_id,
        customer_id=loan.customer_id,
        amount_minor=repayment.amount_minor,
        currency=loan.currency,
        code=command.code,
    )
    if command.code not in NEVER_AGAIN or not loan.collects or repayment.collected_from != loan.account_id:
        return [declined]
    return [declined, CollectionStopped(command.loan_id, loan.customer_id, loan.account_id, command.code)]


def allocation(loan: Loan, amount_minor: int) -> Parts:
    """What the next `amount_minor` pays of the schedule: the oldest instalment first, its interest, its principal."""
    before = allocate(loan.instalments, loan.paid_minor)
    after = allocate(loan.instalments, loan.paid_minor + amount_minor)
    return Parts(after.interest_minor - before.interest_minor, after.principal_minor - before.principal_minor)


def settlement(loan: Loan, amount_minor: int) -> Parts:
    """All the principal that is left; the rest is interest."""
    principal = loan.principal_minor - loan.paid_principal_minor
    return Parts(amount_minor - principal, principal)


def on_its_way(loan: Loan, repayment_id: str) -> Repayment | None:
    return next((one for one in loan.open_repayments if one.repayment_id == repayment_id), None)
