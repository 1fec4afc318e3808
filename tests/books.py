"""A bank's books made here, in the form of the Berka data set: random, always the same, and well printed."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

HEADINGS = {
    "client.asc": ("client_id", "birth_number", "district_id"),
    "account.asc": ("account_id", "district_id", "frequency", "date"),
    "disp.asc": ("disp_id", "client_id", "account_id", "type"),
    "card.asc": ("card_id", "disp_id", "type", "issued"),
    "loan.asc": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"),
    "order.asc": ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol"),
    "trans.asc": (
        *("trans_id", "account_id", "date", "type", "operation"),
        *("amount", "balance", "k_symbol", "bank", "account"),
    ),
}
KINDS = (
    ("PRIJEM", "VKLAD", ""),
    ("PRIJEM", "PREVOD Z UCTU", "DUCHOD"),
    ("PRIJEM", "", "UROK"),
    ("VYDAJ", "VYBER", " "),
    ("VYBER", "VYBER", ""),
    ("VYDAJ", "VYBER", "SLUZBY"),
    ("VYDAJ", "VYBER", "SANKC. UROK"),
    ("VYDAJ", "PREVOD NA UCET", "SIPO"),
    ("VYDAJ", "PREVOD NA UCET", "UVER"),
    ("VYDAJ", "VYBER KARTOU", ""),
)
FIRST_DAY = date(1993, 1, 1)


def write_books(directory: Path, *, accounts: int = 4, transactions: int = 40, printed_off: str = "") -> Path:
    """Client and account have the same number; whoever may dispose of it besides has it with a thousand added.

    Every account has a card, a loan and a standing order, of each kind in turn. `printed_off` is printed as the last
    balance, whatever that is.
    """
    numbers = range(accounts)
    born = [(n, f"70{1 + n % 12 + 50 * (n % 2):02d}13", 1) for n in (*numbers, *(n + 1000 for n in numbers))]
    write(directory, "client.asc", born)
    write(directory, "account.asc", [(n, n + 10, "POPLATEK MESICNE", "930101") for n in numbers])
    disposing = [(n, n, n, "OWNER") for n in numbers] + [(n + 1000, n + 1000, n, "DISPONENT") for n in numbers]
    write(directory, "disp.asc", disposing)
    kinds = ("junior", "classic", "gold")
    write(directory, "card.asc", [(n, n, kinds[n % 3], "930201 00:00:00") for n in numbers])
    write(directory, "loan.asc", [(n, n, "930301", 24_000, 24, "1000.00", "ABCD"[n % 4]) for n in numbers])
    uses = ("SIPO", "UVER", "POJISTNE", "LEASING", " ")
    write(directory, "order.asc", [(n, n, "YZ", f"{87144583 + n}", "100.50", uses[n % 5]) for n in numbers])
    lines = booked(accounts, transactions)
    if printed_off:
        lines[-1] = (*lines[-1][:6], printed_off, *lines[-1][7:])
    write(directory, "trans.asc", lines)
    return directory


def booked(accounts: int, transactions: int) -> list[tuple[object, ...]]:
    dice, balances = random.Random(1993), [0] * accounts
    lines: list[tuple[object, ...]] = []
    for number in range(transactions):
        account = dice.randrange(accounts)
        kind, operation, symbol = dice.choice(KINDS)
        amount = dice.randrange(1, 100_000)
        balances[account] += amount if kind == "PRIJEM" else -amount
        day = f"{FIRST_DAY + timedelta(days=number * 360 // transactions):%y%m%d}"
        amounts = (f"{amount / 100:.2f}", f"{balances[account] / 100:.2f}")
        lines.append((number, account, day, kind, operation, *amounts, symbol, "", ""))
    return lines


def write(directory: Path, name: str, lines: Iterable[tuple[object, ...]]) -> None:
    rows = [HEADINGS[name], *lines]
    (directory / name).write_text("".join(";".join(map(quoted, row)) + "\n" for row in rows))


def quoted(value: object) -> str:
    """As the data set does it: texts, not numbers."""
    text = str(value)
    return text if text.replace(".", "").replace("-", "").isdecimal() or not text else f'"{text}"'
