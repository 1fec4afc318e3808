"""The copy of a customer's mobile number that Cards keeps, to reach whoever holds a card: see `bank.copies`.

Cards may refuse a change of it while a card of his is blocked for fraud: who took over the number would get the codes.
"""

from dataclasses import dataclass

from bank.copies import CopyEvents, copier
from bank.decider import Personal


@dataclass(frozen=True, slots=True)
class CardContactChanged:
    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class CardContactChangeDeclined:
    process_id: str
    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class CardContactRestored:
    """The change was taken back; what it found unchanged, it left."""

    process_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class CardContactBarHeard:
    customer_id: str
    subject: str
    version: int
    is_barred: bool


CARD_CONTACT = copier(
    "card_contact",
    "mobile_number",
    CopyEvents(CardContactChanged, CardContactChangeDeclined, CardContactRestored, CardContactBarHeard),
    code="card_blocked_for_fraud",
)
