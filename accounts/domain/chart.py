"""The chart of accounts: the names every posting's two legs are booked to.

Customers' money stands in the control accounts, one per kind of account. Everything else is the bank's own, and is
never a stream that commands contend for: its balance is the sum of the postings that name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bank.decider import Refused

AccountKind = Literal["savings", "current"]
Side = Literal["debit", "credit"]
TransitKind = Literal["card-payments", "bill-payments", "loan-repayments", "loan-disbursements"]


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """`normal` is the side on which the account grows."""

    name: str
    title: str
    normal: Side


CASH = "cash"
OTHER_BANKS = "other-banks"
CARD_SETTLEMENT = "card-settlement"
TRANSFER_CLEARING = "transfer-clearing"
DUE_FROM_LOANS = "due-from-loans"
DUE_FROM_CARDS = "due-from-cards"
SUSPENSE = "suspense"
INTEREST_PAID = "interest-paid"
INTEREST_EARNED = "interest-earned"
FEES_EARNED = "fees-earned"

CONTROL: Mapping[AccountKind, str] = {"savings": "customer-savings", "current": "customer-current"}

TRANSIT: Mapping[TransitKind, str] = {
    "card-payments": "transit:card-payments",
    "bill-payments": "transit:bill-payments",
    "loan-repayments": "transit:loan-repayments",
    "loan-disbursements": "transit:loan-disbursements",
}

CHART: Mapping[str, LedgerAccount] = {
    account.name: account
    for account in (
        LedgerAccount(CASH, "Cash in tills and vaults", "debit"),
        LedgerAccount(OTHER_BANKS, "Money at other banks", "debit"),
        LedgerAccount(DUE_FROM_LOANS, "Due from Loans", "debit"),
        LedgerAccount(DUE_FROM_CARDS, "Due from Cards", "debit"),
        LedgerAccount(TRANSIT["loan-disbursements"], "Paid out, not yet taken up by Loans", "debit"),
        LedgerAccount(SUSPENSE, "To be settled by hand", "debit"),
        LedgerAccount(INTEREST_PAID, "Interest paid to customers", "debit"),
        LedgerAccount(CONTROL["savings"], "Customers' savings accounts", "credit"),
        LedgerAccount(CONTROL["current"], "Customers' current accounts", "credit"),
        LedgerAccount(CARD_SETTLEMENT, "Owed to the card scheme", "credit"),
        LedgerAccount(TRANSIT["card-payments"], "Captured, not yet settled with the card scheme", "credit"),
        LedgerAccount(TRANSIT["bill-payments"], "Bills paid, not yet taken up by Cards", "credit"),
        LedgerAccount(TRANSIT["loan-repayments"], "Repaid, not yet taken up by Loans", "credit"),
        LedgerAccount(TRANSFER_CLEARING, "Between the two halves of a transfer", "credit"),
        LedgerAccount(INTEREST_EARNED, "Interest earned", "credit"),
        LedgerAccount(FEES_EARNED, "Fees earned", "credit"),
    )
}


def require_contra(name: str) -> None:
    """A contra is one of the bank's own accounts, never a control account."""
    if name not in CHART or name in CONTROL.values():
        raise Refused("unknown_ledger_account", "The chart of accounts has no such account to book against.")
