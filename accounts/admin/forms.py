"""What operators are asked for on the page of an account."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.api.schemas import KINDS
from accounts.api.statements import FILES, StatementFilter
from accounts.domain.account import MAX_RATE_BPS
from accounts.orders import PAYEE_LENGTH, REFERENCE_LENGTH, account_named
from bank.console.fields import AmountField, DayField, LineField
from bank.console.operators import ChosenForm, Questions
from bank.http.problems import flatten

REASONS = [
    ("customer_request", "at the customer's request"),
    ("suspected_fraud", "on suspicion of fraud"),
    ("legal_order", "by legal order"),
]


class AccountField(LineField):
    """An account of this bank by its IBAN or its id; kept is the id, or None where nothing was said."""

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        named = account_named(text) if text else None
        if text and named is None:
            raise forms.ValidationError("No account of this bank has this IBAN or id.")
        return named


class OpeningForm(Questions):
    customer_id = forms.UUIDField(label="customer", widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], widget=UnfoldAdminSelectWidget)
    currency = LineField(max_length=3, initial="EUR")


class ReasonForm(Questions):
    reason = forms.ChoiceField(choices=REASONS, widget=UnfoldAdminSelectWidget)


class FreezeForm(ChosenForm):
    """The reason of a freeze that is made, or lifted."""

    reason = forms.ChoiceField(label="", choices=REASONS)


class TermsForm(Questions):
    interest_bps = forms.IntegerField(min_value=0, max_value=MAX_RATE_BPS, widget=UnfoldAdminIntegerFieldWidget)
    overdraft_bps = forms.IntegerField(min_value=0, max_value=MAX_RATE_BPS, widget=UnfoldAdminIntegerFieldWidget)
    monthly_fee = AmountField(minimum_minor=0)


class OverdraftForm(Questions):
    limit = AmountField(minimum_minor=0)


class ClosingForm(Questions):
    waive_fees = forms.BooleanField(required=False, label="give up what is due in fees", widget=UnfoldBooleanWidget)


class CashForm(Questions):
    amount = AmountField()
    reference = LineField(required=False, max_length=REFERENCE_LENGTH)


class TransferForm(Questions):
    to = AccountField(label="to the account", help_text="Its IBAN or its id.")
    amount = AmountField()
    reference = LineField(required=False, max_length=REFERENCE_LENGTH)


class StandingOrderForm(Questions):
    to = AccountField(required=False, label="to the account of this bank", help_text="Its IBAN or its id.")
    payee = LineField(required=False, max_length=PAYEE_LENGTH, label="or who is paid at another bank, and where")
    amount = AmountField(label="amount each month")
    reference = LineField(required=False, max_length=REFERENCE_LENGTH)
    first_on = DayField(label="first on")


class StatementForm(Questions):
    """As the API is asked for one."""

    since = DayField(label="from")
    to = DayField()
    format = forms.ChoiceField(choices=[(name, name) for name in (*FILES, "json")], widget=UnfoldAdminSelectWidget)

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        if not self.errors:
            wanted = StatementFilter(data=self.query())
            wanted.is_valid()
            for name, faults in flatten(wanted.errors).items():
                self.add_error({"from": "since"}.get(name, name), faults)
        return asked

    def query(self) -> dict[str, str]:
        asked = self.cleaned_data
        return {"from": asked["since"].isoformat(), "to": asked["to"].isoformat(), "format": asked["format"]}
