"""A card payment: asked for, authorized by a hold on the account, captured, settled; or taken back.

    requested → authorized → captured → settled → (refunds)
        ↘ declined   ↘ reversed, expired: before capture only

A person is refused what the payment does not allow. What another context reports is different: it may come late, twice
or about somebody else's hold, so a report that no longer changes anything is answered with no event. Its history and
state are in `facts`.

A payment by credit card asks no account: the card itself lets it pass, so it begins authorized and ends when captured.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused
from bank.money import MAX_MINOR, to_decimal
from cards.domain.payment.facts import (
    CardPaymentAuthorized,
    CardPaymentCaptured,
    CardPaymentDeclined,
    CardPaymentExpired,
    CardPaymentRefunded,
    CardPaymentRefundSettled,
    CardPaymentRequested,
    CardPaymentReversed,
    CardPaymentSettled,
    CreditPaymentAuthorized,
    CreditPaymentCaptured,
    CreditPaymentExpired,
    CreditPaymentRefunded,
    CreditPaymentReversed,
    Event,
    Payment,
    evolve,
)

MAX_REFUNDS = 100
"""A payment is refunded in at most so many parts, so that its state stays small."""

AUTHORIZATION_DAYS = 7
"""How long an authorization may wait to be captured."""

EXCESS_PERCENT = 20
"""A tip, a fuller tank: so much above what was authorized may be captured, which is what the card schemes allow."""

# Commands: what people ask for.


@dataclass(frozen=True, slots=True)
class RequestPayment:
    payment_id: str
    card_id: str
    account_id: str
    customer_id: str
    amount_minor: int
    currency: str
    merchant: str
    auto_capture: bool
    requested_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class AuthorizeOnCredit:
    """Always one unit with the card's own `ReserveSpend`."""

    payment_id: str
    card_id: str
    customer_id: str
    amount_minor: int
    currency: str
    merchant: str
    auto_capture: bool
    requested_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """`amount_minor` None captures the whole authorization; less captures a part, and the rest is given up; more takes
    what nobody has set aside."""

    payment_id: str
    amount_minor: int | None
    captured_on: date


@dataclass(frozen=True, slots=True)
class ReversePayment:
    payment_id: str


@dataclass(frozen=True, slots=True)
class ExpirePayment:
    """Asked for by the bank's clock; takes effect only after the authorization's last day."""

    payment_id: str
    today: date


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """`amount_minor` None refunds what is left. `merchant` is the payment's, for the customer to read."""

    payment_id: str
    refund_id: str
    amount_minor: int | None
    refunded_on: date
    merchant: str = ""


# Commands: what Accounts reports.


@dataclass(frozen=True, slots=True)
class AuthorizePayment:
    payment_id: str


@dataclass(frozen=True, slots=True)
class DeclinePayment:
    payment_id: str
    code: str


@dataclass(frozen=True, slots=True)
class SettlePayment:
    payment_id: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class SettleRefund:
    payment_id: str
    refund_id: str
    settled_on: date


Command = (
    RequestPayment
    | AuthorizeOnCredit
    | CapturePayment
    | ReversePayment
    | ExpirePayment
    | RefundPayment
    | AuthorizePayment
    | DeclinePayment
    | SettlePayment
    | SettleRefund
)

# Decisions.


def decide(payment: Payment, command: Command) -> list[Event]:
    match command:
        case RequestPayment():
            return request(payment, command)
        case AuthorizeOnCredit():
            return authorize_on_credit(payment, command)
        case CapturePayment():
            return capture(payment, command)
        case ReversePayment():
            return reverse(payment, command)
        case ExpirePayment():
            return expire(payment, command)
        case RefundPayment():
            return refund(payment, command)
        case AuthorizePayment():
            return authorize(payment, command)
        case DeclinePayment():
            return decline(payment, command)
        case SettlePayment():
            return settle(payment, command)
        case SettleRefund():
            return settle_refund(payment, command)
        case _:
            assert_never(command)


