"""A loan, from the events of Loans."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from bankview.inbound.loans import (
    ApprovalWithdrawn,
    CollectionChosen,
    CollectionStopped,
    DisbursementFailed,
    DisbursementRequested,
    FirstApprovalGiven,
    InstalmentOverdue,
    LateFeeCharged,
    LoanApplied,
    LoanApproved,
    LoanClosed,
    LoanCured,
    LoanDefaulted,
    LoanDisbursed,
    LoanRecovered,
    LoanRejected,
    LoanRepaid,
    LoanTakenOver,
    LoanWithdrawn,
    LoanWrittenOff,
    OriginationFailed,
    OriginationRequested,
    PayoutAccountChosen,
    PenaltyInterestCharged,
    RepaymentDeclined,
    RepaymentRequested,
    WriteOffProposed,
    WriteOffWithdrawn,
)
from bankview.parts.part import Part, Said, key, money

Event = (
    LoanApplied
    | FirstApprovalGiven
    | LoanApproved
    | LoanRejected
    | LoanWithdrawn
    | PayoutAccountChosen
    | OriginationRequested
    | ApprovalWithdrawn
    | OriginationFailed
    | DisbursementRequested
    | DisbursementFailed
    | LoanDisbursed
    | LoanTakenOver
    | CollectionChosen
    | CollectionStopped
    | RepaymentRequested
    | RepaymentDeclined
    | LoanRepaid
    | InstalmentOverdue
    | LateFeeCharged
    | PenaltyInterestCharged
    | LoanDefaulted
    | LoanCured
    | WriteOffProposed
    | WriteOffWithdrawn
    | LoanWrittenOff
    | LoanRecovered
    | LoanClosed
)


@dataclass(frozen=True, slots=True)
class Loan:
    id: str
    product: str = ""
    account_id: str = ""
    currency: str = "EUR"
    status: str = ""
    principal_minor: int = 0
    rate_bps: int = 0
    term_months: int = 0
    instalment_minor: int = 0
    outstanding_minor: int = 0
    applied_on: date | None = None
    disbursed_on: date | None = None


def evolve(loan: Loan | None, said: Said) -> Loan:
    return fold(loan or Loan(key(said.stream)), said.data)


def fold(loan: Loan, event: Event) -> Loan:
    match event:
        case LoanApplied():
            return Loan(
                id=event.loan_id,
                product=event.product,
                account_id=event.account_id,
                currency=event.currency,
                status="applied",
                principal_minor=event.principal_minor,
                rate_bps=event.rate_bps,
                term_months=event.term_months,
                applied_on=event.applied_on,
            )
        case FirstApprovalGiven():
            return replace(loan, status="awaiting_second_approval")
        case OriginationRequested() | ApprovalWithdrawn():
            return replace(loan, status="originating")
        case LoanApproved():
            return replace(loan, status="approved")
        case OriginationFailed() | DisbursementFailed():
            return replace(loan, status="applied")
        case PayoutAccountChosen(account_id=account_id) | CollectionChosen(account_id=account_id):
            return replace(loan, account_id=account_id)
        case LoanRejected():
            return replace(loan, status="rejected")
        case LoanWithdrawn():
            return replace(loan, status="withdrawn")
        case DisbursementRequested(account_id=account_id):
            return replace(loan, status="disbursing", account_id=account_id)
        case LoanDisbursed():
            return replace(
                loan,
                status="active",
                instalment_minor=event.instalment_minor,
                outstanding_minor=event.amount_minor + event.total_interest_minor,
                disbursed_on=event.disbursed_on,
            )
        case LoanTakenOver():
            return Loan(
                id=event.loan_id,
                product=event.product,
                account_id=event.account_id,
                currency=event.currency,
                status="active",
                principal_minor=event.principal_minor,
                rate_bps=event.rate_bps,
                term_months=event.term_months,
                instalment_minor=event.instalment_minor,
                outstanding_minor=event.outstanding_minor,
                applied_on=event.disbursed_on,
                disbursed_on=event.disbursed_on,
            )
        case RepaymentRequested() | RepaymentDeclined() | InstalmentOverdue():
            return loan
        case LoanDefaulted() | LoanCured() | WriteOffProposed() | WriteOffWithdrawn() | CollectionStopped():
            return loan
        case LoanWrittenOff(principal_minor=principal):
            owed = principal + event.interest_minor + event.fee_minor + event.penalty_minor
            return replace(loan, status="written_off", outstanding_minor=owed)
        case LoanRepaid(outstanding_minor=outstanding) | LoanRecovered(outstanding_minor=outstanding):
            return replace(loan, outstanding_minor=outstanding)
        case LateFeeCharged(amount_minor=amount) | PenaltyInterestCharged(amount_minor=amount):
            return replace(loan, outstanding_minor=loan.outstanding_minor + amount)
        case LoanClosed():
            return replace(loan, status="closed")
        case _:
            assert_never(event)


def document(loan: Loan) -> dict[str, Any]:
    return {
        "id": loan.id,
        "product": loan.product,
        "account_id": loan.account_id,
        "status": loan.status,
        "principal": money(loan.principal_minor, loan.currency),
        "outstanding": money(loan.outstanding_minor, loan.currency),
        "instalment": money(loan.instalment_minor, loan.currency),
        "rate_bps": loan.rate_bps,
        "term_months": loan.term_months,
        "applied_on": loan.applied_on,
        "disbursed_on": loan.disbursed_on,
    }


LOAN: Part[Loan] = Part(
    name="loan",
    types={
        "loans.LoanApplied.v1": LoanApplied,
        "loans.FirstApprovalGiven.v1": FirstApprovalGiven,
        "loans.LoanApproved.v1": LoanApproved,
        "loans.LoanRejected.v1": LoanRejected,
        "loans.LoanWithdrawn.v1": LoanWithdrawn,
        "loans.PayoutAccountChosen.v1": PayoutAccountChosen,
        "loans.OriginationRequested.v1": OriginationRequested,
        "loans.ApprovalWithdrawn.v1": ApprovalWithdrawn,
        "loans.OriginationFailed.v1": OriginationFailed,
        "loans.DisbursementRequested.v1": DisbursementRequested,
        "loans.DisbursementFailed.v1": DisbursementFailed,
        "loans.LoanDisbursed.v1": LoanDisbursed,
        "loans.LoanTakenOver.v1": LoanTakenOver,
        "loans.CollectionChosen.v1": CollectionChosen,
        "loans.CollectionStopped.v1": CollectionStopped,
        "loans.RepaymentRequested.v1": RepaymentRequested,
        "loans.RepaymentDeclined.v1": RepaymentDeclined,
        "loans.LoanRepaid.v1": LoanRepaid,
        "loans.InstalmentOverdue.v1": InstalmentOverdue,
        "loans.LateFeeCharged.v1": LateFeeCharged,
        "loans.PenaltyInterestCharged.v1": PenaltyInterestCharged,
        "loans.LoanDefaulted.v1": LoanDefaulted,
        "loans.LoanCured.v1": LoanCured,
        "loans.WriteOffProposed.v1": WriteOffProposed,
        "loans.WriteOffWithdrawn.v1": WriteOffWithdrawn,
        "loans.LoanWrittenOff.v1": LoanWrittenOff,
        "loans.LoanRecovered.v1": LoanRecovered,
        "loans.LoanClosed.v1": LoanClosed,
    },
    blank=Loan(""),
    evolve=evolve,
    document=document,
    ordered_by="applied_on",
)
