"""The fields Customers reads of others' messages."""

from dataclasses import dataclass


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
