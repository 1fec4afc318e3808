"""The clients of a real bank become customers, on their dates and once."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers import berka, queries

pytestmark = pytest.mark.django_db(databases=["customers"], transaction=True)


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Client 1 owns two accounts, client 3 one without bookings; client 2 only has disposal of one."""
    (tmp_path / "account.asc").write_text(
        '"account_id";"district_id";"frequency";"date"\n10;1;"";930301\n11;1;"";930105\n12;1;"";930101\n'
    )
    (tmp_path / "disp.asc").write_text(
        '"disp_id";"client_id";"account_id";"type"\n'
        '1;1;10;"OWNER"\n2;2;10;"DISPONENT"\n3;1;11;"OWNER"\n4;3;12;"OWNER"\n5;4;13;"OWNER"\n'
    )
    (tmp_path / "trans.asc").write_text('"trans_id";"account_id"\n1;10\n2;11\n3;10\n')
    return tmp_path


def imported(directory: Path) -> dict[str, int]:
    out = StringIO()
    call_command("import_berka_clients", str(directory), "--json", stdout=out)
    figures: dict[str, int] = json.loads(out.getvalue())
    return figures


def test_owners_of_booked_accounts_are_opened_on_the_day_of_their_first_account(books: Path) -> None:
    assert berka.clients(books) == [berka.Client(1, date(1993, 1, 5))]
    assert imported(books)["customers"] == 1
    [client] = berka.clients(books)
    customer = queries.customer(client.customer_id)
    assert customer is not None
    assert (customer.name, customer.opened_on) == ("Client 1", date(1993, 1, 5))


def test_an_import_that_is_run_again_opens_nobody_twice(books: Path) -> None:
    assert [imported(books)["opened_before"] for _ in range(2)] == [0, 1]


def test_files_of_another_form_are_refused(books: Path) -> None:
    (books / "disp.asc").write_text("something;else\n1;2\n")
    with pytest.raises(CommandError, match="not of the data set's form"):
        imported(books)
    (books / "disp.asc").unlink()
    with pytest.raises(CommandError, match=r"disp\.asc is missing"):
        imported(books)
