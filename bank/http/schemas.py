"""Shapes of requests and answers: strict by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from bank import money
from bank.http.card_numbers import holds_card_number


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as the API reads it: minor units and their currency."""

    amount_minor: int
    currency: str


def as_money(amount_minor: int, currency: str) -> dict[str, str]:
    """`1234, "EUR"` → `{"amount": "12.34", "currency": "EUR"}`, as every answer shows money."""
    return {"amount": money.to_decimal(amount_minor, currency), "currency": currency}


class MoneyField(serializers.Field[Money, Any, dict[str, str], Any]):
    """`{"amount": "12.34", "currency": "EUR"}` ↔ `Money(1234, "EUR")`. Positive, unless `minimum_minor` says otherwise.

    JSON numbers are refused: a float has already lost what the client meant.
    """

    def __init__(self, *, minimum_minor: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum_minor = minimum_minor

    def to_internal_value(self, data: Any) -> Money:
        amount, currency = self._parts(data)
        try:
            return Money(money.asked_minor(amount, currency, minimum_minor=self.minimum_minor), currency)
        except ValueError as error:
            field = "currency" if currency not in money.CURRENCIES else "amount"
            raise serializers.ValidationError({field: [str(error)]}) from error

    def _parts(self, data: Any) -> tuple[str, str]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError('Money is an object: {"amount": "12.34", "currency": "EUR"}.')
        errors: dict[str, list[str]] = {
            str(name): ["Unknown field."] for name in data if name not in ("amount", "currency")
        }
        amount, currency = data.get("amount"), data.get("currency")
        if not isinstance(amount, str) or not money.AMOUNT.fullmatch(amount):
            errors["amount"] = ['An amount is a decimal string such as "12.34".']
        if not isinstance(currency, str) or len(currency) != 3:
            errors["currency"] = ['A currency is an ISO 4217 code such as "EUR".']
        if errors:
            raise serializers.ValidationError(errors)
        return str(amount), str(currency)

    def to_representation(self, value: Money) -> dict[str, str]:
        return as_money(value.amount_minor, value.currency)


def one_line(text: str) -> str:
    """Raises ValueError for what would break the line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("Control characters are not allowed.")
    return text


class Text(serializers.CharField):
    """A string that is a string (CharField takes numbers): trimmed, one line, at most 200 characters unless said."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return one_line(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class Body(serializers.Serializer[Any]):
    """A request's body or query: a field it does not know is an error, not something to overlook.

    It is looked through for what could be a card number (`card_numbers`) before anything is stored or logged.
    """

    refuses_card_numbers = True

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": ["A JSON object is expected."]})
        if self.refuses_card_numbers and holds_card_number(data):
            raise serializers.ValidationError({"non_field_errors": ["This looks like a card number. Never send one."]})
        if unknown := [str(name) for name in data if name not in self.fields]:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown})
        return dict(super().to_internal_value(data))


class InCurrency(Body):
    """The query of a table whose amounts are the same number of minor units in every currency."""

    currency = Text(max_length=3, default="EUR", help_text="ISO 4217: of the amounts in the answer.")

    def validate_currency(self, currency: str) -> str:
        if currency not in money.CURRENCIES:
            raise serializers.ValidationError('A currency is an ISO 4217 code such as "EUR".')
        return currency


class Empty(Body):
    """A command that needs no more than its address."""


# Shapes of answers, for the documentation; views answer with plain mappings of the same shape.


class MoneyOut(serializers.Serializer[Any]):
    amount = serializers.CharField(help_text='Decimal string: "12.34".')
    currency = serializers.CharField(help_text="ISO 4217.")


class Accepted(serializers.Serializer[Any]):
    """What a command answers."""

    id = serializers.CharField(help_text="The resource that was made or changed.")
    version = serializers.IntegerField(allow_null=True, help_text="Its version now; the ETag. Null where nothing is.")
    position = serializers.CharField(
        allow_null=True, help_text="Give it to the bank view as `?after=` to read your own write."
    )


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; for programs.")
    trace_id = serializers.CharField(help_text="The correlation id under which the bank wrote this down.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="Per field."
    )
