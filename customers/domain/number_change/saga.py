"""What the coordinated change of a mobile number begins with, and what it asks of its participants."""

from dataclasses import dataclass

from bank.decider import Personal


@dataclass(frozen=True, slots=True)
class NumberChangeCoordinated:
    saga_id: str
    customer_id: str
    mobile_number: Personal
    mobile_key: str
    former_number: Personal
    former_key: str


@dataclass(frozen=True, slots=True)
class ProfileRestoreAsked:
    saga_id: str
    customer_id: str
    mobile_key: str
    former_number: Personal
    former_key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class AccountContactAsked:
    saga_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class AccountContactRestoreAsked:
    saga_id: str
    customer_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class CardContactAsked:
    saga_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class CardContactRestoreAsked:
    saga_id: str
    customer_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LoanContactAsked:
    saga_id: str
    customer_id: str
    mobile_number: Personal


@dataclass(frozen=True, slots=True)
class LoanContactRestoreAsked:
    saga_id: str
    customer_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class FormerNumberReleaseAsked:
    saga_id: str
    customer_id: str
    former_key: str
    attempt: int
