"""Statements are closed and minimums marked late by Cards' own clock; its books agree with its cards."""

from datetime import date, timedelta
from importlib import import_module

import pytest

from bank.context import Order, Unit
from bank.db import cursor as open_cursor
from bank.history.verification import verify
from bank.projections import inline
from cards import queries, tasks
from cards.clock import statements
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.credit import CreditCardBack
from cards.domain.postings import ACCOUNTS, INTEREST, RECEIVABLE
from cards.end_of_day import end_of_day
from cards.models import Card, Posting
from tests.cards.units import DAY, active_card, buy, credit_card, run

pytestmark = pytest.mark.django_db(databases=["cards"], transaction=True)

CLOSES, DUE, NEXT = date(2026, 4, 1), date(2026, 4, 22), date(2026, 5, 1)


def give_back(card_id: str, payment_id: str, amount_minor: int, on: date = DAY) -> None:
    back = CreditCardBack(card_id, payment_id, f"r{amount_minor}", amount_minor, "EUR", on)
    run(Unit(Order(CARD, card_id, back)))


def shown(card_id: str) -> queries.Card:
    card = queries.card(card_id)
    assert card is not None
    return card


def balances() -> dict[str, int]:
    found: dict[str, int] = {}
    for posting in Posting.objects.all():
        found[posting.debit] = found.get(posting.debit, 0) + posting.amount_minor
        found[posting.credit] = found.get(posting.credit, 0) - posting.amount_minor
    return found


def test_statements_are_closed_on_their_day_and_once() -> None:
    card_id, other = credit_card(), credit_card()
    buy(card_id, 600_00)
    assert statements.close_statements(CLOSES - timedelta(days=1)) == 0
    assert (statements.close_statements(CLOSES), statements.close_statements(CLOSES)) == (2, 0)
    (statement,) = queries.statements(card_id, after=None, limit=10)
    assert (statement.number, statement.balance_minor, statement.minimum_due_minor) == (1, 600_00, 30_00)
    assert (statement.closed_on, statement.due_on) == (CLOSES, DUE)
    card = shown(card_id)
    assert (card.next_closing_on, card.payment_due_on, card.minimum_left_minor) == (NEXT, DUE, 30_00)
    assert shown(other).minimum_left_minor == 0


def test_missed_months_are_closed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "BATCH", 2)
    cards = [credit_card() for _ in range(3)]
    assert statements.close_statements(date(2026, 6, 15)) == 9
    assert {shown(card_id).next_closing_on for card_id in cards} == {date(2026, 7, 1)}


def test_a_minimum_that_is_not_paid_is_marked_late_and_the_payment_clears_it() -> None:
    card_id = credit_card()
    payment_id = buy(card_id, 600_00)
    statements.close_statements(CLOSES)
    assert statements.mark_late(DUE) == 0
    assert (statements.mark_late(DUE + timedelta(days=1)), statements.mark_late(NEXT)) == (1, 0)
    assert shown(card_id).is_late
    (statement,) = queries.statements(card_id, after=None, limit=10)
    assert statement.overdue_minor == 30_00
    give_back(card_id, payment_id, 30_00, NEXT)
    assert not shown(card_id).is_late


def test_each_minimum_that_is_missed_is_marked_and_what_was_missed_once_paid_the_card_is_not_late() -> None:
    card_id = credit_card()
    payment_id = buy(card_id, 600_00)
    statements.close_statements(CLOSES)
    assert statements.mark_late(DUE + timedelta(days=1)) == 1
    statements.close_statements(NEXT)
    second_due = date(2026, 5, 22)
    assert (shown(card_id).payment_due_on, statements.mark_late(second_due)) == (second_due, 0)
    after = second_due + timedelta(days=1)
    assert queries.count_minimums_missed(after) == 1
    assert (statements.mark_late(after), statements.mark_late(after)) == (1, 0)
    missed = [statement.overdue_minor for statement in queries.statements(card_id, after=None, limit=10)]
    assert missed == [60_24, 30_00]
    statements.close_statements(date(2026, 6, 1))
    give_back(card_id, payment_id, 60_24, date(2026, 6, 2))
    assert (shown(card_id).is_late, shown(card_id).minimum_left_minor > 0) == (False, True)


