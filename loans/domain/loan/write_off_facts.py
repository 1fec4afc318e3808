"""What two operators say of a loan that is to be written off: see `write_off`."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WriteOffProposed:
    loan_id: str
    customer_id: str
    proposed_by: str
    proposed_on: date


@dataclass(frozen=True, slots=True)
class WriteOffWithdrawn:
    loan_id: str
    customer_id: str
    withdrawn_by: str
    withdrawn_on: date
