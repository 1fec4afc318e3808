"""The books of Loans: what each event books, debit and credit.

Loans keeps no money. What it lends is paid out by Accounts and what it collects is paid in there, so the other leg is
always what Loans owes Accounts, which equals what Accounts is owed by Loans once no message is on its way. Interest,
late fees and penalty interest are earned when they are paid; so a write-off loses the principal alone. A loan that was
taken over brings the legs it had at the bank it comes from: there the money was, not at Accounts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from loans.domain.loan.facts import Event, LoanRecovered, LoanRepaid, LoanTakenOver, LoanWrittenOff
from loans.domain.loan.origination_facts import LoanDisbursed

PRINCIPAL = "principal-receivable"
INTEREST = "interest-earned"
FEES = "late-fees-earned"
PENALTIES = "penalty-interest-earned"
LOSSES = "loan-losses"
RECOVERIES = "loan-recoveries"
ACCOUNTS = "due-to-accounts"
TAKEN_OVER = "loans-taken-over"


@dataclass(frozen=True, slots=True)
class Posting:
    debit: str
    credit: str
    amount_minor: int


def postings(event: Event) -> Iterator[Posting]:
    match event:
        case LoanDisbursed(amount_minor=amount):
            yield Posting(PRINCIPAL, ACCOUNTS, amount)
        case LoanTakenOver(principal_minor=principal):
            yield Posting(PRINCIPAL, TAKEN_OVER, principal)
            if event.repaid_principal_minor:
                yield Posting(TAKEN_OVER, PRINCIPAL, event.repaid_principal_minor)
            if event.repaid_interest_minor:
                yield Posting(TAKEN_OVER, INTEREST, event.repaid_interest_minor)
        case LoanRepaid():
            parts = {
                PRINCIPAL: event.principal_minor,
                INTEREST: event.interest_minor,
                FEES: event.fee_minor,
                PENALTIES: event.penalty_minor,
            }
            for name, amount in parts.items():
                if amount:
                    yield Posting(ACCOUNTS, name, amount)
        case LoanWrittenOff(principal_minor=principal):
            if principal:
                yield Posting(LOSSES, PRINCIPAL, principal)
        case LoanRecovered(amount_minor=amount):
            yield Posting(ACCOUNTS, RECOVERIES, amount)
        case _:
            return
