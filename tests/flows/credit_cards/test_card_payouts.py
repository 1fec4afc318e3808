"""What the bank owes on a credit card, paid out: the same end whatever happens to the messages on their way."""

import pytest

import bankview.queries
from tests.flows.credit_cards.test_bill_payments import Debtor, Then, all_is_well, debtor
from tests.flows.customers.test_erasure import retry_parked
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Disturbance,
    every_other_lost,
    lost,
    unharmed,
    wherever_somebody_dies,
)
from tests.flows.harness.stories import open_account
from tests.flows.test_in_trouble import only_down, the_deadline_passes, unable_to_say, waiting

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def in_credit(bank: Bank, then: Then) -> Debtor:
    """He paid his bill of 60.00, and then the merchant gave everything back."""
    anna = debtor(bank, then)
    anna.pays("full")
    then()
    bank.operator.made(f"/card-payments/{anna.purchase_id}/refund")
    then()
    assert (anna.balance(), anna.owes()) == ("40.00", "-60.00")
    return anna


def wants(anna: Debtor, account_id: str | None = None) -> str:
    asked = {"account_id": account_id or anna.account_id}
    return anna.bank.operator.made(f"/cards/{anna.card_id}/payouts", asked)


def ended(anna: Debtor, payout_id: str) -> tuple[str, str | None, str]:
    """How Cards and the tracker say that it ended, and why."""
    payout = anna.bank.operator.get(f"/card-payouts/{payout_id}")
    return payout["status"], payout["code"], anna.bank.operator.get(f"/operations/{payout_id}")["outcome"]


def the_balance_is_paid_out_and_the_card_ends(bank: Bank, then: Then) -> None:
    """A court has frozen one account, so it goes to another."""
    anna = in_credit(bank, then)
    frozen = open_account(bank, anna.customer_id)
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "both", "reason": "legal_order"})
    declined = wants(anna, frozen)
    then()
    assert ended(anna, declined) == ("declined", "account_frozen", "declined")
    assert (anna.balance(), anna.owes()) == ("40.00", "-60.00")
    refused = bank.operator.post(f"/cards/{anna.card_id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (422, "card_in_use")
    payout_id = wants(anna)
    then()
    assert ended(anna, payout_id) == ("settled", None, "settled")
    assert (anna.balance(), anna.owes()) == ("100.00", "0.00")
    bank.operator.made(f"/cards/{anna.card_id}/cancel")
    then()


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_the_story_ends_the_same_whatever_the_broker_does(bank: Bank, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    the_balance_is_paid_out_and_the_card_ends(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    all_is_well()


def test_a_balance_is_paid_out_once_wherever_somebody_dies(bank: Bank) -> None:
    def it_is_paid_out() -> None:
        with unharmed():
            anna = in_credit(bank, bank.flow)
        payout_id = wants(anna)
        bank.flow()
        assert (ended(anna, payout_id)[0], anna.balance(), anna.owes()) == ("settled", "100.00", "0.00")

    wherever_somebody_dies(bank, "before_commit", it_is_paid_out, every=1)
    all_is_well()


def test_a_payout_waits_for_an_account_that_is_down_and_is_overdue(bank: Bank) -> None:
    anna = in_credit(bank, bank.flow)
    only_down(bank, "accounts")
    wants(anna)
    bank.flow()
    the_deadline_passes()
    assert (bankview.queries.overdue(), anna.balance(), anna.owes()) == (1, "40.00", "0.00")
    bank.catch_up()
    assert (bankview.queries.overdue(), anna.balance(), anna.owes()) == (0, "100.00", "0.00")
    all_is_well()


def test_a_payout_that_fails_three_times_credits_once(bank: Bank) -> None:
    anna = in_credit(bank, bank.flow)
    with unable_to_say("accounts", "MoneyCredited.v1"):
        wants(anna)
        bank.flow()
        for _ in range(3):
            retry_parked()
        assert (waiting("accounts"), anna.balance()) == ([("cards.CardPayoutRequested.v1", 3)], "40.00")
    retry_parked()
    bank.catch_up()
    assert anna.balance() == "100.00"
    all_is_well()
