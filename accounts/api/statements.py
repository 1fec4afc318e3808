"""Statements of account over HTTP: as JSON, or as a file."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.utils.timezone import now
from rest_framework import serializers

from accounts import queries
from accounts.statements.camt import as_camt053
from accounts.statements.paper import as_pdf
from accounts.statements.sheet import as_csv
from accounts.statements.statement import MAX_LINES, Line, Statement, TooLong
from bank.http.pages import File, Shown, Wanted, read
from bank.http.principal import visible
from bank.http.problems import bad_request
from bank.http.schemas import Body, MoneyOut, as_money
from bank.http.views import BankView

FILES: Mapping[str, tuple[str, str, Callable[[Statement], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", "csv", as_csv),
    "pdf": ("application/pdf", "pdf", lambda statement: as_pdf(statement, created_at=now())),
    "camt053": ("application/xml", "xml", lambda s: as_camt053(s, message_id=uuid4(), created_at=now())),
}
"""By the name of the format: content type, ending of the file's name, how it is written."""


class StatementFilter(Body):
    to = serializers.DateField(help_text="The last booking date of the statement.")
    format = serializers.ChoiceField(["json", *FILES], default="json")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        return {"from": serializers.DateField(help_text="The first booking date."), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["from"] > attrs["to"]:
            raise serializers.ValidationError({"to": ["Not before `from`."]})
        return attrs


class StatementLineOut(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="The account's version that booked it.")
    type = serializers.CharField()
    booked_on = serializers.DateField()
    amount = MoneyOut(help_text="Signed: negative takes from the account.")
    balance = MoneyOut(help_text="After it.")
    reference = serializers.CharField(allow_blank=True)
    counterparty_iban = serializers.CharField(allow_null=True, help_text="The other account of a transfer.")
    process_id = serializers.UUIDField(allow_null=True, help_text="The card payment or loan it belongs to.")


class StatementOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    iban = serializers.CharField()
    to = serializers.DateField()
    opening_balance = MoneyOut()
    credited = MoneyOut()
    debited = MoneyOut()
    closing_balance = MoneyOut(help_text="Opening balance + credited − debited.")
    lines = StatementLineOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), **super().get_fields()}


class AccountStatement(BankView):
    @read(StatementOut, StatementFilter, files=[content_type for content_type, *_ in FILES.values()])
    def get(self, wanted: Wanted, account_id: UUID) -> Shown | File:
        """What was booked between two dates, both included, with the balance before and after.

        By booking date; a file for `format` csv, pdf or camt053 (ISO 20022 camt.053.001.08).
        """
        account = visible(wanted.principal, queries.account(account_id))
        statement = made(account, wanted.filters["from"], wanted.filters["to"])
        if wanted.filters["format"] == "json":
            return Shown(statement_out(statement))
        content_type, ending, write = FILES[wanted.filters["format"]]
        return File(write(statement), content_type, f"{statement.file_name}.{ending}")


def made(account: queries.AccountRow, since: date, until: date) -> Statement:
    try:
        return queries.statement(account, since, until)
    except TooLong as error:
        few = f"More than {MAX_LINES:,} entries. Ask for a shorter time."
        raise bad_request("statement_too_long", few, to=[few]) from error


def statement_out(statement: Statement) -> dict[str, Any]:
    def money(minor: int) -> dict[str, str]:
        return as_money(minor, statement.currency)

    return {
        "account_id": statement.account_id,
        "iban": statement.iban,
        "from": statement.from_on,
        "to": statement.to_on,
        "opening_balance": money(statement.opening_minor),
        "credited": money(statement.credited_minor),
        "debited": money(statement.debited_minor),
        "closing_balance": money(statement.closing_minor),
        "lines": [line_out(line, statement.currency) for line in statement.lines],
    }


def line_out(line: Line, currency: str) -> dict[str, Any]:
    return {
        "version": line.entry.version,
        "type": line.entry.type,
        "booked_on": line.entry.booked_on,
        "amount": as_money(line.entry.amount_minor, currency),
        "balance": as_money(line.balance_minor, currency),
        "reference": line.entry.reference,
        "counterparty_iban": line.entry.counterparty_iban,
        "process_id": line.entry.process_id,
    }
