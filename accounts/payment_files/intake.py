"""A file on its way in: what it says of itself, what was counted, and everything that is wrong with it.

A file with a fault is refused whole, and says where: by the line, counted from 1, or by the field of its head.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from accounts.domain.account.money import MAX_BALANCE_MINOR
from accounts.domain.payment_file import MAX_LINES, FileFormat
from accounts.iban import known_iban
from accounts.payment_files.lines import Line, Own
from bank.http.card_numbers import holds_card_number
from bank.money import to_decimal, to_minor

MAX_FAULTS = 100
MESSAGE_ID_LENGTH = 35
TEXT_LENGTH = 140


class Malformed(Exception):
    """The file cannot be read at all: a sentence that says why."""


class Faulty(Exception):
    """What is wrong with the file, by place."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Asked:
    """One payment as the file says it."""

    iban: str
    amount: str
    currency: str
    name: str = ""
    reference: str = ""
    end_to_end_id: str = ""


@dataclass(slots=True)
class Intake:
    format: FileFormat
    today: date
    message_id: str = ""
    currency: str = ""
    lines: int = 0
    amount_minor: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, where: str, sentence: str) -> None:
        """Raises Faulty when there are enough to go on with."""
        self.faults.setdefault(where, []).append(sentence)
        if len(self.faults) >= MAX_FAULTS:
            raise Faulty(self.faults)

    def named(self, message_id: str, where: str) -> None:
        self.message_id = self.text(where, message_id, MESSAGE_ID_LENGTH)
        if not self.message_id:
            self.fault(where, "A file has a message id.")

    def line(self, account: Own | None, asked: Asked) -> Iterator[Line]:
        """The line, unless something is wrong with it or with one before. `account` pays; None has been told."""
        self.lines += 1
        place = f"lines.{self.lines}"
        if self.lines > MAX_LINES:
            self.fault("lines", f"A file has at most {MAX_LINES:,} lines.")
            raise Faulty(self.faults)
        iban = known_iban(asked.iban)
        if iban is None:
            self.fault(f"{place}.iban", "This is no IBAN.")
        amount_minor = self.amount(place, account, asked)
        name = self.text(f"{place}.name", asked.name, TEXT_LENGTH)
        reference = self.text(f"{place}.reference", asked.reference, TEXT_LENGTH)
        end_to_end_id = self.text(f"{place}.end_to_end_id", asked.end_to_end_id, MESSAGE_ID_LENGTH)
        if not self.faults and account and iban:
            yield Line(self.lines, account.id, iban, amount_minor, name, reference, end_to_end_id)

    def amount(self, place: str, account: Own | None, asked: Asked) -> int:
        try:
            amount_minor = to_minor(asked.amount, asked.currency)
        except ValueError as error:
            self.fault(f"{place}.amount", str(error))
            return 0
        if amount_minor <= 0:
            self.fault(f"{place}.amount", "An amount is positive.")
        if account and account.currency != asked.currency:
            self.fault(f"{place}.currency", f"The account that pays is kept in {account.currency}.")
        self.currency = self.currency or asked.currency
        if asked.currency != self.currency:
            self.fault(f"{place}.currency", f"A file is in one currency; this one began in {self.currency}.")
        self.amount_minor += amount_minor
        return amount_minor

    def text(self, place: str, text: str, max_length: int) -> str:
        """One line, trimmed; never with a card number."""
        one = " ".join(text.split())
        if len(one) > max_length:
            self.fault(place, f"At most {max_length} characters.")
        if any(ord(character) < 32 or ord(character) == 127 for character in one):
            self.fault(place, "Control characters are not allowed.")
        if holds_card_number(one):
            self.fault(place, "This looks like a card number. Never send one.")
        return one

    def due(self, where: str, on: date) -> None:
        if on > self.today:
            self.fault(where, "The bank executes files at once: no date in the future.")

    def promised(
        self, at: tuple[str, str], lines: int | None, total: Decimal | None, since: tuple[int, int] = (0, 0)
    ) -> None:
        """Compares what is said of the lines with what they are. `at`: where their count and their sum are said;
        `since`: lines and sum before them."""
        counted, summed_minor = self.lines - since[0], self.amount_minor - since[1]
        if lines is not None and lines != counted:
            self.fault(at[0], f"It says {lines}, there are {counted}.")
        if total is None or self.faults or not self.lines:
            return
        if total != Decimal(summed := to_decimal(summed_minor, self.currency)):
            self.fault(at[1], f"It says {total}, they sum to {summed}.")

    def end(self) -> None:
        """Raises Faulty unless the file is to be accepted."""
        if not self.lines:
            self.fault("lines", "There are no payments in it.")
        if self.amount_minor > MAX_BALANCE_MINOR:
            self.fault("lines", "Their sum is larger than the bank books.")
        if self.faults:
            raise Faulty(self.faults)
