"""A statement as PDF, A4, in a face that knows Latin, Greek and Cyrillic."""

import importlib.util
from datetime import datetime
from functools import cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from accounts.statements.statement import Statement
from bank.money import to_decimal

WIDTHS = (24, 96, 30, 30)
"""Millimetres: the day, what it was, the amount, the balance."""

ROW = 5.0
LONGEST_TEXT = 60


@cache
def face(name: str) -> Path:
    """A font file. DejaVu comes with matplotlib, which the bank has for its charts."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf", name)


class Paper(FPDF):
    def __init__(self, statement: Statement, created_at: datetime) -> None:
        super().__init__()
        self.statement = statement
        self.set_title(f"Statement {statement.iban}")
        self.set_creation_date(created_at)
        self.add_font("dejavu", fname=face("DejaVuSans.ttf"))
        self.add_font("dejavu", "B", fname=face("DejaVuSans-Bold.ttf"))
        self.set_auto_page_break(True, margin=18)
        self.alias_nb_pages()

    def header(self) -> None:
        self.set_font("dejavu", "B", 12)
        self.cell(0, 7, f"Statement of your {self.statement.kind} account", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font("dejavu", size=8)
        period = f"{self.statement.iban}    {self.statement.from_on} to {self.statement.to_on}"
        self.cell(0, 6, f"{period}    {self.statement.currency}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)
        self.set_font("dejavu", "B", 8)
        self.row("Booked", "What", "Amount", "Balance")
        self.set_font("dejavu", size=8)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("dejavu", size=7)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def row(self, day: str, what: str, amount: str, balance: str) -> None:
        for width, text, align in zip(WIDTHS, (day, what, amount, balance), "LLRR", strict=True):
            self.cell(width, ROW, text, align=align)
        self.ln(ROW)


def as_pdf(statement: Statement, *, created_at: datetime) -> bytes:
    paper = Paper(statement, created_at)
    paper.add_page()
    paper.set_font("dejavu", size=8)
    paper.row(f"{statement.from_on}", "Opening balance", "", to_decimal(statement.opening_minor, statement.currency))
    for line in statement.lines:
        paper.row(
            line.entry.booked_on.isoformat(),
            shortened(line.entry.reference or line.entry.type),
            to_decimal(line.entry.amount_minor, statement.currency),
            to_decimal(line.balance_minor, statement.currency),
        )
    paper.set_font("dejavu", "B", 8)
    paper.row(f"{statement.to_on}", "Closing balance", "", to_decimal(statement.closing_minor, statement.currency))
    return bytes(paper.output())


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
