"""What has happened to the credit of a card, and how it stands after it.

Amounts are minor units of the card's currency. `outstanding_minor` is what the customer owes, below zero where the bank
owes him; it falls into three parts, of which money paid takes the first first:

- *revolving*: of statements whose last interest-free day is over. It bears interest on the balance at each day's end.
- *billed*: of the last statement, free of interest through `due_on`.
- the rest, which no statement has asked for yet.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import assert_never

from bank.money import round_half_even

BPS_YEAR = 10_000 * 365
"""Interest is ACT/365: rate in basis points, divided by this, is the fraction of a day."""

# Facts.


@dataclass(frozen=True, slots=True)
class CreditReserved:
    """A payment is authorized against the credit, and counts against the day's limit."""

    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date


@dataclass(frozen=True, slots=True)
class CreditReleased:
    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date


@dataclass(frozen=True, slots=True)
class CardCharged:
    """A payment was captured: `authorized_minor` is no longer set aside, and the customer owes `amount_minor` more."""

    card_id: str
    customer_id: str
    payment_id: str
    amount_minor: int
    authorized_minor: int
    currency: str
    charged_on: date


@dataclass(frozen=True, slots=True)
class CardCredited:
    """A merchant gave back."""

    card_id: str
    customer_id: str
    payment_id: str
    refund_id: str
    amount_minor: int
    currency: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class CardInterestCharged:
    card_id: str
    customer_id: str
    amount_minor: int
    currency: str
    charged_on: date


@dataclass(frozen=True, slots=True)
class StatementClosed:
    """`balance_minor` is all that is owed, `opening_minor` what it was on the statement before.

    `minimum_due_minor` is to be paid through `due_on`; who has paid the whole balance by then pays no interest on it.
    """

    card_id: str
    customer_id: str
    number: int
    opening_minor: int
    balance_minor: int
    interest_minor: int
    minimum_due_minor: int
    currency: str
    closed_on: date
    due_on: date
    next_closing_on: date


@dataclass(frozen=True, slots=True)
class StatementOverdue:
    """The minimum due was not paid in time; `missing_minor` of it is open."""

    card_id: str
    customer_id: str
    number: int
    missing_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentRequested:
    """The customer pays what he owes from one of his accounts: Accounts is asked for the money."""

    card_id: str
    customer_id: str
    payment_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentApplied:
    """He owes so much less, from the day on which his account paid."""

    card_id: str
    customer_id: str
    payment_id: str
    amount_minor: int
    currency: str
    applied_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentDeclined:
    """Nothing was taken from his account."""

    card_id: str
    customer_id: str
    payment_id: str
    amount_minor: int
    currency: str
    code: str


@dataclass(frozen=True, slots=True)
class BillPaymentRejected:
    """The card does not take it any more: whatever was taken from the account goes back."""

    card_id: str
    customer_id: str
    payment_id: str
    account_id: str
    amount_minor: int
    currency: str
    code: str
    rejected_on: date


@dataclass(frozen=True, slots=True)
class BillPaymentRefunded:
    """A rejected payment is back on the account; `by_hand`, people have its money and will see to it."""

    card_id: str
    customer_id: str
    payment_id: str
    amount_minor: int
    currency: str
    code: str
    refunded_on: date
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class CardPayoutRequested:
    """What the bank owes on the card is no longer the card's: Accounts is asked to pay it to one of his accounts."""

    card_id: str
    customer_id: str
    payout_id: str
    account_id: str
    amount_minor: int
    currency: str
    requested_on: date


@dataclass(frozen=True, slots=True)
class CardPayoutSettled:
    """It is on the account."""

    card_id: str
    customer_id: str
    payout_id: str
    amount_minor: int
    currency: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class CardPayoutDeclined:
    """The account did not take it: it is the card's again."""

    card_id: str
    customer_id: str
    payout_id: str
    amount_minor: int
    currency: str
    code: str
    declined_on: date


Event = (
    CreditReserved
    | CreditReleased
    | CardCharged
    | CardCredited
    | CardInterestCharged
    | StatementClosed
    | StatementOverdue
    | BillPaymentRequested
    | BillPaymentApplied
    | BillPaymentDeclined
    | BillPaymentRejected
    | BillPaymentRefunded
    | CardPayoutRequested
    | CardPayoutSettled
    | CardPayoutDeclined
)

# State.


@dataclass(frozen=True, slots=True)
class BillPayment:
    """One that has not ended; with a `code` it was rejected for that, and is on its way back."""

    payment_id: str
    account_id: str
    amount_minor: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way from the card to an account."""

    payout_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Credit:
    """`accrued` is interest not posted yet, exact, in minor units × `BPS_YEAR`, for the days before `accrued_on`.

    `late_number` is the last statement found overdue, `overdue_minor` what is left to pay of its minimum.
    """

    limit_minor: int
    rate_bps: int
    next_closing_on: date
    accrued_on: date
    accrued: int = 0
    outstanding_minor: int = 0
    authorized_minor: int = 0
    number: int = 0
    stated_minor: int = 0
    due_on: date = date.max
    revolving_minor: int = 0
    billed_minor: int = 0
    minimum_left_minor: int = 0
    late_number: int = 0
    overdue_minor: int = 0
    bill_payments: tuple[BillPayment, ...] = ()
    payouts: tuple[Payout, ...] = ()

    @property
    def available_minor(self) -> int:
        return self.limit_minor - self.outstanding_minor - self.authorized_minor

    @property
    def on_its_way_minor(self) -> int:
        return sum(one.amount_minor for one in self.bill_payments if not one.code)

    @property
    def statement_left_minor(self) -> int:
        """What is left to pay of the last statement's balance."""
        return self.revolving_minor + self.billed_minor

    @property
    def interest_minor(self) -> int:
        """What has accrued, rounded to the minor unit, ties to even: once, when it is posted."""
        return round_half_even(Fraction(self.accrued, BPS_YEAR))


