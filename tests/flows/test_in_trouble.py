"""Choreographies whose participants are down past the deadline, answer too late, or cannot do what they are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

import accounts.queries.ledger
import bankview.queries
from bank.db import cursor as open_cursor
from cards.clock.expiry import expire_authorizations
from tests.flows.customers.test_erasure import certificate, gone, retry_parked
from tests.flows.harness import Bank, promises
from tests.flows.harness.stories import Holder, holder, transit_is_overdue
from tests.flows.loans.test_loans import another_operator

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def only_down(bank: Bank, down: str) -> None:
    bank.stop()
    bank.start(*(context for context in ("customers", "accounts", "loans", "cards", "bankview") if context != down))


@contextmanager
def unable_to_say(context: str, type_: str, of: str = "") -> Iterator[None]:
    """The context's database takes nothing of this type (`of` this, if given), so whatever would say it fails whole."""
    sayable = f"type <> '{type_}' or payload not like '%{of}%'"
    with open_cursor(context) as cursor:
        cursor.execute(f"alter table bank_outbox add constraint in_trouble check ({sayable})")
    try:
        yield
    finally:
        with open_cursor(context) as cursor:
            cursor.execute("alter table bank_outbox drop constraint in_trouble")


def waiting(context: str) -> list[tuple[str, int]]:
    """What stands in the operators' queue, and how often it was tried again."""
    return [(type_, tries) for type_, tries in promises.rows(context, "select type, attempts from bank_parked")]


def the_deadline_passes() -> None:
    promises.rows("bankview", "update bankview_process set deadline = now() - interval '1 second' returning 1")


def in_transit() -> list[tuple[str, int]]:
    return [(one.kind, one.open_minor) for one in accounts.queries.ledger.transit()]


def two_move_to_suspense(bank: Bank, process_id: str) -> None:
    """Once it is overdue: one operator asks for it and is not enough; another one does it."""
    stands = f"/books/transit/{process_id}"
    early = bank.operator.post(f"{stands}/resolve")
    assert (early.status_code, early.json()["code"]) == (422, "process_under_way")
    transit_is_overdue()
    bank.operator.made(f"{stands}/resolve")
    refused = bank.operator.post(f"{stands}/resolve")
    assert (refused.status_code, refused.json()["code"]) == (422, "second_operator_needed")
    assert in_transit() != []
    another_operator().made(f"{stands}/resolve", {"agrees_with": "operator:1"})
    assert in_transit() == []


def in_suspense() -> list[int]:
    return [row.balance_minor for row in accounts.queries.ledger.trial_balance() if row.name == "suspense"]


def the_authorization_expires(anna: Holder, payment_id: str) -> None:
    last_day = date.fromisoformat(anna.payment(payment_id)["expires_on"])
    assert expire_authorizations(last_day + timedelta(days=1)) == 1


def ended(anna: Holder, payment_id: str) -> tuple[str, str, tuple[str, str], str]:
    """How the payment and its process ended, what is on the account, and what counts against the card's limit."""
    return anna.payment(payment_id)["status"], anna.process(payment_id), anna.account(), anna.spent_today()


EXPIRED = ("expired", "expired", ("100.00", "100.00"), "0.00")

# The debit card payment.


def test_an_account_that_is_down_until_the_payment_expires_never_holds(bank: Bank) -> None:
    anna = holder(bank)
    only_down(bank, "accounts")
    payment_id = anna.pays("30.00")
    bank.flow()
    the_authorization_expires(anna, payment_id)
    bank.flow()
    assert anna.payment(payment_id)["status"] == "expired"
    bank.catch_up()
    assert ended(anna, payment_id) == EXPIRED
    promises.hold()


def test_an_answer_that_comes_after_the_payment_expired_changes_nothing(bank: Bank) -> None:
    anna = holder(bank)
    only_down(bank, "cards")
    payment_id = anna.pays("30.00")
    bank.flow()
    assert (anna.payment(payment_id)["status"], anna.account()) == ("requested", ("100.00", "70.00"))
    the_authorization_expires(anna, payment_id)
    bank.flow()
    assert anna.account() == ("100.00", "100.00")
    bank.catch_up()
    assert ended(anna, payment_id) == EXPIRED
    promises.hold()


def test_what_cards_does_not_settle_in_nine_days_is_overdue_and_stands_in_transit(bank: Bank) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    bank.flow()
    only_down(bank, "cards")
    bank.operator.made(f"/card-payments/{payment_id}/capture")
    bank.flow()
    the_deadline_passes()
    assert (bankview.queries.overdue(), in_transit()) == (1, [("card-payments", 30_00)])
    bank.catch_up()
    assert (bankview.queries.overdue(), in_transit()) == (0, [])
    assert ended(anna, payment_id) == ("settled", "settled", ("70.00", "70.00"), "30.00")
    promises.hold()


