"""The cards of a real bank: issued on their dates, and what may be paid with each kind."""

from datetime import date
from pathlib import Path

import pytest

from bank.importing import Illegible, NotImported, id_of
from cards import berka, queries
from tests.books import write, write_books

pytestmark = pytest.mark.django_db(databases=["cards"], transaction=True)


def imported(directory: Path) -> tuple[int, int]:
    [cards] = berka.import_books(directory, lambda *_: None).values()
    return cards.new, cards.known


def test_a_card_is_issued_on_its_day_and_can_be_paid_with(tmp_path: Path) -> None:
    assert imported(write_books(tmp_path, accounts=3)) == (3, 0)
    card = queries.card(id_of("card", "2"))
    assert card is not None
    assert (str(card.customer_id), str(card.account_id)) == (id_of("client", "2"), id_of("account", "2"))
    assert (card.issued_on, card.expires_on, card.status) == (date(1993, 2, 1), date(1997, 2, 28), "active")
    assert (card.last_four, card.currency) == ("0002", "CZK")


def test_the_kind_of_a_card_is_what_may_be_paid_with_it(tmp_path: Path) -> None:
    imported(write_books(tmp_path, accounts=3))
    found = [queries.card(id_of("card", str(n))) for n in range(3)]
    limits = [card.per_payment_limit_minor for card in found if card]
    assert limits == [2_000_00, 20_000_00, 100_000_00]


def test_a_card_is_issued_once_however_often_it_is_imported(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=3)
    assert [imported(tmp_path) for _ in range(2)] == [(3, 0), (0, 3)]


def test_a_card_that_was_changed_since_is_named(tmp_path: Path) -> None:
    imported(write_books(tmp_path, accounts=2))
    write(tmp_path, "card.asc", [(0, 0, "junior", "930201 00:00:00"), (1, 1, "gold", "930201 00:00:00")])
    with pytest.raises(NotImported, match=rf"line 3 \(card-{id_of('card', '1')}"):
        imported(tmp_path)


def test_a_card_of_an_unknown_kind_is_named(tmp_path: Path) -> None:
    write_books(tmp_path, accounts=2)
    write(tmp_path, "card.asc", [(1, 1, "platinum", "930201 00:00:00")])
    with pytest.raises(Illegible, match=r"card\.asc, line 2: KeyError\('platinum'\)"):
        imported(tmp_path)
