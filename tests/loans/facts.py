"""A personal loan of 1,200.00 over twelve months, and what happens to it."""

from datetime import date

from loans.domain.loan.facts import Event, LoanRepaid, RepaymentDeclined, RepaymentRequested
from loans.domain.loan.origination_facts import (
    LoanApplied,
    LoanApproved,
    LoanDisbursed,
    OriginationFailed,
    OriginationRequested,
)

DAY = date(2026, 1, 31)
PRINCIPAL, INTEREST, INSTALMENT = 1_200_00, 58_63, 104_89
LATE_FEE, PENALTY_BPS = 10_00, 500

APPLIED = LoanApplied("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 890, 12, DAY, LATE_FEE, PENALTY_BPS)
REQUESTED = OriginationRequested("l1", "c1", "o1", "a1", PRINCIPAL, "EUR", "operator:1", DAY)
APPROVED = LoanApproved("l1", "c1", DAY, "o1")
FAILED = OriginationFailed("l1", "c1", "o1", "a1", PRINCIPAL, "EUR", "account_frozen")
DISBURSED = LoanDisbursed("l1", "c1", "a1", PRINCIPAL, "EUR", 890, 12, INSTALMENT, INTEREST, DAY, "o1")

ACTIVE: tuple[Event, ...] = (APPLIED, REQUESTED, APPROVED, DISBURSED)


def repayment(amount_minor: int, repayment_id: str = "r1", account_id: str = "a1") -> RepaymentRequested:
    return RepaymentRequested(repayment_id, "l1", "c1", account_id, amount_minor, "EUR", DAY)


def declined(amount_minor: int, repayment_id: str = "r1") -> RepaymentDeclined:
    return RepaymentDeclined(repayment_id, "l1", "c1", amount_minor, "EUR", "insufficient_funds")


def repaid(interest_minor: int, principal_minor: int, left_minor: int, repayment_id: str = "r1") -> LoanRepaid:
    amount = interest_minor + principal_minor
    return LoanRepaid(repayment_id, "l1", "c1", amount, interest_minor, principal_minor, left_minor, "EUR", DAY)
