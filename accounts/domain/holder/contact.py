"""The copy of a customer's mobile number that Accounts keeps, to reach whoever holds an account: see `bank.copies`.

Accounts may refuse a change of it while a legal order freezes one of his accounts.
"""

from dataclasses import dataclass

from bank.copies import CopyEvents, copier
from bank.decider import Personal


@dataclass(frozen=True, slots=True)
class AccountContactChanged:
    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class AccountContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class AccountContactRestored:
    """The change was taken back; what it found unchanged, it left."""

    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class AccountContactBarHeard:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


ACCOUNT_CONTACT = copier(
    "account_contact",
    "mobile_number",
    CopyEvents(AccountContactChanged, AccountContactChangeDeclined, AccountContactRestored, AccountContactBarHeard),
    code="account_under_legal_order",
)