def request(payment: Payment, command: RequestPayment) -> list[Event]:
    if payment.status:
        raise Refused("payment_exists", "This payment has already been requested.")
    return [
        CardPaymentRequested(
            payment_id=command.payment_id,
            card_id=command.card_id,
            account_id=command.account_id,
            customer_id=command.customer_id,
            amount_minor=command.amount_minor,
            currency=command.currency,
            merchant=command.merchant,
            auto_capture=command.auto_capture,
            requested_on=command.requested_on,
            expires_on=command.expires_on,
        )
    ]


def authorize_on_credit(payment: Payment, command: AuthorizeOnCredit) -> list[Event]:
    if payment.status:
        raise Refused("payment_exists", "This payment has already been requested.")
    authorized = CreditPaymentAuthorized(
        payment_id=command.payment_id,
        card_id=command.card_id,
        customer_id=command.customer_id,
        amount_minor=command.amount_minor,
        currency=command.currency,
        merchant=command.merchant,
        requested_on=command.requested_on,
        expires_on=command.expires_on,
    )
    if not command.auto_capture:
        return [authorized]
    return [
        authorized,
        captured(evolve(payment, authorized), command.payment_id, command.amount_minor, command.requested_on),
    ]


def capture(payment: Payment, command: CapturePayment) -> list[Event]:
    require_known(payment)
    if payment.status != "authorized":
        raise Refused(
            "payment_not_authorized", f"Only an authorized payment is captured; this one is {payment.status}."
        )
    amount = payment.amount_minor if command.amount_minor is None else command.amount_minor
    if amount <= 0:
        raise Refused("invalid_capture", "A capture is above zero.")
    if amount > (most := capturable_minor(payment)):
        sentence = f"At most {to_decimal(most, payment.currency)} {payment.currency} is captured of this payment: "
        raise Refused("over_capture_limit", f"{sentence}what was authorized, and {EXCESS_PERCENT} percent above it.")
    return [captured(payment, command.payment_id, amount, command.captured_on)]