def test_a_release_that_fails_three_times_works_at_the_fourth(bank: Bank) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    bank.flow()
    with unable_to_say("accounts", "HoldReleased.v1"):
        bank.operator.made(f"/card-payments/{payment_id}/reverse")
        bank.flow()
        for tries in (0, 1, 2):
            assert waiting("accounts") == [("cards.CardPaymentReversed.v1", tries)]
            assert anna.account() == ("100.00", "70.00")
            retry_parked()
    retry_parked()
    bank.flow()
    assert ended(anna, payment_id) == ("reversed", "reversed", ("100.00", "100.00"), "0.00")
    promises.hold()


def test_a_release_that_never_works_waits_for_people_and_holds_up_nobody_else(bank: Bank) -> None:
    """The hold stands, so nothing is lost; until somebody has mended what fails, other payments go on."""
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    bank.flow()
    with unable_to_say("accounts", "HoldReleased.v1"):
        bank.operator.made(f"/card-payments/{payment_id}/reverse")
        bank.flow()
        for _ in range(10):
            retry_parked()
        other = anna.pays("20.00")
        bank.flow()
        assert anna.payment(other)["status"] == "settled"
        assert (waiting("accounts"), anna.account()) == ([("cards.CardPaymentReversed.v1", 10)], ("80.00", "50.00"))
    retry_parked()
    bank.flow()
    assert anna.account() == ("80.00", "80.00")
    promises.hold()


def test_a_payment_that_is_never_cleared_is_resolved_by_two_people(bank: Bank) -> None:
    """What Accounts cannot clear from transit it clears from suspense, once people have moved it there."""
    anna = holder(bank)
    with unable_to_say("accounts", "TransitCleared.v1", of="card-settlement"):
        payment_id = anna.pays("30.00")
        bank.flow()
        retry_parked()
        assert waiting("accounts") == [("cards.CardPaymentSettled.v1", 1)]
        assert in_transit() == [("card-payments", 30_00)]
        two_move_to_suspense(bank, payment_id)
        assert in_suspense() == [-30_00]
        retry_parked()
        bank.catch_up()
    assert in_suspense() == [0]
    assert ended(anna, payment_id) == ("settled", "settled", ("70.00", "70.00"), "30.00")
    promises.hold()


# Its refund.


def refunded(bank: Bank) -> tuple[Holder, str]:
    anna = holder(bank)
    payment_id = anna.pays("30.00")
    bank.flow()
    assert anna.payment(payment_id)["status"] == "settled"
    return anna, payment_id


def test_a_refund_waits_for_an_account_that_is_down_and_is_overdue(bank: Bank) -> None:
    anna, payment_id = refunded(bank)
    only_down(bank, "accounts")
    bank.operator.made(f"/card-payments/{payment_id}/refund")
    bank.flow()
    the_deadline_passes()
    assert (bankview.queries.overdue(), anna.account()) == (1, ("70.00", "70.00"))
    bank.catch_up()
    assert (bankview.queries.overdue(), anna.account()) == (0, ("100.00", "100.00"))
    promises.hold()


def test_a_refund_that_fails_three_times_credits_once(bank: Bank) -> None:
    anna, payment_id = refunded(bank)
    with unable_to_say("accounts", "MoneyCredited.v1"):
        bank.operator.made(f"/card-payments/{payment_id}/refund")
        bank.flow()
        for _ in range(3):
            retry_parked()
        assert (waiting("accounts"), anna.account()) == ([("cards.CardPaymentRefunded.v1", 3)], ("70.00", "70.00"))
    retry_parked()
    bank.catch_up()
    assert anna.account() == ("100.00", "100.00")
    promises.hold()


# The erasure of a customer.


def test_an_erasure_is_overdue_while_somebody_is_down_and_certified_when_he_is_back(bank: Bank) -> None:
    left = gone(bank)
    only_down(bank, "loans")
    bank.operator.made(f"/customers/{left.customer_id}/erasure")
    bank.flow()
    retry_parked()
    bank.flow()
    the_deadline_passes()
    assert bankview.queries.overdue() == 1
    assert certificate(bank, left.customer_id)["certified_at"] is None
    bank.catch_up()
    retry_parked()
    bank.catch_up()
    assert bankview.queries.overdue() == 0
    assert certificate(bank, left.customer_id)["covered"] == ["accounts", "cards", "customers", "loans"]


def test_an_erasure_that_fails_three_times_is_done_at_the_fourth(bank: Bank) -> None:
    left = gone(bank)
    with unable_to_say("cards", "CardholderErased.v1"):
        bank.operator.made(f"/customers/{left.customer_id}/erasure")
        bank.flow()
        for _ in range(3):
            retry_parked()
            bank.flow()
        ((type_, tries),) = waiting("cards")
        assert (type_, tries >= 3) == ("cards.CardholderErasureBegun.v1", True)
        assert certificate(bank, left.customer_id)["certified_at"] is None
    retry_parked()
    bank.catch_up()
    assert certificate(bank, left.customer_id)["certified_at"] is not None
