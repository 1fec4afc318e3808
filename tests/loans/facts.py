"""A personal loan of 1,200.00 over twelve months, and what happens to it."""

from datetime import date

from loans.domain.loan_facts import (
    DisbursementFailed,
    DisbursementRequested,
    Event,
    LoanApplied,
    LoanApproved,
    LoanDisbursed,
    LoanRepaid,
    RepaymentDeclined,
    RepaymentRequested,
)

DAY = date(2026, 1, 31)
PRINCIPAL, INTEREST, INSTALMENT = 1_200_00, 58_63, 104_89
LATE_FEE, PENALTY_BPS = 10_00, 500

APPLIED = LoanApplied("l1", "c1", "a1", "personal", PRINCIPAL, "EUR", 890, 12, DAY, LATE_FEE, PENALTY_BPS)
APPROVED = LoanApproved("l1", "c1", DAY)
REQUESTED = DisbursementRequested("l1", "c1", "a1", PRINCIPAL, "EUR", DAY)
FAILED = DisbursementFailed("l1", "c1", "a1", PRINCIPAL, "EUR", "account_not_found")
DISBURSED = LoanDisbursed("l1", "c1", "a1", PRINCIPAL, "EUR", 890, 12, INSTALMENT, INTEREST, DAY)

ACTIVE: tuple[Event, ...] = (APPLIED, APPROVED, REQUESTED, DISBURSED)


def repayment(amount_minor: int, repayment_id: str = "r1", account_id: str = "a1") -> RepaymentRequested:
    return RepaymentRequested(repayment_id, "l1", "c1", account_id, amount_minor, "EUR", DAY)


def declined(amount_minor: int, repayment_id: str = "r1") -> RepaymentDeclined:
    return RepaymentDeclined(repayment_id, "l1", "c1", amount_minor, "EUR", "insufficient_funds")


def repaid(interest_minor: int, principal_minor: int, left_minor: int, repayment_id: str = "r1") -> LoanRepaid:
    amount = interest_minor + principal_minor
    return LoanRepaid(repayment_id, "l1", "c1", amount, interest_minor, principal_minor, left_minor, "EUR", DAY)
