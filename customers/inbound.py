"""The fields Customers reads of others' messages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Card:
    card_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Loan:
    loan_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A context has forgotten the customer."""

    customer_id: str
    erased_on: date