def test_the_books_agree_with_the_cards() -> None:
    card_id = credit_card()
    payment_id = buy(card_id, 600_00)
    give_back(card_id, payment_id, 100_00)
    statements.close_statements(NEXT)
    assert balances() == {RECEIVABLE: 504_00, ACCOUNTS: -500_00, INTEREST: -4_00}
    assert queries.due_to_accounts() == {"EUR": 500_00}
    assert {check.off_minor for check in queries.books()} == {0}
    assert len(queries.books()) == 4
    assert verify(CARDS).broken == []


def test_the_books_say_by_how_much_they_are_off() -> None:
    buy(credit_card(), 600_00)
    Posting.objects.filter(debit=RECEIVABLE).update(amount_minor=599_00)
    off = {check.name: check.off_minor for check in queries.books() if check.off_minor}
    assert off == {
        "card-receivable against the folded cards": -1_00,
        "card-receivable against the cards shown": -1_00,
    }


def test_statements_and_postings_are_the_fold_of_the_events() -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    statements.close_statements(NEXT)
    kept = [(s.number, s.balance_minor, s.interest_minor) for s in queries.statements(card_id, after=None, limit=10)]
    before = balances()
    for projection in CARDS.inline_projections:
        inline.rebuild_inline(CARDS, projection)
    again = [(s.number, s.balance_minor, s.interest_minor) for s in queries.statements(card_id, after=None, limit=10)]
    assert (again, balances()) == (kept, before)
    assert kept == [(2, 604_80, 4_80), (1, 600_00, 0)]


def test_beat_asks_for_both() -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    assert tasks.age_cards() > 0
    assert tasks.age_cards() in (0, 1)


def test_the_end_of_a_day_closes_and_marks_what_the_next_morning_finds_due() -> None:
    buy(credit_card(), 600_00)
    eve, last_day = CLOSES - timedelta(days=1), DUE
    assert end_of_day(eve, dry_run=True, report=quiet, today=CLOSES)["statements_closed"] == 1
    assert end_of_day(eve, dry_run=False, report=quiet, today=CLOSES)["statements_closed"] == 1
    assert end_of_day(eve, dry_run=False, report=quiet, today=CLOSES)["statements_closed"] == 0
    assert end_of_day(last_day, dry_run=True, report=quiet, today=NEXT)["cards_late"] == 1
    assert end_of_day(last_day, dry_run=False, report=quiet, today=NEXT)["cards_late"] == 1


def test_the_evening_of_a_day_does_nothing_that_belongs_to_the_next() -> None:
    """Cards goes by the calendar: the day that is still running is over at midnight, whoever ends it before."""
    card_id = credit_card()
    buy(card_id, 600_00)
    eve = CLOSES - timedelta(days=1)
    for dry_run in (True, False):
        assert end_of_day(eve, dry_run=dry_run, report=quiet, today=eve)["statements_closed"] == 0
    assert end_of_day(eve, dry_run=False, report=quiet, today=CLOSES)["statements_closed"] == 1
    assert end_of_day(DUE, dry_run=False, report=quiet, today=DUE)["cards_late"] == 0
    assert end_of_day(DUE, dry_run=False, report=quiet, today=DUE + timedelta(days=1))["cards_late"] == 1
    valid_through, morning = date(2030, 3, 31), date(2030, 4, 1)
    active_card()
    assert end_of_day(valid_through, dry_run=False, report=quiet, today=valid_through)["cards_expired"] == 0
    assert end_of_day(valid_through, dry_run=False, report=quiet, today=morning)["cards_expired"] == 1


def quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def test_what_is_left_of_a_statement_was_filled_in_where_the_column_came_later() -> None:
    billed, untouched, debit = credit_card(), credit_card(), active_card()
    purchase = buy(billed, 600_00)
    statements.close_statements(CLOSES)
    give_back(billed, purchase, 100_00, CLOSES)
    assert shown(billed).statement_left_minor == 500_00
    Card.objects.update(statement_left_minor=0)
    with open_cursor("cards") as cursor:
        cursor.execute(import_module("cards.migrations.0007_statement_left").FILL)
    assert [shown(card_id).statement_left_minor for card_id in (billed, untouched, debit)] == [500_00, 0, 0]
