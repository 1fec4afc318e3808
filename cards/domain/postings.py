"""The books of Cards: what each event books, debit and credit.

Cards keeps no money. Accounts pays the card scheme for what customers buy on credit, pays out what the bank owes on a
card and takes in what customers pay, so the other leg is what Cards owes Accounts, which equals what Accounts is owed
by Cards once no message is on its way.
"""

from dataclasses import dataclass
from typing import assert_never

from cards.domain.card.credit_facts import (
    BillPaymentApplied,
    CardCharged,
    CardCredited,
    CardInterestCharged,
    CardPayoutDeclined,
    CardPayoutRequested,
)

RECEIVABLE = "card-receivable"
INTEREST = "interest-earned"
ACCOUNTS = "due-to-accounts"


@dataclass(frozen=True, slots=True)
class Posting:
    debit: str
    credit: str
    amount_minor: int


Booked = (
    CardCharged | CardCredited | CardInterestCharged | BillPaymentApplied | CardPayoutRequested | CardPayoutDeclined
)
"""The events that book."""


def posting(event: Booked) -> Posting:
    match event:
        case CardCharged(amount_minor=amount) | CardPayoutRequested(amount_minor=amount):
            return Posting(RECEIVABLE, ACCOUNTS, amount)
        case (
            CardCredited(amount_minor=amount)
            | BillPaymentApplied(amount_minor=amount)
            | CardPayoutDeclined(amount_minor=amount)
        ):
            return Posting(ACCOUNTS, RECEIVABLE, amount)
        case CardInterestCharged(amount_minor=amount):
            return Posting(RECEIVABLE, INTEREST, amount)
        case _:
            assert_never(event)
