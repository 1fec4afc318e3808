"""What the origination of a loan begins with, and what it asks of its participants.

`saga_id` is the origination's, a new one each time that a loan is approved. Amounts are minor units.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OriginationBegun:
    saga_id: str
    customer_id: str
    loan_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class FailureAsked:
    """The loan itself goes back: `code` says why it did not come about."""

    saga_id: str
    loan_id: str
    code: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ClearanceAsked:
    saga_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class ClearanceWithdrawalAsked:
    saga_id: str
    customer_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LimitAsked:
    saga_id: str
    customer_id: str
    loan_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LimitReleaseAsked:
    saga_id: str
    customer_id: str
    loan_id: str
    currency: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    saga_id: str
    loan_id: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawalAsked:
    saga_id: str
    loan_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LoanCreditAsked:
    saga_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class LoanCreditReturnAsked:
    saga_id: str
    customer_id: str
    account_id: str
    amount_minor: int
    currency: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ActivationAsked:
    saga_id: str
    loan_id: str
    requested_on: date
    attempt: int
