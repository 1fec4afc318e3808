"""What was booked by mistake is booked back, once: history stays as it is."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.account.facts import Account, Event, MoneyCredited, MoneyDebited
from accounts.domain.account.rules import require_amount, require_open
from accounts.domain.chart import CARD_SETTLEMENT, DUE_FROM_CARDS, DUE_FROM_LOANS, SUSPENSE, TRANSFER_CLEARING, TRANSIT
from bank.decider import Refused

MAX_REVERSALS = 500
"""What was reversed is part of the state that each command reads and writes."""

OF_PROCESSES = frozenset({*TRANSIT.values(), CARD_SETTLEMENT, DUE_FROM_CARDS, DUE_FROM_LOANS, SUSPENSE})

# Orders.


@dataclass(frozen=True, slots=True)
class ReverseEntry:
    """Takes back what this version of the account booked, against the same contra.

    `booked_minor` is what it did to the balance: negative for a debit. Of a transfer both halves are reversed in one
    unit, each naming the other's account. `is_reversal` says that it took something back itself.
    """

    account_id: str
    version: int
    booked_minor: int
    currency: str
    contra: str
    booked_on: date
    counterparty: str | None = None
    is_reversal: bool = False


# Decisions.


def reverse_entry(account: Account, command: ReverseEntry) -> list[Event]:
    require_open(account)
    require_amount(account, abs(command.booked_minor), command.currency)
    require_reversible(command)
    if command.version in account.reversed:
        raise Refused("already_reversed", "This entry has been reversed before.")
    if len(account.reversed) >= MAX_REVERSALS:
        raise Refused("too_many_reversals", "The account has as many reversals as the bank allows.")
    if command.booked_minor < 0:
        return [credit_back(command)]
    if account.freezes.debit:
        raise Refused("account_frozen", "The account is frozen for debits.")
    if account.available_minor < command.booked_minor:
        raise Refused("insufficient_funds", "The reversal would exceed what is available.")
    return [debit_back(account, command)]


def require_reversible(command: ReverseEntry) -> None:
    if command.contra in OF_PROCESSES:
        raise Refused("not_reversible", "What belongs to a card payment or a loan is taken back there.")
    if command.contra == TRANSFER_CLEARING and command.counterparty is None:
        raise Refused("not_reversible", "Both halves of a transfer are reversed together.")
    if command.is_reversal:
        raise Refused("not_reversible", "What takes back is not taken back: it is booked anew.")


def credit_back(command: ReverseEntry) -> MoneyCredited:
    return MoneyCredited(
        account_id=command.account_id,
        amount_minor=-command.booked_minor,
        currency=command.currency,
        contra=command.contra,
        booked_on=command.booked_on,
        counterparty=command.counterparty,
        reverses=command.version,
    )


def debit_back(account: Account, command: ReverseEntry) -> MoneyDebited:
    return MoneyDebited(
        account_id=command.account_id,
        amount_minor=command.booked_minor,
        currency=command.currency,
        contra=command.contra,
        booked_on=command.booked_on,
        counterparty=command.counterparty,
        unarranged=account.overdrawn_by(command.booked_minor),
        reverses=command.version,
    )
