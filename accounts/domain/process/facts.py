"""What has happened to the money of a process that crosses contexts, and what is known of it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from accounts.domain.account.facts import HoldDeclined
from accounts.domain.chart import SUSPENSE, TransitKind
from bank.four_eyes import NOTHING_PROPOSED, Proposal

# Facts.


@dataclass(frozen=True, slots=True)
class TransitReceived:
    process_id: str
    kind: TransitKind
    amount_minor: int
    currency: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class TransitCleared:
    process_id: str
    kind: TransitKind
    amount_minor: int
    currency: str
    contra: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class TransitReturned:
    """Of nothing, where there was nothing to return: the asker hears that it has ended."""

    process_id: str
    kind: TransitKind
    amount_minor: int
    currency: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class DebitCancelled:
    """The debit was taken back before the process received anything. One that comes late is declined."""

    account_id: str
    process_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class TransitReturnDeclined:
    account_id: str
    process_id: str
    amount_minor: int
    currency: str
    code: str
    attempt: int


@dataclass(frozen=True, slots=True)
class TransitResolutionProposed:
    process_id: str
    amount_minor: int
    currency: str
    proposed_by: str
    proposed_on: date


@dataclass(frozen=True, slots=True)
class OwnAccountsBooked:
    """From one of the bank's own accounts to another: no customer's account is touched, and nothing is in transit.

    From or to suspense it is what people had moved there, on its way to where it belongs.
    """

    process_id: str
    amount_minor: int
    currency: str
    debit: str
    credit: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class SuspensePayoutProposed:
    process_id: str
    account_id: str
    amount_minor: int
    currency: str
    proposed_by: str
    proposed_on: date


@dataclass(frozen=True, slots=True)
class TransitResolutionWithdrawn:
    process_id: str
    withdrawn_by: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class SuspensePayoutWithdrawn:
    process_id: str
    withdrawn_by: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class SuspensePaidOut:
    """Given back to the customer. The credit of his account, in the same unit, books it."""

    process_id: str
    account_id: str
    amount_minor: int
    currency: str
    proposed_by: str
    approved_by: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class DebitDeclined:
    account_id: str
    process_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class CreditDeclined:
    account_id: str
    process_id: str
    amount_minor: int
    currency: str
    code: str


Answer = HoldDeclined | DebitDeclined | CreditDeclined | TransitReturned | TransitReturnDeclined
OfSuspense = SuspensePayoutProposed | SuspensePayoutWithdrawn | SuspensePaidOut
Event = (
    TransitReceived
    | TransitCleared
    | TransitResolutionProposed
    | TransitResolutionWithdrawn
    | DebitCancelled
    | OwnAccountsBooked
    | OfSuspense
    | Answer
)

# State.


@dataclass(frozen=True, slots=True)
class Payout:
    """What one operator has proposed to give back out of suspense."""

    account_id: str
    amount_minor: int
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Process:
    """Totals since the process began, what was returned counting as cleared; what is open is in transit.

    `in_suspense_minor` is what people have moved to suspense and nobody has asked to clear since, less what they have
    given back to the customer from there (`paid_out_minor`).
    """

    kind: TransitKind | None = None
    currency: str = ""
    received_minor: int = 0
    cleared_minor: int = 0
    in_suspense_minor: int = 0
    paid_out_minor: int = 0
    is_cancelled: bool = False
    resolution: Proposal = NOTHING_PROPOSED
    payout: Payout | None = None

    @property
    def open_minor(self) -> int:
        return self.received_minor - self.cleared_minor


def evolve(process: Process, event: Event) -> Process:
    match event:
        case TransitReceived(kind=kind, currency=currency, amount_minor=amount):
            return replace(process, kind=kind, currency=currency, received_minor=process.received_minor + amount)
        case TransitCleared(amount_minor=amount, contra=contra):
            suspended = process.in_suspense_minor + (amount if contra == SUSPENSE else 0)
            return replace(ended(process, amount), in_suspense_minor=suspended)
        case TransitReturned(amount_minor=amount):
            return ended(process, amount)
        case TransitResolutionProposed(proposed_by=operator, proposed_on=day):
            return replace(process, resolution=Proposal(operator, day))
        case TransitResolutionWithdrawn():
            return replace(process, resolution=NOTHING_PROPOSED)
        case DebitCancelled():
            return replace(process, is_cancelled=True)
        case OwnAccountsBooked(debit=debit, credit=credit, amount_minor=amount) if SUSPENSE in (debit, credit):
            return out_of_suspense(process, amount)
        case SuspensePayoutProposed(account_id=account_id, amount_minor=amount):
            proposal = Proposal(event.proposed_by, event.proposed_on)
            return replace(process, payout=Payout(account_id, amount, proposal))
        case SuspensePayoutWithdrawn():
            return replace(process, payout=None)
        case SuspensePaidOut(amount_minor=amount):
            return replace(out_of_suspense(process, amount), paid_out_minor=process.paid_out_minor + amount)
        case OwnAccountsBooked() | HoldDeclined() | DebitDeclined() | CreditDeclined() | TransitReturnDeclined():
            return process
        case _:
            assert_never(event)


def ended(process: Process, amount_minor: int) -> Process:
    """So much of it is no longer in transit, and nobody's proposal to move it is left."""
    return replace(process, cleared_minor=process.cleared_minor + amount_minor, resolution=NOTHING_PROPOSED)


def out_of_suspense(process: Process, amount_minor: int) -> Process:
    """So much less stands in suspense, and nobody's proposal to give it back is left."""
    return replace(process, in_suspense_minor=process.in_suspense_minor - amount_minor, payout=None)
