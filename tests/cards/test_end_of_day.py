"""Cards' part of the end of a day, whoever is killed in the middle and whichever card cannot be read."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest

from bank.db import transaction
from bank.failpoints import EXIT_CODE
from bank.models import Event
from bank.sweeping import LeftBehind
from cards import queries
from cards.clock import statements
from cards.domain.card import CARD
from cards.domain.card.life import ReplaceCard
from cards.domain.payment import AuthorizePayment
from cards.end_of_day import end_of_day
from tests.cards.units import DAY, active_card, buy, credit_card, paying, run, run_card, run_payment
from tests.dying import exits

pytestmark = pytest.mark.django_db(databases=["cards"], transaction=True)

CLOSES, LAST_OF_MONTH = date(2026, 4, 1), date(2026, 4, 30)
BROUGHT = ("CardPaymentExpired.v1", "CardExpired.v1", "StatementOverdue.v1", "StatementClosed.v1")

KILLED = f"""
from datetime import date
from cards.clock import expiry, statements
from cards.end_of_day import end_of_day
expiry.BATCH = statements.BATCH = 2
until, today = date.fromisoformat("{LAST_OF_MONTH}"), date.fromisoformat("{LAST_OF_MONTH + timedelta(days=1)}")
end_of_day(until, dry_run=False, report=lambda *_: None, today=today)
"""


def ended(until: date) -> dict[str, int]:
    return dict(end_of_day(until, dry_run=False, report=lambda *_: None, today=until + timedelta(days=1)))


def brought() -> Counter[str]:
    found = Event.objects.using("cards").filter(type__in=BROUGHT)
    return Counter(found.values_list("type", flat=True))


def authorized() -> str:
    payment_id = str(uuid4())
    run(paying(active_card(), 1_00, payment_id=payment_id, auto_capture=False))
    run_payment(AuthorizePayment(payment_id))
    return payment_id


def owing() -> str:
    """A credit card with something on it."""
    card_id = credit_card()
    buy(card_id, 600_00)
    return card_id


def test_whoever_is_killed_at_any_commit_and_runs_again_does_nothing_twice_and_leaves_nothing_out() -> None:
    """Three of each in batches of two: eight commits. Killed before and after some of them."""
    for _ in range(3):
        authorized()
        owing()
        run_card(ReplaceCard(active_card(), "tok_2", "1111", DAY, date(2026, 3, 31)))
    statements.close_statements(CLOSES)
    points = ("before_commit=exit:2", "after_commit=exit:1", "after_commit=exit:3", "before_commit=exit:2", "")
    assert exits(KILLED, points) == [EXIT_CODE] * 4 + [0]
    assert brought() == dict(zip(BROUGHT, (3, 3, 3, 6), strict=True))
    assert set(ended(LAST_OF_MONTH).values()) == {0}
    assert [check for check in queries.books() if check.off_minor] == []


def test_a_card_that_cannot_be_read_holds_up_none_of_the_others() -> None:
    """It stands first among them. Its head is only a cache: of another version, the card is folded from its history."""
    cards = sorted(owing() for _ in range(3))
    stream = CARD.stream(cards[0])
    with transaction("cards") as cursor:
        cursor.execute("""update bank_head set state = '{"credit": 1}' where stream = %s""", (stream,))
    with pytest.raises(LeftBehind) as left:
        ended(CLOSES - timedelta(days=1))
    assert [failure.stream for failure in left.value.failures] == [stream]
    assert (left.value.counts["statements_closed"], brought()["StatementClosed.v1"]) == (2, 2)
    with transaction("cards") as cursor:
        cursor.execute("update bank_head set state_version = 0 where stream = %s", (stream,))
    assert ended(CLOSES - timedelta(days=1))["statements_closed"] == 1
