"""The loans this bank offers, over HTTP."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from bank.http.pages import Page, Wanted, listing
from bank.http.schemas import InCurrency, MoneyOut, as_money
from bank.http.views import BankView
from loans.domain.products import PRODUCTS


class LoanProductOut(serializers.Serializer[Any]):
    product = serializers.ChoiceField(tuple(PRODUCTS))
    rate_bps = serializers.IntegerField(help_text="A year, in hundredths of a percent.")
    min_term_months = serializers.IntegerField()
    max_term_months = serializers.IntegerField()
    min_principal = MoneyOut()
    max_principal = MoneyOut()
    second_approval_above = MoneyOut(help_text="A loan of more than this a second operator approves.")
    late_fee = MoneyOut(help_text="Once for each instalment that is late.")
    penalty_bps = serializers.IntegerField(help_text="A year on the principal past due, in hundredths of a percent.")


class LoanProducts(BankView):
    @listing(LoanProductOut, InCurrency)
    def get(self, wanted: Wanted) -> Page:
        """The loans this bank offers, by name: what they cost, and within which limits.

        A loan keeps the terms for which it was applied, whatever is offered later.
        """
        after, currency = wanted.after[0] if wanted.after else "", wanted.filters["currency"]
        names = sorted(name for name in PRODUCTS if name > after)[: wanted.fetch]
        return wanted.page([product_out(name, currency) for name in names], key=lambda row: (row["product"],))


def product_out(name: str, currency: str) -> Mapping[str, Any]:
    product = PRODUCTS[name]
    return {
        "product": name,
        "rate_bps": product.rate_bps,
        "min_term_months": product.min_term_months,
        "max_term_months": product.max_term_months,
        "min_principal": as_money(product.min_principal_minor, currency),
        "max_principal": as_money(product.max_principal_minor, currency),
        "second_approval_above": as_money(product.four_eyes_above_minor, currency),
        "late_fee": as_money(product.late_fee_minor, currency),
        "penalty_bps": product.penalty_bps,
    }
