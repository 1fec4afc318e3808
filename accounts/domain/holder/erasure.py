"""An account holder is forgotten: see `bank.erasure`."""

from dataclasses import dataclass
from datetime import date

from bank.erasure import eraser


@dataclass(frozen=True, slots=True)
class HolderErasureBegun:
    customer_id: str
    begun_on: date


@dataclass(frozen=True, slots=True)
class AccountHolderErased:
    """`erased_on` is the day for which it was asked; when it was done, the event's own time says."""

    customer_id: str
    erased_on: date


ERASURE = eraser("holdererasure", HolderErasureBegun, AccountHolderErased)
