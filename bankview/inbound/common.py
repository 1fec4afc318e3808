"""What several contexts say in the same words; whose it is, the type says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Erased:
    """A context has forgotten a customer."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class NumberChangeStep:
    process_id: str


@dataclass(frozen=True, slots=True)
class NumberChangeRefused:
    process_id: str
    code: str
