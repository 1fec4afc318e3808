"""What the API of Cards takes and shows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rest_framework import serializers

from bank.http.schemas import Body, MoneyField, MoneyOut, Text, as_money
from cards import queries
from cards.domain.card.rules import BLOCK_CAUSES


class IssueBody(Body):
    customer_id = serializers.UUIDField(required=False)
    account_id = serializers.UUIDField(help_text="The account the card draws on.")
    per_payment_limit = MoneyField()
    per_day_limit = MoneyField()


class IssueCreditBody(Body):
    customer_id = serializers.UUIDField()
    credit_limit = MoneyField()
    per_payment_limit = MoneyField(required=False, help_text="The credit limit unless said.")
    per_day_limit = MoneyField(required=False, help_text="The credit limit unless said.")
    statement_day = serializers.IntegerField(
        default=1, min_value=1, max_value=28, help_text="The day of the month on which a statement is closed."
    )


class BlockBody(Body):
    reason = serializers.ChoiceField(BLOCK_CAUSES, default="customer_request")


class LimitsBody(Body):
    per_payment_limit = MoneyField()
    per_day_limit = MoneyField()


class CreditLimitBody(Body):
    credit_limit = MoneyField(help_text="It may lie below what is owed: then nothing more is lent.")


class PaymentBody(Body):
    amount = MoneyField()
    merchant = Text()
    token = Text(
        required=False,
        default="",
        max_length=80,
        help_text="What the merchant knows the card by. The token of a card that was replaced is refused.",
    )
    auto_capture = serializers.BooleanField(
        default=True, help_text="Capture as soon as the payment is authorized. Else it waits for `capture`."
    )


class CaptureBody(Body):
    amount = MoneyField(required=False, help_text="The whole authorization unless said; up to 20 percent above it.")


class RefundBody(Body):
    amount = MoneyField(required=False, help_text="What is left of the captured amount unless said.")


class OfCustomer(Body):
    customer_id = serializers.UUIDField(
        required=False, help_text="Unless given, the signed-in customer; for operators, all."
    )


class CardOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    customer_id = serializers.UUIDField()
    account_id = serializers.UUIDField(allow_null=True, help_text="What a debit card draws on.")
    token = serializers.CharField(help_text="Stands for the card's number, which the bank does not keep.")
    last_four = serializers.CharField()
    status = serializers.ChoiceField(["issued", "active", "blocked", "expired", "cancelled"])
    blocked_for = serializers.ChoiceField(BLOCK_CAUSES, allow_null=True)
    per_payment_limit = MoneyOut()
    per_day_limit = MoneyOut()
    spent_today = MoneyOut()
    credit_limit = MoneyOut(allow_null=True, help_text="Of credit cards alone, as all that follows in money.")
    outstanding = MoneyOut(allow_null=True, help_text="What is owed; below zero the bank owes it.")
    available = MoneyOut(allow_null=True, help_text="The limit less what is owed and what is authorized.")
    minimum_due = MoneyOut(allow_null=True, help_text="What is left to pay of the last statement's minimum.")
    statement_due = MoneyOut(allow_null=True, help_text="What is left to pay of the last statement's balance.")
    on_its_way = MoneyOut(allow_null=True, help_text="Bill payments asked for and not yet answered.")
    payment_due_on = serializers.DateField(allow_null=True, help_text="The last day to pay without interest.")
    is_late = serializers.BooleanField(help_text="The minimum was not paid in time.")
    next_statement_on = serializers.DateField(allow_null=True)
    rate_bps = serializers.IntegerField(allow_null=True, help_text="Interest a year, in hundredths of a percent.")
    issued_on = serializers.DateField()
    expires_on = serializers.DateField()
    version = serializers.IntegerField()


class StatementOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    opening = MoneyOut(help_text="What was owed on the statement before.")
    balance = MoneyOut(help_text="What was owed when it was closed, the interest included.")
    interest = MoneyOut()
    minimum_due = MoneyOut()
    closed_on = serializers.DateField()
    due_on = serializers.DateField(help_text="Paid in full through this day, the balance bears no interest.")
    overdue = MoneyOut(help_text="What of the minimum was missing after that day.")


class RefundOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = MoneyOut()
    requested_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class PaymentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    card_id = serializers.UUIDField()
    account_id = serializers.UUIDField(allow_null=True, help_text="Null for a payment on credit.")
    customer_id = serializers.UUIDField()
    merchant = serializers.CharField()
    amount = MoneyOut()
    captured = MoneyOut(help_text="What was taken: less than the amount, all of it, or up to 20 percent above it.")
    refunded = MoneyOut()
    status = serializers.ChoiceField(
        ["requested", "authorized", "declined", "captured", "settled", "reversed", "expired"]
    )
    code = serializers.CharField(allow_null=True, help_text="Why it was declined.")
    requested_on = serializers.DateField()
    expires_on = serializers.DateField()
    requested_at = serializers.DateTimeField()
    authorized_at = serializers.DateTimeField(allow_null=True)
    captured_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PaymentWithRefundsOut(PaymentOut):
    refunds = RefundOut(many=True)


def card_out(card: queries.Card, today: date) -> Mapping[str, Any]:
    spent_minor = card.spent_minor if card.counted_on >= today else 0
    return {
        "id": card.card_id,
        "kind": card.kind,
        "customer_id": card.customer_id,
        "account_id": card.account_id or None,
        "token": card.token,
        "last_four": card.last_four,
        "status": card.status,
        "blocked_for": card.blocked_for or None,
        "per_payment_limit": as_money(card.per_payment_limit_minor, card.currency),
        "per_day_limit": as_money(card.per_day_limit_minor, card.currency),
        "spent_today": as_money(spent_minor, card.currency),
        **credit_out(card),
        "issued_on": card.issued_on,
        "expires_on": card.expires_on,
        "version": card.version,
    }


def credit_out(card: queries.Card) -> Mapping[str, Any]:
    def money(amount_minor: int) -> dict[str, str] | None:
        return as_money(amount_minor, card.currency) if is_credit else None

    is_credit = card.kind == "credit"
    return {
        "credit_limit": money(card.credit_limit_minor),
        "outstanding": money(card.outstanding_minor),
        "available": money(card.credit_limit_minor - card.outstanding_minor - card.authorized_minor),
        "minimum_due": money(card.minimum_left_minor),
        "statement_due": money(card.statement_left_minor),
        "on_its_way": money(card.on_its_way_minor),
        "payment_due_on": card.payment_due_on,
        "is_late": card.is_late,
        "next_statement_on": card.next_closing_on,
        "rate_bps": card.rate_bps if is_credit else None,
    }


def statement_out(statement: queries.Statement) -> Mapping[str, Any]:
    return {
        "number": statement.number,
        "opening": as_money(statement.opening_minor, statement.currency),
        "balance": as_money(statement.balance_minor, statement.currency),
        "interest": as_money(statement.interest_minor, statement.currency),
        "minimum_due": as_money(statement.minimum_due_minor, statement.currency),
        "closed_on": statement.closed_on,
        "due_on": statement.due_on,
        "overdue": as_money(statement.overdue_minor, statement.currency),
    }


def payment_out(payment: queries.Payment) -> Mapping[str, Any]:
    return {
        "id": payment.payment_id,
        "card_id": payment.card_id,
        "account_id": payment.account_id or None,
        "customer_id": payment.customer_id,
        "merchant": payment.merchant,
        "amount": as_money(payment.amount_minor, payment.currency),
        "captured": as_money(payment.captured_minor, payment.currency),
        "refunded": as_money(payment.refunded_minor, payment.currency),
        "status": payment.status,
        "code": payment.code or None,
        "requested_on": payment.requested_on,
        "expires_on": payment.expires_on,
        "requested_at": payment.requested_at,
        "authorized_at": payment.authorized_at,
        "captured_at": payment.captured_at,
        "settled_at": payment.settled_at,
        "ended_at": payment.ended_at,
        "version": payment.version,
    }


def refund_out(refund: queries.Refund) -> Mapping[str, Any]:
    return {
        "id": refund.refund_id,
        "amount": as_money(refund.amount_minor, refund.currency),
        "requested_at": refund.requested_at,
        "settled_at": refund.settled_at,
    }


def carried_out(carried: queries.BillPayment | queries.Payout) -> dict[str, Any]:
    """A bill payment or a payout: money on its way between a card and an account."""
    return {
        "id": carried.pk,
        "card_id": carried.card_id,
        "account_id": carried.account_id,
        "customer_id": carried.customer_id,
        "amount": as_money(carried.amount_minor, carried.currency),
        "status": carried.status,
        "code": carried.code or None,
        "requested_on": carried.requested_on,
        "requested_at": carried.requested_at,
        "ended_at": carried.ended_at,
    }
