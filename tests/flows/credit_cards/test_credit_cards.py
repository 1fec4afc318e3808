"""Credit cards across the contexts: the same end whatever happens to the messages on their way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

import accounts.queries.ledger
import cards.queries
from cards.clock.expiry import expire_authorizations
from cards.domain.payment import AUTHORIZATION_DAYS
from tests.flows.harness import DISTURBANCES, Bank, Disturbance, every_other_lost, lost, promises
from tests.flows.harness.stories import customer, eur

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]


def credit_card(bank: Bank, then: Then, *, limit: str = "1000.00", customer_id: str | None = None) -> str:
    """Active. Cards has heard by then that the customer is verified."""
    customer_id = customer_id or customer(bank)
    then()
    card_id = bank.operator.made("/credit-cards", {"customer_id": customer_id, "credit_limit": eur(limit)})
    bank.operator.made(f"/cards/{card_id}/activate")
    return card_id


def pays(bank: Bank, card_id: str, amount: str, **how: Any) -> str:
    return bank.operator.made(f"/cards/{card_id}/payments", {"amount": eur(amount), "merchant": "Kiosk", **how})


def owed(bank: Bank, card_id: str) -> tuple[str, str]:
    """What is outstanding and what is available, in the view and at Cards alike."""
    card = bank.operator.get(f"/cards/{card_id}")
    (shown,) = bank.operator.get(f"/customers/{card['customer_id']}/bank-view")["cards"]
    for name in ("credit_limit", "outstanding", "available"):
        assert shown[name] == card[name], name
    return card["outstanding"]["amount"], card["available"]["amount"]


def what_is_bought_on_credit_is_owed(bank: Bank, then: Then) -> None:
    card_id = credit_card(bank, then)
    payment_id = pays(bank, card_id, "300.00")
    then()
    assert bank.operator.get(f"/card-payments/{payment_id}")["status"] == "settled"
    assert owed(bank, card_id) == ("300.00", "700.00")


def a_part_is_captured_and_a_part_of_that_comes_back(bank: Bank, then: Then) -> None:
    card_id = credit_card(bank, then)
    payment_id = pays(bank, card_id, "300.00", auto_capture=False)
    then()
    assert owed(bank, card_id) == ("0.00", "700.00")
    bank.operator.made(f"/card-payments/{payment_id}/capture", {"amount": eur("200.00")})
    then()
    assert owed(bank, card_id) == ("200.00", "800.00")
    bank.operator.made(f"/card-payments/{payment_id}/refund", {"amount": eur("50.00")})
    then()
    assert owed(bank, card_id) == ("150.00", "850.00")


def what_is_reversed_or_expires_is_not_owed(bank: Bank, then: Then) -> None:
    card_id = credit_card(bank, then)
    reversed_, expired = (pays(bank, card_id, "300.00", auto_capture=False) for _ in range(2))
    bank.operator.made(f"/card-payments/{reversed_}/reverse")
    then()
    assert owed(bank, card_id) == ("0.00", "700.00")
    bank.clock(lambda: expire_authorizations(localdate() + timedelta(days=AUTHORIZATION_DAYS + 1)))
    then()
    assert bank.operator.get(f"/card-payments/{expired}")["status"] == "expired"
    assert owed(bank, card_id) == ("0.00", "1000.00")


STORIES: tuple[Story, ...] = (
    what_is_bought_on_credit_is_owed,
    a_part_is_captured_and_a_part_of_that_comes_back,
    what_is_reversed_or_expires_is_not_owed,
)


def promises_hold() -> None:
    promises.hold()
    what_cards_owe_accounts_is_what_accounts_are_owed()


def what_cards_owe_accounts_is_what_accounts_are_owed() -> None:
    due = {
        row.currency: row.balance_minor
        for row in accounts.queries.ledger.trial_balance()
        if row.name == "due-from-cards"
    }
    assert cards.queries.due_to_accounts() == due


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_the_story_ends_the_same_whatever_the_broker_does(bank: Bank, story: Story, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    promises_hold()
