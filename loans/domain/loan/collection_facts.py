"""From where what is due of a loan is collected, and whether it is; and what is on its way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CollectionChosen:
    """`account_id` is the loan's from now on: for what is repaid by hand too, unless another is named."""

    loan_id: str
    customer_id: str
    account_id: str
    collects: bool


@dataclass(frozen=True, slots=True)
class CollectionStopped:
    """By the bank: nothing will ever be collected from this account, and `code` says why."""

    loan_id: str
    customer_id: str
    account_id: str
    code: str


# State.


@dataclass(frozen=True, slots=True)
class Repayment:
    """A repayment on its way from an account; `collected_from` which, where the bank collects it."""

    repayment_id: str
    amount_minor: int
    settles: bool = False
    collected_from: str = ""
