"""A statement as CSV (RFC 4180, UTF-8): the opening balance, a row for each entry, the closing balance."""

import csv
from collections.abc import Iterator
from io import StringIO

from accounts.statements.statement import Line, Statement
from bank.money import to_decimal

COLUMNS = ("booked_on", "type", "amount", "currency", "balance", "reference", "counterparty_iban", "entry")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(statement: Statement) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows(statement))
    return text.getvalue().encode()


def rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    yield balance(statement, "opening balance", f"{statement.from_on}", statement.opening_minor)
    for line in statement.lines:
        yield row(statement, line)
    yield balance(statement, "closing balance", f"{statement.to_on}", statement.closing_minor)


def row(statement: Statement, line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        entry.booked_on.isoformat(),
        entry.type,
        to_decimal(entry.amount_minor, statement.currency),
        statement.currency,
        to_decimal(line.balance_minor, statement.currency),
        harmless(entry.reference),
        entry.counterparty_iban or "",
        str(entry.version),
    )


def balance(statement: Statement, name: str, on: str, minor: int) -> tuple[str, ...]:
    return (on, name, "", statement.currency, to_decimal(minor, statement.currency), "", "", "")


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it.

    Source: OWASP, CSV Injection.
    """
    return f"'{text}" if text.startswith(FORMULAS) else text
