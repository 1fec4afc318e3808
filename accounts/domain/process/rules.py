"""What several decisions about a process require."""

from accounts.domain.process.facts import Process
from bank.decider import Refused
from bank.money import MAX_MINOR


def require_currency(process: Process, currency: str) -> None:
    if currency != process.currency:
        raise Refused("currency_mismatch", "This process is kept in another currency.")


def require_amount(amount_minor: int) -> None:
    if not 0 < amount_minor <= MAX_MINOR:
        raise Refused("invalid_amount", "An amount is positive and not larger than the bank books.")
