"""The bill of a credit card, paid from an account: Accounts is asked for the money, and reports what became of it.

    requested → applied
        ↘ declined: nothing was taken
        ↘ rejected → refunded, or declined where nothing had been taken

Rejected is what arrives at a card that has ended, and what nobody has answered in time. Once it is, it stays so:
Accounts hears it and gives back, so an answer that comes late changes nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, assert_never

from bank.decider import Refused
from cards.domain.card.credit import require_credit
from cards.domain.card.credit_facts import (
    BillPayment,
    BillPaymentApplied,
    BillPaymentDeclined,
    BillPaymentRefunded,
    BillPaymentRejected,
    BillPaymentRequested,
    Credit,
)
from cards.domain.card.facts import Card, Event
from cards.domain.card.rules import require_not_cancelled

ANSWER_WITHIN = timedelta(minutes=10)
"""So long may Accounts be silent before a bill payment is taken back."""

MAX_BILL_PAYMENTS = 20
"""So many may be under way at once, so that the state stays small."""

Portion = Literal["minimum", "statement", "full"]
"""Of what is owed: what is left of the minimum due, or of the last statement, or all of it."""

# Commands.


@dataclass(frozen=True, slots=True)
class RequestBillPayment:
    """Either a figure or a portion. Always one unit with `BeginBillPayment`."""

    payment_id: str
    card_id: str
    account_id: str
    requested_on: date
    amount_minor: int | None = None
    portion: Portion | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ApplyBillPayment:
    payment_id: str
    card_id: str
    applied_on: date


@dataclass(frozen=True, slots=True)
class DeclineBillPayment:
    payment_id: str
    card_id: str
    code: str


@dataclass(frozen=True, slots=True)
class RefundBillPayment:
    payment_id: str
    card_id: str
    refunded_on: date
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class GiveUpBillPayment:
    """Asked for by the bank's clock, when nobody has answered in time."""

    payment_id: str
    card_id: str
    today: date


BillCommand = RequestBillPayment | ApplyBillPayment | DeclineBillPayment | RefundBillPayment | GiveUpBillPayment

# Decisions.


def decide_bill(card: Card, command: BillCommand) -> list[Event]:
    credit = require_credit(card)
    if isinstance(command, RequestBillPayment):
        return request_bill_payment(card, credit, command)
    payment = next((one for one in credit.bill_payments if one.payment_id == command.payment_id), None)
    if payment is None:
        return []
    match command:
        case ApplyBillPayment():
            return apply_bill_payment(card, payment, command)
        case DeclineBillPayment():
            return [declined(card, payment, command)]
        case RefundBillPayment():
            return refund_bill_payment(card, payment, command)
        case GiveUpBillPayment():
            return [] if payment.code else [rejected(card, payment, command.card_id, "no_answer", command.today)]
        case _:
            assert_never(command)


def request_bill_payment(card: Card, credit: Credit, command: RequestBillPayment) -> list[Event]:
    require_not_cancelled(card)
    if command.currency not in (None, card.currency):
        raise Refused("currency_mismatch", f"This card is paid in {card.currency}.")
    if any(one.payment_id == command.payment_id for one in credit.bill_payments):
        raise Refused("payment_exists", "There is already a payment with this id.")
    if len(credit.bill_payments) >= MAX_BILL_PAYMENTS:
        raise Refused("too_many_bill_payments", f"At most {MAX_BILL_PAYMENTS} bill payments are under way at once.")
    return [
        BillPaymentRequested(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payment_id=command.payment_id,
            account_id=command.account_id,
            amount_minor=amount_asked(credit, command),
            currency=card.currency,
            requested_on=command.requested_on,
        )
    ]


def amount_asked(credit: Credit, command: RequestBillPayment) -> int:
    """What is on its way already counts as paid, so that asking twice pays once."""
    left = credit.outstanding_minor - credit.on_its_way_minor
    if command.portion is not None:
        due = min(left, portion_minor(credit, command.portion) - credit.on_its_way_minor)
        if due <= 0:
            raise Refused("nothing_due", "Nothing of it is left to pay, counting what is on its way.")
        return due
    amount = command.amount_minor or 0
    if amount <= 0:
        raise Refused("invalid_amount", "A bill payment is of more than zero.")
    if amount > left:
        raise Refused("overpayment", "This is more than is owed, counting what is on its way.")
    return amount


def portion_minor(credit: Credit, portion: Portion) -> int:
    match portion:
        case "minimum":
            return credit.minimum_left_minor
        case "statement":
            return credit.statement_left_minor
        case "full":
            return credit.outstanding_minor
        case _:
            assert_never(portion)


def apply_bill_payment(card: Card, payment: BillPayment, command: ApplyBillPayment) -> list[Event]:
    if payment.code:
        return []
    if card.is_cancelled or card.is_expired:
        return [rejected(card, payment, command.card_id, f"card_{card.status}", command.applied_on)]
    return [
        BillPaymentApplied(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payment_id=payment.payment_id,
            amount_minor=payment.amount_minor,
            currency=card.currency,
            applied_on=command.applied_on,
        )
    ]


def refund_bill_payment(card: Card, payment: BillPayment, command: RefundBillPayment) -> list[Event]:
    if not payment.code:
        return []
    return [
        BillPaymentRefunded(
            card_id=command.card_id,
            customer_id=card.customer_id,
            payment_id=payment.payment_id,
            amount_minor=payment.amount_minor,
            currency=card.currency,
            code=payment.code,
            refunded_on=command.refunded_on,
            by_hand=command.by_hand,
        )
    ]


def declined(card: Card, payment: BillPayment, command: DeclineBillPayment) -> BillPaymentDeclined:
    """Of one that was rejected before, for that reason: the account was only asked to take nothing."""
    return BillPaymentDeclined(
        card_id=command.card_id,
        customer_id=card.customer_id,
        payment_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=card.currency,
        code=payment.code or command.code,
    )


def rejected(card: Card, payment: BillPayment, card_id: str, code: str, on: date) -> BillPaymentRejected:
    return BillPaymentRejected(
        card_id=card_id,
        customer_id=card.customer_id,
        payment_id=payment.payment_id,
        account_id=payment.account_id,
        amount_minor=payment.amount_minor,
        currency=card.currency,
        code=code,
        rejected_on=on,
    )
