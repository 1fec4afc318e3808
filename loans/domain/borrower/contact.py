"""The copy of a customer's mobile number that Loans keeps, to reach whoever owes a loan: see `bank.copies`.

Loans may refuse a change of it while a loan of his is in default or written off.
"""

from dataclasses import dataclass

from bank.copies import CopyEvents, copier
from bank.decider import Personal


@dataclass(frozen=True, slots=True)
class LoanContactChanged:
    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class LoanContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanContactRestored:
    """The change was taken back; what it found unchanged, it left."""

    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class LoanContactBarHeard:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


LOAN_CONTACT = copier(
    "loan_contact",
    "mobile_number",
    CopyEvents(LoanContactChanged, LoanContactChangeDeclined, LoanContactRestored, LoanContactBarHeard),
    code="loan_in_recovery",
)
