"""What the bank owes on a credit card, paid out: Accounts is asked to credit it, and reports what became of it.

    requested → settled
        ↘ declined: the account did not take it, and it is the card's again

A card that has ended pays out too: a merchant may have given back since. Nobody takes a payout back: Accounts pays it,
or says why not.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Refused
from cards.domain.card.credit import require_credit
from cards.domain.card.credit_facts import (
    CardPayoutDeclined,
    CardPayoutRequested,
    CardPayoutSettled,
    Credit,
    Payout,
    accrued,
)
from cards.domain.card.facts import Card, Event
from cards.domain.card.rules import require_not_blocked_by_bank

MAX_PAYOUTS = 20
"""So many may be under way at once, so that the state stays small."""

# Commands.


@dataclass(frozen=True, slots=True)
class RequestPayout:
    """Of all that the bank owes and nobody counts on. Always one unit with `BeginPayout`."""

    payout_id: str
    card_id: str
    account_id: str
    requested_on: date
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class SettlePayout:
    payout_id: str
    card_id: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class DeclinePayout:
    payout_id: str
    card_id: str
    code: str
    declined_on: date


PayoutCommand = RequestPayout | SettlePayout | DeclinePayout

# Decisions.


def decide_payout(card: Card, command: PayoutCommand) -> list[Event]:
    credit = require_credit(card)
    if isinstance(command, RequestPayout):
        return request_payout(card, credit, command)
    payout = next((one for one in credit.payouts if one.payout_id == command.payout_id), None)
    return [] if payout is None else [answered(card, payout, command)]


def request_payout(card: Card, credit: Credit, command: RequestPayout) -> list[Event]:
    require_not_blocked_by_bank(card, "pays out what is on it", by_operator=command.by_operator)
    if len(credit.payouts) >= MAX_PAYOUTS:
        raise Refused("too_many_payouts", f"At most {MAX_PAYOUTS} payouts are under way at once.")
    amount = payable_minor(credit, command.requested_on)
    if amount <= 0:
        raise Refused("nothing_to_pay_out", "The bank owes nothing on this card but what open payments count on.")
    return [
        CardPayoutRequested(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payout_id=command.payout_id,
            account_id=command.account_id,
            amount_minor=amount,
            currency=card.currency,
            requested_on=command.requested_on,
        )
    ]


def payable_minor(credit: Credit, day: date) -> int:
    """What has accrued in interest is kept back for the next statement, which asks for it, and for open authorizations
    what the limit alone would not have let pass."""
    return min(-credit.outstanding_minor, credit.available_minor) - accrued(credit, day).interest_minor


def answered(card: Card, payout: Payout, command: SettlePayout | DeclinePayout) -> Event:
    match command:
        case SettlePayout(settled_on=day):
            return CardPayoutSettled(
                card_id=command.card_id,
                customer_id=card.customer_id,
                payout_id=payout.payout_id,
                amount_minor=payout.amount_minor,
                currency=card.currency,
                settled_on=day,
            )
        case DeclinePayout(code=code, declined_on=day):
            return CardPayoutDeclined(
                card_id=command.card_id,
                customer_id=card.customer_id,
                payout_id=payout.payout_id,
                amount_minor=payout.amount_minor,
                currency=card.currency,
                code=code,
                declined_on=day,
            )
        case _:
            assert_never(command)
