"""A bank's printed books: booked once, and every account-day compared with what was printed."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import berka, queries
from accounts.berka.comparison import Comparison, compare
from accounts.berka.lines import transactions
from accounts.domain.account import ACCOUNT, FreezeAccount, UnfreezeAccount
from accounts.queries import ledger
from bank.context import Order, Unit
from bank.db import transaction
from bank.importing import Illegible, NotImported, id_of
from bank.models import Event
from tests.accounts.units import run
from tests.books import write_books

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


def imported(directory: Path) -> dict[str, tuple[int, int]]:
    """How many are new, and how many were known."""
    found = berka.import_books(directory, lambda *_: None)
    return {what: (one.new, one.known) for what, one in found.items()}


def verified(directory: Path, *, fails: str) -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(CommandError, match=fails):
        call_command("verify_books", "--against", str(directory), "--json", stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


def counted(compared: Comparison) -> tuple[int, int, int]:
    return compared.exact, compared.within, len(compared.off)


def test_every_account_day_agrees_with_what_was_printed(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=7, transactions=1_200)
    assert imported(tmp_path) == {"accounts": (7, 0), "transactions": (1_200, 0), "standing orders": (7, 0)}
    compared = compare(tmp_path)
    assert counted(compared) == (compared.days, 0, 0)
    assert compared.days > 300
    assert (compared.transactions, compared.below_zero > 0) == (1_200, True)
    assert not [check for check in ledger.books() if check.off_minor]


def test_an_import_that_is_run_again_books_nothing_twice(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=3, transactions=60)
    imported(tmp_path)
    assert imported(tmp_path) == {"accounts": (0, 3), "transactions": (0, 60), "standing orders": (0, 3)}
    assert compare(tmp_path).off == []


def test_a_line_that_was_changed_since_is_named_and_what_was_booked_stays(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=2, transactions=520)
    imported(tmp_path)
    file = tmp_path / "trans.asc"
    lines = file.read_text().splitlines(keepends=True)
    changed = lines[510].split(";")
    changed[5] = "1234567.89"
    file.write_text("".join((*lines[:510], ";".join(changed), *lines[511:])))
    before, stream = Event.objects.using("accounts").count(), f"account-{id_of('account', changed[1])}"
    with pytest.raises(NotImported, match=rf"transactions with another content before: line 511 \({stream}\)\."):
        imported(tmp_path)
    assert Event.objects.using("accounts").count() == before
    file.write_text("".join(lines))
    assert imported(tmp_path)["transactions"] == (0, 520)


def test_two_lines_of_one_number_are_told_from_one_that_comes_again(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=2, transactions=2)
    file = tmp_path / "trans.asc"
    heading, first, second = file.read_text().splitlines()
    file.write_text("\n".join((heading, first, ";".join((first.split(";")[0], *second.split(";")[1:])))))
    with pytest.raises(NotImported, match="two different lines of the transactions bear the same number"):
        imported(tmp_path)


@pytest.mark.parametrize(("name", "column", "value"), [("account.asc", 1, "77"), ("order.asc", 4, '"99.50"')])
def test_so_is_a_changed_account_or_standing_order(tmp_path: Path, name: str, column: int, value: str) -> None:
    write_books(tmp_path, accounts=2, transactions=2)
    imported(tmp_path)
    file = tmp_path / name
    heading, first, second = file.read_text().splitlines()
    changed = second.split(";")
    changed[column] = value
    file.write_text("\n".join((heading, first, ";".join(changed))))
    with pytest.raises(NotImported, match=r"line 3 \("):
        imported(tmp_path)


def test_what_a_line_does_not_say_itself_may_change(tmp_path: Path) -> None:
    """The books have grown: the standing orders would begin later, and a printed balance is nothing that is booked."""
    write_books(tmp_path, accounts=2, transactions=40)
    file = tmp_path / "trans.asc"
    whole = file.read_text()
    file.write_text("".join(whole.splitlines(keepends=True)[:21]))
    imported(tmp_path)
    file.write_text(whole)
    assert imported(tmp_path) == {"accounts": (0, 2), "transactions": (20, 20), "standing orders": (0, 2)}
    write_books(tmp_path, accounts=2, transactions=40, printed_off="1.00")
    assert imported(tmp_path)["transactions"] == (0, 40)


def test_what_was_imported_before_fingerprints_were_noted_is_known_by_its_id(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=2, transactions=20)
    imported(tmp_path)
    with transaction("accounts") as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update bank_command set fingerprint = ''")
    assert imported(tmp_path) == {"accounts": (0, 2), "transactions": (0, 20), "standing orders": (0, 2)}


def test_an_account_is_its_owners_and_opened_on_its_day(tmp_path: Path) -> None:
    imported(write_books(tmp_path))
    account = queries.account(id_of("account", "0"))
    assert account is not None
    assert (account.branch, account.currency, account.opened_on) == ("00010", "CZK", date(1993, 1, 1))
    assert str(account.customer_id) == id_of("client", "0")


def test_a_standing_order_begins_after_the_books_end(tmp_path: Path) -> None:
    imported(write_books(tmp_path, accounts=2, transactions=40))
    order = queries.standing_order(id_of("order", "1"))
    assert order is not None
    assert (order.first_on, order.next_on, order.last_on) == (date(1994, 1, 1), date(1994, 1, 1), None)
    assert (order.amount_minor, order.payee, order.reference) == (100_50, "YZ 87144584", "UVER")


@pytest.mark.parametrize(
    ("drift_minor", "expected"), [(0, (1, 0, 0)), (1, (0, 1, 0)), (1_00, (0, 1, 0)), (1_01, (0, 0, 1))]
)
def test_a_balance_within_one_crown_is_near_and_beyond_it_off(
    tmp_path: Path, drift_minor: int, expected: tuple[int, int, int]
) -> None:
    write_books(tmp_path, accounts=1, transactions=1)
    [line] = transactions(tmp_path)
    write_books(tmp_path, accounts=1, transactions=1, printed_off=f"{(line.printed_minor + drift_minor) / 100:.2f}")
    imported(tmp_path)
    assert counted(compare(tmp_path)) == expected


def test_a_gap_in_their_books_is_named_and_told_from_one_in_ours(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=5, printed_off="123456.00")
    imported(tmp_path)
    figures = verified(tmp_path, fails=r"1 account-days are off by more than 1.00 CZK, 1 of them gaps in the printed")
    [named] = figures["named"]
    assert named.startswith("account 0, 1993-10-16: ")
    assert "printed 123456.00 (the printed amounts add up to ours)" in named


def test_what_is_not_booked_is_off_and_none_of_their_gaps(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=1)
    figures = verified(tmp_path, fails="1 account-days are off by more than 1.00 CZK, 0 of them gaps")
    assert (figures["off"], figures["exact"]) == (1, 0)
    assert "nothing booked" in figures["named"][0]


def test_books_that_agree_are_said_to_agree(tmp_path: Path) -> None:
    imported(write_books(tmp_path, accounts=2, transactions=30))
    out = StringIO()
    call_command("verify_books", "--against", str(tmp_path), stdout=out)
    assert "30 transactions, " in out.getvalue()
    assert ", 0 within 1.00, 0 off" in out.getvalue()


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=2)
    file = tmp_path / "trans.asc"
    file.write_text(file.read_text().replace('"VYDAJ"', '"NIC"').replace('"PRIJEM"', '"NIC"').replace('"VYBER"', '"X"'))
    with pytest.raises(Illegible, match=r"trans\.asc, line 2"):
        imported(tmp_path)
    with pytest.raises(CommandError, match=r"trans\.asc, line 2"):
        call_command("verify_books", "--against", str(tmp_path))


def test_days_out_of_order_are_not_compared(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=1, transactions=3)
    file = tmp_path / "trans.asc"
    heading, *lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join((heading, *reversed(lines))))
    with pytest.raises(Illegible, match=r"transaction 1 is of a day before"):
        compare(tmp_path)


def test_a_transaction_on_an_account_that_is_not_in_the_books_is_refused_by_its_name(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=2, transactions=10)
    file = tmp_path / "account.asc"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))
    with pytest.raises(NotImported, match=rf"transactions \(account-{id_of('account', '1')}\): account_not_open"):
        imported(tmp_path)


def test_what_was_refused_is_imported_once_the_files_are_mended(tmp_path: Path) -> None:
    """Its batch was not booked either, so what it says and when it says it are as if it had never been refused."""
    write_books(tmp_path, accounts=2, transactions=520)
    file = tmp_path / "account.asc"
    whole = file.read_text()
    file.write_text("".join(whole.splitlines(keepends=True)[:2]))
    for _ in range(2):
        with pytest.raises(NotImported, match="account_not_open"):
            imported(tmp_path)
    assert Event.objects.using("accounts").count() == 1
    file.write_text(whole)
    assert imported(tmp_path) == {"accounts": (1, 1), "transactions": (520, 0), "standing orders": (2, 0)}
    assert (compare(tmp_path).off, imported(tmp_path)["transactions"]) == ([], (0, 520))


def test_what_was_refused_is_imported_once_the_books_are_mended(tmp_path: Path) -> None:
    """What came before its batch is done, and is not done again."""
    write_books(tmp_path, accounts=2, transactions=520)
    file, account_id = tmp_path / "trans.asc", id_of("account", "1")
    whole = file.read_text()
    file.write_text("".join(whole.splitlines(keepends=True)[:501]))
    imported(tmp_path)
    file.write_text(whole)
    run(Unit(Order(ACCOUNT, account_id, FreezeAccount(account_id, "both", "legal_order"))))
    with pytest.raises(NotImported, match=rf"\(account-{account_id}\): account_frozen"):
        imported(tmp_path)
    run(Unit(Order(ACCOUNT, account_id, UnfreezeAccount(account_id, "both", "legal_order"))))
    assert imported(tmp_path)["transactions"] == (20, 500)
    assert compare(tmp_path).off == []
