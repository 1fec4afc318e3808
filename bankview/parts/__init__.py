"""The parts of a customer's view, each folded from its own context's events alone."""

from collections.abc import Mapping
from typing import Any

from bankview.parts.account import ACCOUNT
from bankview.parts.card import CARD
from bankview.parts.card_payment import CARD_PAYMENT
from bankview.parts.loan import LOAN
from bankview.parts.part import Part
from bankview.parts.payment_file import PAYMENT_FILE
from bankview.parts.profile import PROFILE

PARTS: tuple[Part[Any], ...] = (PROFILE, ACCOUNT, LOAN, CARD, CARD_PAYMENT, PAYMENT_FILE)

TYPES: Mapping[str, type] = {name: shape for part in PARTS for name, shape in part.types.items()}
PART_OF: Mapping[str, Part[Any]] = {name: part for part in PARTS for name in part.types}
BY_NAME: Mapping[str, Part[Any]] = {part.name: part for part in PARTS}

STREAMS: Mapping[tuple[str, str], Part[Any]] = {
    ("customers", "customer"): PROFILE,
    ("accounts", "account"): ACCOUNT,
    ("accounts", "paymentfile"): PAYMENT_FILE,
    ("loans", "loan"): LOAN,
    ("cards", "card"): CARD,
    ("cards", "payment"): CARD_PAYMENT,
}
"""The part that stands on a stream of this context and kind; no other streams are shown."""
