"""Payments as CSV (RFC 4180, UTF-8): a row of names, then a row for each payment.

| column | what |
|---|---|
| `iban`, `amount`, `currency` | whose account, how much as a decimal with a point, ISO 4217 |
| `name`, `reference`, `end_to_end_id` | may be left out: of whom, what for (140 each), the customer's mark (35) |
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from io import TextIOWrapper
from typing import IO

from accounts.payment_files.intake import Asked, Intake, Malformed
from accounts.payment_files.lines import Line, Own

NEEDED = ("iban", "amount", "currency")
COLUMNS = (*NEEDED, "name", "reference", "end_to_end_id")
LONGEST_ROW = 8_192


def read(
    content: IO[bytes], intake: Intake, account: Own, *, count: int | None = None, total: Decimal | None = None
) -> Iterator[Line]:
    """The lines in their order, as long as nothing is wrong. Raises Malformed, and Faulty after many faults.

    `count` and `total` are what the customer says they are; None is not said.
    """
    rows = csv.reader(bounded(content), strict=True)
    try:
        columns = next(rows, [])
        if len(set(columns)) != len(columns) or not set(NEEDED) <= set(columns) <= set(COLUMNS):
            raise Malformed(
                f"The first row names the columns: {', '.join(NEEDED)}, and any of {', '.join(COLUMNS[3:])}."
            )
        for row in rows:
            if not row:
                continue
            if len(row) != len(columns):
                raise Malformed(f"Row {rows.line_num} has {len(row)} fields, the first has {len(columns)}.")
            yield from intake.line(account, Asked(**dict(zip(columns, row, strict=True))))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Malformed(f"Row {rows.line_num + 1} is not CSV in UTF-8.") from error
    intake.promised(("lines", "total"), count, total)


def bounded(content: IO[bytes]) -> Iterator[str]:
    """The rows of a text, none of which is longer than a row of payments may be."""
    text = TextIOWrapper(content, encoding="utf-8-sig", newline="")
    while row := text.readline(LONGEST_ROW):
        if len(row) == LONGEST_ROW:
            raise Malformed(f"A row has fewer than {LONGEST_ROW} characters.")
        yield row
