"""A bank's printed books, made here in the data set's form: booked once, and every account-day compared."""

import json
import random
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import berka, queries

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)

HEADER = '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"'
KINDS = (
    ("PRIJEM", "VKLAD", ""),
    ("PRIJEM", "PREVOD Z UCTU", "DUCHOD"),
    ("PRIJEM", "", "UROK"),
    ("VYDAJ", "VYBER", " "),
    ("VYBER", "VYBER", ""),
    ("VYDAJ", "VYBER", "SLUZBY"),
    ("VYDAJ", "VYBER", "SANKC. UROK"),
    ("VYDAJ", "PREVOD NA UCET", "SIPO"),
    ("VYDAJ", "VYBER KARTOU", ""),
)


def write_books(directory: Path, *, accounts: int, transactions: int, printed_off: str = "") -> None:
    """Random books whose printed balances are right; `printed_off` replaces the last."""
    dice = random.Random(1993)
    (directory / "account.asc").write_text(
        '"account_id";"district_id";"frequency";"date"\n'
        + "".join(f'{n};{n + 10};"POPLATEK MESICNE";930101\n' for n in range(accounts))
    )
    (directory / "disp.asc").write_text(
        '"disp_id";"client_id";"account_id";"type"\n'
        + "".join(f'{n};{n};{n};"OWNER"\n{n + 1000};{n + 1000};{n};"DISPONENT"\n' for n in range(accounts))
    )
    balances = [0] * accounts
    lines = [HEADER]
    for number in range(transactions):
        account = dice.randrange(accounts)
        kind, operation, symbol = dice.choice(KINDS)
        amount = dice.randrange(1, 100_000)
        balances[account] += amount if kind == "PRIJEM" else -amount
        day = date(1993, 1, 1) + timedelta(days=number * 360 // transactions)
        lines.append(
            f'{number};{account};{day:%y%m%d};"{kind}";"{operation}";{amount / 100:.2f};'
            f'{balances[account] / 100:.2f};"{symbol}";;'
        )
    if printed_off:
        fields = lines[-1].split(";")
        lines[-1] = ";".join((*fields[:6], printed_off, *fields[7:]))
    (directory / "trans.asc").write_text("\n".join(lines) + "\n")


def imported(directory: Path, *arguments: str) -> dict[str, int]:
    out = StringIO()
    call_command("import_berka", str(directory), "--json", *arguments, stdout=out, stderr=StringIO())
    figures: dict[str, int] = json.loads(out.getvalue())
    return figures


def test_every_account_day_agrees_with_what_was_printed(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=7, transactions=1_200)
    figures = imported(tmp_path)
    assert (figures["accounts"], figures["transactions"], figures["off"]) == (7, 1_200, 0)
    assert figures["exact"] == figures["account_days"] > 300
    assert figures["printed_below_zero"] > 0
    assert not [check for check in queries.books() if check.off_minor]


def test_an_import_that_is_run_again_books_nothing_twice(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=3, transactions=60)
    first, again = imported(tmp_path), imported(tmp_path)
    assert (first["booked_before"], again["booked_before"]) == (0, 60)
    assert again["exact"] == first["exact"]
    account = queries.account(berka.id_of("account", "0"))
    assert account is not None
    assert (account.branch, account.currency, account.opened_on) == ("00010", "CZK", date(1993, 1, 1))
    assert str(account.customer_id) == berka.id_of("client", "0")


@pytest.mark.parametrize(("drift_minor", "near", "off"), [(1, 1, 0), (1_00, 1, 0), (1_01, 0, 1)])
def test_a_balance_within_one_crown_is_near_and_beyond_it_off(
    tmp_path: Path, drift_minor: int, near: int, off: int
) -> None:
    write_books(tmp_path, accounts=1, transactions=1)
    [line] = berka.transactions(tmp_path)
    write_books(tmp_path, accounts=1, transactions=1, printed_off=f"{(line.printed_minor + drift_minor) / 100:.2f}")
    berka.import_books(tmp_path)
    compared = berka.compare(tmp_path)
    assert (compared.exact, compared.near, compared.off) == (0, near, off)


def test_a_difference_fails_the_command(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=5, printed_off="123456.00")
    with pytest.raises(CommandError, match="1 account-days are off"):
        imported(tmp_path)


def test_a_dry_run_books_nothing_and_what_is_not_booked_is_off(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=5)
    with pytest.raises(CommandError, match="account-days are off"):
        imported(tmp_path, "--dry-run")
    assert queries.account(berka.id_of("account", "0")) is None


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=2)
    file = tmp_path / "trans.asc"
    file.write_text(file.read_text().replace('"VYDAJ"', '"NIC"').replace('"PRIJEM"', '"NIC"').replace('"VYBER"', '"X"'))
    with pytest.raises(CommandError, match=r"trans\.asc, line 2"):
        imported(tmp_path)


def test_a_directory_without_books_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"has no account\.asc"):
        call_command("import_berka", str(tmp_path))
