"""The accounts this bank offers, over HTTP."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.schemas import KINDS, TermsOut
from accounts.domain.products import PRODUCTS
from bank.http.pages import Page, Wanted, listing
from bank.http.schemas import InCurrency, as_money
from bank.http.views import BankView


class AccountProductOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(KINDS)
    terms = TermsOut(help_text="Rates are a year, in hundredths of a percent.")


class AccountProducts(BankView):
    @listing(AccountProductOut, InCurrency)
    def get(self, wanted: Wanted) -> Page:
        """The accounts this bank offers, by kind: what they bear and cost.

        An account keeps the terms under which it was opened, unless an operator changes them. How far one may be
        overdrawn is arranged with each customer.
        """
        after, currency = wanted.after[0] if wanted.after else "", wanted.filters["currency"]
        rows = [product_out(kind, currency) for kind in sorted(KINDS) if kind > after][: wanted.fetch]
        return wanted.page(rows, key=lambda row: (row["kind"],))


def product_out(kind: Any, currency: str) -> Mapping[str, Any]:
    terms = PRODUCTS[kind]
    return {
        "kind": kind,
        "terms": {
            "interest_bps": terms.interest_bps,
            "overdraft_bps": terms.overdraft_bps,
            "monthly_fee": as_money(terms.monthly_fee_minor, currency),
        },
    }