def evolve(credit: Credit, event: Event) -> Credit:
    match event:
        case CreditReserved(amount_minor=amount):
            return replace(credit, authorized_minor=credit.authorized_minor + amount)
        case CreditReleased(amount_minor=amount):
            return replace(credit, authorized_minor=credit.authorized_minor - amount)
        case CardCharged(amount_minor=amount, authorized_minor=authorized):
            credit = accrued(credit, event.charged_on)
            return replace(
                credit,
                authorized_minor=credit.authorized_minor - authorized,
                outstanding_minor=credit.outstanding_minor + amount,
            )
        case CardCredited(amount_minor=amount, credited_on=day):
            return paid(credit, amount, day)
        case CardInterestCharged(amount_minor=amount, charged_on=day):
            credit = accrued(credit, day)
            return replace(credit, accrued=0, outstanding_minor=credit.outstanding_minor + amount)
        case StatementClosed():
            return closed(credit, event)
        case StatementOverdue(number=number, missing_minor=missing):
            return replace(credit, late_number=number, overdue_minor=missing)
        case BillPaymentRequested(payment_id=payment_id, account_id=account_id, amount_minor=amount):
            begun = BillPayment(payment_id, account_id, amount)
            return replace(credit, bill_payments=(*credit.bill_payments, begun))
        case BillPaymentApplied(payment_id=payment_id, amount_minor=amount, applied_on=day):
            return ended(paid(credit, amount, day), payment_id)
        case BillPaymentRejected(payment_id=payment_id, code=code):
            return rejected(credit, payment_id, code)
        case BillPaymentDeclined(payment_id=payment_id) | BillPaymentRefunded(payment_id=payment_id):
            return ended(credit, payment_id)
        case CardPayoutRequested(payout_id=payout_id, amount_minor=amount, requested_on=day):
            credit = accrued(credit, day)
            payouts = (*credit.payouts, Payout(payout_id, amount))
            return replace(credit, outstanding_minor=credit.outstanding_minor + amount, payouts=payouts)
        case CardPayoutSettled(payout_id=payout_id):
            return without_payout(credit, payout_id)
        case CardPayoutDeclined(payout_id=payout_id, amount_minor=amount, declined_on=day):
            return without_payout(paid(credit, amount, day), payout_id)
        case _:
            assert_never(event)


def accrued(credit: Credit, until: date) -> Credit:
    """With the interest of the days before `until`. After the last interest-free day what was billed revolves."""
    if until <= credit.accrued_on:
        return credit
    days = (until - credit.accrued_on).days
    units = credit.revolving_minor * credit.rate_bps * days
    if until <= credit.due_on:
        return replace(credit, accrued_on=until, accrued=credit.accrued + units)
    after_due = max(credit.due_on + timedelta(days=1), credit.accrued_on)
    units += credit.billed_minor * credit.rate_bps * (until - after_due).days
    return replace(
        credit,
        accrued_on=until,
        accrued=credit.accrued + units,
        revolving_minor=credit.revolving_minor + credit.billed_minor,
        billed_minor=0,
    )


def paid(credit: Credit, amount_minor: int, day: date) -> Credit:
    """Money pays what revolves, then what is billed, then what no statement has asked for yet."""
    credit = accrued(credit, day)
    revolving = min(amount_minor, credit.revolving_minor)
    billed = min(amount_minor - revolving, credit.billed_minor)
    return replace(
        credit,
        outstanding_minor=credit.outstanding_minor - amount_minor,
        revolving_minor=credit.revolving_minor - revolving,
        billed_minor=credit.billed_minor - billed,
        minimum_left_minor=max(0, credit.minimum_left_minor - amount_minor),
        overdue_minor=max(0, credit.overdue_minor - amount_minor),
    )


def ended(credit: Credit, payment_id: str) -> Credit:
    return replace(credit, bill_payments=tuple(one for one in credit.bill_payments if one.payment_id != payment_id))


def without_payout(credit: Credit, payout_id: str) -> Credit:
    return replace(credit, payouts=tuple(one for one in credit.payouts if one.payout_id != payout_id))


def rejected(credit: Credit, payment_id: str, code: str) -> Credit:
    payments = tuple(replace(one, code=code) if one.payment_id == payment_id else one for one in credit.bill_payments)
    return replace(credit, bill_payments=payments)


def closed(credit: Credit, statement: StatementClosed) -> Credit:
    credit = accrued(credit, statement.closed_on)
    return replace(
        credit,
        accrued=0,
        number=statement.number,
        stated_minor=statement.balance_minor,
        due_on=statement.due_on,
        next_closing_on=statement.next_closing_on,
        billed_minor=max(0, statement.balance_minor - credit.revolving_minor),
        minimum_left_minor=statement.minimum_due_minor,
    )
