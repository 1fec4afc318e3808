"""Shapes of answers, for the documentation, and of queries."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bank.http.schemas import Body, MoneyOut, Text
from bankview.queries import Position

MAX_POSITIONS = 10


@extend_schema_field(str)
class Positions(serializers.Field[list[Position], Any, str, Any]):
    """Comma-separated position tokens, as commands answered them."""

    def to_internal_value(self, data: Any) -> list[Position]:
        tokens = str(data).split(",")
        if len(tokens) > MAX_POSITIONS:
            raise serializers.ValidationError(f"At most {MAX_POSITIONS} positions.")
        try:
            return [Position.parse(token) for token in tokens]
        except ValueError as error:
            raise serializers.ValidationError(
                "A position is what a command answered: `accounts:account-…@3`."
            ) from error

    def to_representation(self, value: list[Position]) -> str:
        return ",".join(map(str, value))


class BankViewQuery(Body):
    after = Positions(
        required=False,
        help_text="Positions that commands answered: wait up to two seconds until the view has got there. Else 503.",
    )


class MobileNumberQuery(Body):
    mobile_number = Text(help_text="E.164, as the customer gave it: `+49 170 …` without spaces.")


class ProcessQuery(Body):
    name = Text(required=False, help_text="The choreography: `debit-card-payment`.")
    outcome = Text(required=False, help_text="`settled`, `declined`, … or `open`.")
    customer_id = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False, help_text="Begun at or after this instant.")


class Profile(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField()
    mobile_number = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    opened_on = serializers.DateField()
    version = serializers.IntegerField()


class AccountPart(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    iban = serializers.CharField()
    branch = serializers.CharField()
    status = serializers.CharField()
    balance = MoneyOut()
    on_hold = MoneyOut()
    available = MoneyOut()
    overdraft_limit = MoneyOut()
    debit_frozen = serializers.BooleanField()
    credit_frozen = serializers.BooleanField()
    opened_on = serializers.DateField()
    version = serializers.IntegerField()


class LoanPart(serializers.Serializer[Any]):
    id = serializers.CharField()
    product = serializers.CharField()
    account_id = serializers.CharField()
    status = serializers.CharField()
    principal = MoneyOut()
    outstanding = MoneyOut()
    instalment = MoneyOut()
    rate_bps = serializers.IntegerField()
    term_months = serializers.IntegerField()
    applied_on = serializers.DateField()
    disbursed_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class CardPart(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)
    last_four = serializers.CharField()
    status = serializers.CharField()
    blocked_for = serializers.CharField(allow_null=True)
    per_payment_limit = MoneyOut()
    per_day_limit = MoneyOut()
    credit_limit = MoneyOut(allow_null=True)
    outstanding = MoneyOut(allow_null=True)
    available = MoneyOut(allow_null=True)
    issued_on = serializers.DateField()
    expires_on = serializers.DateField()
    version = serializers.IntegerField()


class CardPaymentPart(serializers.Serializer[Any]):
    id = serializers.CharField()
    card_id = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)
    amount = MoneyOut()
    merchant = serializers.CharField()
    status = serializers.CharField()
    code = serializers.CharField(allow_null=True, help_text="Why it was declined.")
    captured = MoneyOut()
    refunded = MoneyOut()
    requested_on = serializers.DateField()
    requested_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class PaymentFilePart(serializers.Serializer[Any]):
    id = serializers.CharField()
    message_id = serializers.CharField()
    format = serializers.CharField()
    status = serializers.CharField()
    lines = serializers.IntegerField()
    executed = serializers.IntegerField()
    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    amount = MoneyOut()
    accepted_amount = MoneyOut()
    booked_on = serializers.DateField()
    received_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class BankViewOut(serializers.Serializer[Any]):
    """A customer's whole bank. Each part carries the version of its stream."""

    customer_id = serializers.CharField()
    profile = Profile(allow_null=True)
    accounts = AccountPart(many=True)
    loans = LoanPart(many=True)
    cards = CardPart(many=True)
    card_payments = CardPaymentPart(many=True, help_text="The last 20, newest first.")
    payment_files = PaymentFilePart(many=True, help_text="The last 20, newest first.")
    revision = serializers.IntegerField(help_text="Events folded into this view; only ever grows.")
    updated_at = serializers.DateTimeField(help_text="When the last of them was recorded.")


class ComposedOut(serializers.Serializer[Any]):
    """The same document, asked of the contexts at this moment."""

    customer_id = serializers.CharField()
    profile = Profile(allow_null=True)
    accounts = AccountPart(many=True)
    loans = LoanPart(many=True)
    cards = CardPart(many=True)
    card_payments = CardPaymentPart(many=True)
    payment_files = PaymentFilePart(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Parts whose context did not answer in time."
    )


class DifferenceOut(serializers.Serializer[Any]):
    part = serializers.CharField()
    id = serializers.CharField()
    field = serializers.CharField(allow_null=True, help_text="Null: the whole item is on one side only.")
    view = serializers.JSONField(allow_null=True)
    composed = serializers.JSONField(allow_null=True)
    verdict = serializers.ChoiceField(("behind", "ahead", "drift"))


class LatencyOut(serializers.Serializer[Any]):
    view_ms = serializers.FloatField()
    composed_ms = serializers.FloatField()


class ComparisonOut(serializers.Serializer[Any]):
    """View and composition side by side."""

    verdict = serializers.ChoiceField(("equal", "behind", "ahead", "incomplete", "drift"))
    latency = LatencyOut()
    differences = DifferenceOut(many=True)
    view = BankViewOut()
    composed = ComposedOut()


class ActivityOut(serializers.Serializer[Any]):
    time = serializers.DateTimeField()
    kind = serializers.CharField(help_text="The event's name.")
    text = serializers.CharField()
    stream = serializers.CharField()
    version = serializers.IntegerField()


class ProcessOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    correlation_id = serializers.CharField()
    customer_id = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField()
    outcome = serializers.CharField(help_text="Empty while it runs.")
    overdue = serializers.BooleanField()


class StepOut(serializers.Serializer[Any]):
    event = serializers.CharField()
    undone_by = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(("waiting", "done", "undone", "skipped"))
    time = serializers.DateTimeField(allow_null=True)


class HeardOut(serializers.Serializer[Any]):
    stream = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.CharField()
    time = serializers.DateTimeField()
    actor = serializers.CharField()
    detail = serializers.CharField()


class OperationOut(ProcessOut):
    """A process step by step: what was declared, and what was heard."""

    steps = StepOut(many=True)
    events = HeardOut(many=True)
