"""A process that crosses contexts, as far as the ledger is concerned: what it has in transit.

Money received by a process stands in the transit account of its kind until the process ends and it is cleared to where
it belongs, or returned to the account. The customer's own posting books the first leg, and what is returned; clearing
books the second. What neither happens to, because the process could not be undone, two operators move to
suspense. The process ends all the same, whatever it asks for later: what it clears is booked out of suspense, and what
it returns has been seen to by people, who give it back from there (`suspense`). A process also hears the answer
when no account can give it: there is none, or the unit was of more than the account's own order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from accounts.domain.account.facts import HoldDeclined
from accounts.domain.chart import CHART, SUSPENSE, TRANSIT, TransitKind, require_contra
from accounts.domain.process.facts import (
    Answer,
    CreditDeclined,
    DebitCancelled,
    DebitDeclined,
    Event,
    OwnAccountsBooked,
    Process,
    SuspensePaidOut,
    SuspensePayoutProposed,
    SuspensePayoutWithdrawn,
    TransitCleared,
    TransitReceived,
    TransitResolutionProposed,
    TransitResolutionWithdrawn,
    TransitReturnDeclined,
    TransitReturned,
    evolve,
)
from accounts.domain.process.rules import require_amount, require_currency
from accounts.domain.process.suspense import (
    PayOut,
    ProposePayout,
    WithdrawPayout,
    pay_out,
    propose_payout,
    withdraw_payout,
)
from bank.decider import Decider, Refused
from bank.four_eyes import agreed, require_proposed

OVERDUE_AFTER: Mapping[TransitKind, timedelta] = {
    "card-payments": timedelta(days=9),
    "bill-payments": timedelta(minutes=15),
    "loan-repayments": timedelta(minutes=5),
    "loan-disbursements": timedelta(minutes=15),
}
"""Money that has stood in transit as long as its whole process may take is of one that is overdue."""

# Orders and decisions.


@dataclass(frozen=True, slots=True)
class ReceiveTransit:
    process_id: str
    kind: TransitKind
    amount_minor: int
    currency: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class ClearTransit:
    process_id: str
    amount_minor: int
    currency: str
    contra: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class ReturnTransit:
    """Always one unit with the account's own posting back, which books it."""

    process_id: str
    amount_minor: int
    currency: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class CancelDebit:
    """Instead of `ReturnTransit`, where the process has received nothing, or people have moved what it received."""

    account_id: str
    process_id: str
    amount_minor: int
    currency: str
    cancelled_on: date


@dataclass(frozen=True, slots=True)
class ResolveTransit:
    """The first operator proposes; another one does it, who agrees with the first. They are as the events name them,
    and `stood_for` is how long ago the process received its money."""

    process_id: str
    operator: str
    resolved_on: date
    stood_for: timedelta
    agrees_with: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawResolution:
    process_id: str
    operator: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class BookOwnAccounts:
    process_id: str
    amount_minor: int
    currency: str
    debit: str
    credit: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class Decline:
    answer: Answer


OfSuspense = ProposePayout | WithdrawPayout | PayOut
OfTransit = ReceiveTransit | ClearTransit | ReturnTransit | ResolveTransit | WithdrawResolution
Command = OfTransit | OfSuspense | CancelDebit | BookOwnAccounts | Decline


def decide(process: Process, command: Command) -> list[Event]:
    match command:
        case ReceiveTransit():
            return receive_transit(process, command)
        case ClearTransit():
            return clear_transit(process, command)
        case ReturnTransit():
            return return_transit(process, command)
        case CancelDebit():
            return cancel_debit(process, command)
        case ResolveTransit():
            return resolve_transit(process, command)
        case WithdrawResolution():
            require_proposed(process.resolution)
            return [TransitResolutionWithdrawn(command.process_id, command.operator, command.withdrawn_on)]
        case BookOwnAccounts():
            return book_own_accounts(command)
        case ProposePayout():
            return propose_payout(process, command)
        case WithdrawPayout():
            return withdraw_payout(process, command)
        case PayOut():
            return pay_out(process, command)
        case Decline():
            return [command.answer]
        case _:
            assert_never(command)


def receive_transit(process: Process, command: ReceiveTransit) -> list[Event]:
    require_amount(command.amount_minor)
    if process.is_cancelled:
        raise Refused("cancelled", "This process was taken back before it came here.")
    if process.kind not in (None, command.kind):
        raise Refused("other_process", "This process is of another kind.")
    if process.currency not in ("", command.currency):
        raise Refused("currency_mismatch", "This process is kept in another currency.")
    return [
        TransitReceived(command.process_id, command.kind, command.amount_minor, command.currency, command.booked_on)
    ]


