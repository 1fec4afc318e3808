"""The debit card payment from savings, across contexts: the same end whatever happens on the way."""

from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connections
from django.db.transaction import Atomic

from bank.context import Order, Unit
from bank.execution import execute
from cards.context import CARDS
from cards.domain.funding import FUNDING, KnowAccount
from cards.sagas import CARD_REFUND, DEBIT_CARD_PAYMENT
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Disturbance,
    every_other_lost,
    lost,
    promises,
    shuffled_and_doubled,
    undisturbed,
    wherever_somebody_dies,
)
from tests.flows.harness.stories import (
    LIMITS,
    STORIES,
    Holder,
    Story,
    a_payment_is_declined_for_funds,
    a_payment_settles,
    a_reversal_overtakes_the_hold,
    accepted,
    an_authorization_nobody_captures_expires,
    eur,
    holder,
    open_account,
    refunds_credit_the_account,
)

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

WHERE_PATHS_PART = (
    a_payment_settles,
    a_payment_is_declined_for_funds,
    a_reversal_overtakes_the_hold,
    refunds_credit_the_account,
    an_authorization_nobody_captures_expires,
)
"""Stories which between them go by everything that can die."""

every_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)


@every_story
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_the_story_ends_the_same_whatever_the_broker_does(bank: Bank, story: Story, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    promises.hold()


@every_story
def test_the_story_ends_the_same_when_its_queues_are_not_bound_yet(bank: Bank, story: Story) -> None:
    bank.stop()
    story(bank, bank.catch_up)
    promises.hold()


@pytest.mark.parametrize("story", WHERE_PATHS_PART, ids=lambda story: story.__name__)
@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_publish", "after_apply"])
def test_the_story_ends_the_same_wherever_somebody_dies(bank: Bank, story: Story, point: str) -> None:
    wherever_somebody_dies(bank, point, lambda: story(bank, bank.flow), every=1 if story is a_payment_settles else 0)
    promises.hold()


@pytest.mark.parametrize("disturb", [undisturbed, shuffled_and_doubled], ids=lambda disturb: disturb.__name__)
def test_thirty_payments_at_once_spend_what_is_there_and_no_more(bank: Bank, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    anna = holder(bank)
    payments = [anna.pays("10.00") for _ in range(30)]
    bank.flow()
    assert Counter(anna.payment(payment_id)["status"] for payment_id in payments) == {"settled": 10, "declined": 20}
    assert anna.account() == ("0.00", "0.00")
    assert anna.spent_today() == "100.00"
    promises.hold()


@pytest.mark.parametrize("disturb", [undisturbed, shuffled_and_doubled], ids=lambda disturb: disturb.__name__)
def test_a_tip_is_captured_above_the_hold_and_what_it_overdraws_is_flagged(bank: Bank, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    anna = holder(bank)
    payment_id = anna.pays("90.00", auto_capture=False)
    bank.flow()
    refused = bank.operator.post(f"/card-payments/{payment_id}/capture", {"amount": eur("108.01")})
    assert (refused.status_code, refused.json()["code"]) == (422, "over_capture_limit")
    bank.operator.made(f"/card-payments/{payment_id}/capture", {"amount": eur("108.00")})
    bank.flow()
    assert anna.account() == ("-8.00", "-8.00")
    entries = bank.operator.get(f"/accounts/{anna.account_id}/entries")["items"]
    assert [one["unarranged"] for one in entries if one["amount"] == eur("-108.00")] == [True]
    (shown,) = bank.operator.get(f"/customers/{anna.customer_id}/bank-view")["card_payments"]
    assert (shown["amount"], shown["captured"], shown["status"]) == (eur("90.00"), eur("108.00"), "settled")
    assert anna.process(payment_id) == "settled"
    assert anna.spent_today() == "90.00"
    promises.hold()


@pytest.mark.parametrize("disturb", [undisturbed, shuffled_and_doubled], ids=lambda disturb: disturb.__name__)
def test_whatever_the_account_refuses_is_declined_and_counts_against_no_limit(bank: Bank, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    anna = holder(bank)
    frozen, closed = (open_account(bank, anna.customer_id) for _ in range(2))
    anothers, unknown = open_account(bank, str(uuid4())), str(uuid4())
    for account_id in (anothers, unknown):  # Cards is wrong about them
        execute(CARDS, [Unit(Order(FUNDING, account_id, KnowAccount(account_id, anna.customer_id, "EUR")))])
    drawing = {
        code: drawing_on(anna, account_id)
        for account_id, code in (
            (frozen, "account_frozen"),
            (closed, "account_closed"),
            (anothers, "not_your_account"),
            (unknown, "account_not_open"),
        )
    }
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "debit", "reason": "legal_order"})
    bank.operator.made(f"/accounts/{closed}/withdrawals", {"amount": eur("100.00")})
    bank.operator.made(f"/accounts/{closed}/close")
    tries = {card.pays("30.00"): (card, code) for code, card in drawing.items()}
    tries[anna.pays("100.01")] = (anna, "insufficient_funds")
    bank.flow()
    for payment_id, (card, code) in tries.items():
        paid = card.payment(payment_id)
        assert (paid["status"], paid["code"], card.process(payment_id)) == ("declined", code, "declined")
        assert card.spent_today() == "0.00"
    assert anna.account() == drawing["account_frozen"].account() == ("100.00", "100.00")
    promises.hold()


def drawing_on(anna: Holder, account_id: str) -> Holder:
    """Another card of hers, for this account."""
    card_id = accepted(anna.bank, "/cards", {"customer_id": anna.customer_id, "account_id": account_id, **LIMITS})
    anna.bank.operator.made(f"/cards/{card_id}/activate")
    return replace(anna, account_id=account_id, card_id=card_id)


@every_story
def test_no_transaction_is_opened_inside_one_of_another_database(
    bank: Bank, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two databases do not commit together: each crossing is a message."""
    opened: set[str | None] = set()
    enter = Atomic.__enter__

    def alone(atomic: Atomic) -> None:
        inside = {one.alias for one in connections.all(initialized_only=True) if one.in_atomic_block}
        assert inside <= {atomic.using}
        opened.add(atomic.using)
        enter(atomic)

    monkeypatch.setattr(Atomic, "__enter__", alone)
    story(bank, bank.flow)
    assert {"accounts", "cards", "bankview"} <= opened


def test_everything_declared_of_the_payment_happens_in_some_story(bank: Bank) -> None:
    for story in STORIES:
        story(bank, bank.flow)
    happened = {
        f"{context}.{type_}"
        for context in ("cards", "accounts")
        for (type_,) in promises.rows(context, "select distinct type from bank_event")
    }
    assert [event for event in DEBIT_CARD_PAYMENT.events if event not in happened] == []
    outcomes = {outcome for (outcome,) in promises.rows("bankview", "select distinct outcome from bankview_process")}
    assert outcomes == {*DEBIT_CARD_PAYMENT.ends.values(), *CARD_REFUND.ends.values()}
