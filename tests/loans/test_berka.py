"""The loans of a real bank: taken over as they stood, and the books that agree with them."""

from datetime import date
from pathlib import Path

import pytest

from bank.importing import Illegible, NotImported, id_of
from bank.money import to_minor
from loans import berka, queries
from loans.models import Loan
from tests.books import write, write_books

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)

LENT = 24_000_00


def imported(directory: Path) -> tuple[int, int]:
    [loans] = berka.import_books(directory, lambda *_: None).values()
    return loans.new, loans.known


def shown(number: str) -> Loan:
    loan = queries.loan(id_of("loan", number))
    assert loan is not None
    return loan


def test_how_far_a_loan_was_repaid_follows_from_its_status(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=4, transactions=200)
    write(tmp_path, "loan.asc", [(n, n, "970701", 24_000, 24, "1000.00", "ABCD"[n]) for n in range(4)])
    assert imported(tmp_path) == (4, 0)
    of_account = berka.repayments(tmp_path)
    assert all(0 < of_account[account] < LENT for account in "13")
    repaid, unpaid, running, in_debt = (shown(str(n)) for n in range(4))
    assert (repaid.status, repaid.outstanding_minor) == ("closed", 0)
    assert (running.status, running.outstanding_minor) == ("active", LENT - 17 * 1_000_00)
    assert running.next_due_on == date(1999, 1, 1)
    assert (unpaid.status, unpaid.outstanding_minor) == ("active", LENT - of_account["1"])
    assert (in_debt.status, in_debt.outstanding_minor) == ("active", LENT - of_account["3"])


def test_a_loan_is_its_accounts_owners_from_the_day_it_was_granted(tmp_path: Path) -> None:
    imported(write_books(tmp_path))
    loan = shown("2")
    assert (str(loan.customer_id), str(loan.account_id)) == (id_of("client", "2"), id_of("account", "2"))
    assert (loan.disbursed_on, loan.term_months, loan.rate_bps) == (date(1993, 3, 1), 24, 0)
    assert (loan.principal_minor, loan.instalment_minor) == (to_minor("24000.00", "CZK"), 1_000_00)


def test_the_books_agree_and_accounts_is_owed_nothing_for_it(tmp_path: Path) -> None:
    imported(write_books(tmp_path))
    assert [check for check in queries.books() if check.off_minor] == []
    assert queries.due_to_accounts().get("CZK", 0) == 0


def test_a_loan_is_taken_over_once_however_often_it_is_imported(tmp_path: Path) -> None:
    write_books(tmp_path)
    assert [imported(tmp_path) for _ in range(2)] == [(4, 0), (0, 4)]


def test_a_loan_that_was_changed_since_is_named_and_one_whose_repayments_grew_is_not(tmp_path: Path) -> None:
    imported(write_books(tmp_path, transactions=20))
    assert imported(write_books(tmp_path, transactions=200)) == (0, 4)
    write(tmp_path, "loan.asc", [(n, n, "930301", 24_000, 36 if n == 2 else 24, "0", "ABCD"[n]) for n in range(4)])
    with pytest.raises(NotImported, match=rf"line 4 \(loan-{id_of('loan', '2')}\)"):
        imported(tmp_path)


@pytest.mark.parametrize("line", [(1, 1, "930301", 24_000, 0, "0", "C"), (1, 1, "930301", 24_000, 24, "0", "X")])
def test_a_loan_that_cannot_be_read_is_named(tmp_path: Path, line: tuple[object, ...]) -> None:
    write_books(tmp_path)
    write(tmp_path, "loan.asc", [line])
    with pytest.raises(Illegible, match=r"loan\.asc, line 2"):
        imported(tmp_path)
