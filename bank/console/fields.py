"""What operators type into the console's forms, checked by the rules by which the API checks it."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from bank import money
from bank.http.schemas import one_line

LONGEST_AMOUNT = 40
EXAMPLE_MINOR = 12_34


class OnceField(forms.UUIDField):
    """A key which each form bears from the first: sent twice, it is the same order. Who sends none gives a new one."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid4, widget=forms.HiddenInput)

    def clean(self, value: Any) -> UUID:
        try:
            return super().clean(value) or uuid4()
        except forms.ValidationError:
            return uuid4()


class LineField(forms.CharField):
    """A line of text, as `bank.http.schemas.Text`."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **{"widget": UnfoldAdminTextInputWidget, **kwargs})

    def clean(self, value: Any) -> Any:
        try:
            return one_line(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class AmountField(forms.CharField):
    """A decimal in the currency of the row it is asked for, kept in minor units; None where nothing was said."""

    currency = ""

    def __init__(self, *, minimum_minor: int = 1, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_AMOUNT, widget=UnfoldAdminTextInputWidget, **kwargs)
        self.minimum_minor = minimum_minor

    def of(self, currency: str) -> None:
        self.currency = currency
        example = f"In {currency}, such as {money.to_decimal(EXAMPLE_MINOR, currency)}."
        self.help_text = f"{self.help_text} {example}".strip()

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if self.currency not in money.CURRENCIES:
            raise forms.ValidationError("Choose a currency first.")
        try:
            return money.asked_minor(text, self.currency, minimum_minor=self.minimum_minor)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class DayInput(UnfoldAdminTextInputWidget):
    input_type = "date"


class DayField(forms.DateField):
    """A day, as the browser writes it: 2026-03-02."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], widget=DayInput, **kwargs)
