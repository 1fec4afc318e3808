"""What the read tables show after a batch, and what many at once may spend."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from bank.context import Order, Unit
from bank.db import transaction
from bank.history.verification import verify
from bank.projections import inline
from cards import queries
from cards.context import CARDS
from cards.domain.card import CARD, BlockCard, ChangePaymentLimits
from cards.domain.payment import (
    PAYMENT,
    AuthorizePayment,
    DeclinePayment,
    RefundPayment,
    ReversePayment,
    SettlePayment,
    SettleRefund,
)
from tests.cards.units import DAY, active_card, paying, run, run_card, run_payment

pytestmark = pytest.mark.django_db(databases=["cards"], transaction=True)


def shown(payment_id: str) -> queries.Payment:
    payment = queries.payment(payment_id)
    assert payment is not None
    return payment


def test_a_card_is_shown_as_its_last_command_left_it() -> None:
    customer_id = str(uuid4())
    card_id = active_card(customer_id=customer_id)
    run(
        Unit(Order(CARD, card_id, ChangePaymentLimits(card_id, 1_00, 2_00))),
        paying(card_id, 1_00),
        Unit(Order(CARD, card_id, BlockCard(card_id, "stolen"))),
    )
    card = queries.card(card_id)
    assert card is not None
    assert (card.status, card.blocked_for, card.version) == ("blocked", "stolen", 5)
    assert (card.per_payment_limit_minor, card.per_day_limit_minor) == (1_00, 2_00)
    assert (card.spent_minor, card.counted_on) == (1_00, DAY)
    assert [one.card_id for one in queries.cards(customer_id=customer_id, after=None, limit=10)] == [card_id]


def test_a_payment_that_goes_all_the_way_in_one_batch_is_shown_whole() -> None:
    card_id, payment_id = active_card(), str(uuid4())
    run(
        paying(card_id, payment_id=payment_id),
        Unit(Order(PAYMENT, payment_id, AuthorizePayment(payment_id))),
        Unit(Order(PAYMENT, payment_id, SettlePayment(payment_id, DAY))),
        Unit(Order(PAYMENT, payment_id, RefundPayment(payment_id, "r1", 5_00, DAY))),
        Unit(Order(PAYMENT, payment_id, SettleRefund(payment_id, "r1", DAY))),
    )
    payment = shown(payment_id)
    assert (payment.status, payment.version) == ("settled", 6)
    assert (payment.captured_minor, payment.refunded_minor) == (20_00, 5_00)
    moments = (payment.authorized_at, payment.captured_at, payment.settled_at, payment.ended_at)
    assert set(moments) == {payment.requested_at}
    (refund,) = queries.refunds_of(payment_id)
    assert (refund.amount_minor, refund.settled_at) == (5_00, payment.requested_at)


def test_a_batch_of_many_payments_shows_each_as_it_ended() -> None:
    card_id = active_card()
    declined, reversed_, waiting = str(uuid4()), str(uuid4()), str(uuid4())
    run(*(paying(card_id, 1_00, payment_id=payment_id) for payment_id in (declined, reversed_, waiting)))
    run(
        Unit(Order(PAYMENT, declined, DeclinePayment(declined, "insufficient_funds"))),
        Unit(Order(PAYMENT, reversed_, ReversePayment(reversed_))),
    )
    assert (shown(declined).status, shown(declined).code) == ("declined", "insufficient_funds")
    assert (shown(reversed_).status, shown(reversed_).code) == ("reversed", "")
    assert shown(waiting).ended_at is None


def test_a_late_answer_leaves_the_row_as_it_was() -> None:
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id))
    run_payment(ReversePayment(payment_id))
    before = shown(payment_id)
    assert run_payment(AuthorizePayment(payment_id)).outcome == "nothing"
    after = shown(payment_id)
    assert (after.status, after.version, after.ended_at) == ("reversed", before.version, before.ended_at)


def test_a_payment_its_card_refuses_leaves_nothing() -> None:
    card_id = active_card()
    run_card(BlockCard(card_id, "lost"))
    payment_id = str(uuid4())
    (refused,) = run(paying(card_id, payment_id=payment_id))
    assert (refused.outcome, refused.code) == ("refused", "card_blocked")
    assert queries.payment(payment_id) is None


def test_thirty_at_once_spend_the_day_to_the_last_cent_and_no_further() -> None:
    card_id = active_card()
    run_card(ChangePaymentLimits(card_id, 1_00, 10_00))

    def pay(_n: int) -> str:
        try:
            return run(paying(card_id, 1_00))[0].code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as many:
        codes = list(many.map(pay, range(30)))
    assert codes.count("") == 10
    assert codes.count("over_daily_limit") == 20
    card = queries.card(card_id)
    assert card is not None
    assert card.spent_minor == 10_00
    assert verify(CARDS).broken == []


def test_what_is_due_to_expire_is_found_by_its_last_day() -> None:
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id, auto_capture=False))
    last_day = shown(payment_id).expires_on
    assert queries.due_to_expire(last_day, limit=10) == []
    assert queries.due_to_expire(last_day + timedelta(days=1), limit=10) == [payment_id]


def tables() -> dict[str, list[object]]:
    with transaction("cards") as cursor:
        found = {}
        for table in ("cards_card", "cards_payment", "cards_refund"):
            cursor.execute(f"select t::text from {table} t order by 1")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


@pytest.mark.parametrize("batch", [1, 3, 500])
def test_the_tables_are_the_fold_of_the_events_however_they_are_batched(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    card_id = active_card()
    run(*(paying(card_id, 1_00, payment_id=payment_id) for payment_id in PAYMENTS))
    run(
        *(Unit(Order(PAYMENT, payment_id, AuthorizePayment(payment_id))) for payment_id in PAYMENTS[:3]),
        Unit(Order(PAYMENT, PAYMENTS[3], DeclinePayment(PAYMENTS[3], "insufficient_funds"))),
        Unit(Order(PAYMENT, PAYMENTS[4], ReversePayment(PAYMENTS[4]))),
        Unit(Order(PAYMENT, PAYMENTS[0], SettlePayment(PAYMENTS[0], DAY))),
    )
    run_payment(RefundPayment(PAYMENTS[0], "r1", 50, DAY))
    run_payment(SettleRefund(PAYMENTS[0], "r1", DAY))
    kept = tables()
    monkeypatch.setattr(inline, "PAGE", batch)
    for projection in CARDS.inline_projections:
        inline.rebuild_inline(CARDS, projection)
    assert tables() == kept


PAYMENTS = [str(uuid4()) for _ in range(6)]