def clear_transit(process: Process, command: ClearTransit) -> list[Event]:
    """Out of suspense, where people have moved it meanwhile."""
    require_contra(command.contra)
    if process.kind and process.open_minor < command.amount_minor <= process.in_suspense_minor:
        return clear_suspense(process, process.kind, command)
    return [
        TransitCleared(
            process_id=command.process_id,
            kind=kind_of_open(process, command),
            amount_minor=command.amount_minor,
            currency=command.currency,
            contra=command.contra,
            booked_on=command.booked_on,
        )
    ]


def clear_suspense(process: Process, kind: TransitKind, command: ClearTransit) -> list[Event]:
    require_amount(command.amount_minor)
    require_currency(process, command.currency)
    debit, credit = SUSPENSE, command.contra
    if CHART[TRANSIT[kind]].normal == "debit":
        debit, credit = credit, debit
    amount, currency, on = command.amount_minor, command.currency, command.booked_on
    return [OwnAccountsBooked(command.process_id, amount, currency, debit, credit, on)]


def return_transit(process: Process, command: ReturnTransit) -> list[Event]:
    return [
        TransitReturned(
            process_id=command.process_id,
            kind=kind_of_open(process, command),
            amount_minor=command.amount_minor,
            currency=command.currency,
            booked_on=command.booked_on,
        )
    ]


def resolve_transit(process: Process, command: ResolveTransit) -> list[Event]:
    if process.kind is None or process.open_minor == 0:
        raise Refused("nothing_in_transit", "This process has nothing in transit.")
    if command.stood_for < OVERDUE_AFTER[process.kind]:
        raise Refused("process_under_way", "This process is under way: its money is moved once it is overdue.")
    by, on = command.operator, command.resolved_on
    if not agreed(process.resolution, by=by, agrees_with=command.agrees_with, today=on):
        return [
            TransitResolutionProposed(
                process_id=command.process_id,
                amount_minor=process.open_minor,
                currency=process.currency,
                proposed_by=by,
                proposed_on=on,
            )
        ]
    return [TransitCleared(command.process_id, process.kind, process.open_minor, process.currency, SUSPENSE, on)]


def cancel_debit(process: Process, command: CancelDebit) -> list[Event]:
    seen_to = process.in_suspense_minor + process.paid_out_minor
    if process.kind is not None and 0 < command.amount_minor <= seen_to:
        return [TransitReturned(command.process_id, process.kind, 0, process.currency, command.cancelled_on)]
    if process.kind is not None:
        raise Refused("money_received", "This process has received money: it is returned, or cleared.")
    if process.is_cancelled:
        return []
    return [DebitCancelled(command.account_id, command.process_id, command.amount_minor, command.currency)]


def kind_of_open(process: Process, command: ClearTransit | ReturnTransit) -> TransitKind:
    """Raises unless the process has as much in transit."""
    require_amount(command.amount_minor)
    if process.kind is None or command.amount_minor > process.open_minor:
        raise Refused("transit_exceeded", "The process has less than this in transit.")
    require_currency(process, command.currency)
    return process.kind


def book_own_accounts(command: BookOwnAccounts) -> list[Event]:
    require_amount(command.amount_minor)
    require_contra(command.debit)
    require_contra(command.credit)
    return [
        OwnAccountsBooked(
            process_id=command.process_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            debit=command.debit,
            credit=command.credit,
            booked_on=command.booked_on,
        )
    ]


PROCESS = Decider(
    name="process",
    initial=Process(),
    decide=decide,
    evolve=evolve,
    events={
        "TransitReceived.v1": TransitReceived,
        "TransitCleared.v1": TransitCleared,
        "TransitReturned.v1": TransitReturned,
        "TransitReturnDeclined.v1": TransitReturnDeclined,
        "TransitResolutionProposed.v1": TransitResolutionProposed,
        "TransitResolutionWithdrawn.v1": TransitResolutionWithdrawn,
        "DebitCancelled.v1": DebitCancelled,
        "OwnAccountsBooked.v1": OwnAccountsBooked,
        "SuspensePayoutProposed.v1": SuspensePayoutProposed,
        "SuspensePayoutWithdrawn.v1": SuspensePayoutWithdrawn,
        "SuspensePaidOut.v1": SuspensePaidOut,
        "HoldDeclined.v1": HoldDeclined,
        "DebitDeclined.v1": DebitDeclined,
        "CreditDeclined.v1": CreditDeclined,
    },
    state_version=6,
)
