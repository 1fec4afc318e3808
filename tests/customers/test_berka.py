"""The clients of a real bank become customers, on their dates and once."""

from datetime import date
from pathlib import Path

import pytest

from bank.importing import Illegible
from customers import berka, queries
from tests.books import write, write_books

pytestmark = pytest.mark.django_db(databases=["customers"], transaction=True)


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Client 1 has a part of three accounts, client 2 one of which she may dispose."""
    write(tmp_path, "client.asc", [(1, "700213", 1), (2, "706213", 1)])
    accounts = [(10, 1, "", "930301"), (11, 1, "", "930105"), (12, 1, "", "930401")]
    write(tmp_path, "account.asc", accounts)
    disposing = [(1, 1, 10, "OWNER"), (2, 2, 10, "DISPONENT"), (3, 1, 11, "OWNER"), (4, 1, 12, "OWNER")]
    write(tmp_path, "disp.asc", disposing)
    return tmp_path


def imported(directory: Path) -> tuple[int, int]:
    [customers] = berka.import_books(directory, lambda *_: None).values()
    return customers.new, customers.known


def test_clients_are_opened_on_the_day_of_their_first_account(books: Path) -> None:
    assert imported(books) == (2, 0)
    shown = [queries.customer(client.customer_id) for client in berka.clients(books)]
    assert [(one.opened_on, one.kyc) for one in shown if one] == [
        (date(1993, 1, 5), "verified"),
        (date(1993, 3, 1), "verified"),
    ]


def test_names_are_made_of_the_number_and_are_a_mans_or_a_womans(books: Path) -> None:
    assert [client.name for client in berka.clients(books)] == ["Jiří Svoboda", "Hana Dvořáková"]


def test_an_import_that_is_run_again_opens_nobody_twice(books: Path) -> None:
    assert [imported(books) for _ in range(2)] == [(2, 0), (0, 2)]


def test_a_whole_sample_has_owners_and_those_who_may_dispose(tmp_path: Path) -> None:
    assert imported(write_books(tmp_path, accounts=3)) == (6, 0)


def test_files_of_another_form_are_refused(books: Path) -> None:
    (books / "disp.asc").write_text("something;else\n1;2\n")
    with pytest.raises(Illegible, match=r"disp\.asc, line 2: KeyError"):
        imported(books)
    (books / "disp.asc").unlink()
    with pytest.raises(Illegible, match=r"disp\.asc: No such file"):
        imported(books)