def capturable_minor(payment: Payment) -> int:
    """Whole minor units: what is above one is not rounded up."""
    return min(payment.amount_minor * (100 + EXCESS_PERCENT) // 100, MAX_MINOR)


def reverse(payment: Payment, command: ReversePayment) -> list[Event]:
    require_known(payment)
    if payment.status == "reversed":
        return []
    if payment.status not in ("requested", "authorized"):
        raise Refused("payment_not_reversible", f"Only what is not captured is reversed; this one is {payment.status}.")
    amount, currency, day = payment.amount_minor, payment.currency, payment.requested_on
    if payment.on_credit:
        return [CreditPaymentReversed(command.payment_id, payment.card_id, amount, currency, day)]
    return [CardPaymentReversed(command.payment_id, payment.card_id, payment.account_id, amount, currency, day)]


def expire(payment: Payment, command: ExpirePayment) -> list[Event]:
    if payment.status not in ("requested", "authorized") or command.today <= payment.expires_on:
        return []
    amount, currency, day = payment.amount_minor, payment.currency, payment.requested_on
    if payment.on_credit:
        return [CreditPaymentExpired(command.payment_id, payment.card_id, amount, currency, day)]
    return [CardPaymentExpired(command.payment_id, payment.card_id, payment.account_id, amount, currency, day)]


def refund(payment: Payment, command: RefundPayment) -> list[Event]:
    require_known(payment)
    if payment.status != "settled":
        raise Refused("payment_not_settled", f"Only a settled payment is refunded; this one is {payment.status}.")
    left = payment.captured_minor - payment.refunded_minor
    amount = left if command.amount_minor is None else command.amount_minor
    if not 0 < amount <= left:
        raise Refused("invalid_refund", "A refund is above zero and within what was captured and not yet refunded.")
    if payment.refunds >= MAX_REFUNDS:
        raise Refused("too_many_refunds", f"A payment is refunded in at most {MAX_REFUNDS} parts.")
    if payment.on_credit:
        return [
            CreditPaymentRefunded(
                payment_id=command.payment_id,
                card_id=payment.card_id,
                refund_id=command.refund_id,
                amount_minor=amount,
                currency=payment.currency,
                refunded_on=command.refunded_on,
                merchant=command.merchant,
            )
        ]
    return [
        CardPaymentRefunded(
            payment_id=command.payment_id,
            card_id=payment.card_id,
            account_id=payment.account_id,
            refund_id=command.refund_id,
            amount_minor=amount,
            currency=payment.currency,
            refunded_on=command.refunded_on,
            merchant=command.merchant,
        )
    ]


def authorize(payment: Payment, command: AuthorizePayment) -> list[Event]:
    if payment.status != "requested":
        return []
    authorized = CardPaymentAuthorized(command.payment_id, payment.card_id, payment.amount_minor, payment.currency)
    if not payment.auto_capture:
        return [authorized]
    return [authorized, captured(payment, command.payment_id, payment.amount_minor, payment.requested_on)]


def decline(payment: Payment, command: DeclinePayment) -> list[Event]:
    if payment.status != "requested":
        return []
    return [
        CardPaymentDeclined(
            command.payment_id,
            payment.card_id,
            payment.amount_minor,
            payment.currency,
            payment.requested_on,
            command.code,
        )
    ]


def settle(payment: Payment, command: SettlePayment) -> list[Event]:
    if payment.status != "captured":
        return []
    return [
        CardPaymentSettled(
            command.payment_id, payment.card_id, payment.captured_minor, payment.currency, command.settled_on
        )
    ]


def settle_refund(payment: Payment, command: SettleRefund) -> list[Event]:
    for open_refund in payment.open_refunds:
        if open_refund.refund_id == command.refund_id:
            return [
                CardPaymentRefundSettled(
                    payment_id=command.payment_id,
                    card_id=payment.card_id,
                    refund_id=open_refund.refund_id,
                    amount_minor=open_refund.amount_minor,
                    currency=payment.currency,
                    settled_on=command.settled_on,
                )
            ]
    return []


def captured(
    payment: Payment, payment_id: str, amount_minor: int, on: date
) -> CardPaymentCaptured | CreditPaymentCaptured:
    if payment.on_credit:
        return CreditPaymentCaptured(
            payment_id=payment_id,
            card_id=payment.card_id,
            customer_id=payment.customer_id,
            amount_minor=amount_minor,
            authorized_minor=payment.amount_minor,
            currency=payment.currency,
            captured_on=on,
        )
    return CardPaymentCaptured(payment_id, payment.card_id, payment.account_id, amount_minor, payment.currency, on)


def require_known(payment: Payment) -> None:
    if not payment.status:
        raise Refused("payment_not_found", "There is no such payment.")


PAYMENT = Decider(
    name="payment",
    initial=Payment(),
    decide=decide,
    evolve=evolve,
    events={
        "CardPaymentRequested.v1": CardPaymentRequested,
        "CardPaymentAuthorized.v1": CardPaymentAuthorized,
        "CardPaymentDeclined.v1": CardPaymentDeclined,
        "CardPaymentCaptured.v1": CardPaymentCaptured,
        "CardPaymentSettled.v1": CardPaymentSettled,
        "CardPaymentReversed.v1": CardPaymentReversed,
        "CardPaymentExpired.v1": CardPaymentExpired,
        "CardPaymentRefunded.v1": CardPaymentRefunded,
        "CardPaymentRefundSettled.v1": CardPaymentRefundSettled,
        "CreditPaymentAuthorized.v1": CreditPaymentAuthorized,
        "CreditPaymentCaptured.v1": CreditPaymentCaptured,
        "CreditPaymentReversed.v1": CreditPaymentReversed,
        "CreditPaymentExpired.v1": CreditPaymentExpired,
        "CreditPaymentRefunded.v1": CreditPaymentRefunded,
    },
    state_version=2,
    customer=lambda payment: payment.customer_id or None,
)
