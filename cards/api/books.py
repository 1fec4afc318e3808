"""Whether the books of Cards agree, over HTTP."""

from typing import Any

from rest_framework import serializers

from bank.context import Check
from bank.http.pages import Shown, Wanted, read
from bank.http.principal import operator_only
from bank.http.schemas import MoneyOut, as_money
from bank.http.views import BankView
from cards import queries


class CheckOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    difference = MoneyOut(help_text="Zero is right.")


class CardBooksOut(serializers.Serializer[Any]):
    agree = serializers.BooleanField()
    checks = CheckOut(many=True)
    due_to_accounts = MoneyOut(many=True, help_text="What Accounts is owed by Cards when no message is on its way.")


class Books(BankView):
    @read(CardBooksOut)
    def get(self, wanted: Wanted) -> Shown:
        """Whether Cards' books agree, and what Cards owes Accounts."""
        operator_only(wanted.principal)
        return Shown(books_out())


def books_out() -> dict[str, Any]:
    checks = queries.books()
    return {
        "agree": not any(check.off_minor for check in checks),
        "checks": [check_out(check) for check in checks],
        "due_to_accounts": [as_money(minor, currency) for currency, minor in queries.due_to_accounts().items()],
    }


def check_out(check: Check) -> dict[str, Any]:
    return {"name": check.name, "difference": as_money(check.off_minor, check.currency)}
