"""A real bank's books become this bank's: by every context its own part, once, whoever is killed meanwhile."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bank.failpoints import EXIT_CODE
from bank.importing import id_of
from loans import queries as loans
from tests.books import write_books
from tests.flows.harness import Bank, promises

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

ROOT = Path(__file__).parents[2]


def imported(directory: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("import_berka", str(directory), "--json", stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    del figures["seconds"]
    return figures


def test_everybody_hears_of_what_was_imported_and_the_books_agree(bank: Bank, tmp_path: Path) -> None:
    write_books(tmp_path, accounts=4, transactions=200)
    found = imported(tmp_path)
    whole = {"customers": 8, "accounts": 4, "transactions": 200, "standing orders": 4, "loans": 4, "cards": 4}
    assert found == {what: {"now": count, "before": 0} for what, count in whole.items()}
    bank.flow()
    promises.hold()
    call_command("verify_books", against=tmp_path, stdout=StringIO())
    call_command("verify_ledger", stdout=StringIO())
    assert loans.due_to_accounts().get("CZK", 0) == 0
    view = bank.operator.get(f"/customers/{id_of('client', '1')}/bank-view")
    assert [len(view[part]) for part in ("accounts", "loans", "cards")] == [1, 1, 1]
    assert view["loans"][0]["status"] == "active"
    refused = bank.operator.post(f"/customers/{id_of('client', '1')}/close").json()
    assert "has accounts and cards and loans:" in refused["detail"]


def test_an_import_that_is_killed_and_run_again_does_nothing_twice(tmp_path: Path) -> None:
    """Eight commits: customers, accounts, three batches of transactions, standing orders, loans, cards."""
    write_books(tmp_path, accounts=4, transactions=1_200)
    exits = [died(tmp_path, point) for point in ("before_commit=exit:4", "after_commit=exit:4", "after_commit=exit:7")]
    assert exits == [EXIT_CODE] * 3
    found = imported(tmp_path)
    assert (found["transactions"], found["loans"]) == ({"now": 0, "before": 1_200}, {"now": 0, "before": 4})
    assert found["cards"] == {"now": 4, "before": 0}
    call_command("verify_books", against=tmp_path, stdout=StringIO())
    call_command("verify_ledger", stdout=StringIO())


def died(directory: Path, point: str) -> int:
    environment = {**os.environ, "BANK_FAILPOINTS": point}
    command = [sys.executable, "manage.py", "import_berka", str(directory), "--json"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True).returncode


def test_a_directory_without_books_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"account\.asc: No such file"):
        call_command("import_berka", str(tmp_path))
