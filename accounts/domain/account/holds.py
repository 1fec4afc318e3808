"""Money on hold for a card payment: held, then captured or released."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.account.facts import Account, Event, FundsHeld, HoldCaptured, HoldDeclined, HoldReleased
from accounts.domain.account.rules import require_amount, require_known, require_open, require_owner
from accounts.domain.chart import require_contra
from bank.decider import Refused

MAX_OPEN_HOLDS = 500
"""Every open hold is part of the state that each command reads and writes."""

# Orders.


@dataclass(frozen=True, slots=True)
class HoldFunds:
    """`answers` is the process that awaits `FundsHeld` or `HoldDeclined`."""

    account_id: str
    customer_id: str
    hold_id: str
    amount_minor: int
    currency: str
    expires_on: date
    answers: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CaptureHold:
    account_id: str
    hold_id: str
    process_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    account_id: str
    hold_id: str


# Decisions.


def hold_funds(account: Account, command: HoldFunds) -> list[Event]:
    require_known(account)
    try:
        require_holdable(account, command)
    except Refused as refused:
        return declined(command, refused)
    return [
        FundsHeld(
            account_id=command.account_id,
            hold_id=command.hold_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            expires_on=command.expires_on,
            reference=command.reference,
        )
    ]


def require_holdable(account: Account, command: HoldFunds) -> None:
    require_open(account)
    require_owner(account, command.customer_id)
    require_amount(account, command.amount_minor, command.currency)
    if account.freezes.debit:
        raise Refused("account_frozen", "The account is frozen for debits.")
    if command.hold_id in account.holds:
        raise Refused("hold_exists", "There is a hold with this number already.")
    if len(account.holds) >= MAX_OPEN_HOLDS:
        raise Refused("too_many_holds", "The account has as many open holds as the bank allows.")
    if account.available_minor < command.amount_minor:
        raise Refused("insufficient_funds", "The hold would exceed what is available.")


def declined(command: HoldFunds, refused: Refused) -> list[Event]:
    """A person is refused; a process that awaits an answer hears an event."""
    if command.answers is None:
        raise refused
    return [HoldDeclined(command.account_id, command.hold_id, command.amount_minor, command.currency, refused.code)]


def capture_hold(account: Account, command: CaptureHold) -> list[Event]:
    """Always succeeds: the bank gave its word with the hold, even if it was released, or the account frozen or closed
    since."""
    require_known(account)
    require_amount(account, command.amount_minor, command.currency)
    require_contra(command.contra)
    return [
        HoldCaptured(
            account_id=command.account_id,
            hold_id=command.hold_id,
            process_id=command.process_id,
            amount_minor=command.amount_minor,
            held_minor=account.holds.get(command.hold_id, 0),
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
            unarranged=account.overdrawn_by(command.amount_minor),
        )
    ]


def release_hold(account: Account, command: ReleaseHold) -> list[Event]:
    """Nothing happens where no such hold is open: it was declined, captured or released before."""
    held = account.holds.get(command.hold_id)
    if held is None:
        return []
    return [HoldReleased(command.account_id, command.hold_id, held, account.currency)]
