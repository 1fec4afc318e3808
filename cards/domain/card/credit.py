"""A credit card's decisions: what it lends, what is paid back, and its statements.

A payment is authorized against the credit of the card itself; no account is asked.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from bank.decider import Refused
from bank.money import MAX_MINOR, round_half_even
from cards.domain.card.credit_facts import (
    CardCharged,
    CardCredited,
    CardInterestCharged,
    Credit,
    StatementClosed,
    StatementOverdue,
    accrued,
)
from cards.domain.card.facts import Card, CardIssued, CreditLimitChanged, Event
from cards.domain.card.rules import require_limits, require_not_cancelled

INTEREST_FREE_DAYS = 21
"""From a statement's closing to the last day on which it may be paid without interest."""

MINIMUM_SHARE = Fraction(1, 20)
MINIMUM_MINOR = 25_00
"""The minimum due: a twentieth of what is owed, at least this much of the card's currency, and what was missed."""

STATEMENT_DAYS = range(1, 29)

# Commands.


@dataclass(frozen=True, slots=True)
class IssueCreditCard:
    """`rate_bps` is the nominal annual rate; a statement is closed each month on `statement_day`."""

    card_id: str
    customer_id: str
    currency: str
    token: str
    last_four: str
    credit_limit_minor: int
    rate_bps: int
    statement_day: int
    per_payment_limit_minor: int
    per_day_limit_minor: int
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class ChangeCreditLimit:
    """The bank lends more or less from now on. The limits of payments stay as they are."""

    card_id: str
    credit_limit_minor: int


@dataclass(frozen=True, slots=True)
class ChargeCard:
    card_id: str
    payment_id: str
    amount_minor: int
    authorized_minor: int
    currency: str
    charged_on: date


@dataclass(frozen=True, slots=True)
class CreditCardBack:
    """A merchant gives back, even to a card that has ended: it was paid with it."""

    card_id: str
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class CloseStatement:
    """Asked for by the bank's clock: the next statement, if its day has come by `today`."""

    card_id: str
    today: date


@dataclass(frozen=True, slots=True)
class MarkLate:
    """Asked for by the bank's clock; takes effect only after the last day on which the minimum may be paid."""

    card_id: str
    today: date


# Decisions.


def issue_credit_card(card: Card, command: IssueCreditCard) -> list[Event]:
    if card.is_issued:
        raise Refused("card_exists", "This card has already been issued.")
    require_limits(command.per_payment_limit_minor, command.per_day_limit_minor)
    require_credit_limit(command.credit_limit_minor)
    if command.statement_day not in STATEMENT_DAYS:
        raise Refused("invalid_statement_day", "A statement day is from the 1st to the 28th.")
    if command.rate_bps < 0:
        raise Refused("invalid_rate", "Interest is not negative.")
    return [
        CardIssued(
            card_id=command.card_id,
            kind="credit",
            customer_id=command.customer_id,
            account_id="",
            currency=command.currency,
            token=command.token,
            last_four=command.last_four,
            per_payment_limit_minor=command.per_payment_limit_minor,
            per_day_limit_minor=command.per_day_limit_minor,
            issued_on=command.issued_on,
            expires_on=command.expires_on,
            credit_limit_minor=command.credit_limit_minor,
            rate_bps=command.rate_bps,
            statement_day=command.statement_day,
            first_closing_on=next_on(command.statement_day, command.issued_on),
        )
    ]


def change_credit_limit(card: Card, command: ChangeCreditLimit) -> list[Event]:
    """Down to below what is owed as well: what was authorized may still be captured, and nothing more is lent."""
    credit = require_credit(card)
    require_not_cancelled(card)
    if card.is_expired:
        raise Refused("card_expired", "This card has expired; only a new one can be issued.")
    require_credit_limit(command.credit_limit_minor)
    if command.credit_limit_minor == credit.limit_minor:
        return []
    return [CreditLimitChanged(command.card_id, card.customer_id, command.credit_limit_minor, card.currency)]


def charge(card: Card, command: ChargeCard) -> list[Event]:
    """The card does not remember its payments: what is captured was authorized before, and is captured once."""
    require_credit(card)
    return [
        CardCharged(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payment_id=command.payment_id,
            amount_minor=command.amount_minor,
            authorized_minor=command.authorized_minor,
            currency=command.currency,
            charged_on=command.charged_on,
        )
    ]


def credit_back(card: Card, command: CreditCardBack) -> list[Event]:
    require_credit(card)
    return [
        CardCredited(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payment_id=command.payment_id,
            refund_id=command.refund_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            credited_on=command.credited_on,
        )
    ]


def close_statement(card: Card, command: CloseStatement) -> list[Event]:
    credit = require_credit(card)
    day = credit.next_closing_on
    if command.today < day or card.is_cancelled:
        return []
    interest = accrued(credit, day).interest_minor
    balance = credit.outstanding_minor + interest
    statement = StatementClosed(
        card_id=command.card_id,
        customer_id=card.customer_id,
        number=credit.number + 1,
        opening_minor=credit.stated_minor,
        balance_minor=balance,
        interest_minor=interest,
        minimum_due_minor=minimum_due_minor(balance, credit.minimum_left_minor),
        currency=card.currency,
        closed_on=day,
        due_on=day + timedelta(days=INTEREST_FREE_DAYS),
        next_closing_on=next_on(day.day, day),
    )
    if not interest:
        return [statement]
    return [CardInterestCharged(command.card_id, card.customer_id, interest, card.currency, day), statement]


def mark_late(card: Card, command: MarkLate) -> list[Event]:
    credit = require_credit(card)
    if command.today <= credit.due_on or not credit.minimum_left_minor or credit.late_number == credit.number:
        return []
    missing = credit.minimum_left_minor
    return [StatementOverdue(command.card_id, card.customer_id, credit.number, missing, card.currency, credit.due_on)]


def minimum_due_minor(balance_minor: int, missed_minor: int) -> int:
    """A twentieth of the balance, ties to even, or the smallest sum, whichever is more, and what was missed before."""
    share = max(MINIMUM_MINOR, round_half_even(balance_minor * MINIMUM_SHARE))
    return max(0, min(balance_minor, share + missed_minor))


def next_on(day: int, after: date) -> date:
    """The next date with this day of the month (1 to 28) after a date."""
    if after.day < day:
        return after.replace(day=day)
    return (after.replace(day=1) + timedelta(days=monthrange(after.year, after.month)[1])).replace(day=day)


def require_credit_limit(limit_minor: int) -> None:
    if not 0 < limit_minor <= MAX_MINOR:
        raise Refused("invalid_credit_limit", "A credit limit is above zero, and not larger than the bank books.")


def require_credit(card: Card) -> Credit:
    if card.credit is None:
        raise Refused("not_a_credit_card", "This is no credit card.")
    return card.credit


def is_in_use(card: Card, day: date) -> bool:
    """Whether anything is owed on a credit card by anybody, authorized, or on its way from it to an account."""
    if card.credit is None:
        return False
    credit = accrued(card.credit, day)
    return bool(credit.authorized_minor or credit.outstanding_minor or credit.interest_minor or credit.payouts)


def require_nothing_owed(card: Card, day: date) -> None:
    if is_in_use(card, day):
        raise Refused(
            "card_in_use",
            "A credit card ends when nothing is owed on it, nothing authorized, and what the bank owes is paid out.",
        )
