"""What people moved to suspense and give back to the customer whose it is: one operator proposes, another does it."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.chart import CHART, TRANSIT
from accounts.domain.process.facts import (
    Event,
    Process,
    SuspensePaidOut,
    SuspensePayoutProposed,
    SuspensePayoutWithdrawn,
)
from accounts.domain.process.rules import require_amount, require_currency
from bank.decider import Refused
from bank.four_eyes import NOTHING_PROPOSED, agreed, require_proposed, require_room

# Orders.


@dataclass(frozen=True, slots=True)
class ProposePayout:
    """`operator` is as the events name him. Of another account or amount, it takes the place of what was proposed.

    `is_of_customer`: the account is of the customer from whom the process received the money.
    """

    process_id: str
    account_id: str
    amount_minor: int
    currency: str
    operator: str
    proposed_on: date
    is_of_customer: bool


@dataclass(frozen=True, slots=True)
class PayOut:
    """What another operator, with whom this one agrees, has proposed. Always one unit with the credit of the account,
    which books it."""

    process_id: str
    account_id: str
    amount_minor: int
    currency: str
    operator: str
    booked_on: date
    agrees_with: str


@dataclass(frozen=True, slots=True)
class WithdrawPayout:
    process_id: str
    operator: str
    withdrawn_on: date


# Decisions.


def propose_payout(process: Process, command: ProposePayout) -> list[Event]:
    require_in_suspense(process, command)
    if not command.is_of_customer:
        raise Refused("not_the_customers", "This is no account of the customer whose money it is.")
    if process.payout and is_proposed(process, command.account_id, command.amount_minor):
        require_room(process.payout.proposal, command.operator, command.proposed_on)
    return [
        SuspensePayoutProposed(
            process_id=command.process_id,
            account_id=command.account_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            proposed_by=command.operator,
            proposed_on=command.proposed_on,
        )
    ]


def pay_out(process: Process, command: PayOut) -> list[Event]:
    require_in_suspense(process, command)
    proposed = process.payout
    if proposed is None or not is_proposed(process, command.account_id, command.amount_minor):
        raise Refused("not_proposed", "Nobody has proposed to give back this amount to this account.")
    agreed(proposed.proposal, by=command.operator, agrees_with=command.agrees_with, today=command.booked_on)
    return [
        SuspensePaidOut(
            process_id=command.process_id,
            account_id=command.account_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            proposed_by=proposed.proposal.by,
            approved_by=command.operator,
            booked_on=command.booked_on,
        )
    ]


def withdraw_payout(process: Process, command: WithdrawPayout) -> list[Event]:
    require_proposed(process.payout.proposal if process.payout else NOTHING_PROPOSED)
    return [SuspensePayoutWithdrawn(command.process_id, command.operator, command.withdrawn_on)]


def is_proposed(process: Process, account_id: str, amount_minor: int) -> bool:
    proposed = process.payout
    return proposed is not None and (proposed.account_id, proposed.amount_minor) == (account_id, amount_minor)


def require_in_suspense(process: Process, command: ProposePayout | PayOut) -> None:
    require_amount(command.amount_minor)
    if process.kind is None or process.in_suspense_minor == 0:
        raise Refused("nothing_in_suspense", "Nothing stands in suspense for this process.")
    if CHART[TRANSIT[process.kind]].normal == "debit":
        raise Refused("claim_in_suspense", "The bank's own claim stands in suspense here: the customer has the money.")
    require_currency(process, command.currency)
    if command.amount_minor > process.in_suspense_minor:
        raise Refused("suspense_exceeded", "Less than this stands in suspense for this process.")
