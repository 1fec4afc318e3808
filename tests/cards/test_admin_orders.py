"""What operators do with cards in the console: activated, blocked, replaced, limited, paid out."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from bank.models import Event
from cards import queries
from cards.domain.card_rules import BLOCK_CAUSES
from cards.models import Card
from tests.cards.units import active_card, credit_card, known_account

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)

CARDS = "/admin/cards/card/"


@pytest.fixture
def operator() -> Client:
    users: Any = get_user_model().objects
    client = Client()
    client.force_login(users.create_superuser("operator", "operator@bank.example", "a long password"))
    return client


def order(operator: Client, path: str, **answers: Any) -> str:
    answer = operator.post(f"{CARDS}{path}/", answers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def once(operator: Client, path: str) -> str:
    """The key which a form bears from the first."""
    form = operator.get(f"{CARDS}{path}/").content.decode()
    (key,) = re.findall(r'name="once" value="([^"]+)"', form)
    return str(key)


def card(card_id: str) -> Card:
    found = queries.card(card_id)
    assert found is not None
    return found


def count(type: str) -> int:
    return Event.objects.using("cards").filter(type=type).count()


ACTIONS = {
    "customer_request": "block-for-customer",
    "operator": "block",
    "fraud": "block-for-fraud",
    "lost": "report-lost",
    "stolen": "report-stolen",
}


@pytest.mark.parametrize("cause", BLOCK_CAUSES)
def test_an_operator_blocks_a_card_for_each_cause(operator: Client, cause: str) -> None:
    card_id = active_card()
    assert "1 of 1 cards changed." in order(operator, f"{card_id}/{ACTIONS[cause]}")
    assert (card(card_id).status, card(card_id).blocked_for) == ("blocked", cause)


def test_an_operator_replaces_a_card_and_activates_the_new_one(operator: Client) -> None:
    card_id = active_card()
    order(operator, f"{card_id}/report-lost")
    assert "1 of 1 cards changed." in order(operator, f"{card_id}/replace")
    assert (card(card_id).status, card(card_id).token == "tok_1") == ("issued", False)
    assert "1 of 1 cards changed." in order(operator, f"{card_id}/activate")
    assert card(card_id).status == "active"


def test_a_form_that_is_sent_twice_replaces_a_card_once(operator: Client) -> None:
    card_id = active_card()
    key = once(operator, f"{card_id}/replace")
    order(operator, f"{card_id}/replace", once=key)
    assert "nothing was done twice" in order(operator, f"{card_id}/replace", once=key)
    assert count("CardReplaced.v1") == 1


def test_an_operator_changes_the_limits_which_the_form_shows(operator: Client) -> None:
    card_id = active_card()
    form = operator.get(f"{CARDS}{card_id}/change-limits/").content.decode()
    assert 'value="500.00"' in form
    assert 'value="800.00"' in form
    order(operator, f"{card_id}/change-limits", per_payment_limit="600.5", per_day_limit="700.00")
    assert (card(card_id).per_payment_limit_minor, card(card_id).per_day_limit_minor) == (600_50, 700_00)
    refused = order(operator, f"{card_id}/change-limits", per_payment_limit="700.01", per_day_limit="700.00")
    assert "the limit per payment is within the limit per day" in refused
    assert count("PaymentLimitsChanged.v1") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("NaN", "An amount is a decimal string such as"),
        ("1,50", "An amount is a decimal string such as"),
        ("-1.00", "The smallest amount here is 0.01 EUR."),
        ("0.00", "The smallest amount here is 0.01 EUR."),
        ("1.234", "EUR has 2 decimal places."),
        ("10000000000000.01", "The largest amount here is 10000000000000.00 EUR."),
        ("", "This field is required."),
    ],
)
def test_what_is_no_amount_changes_nothing_and_the_form_says_why(operator: Client, typed: str, said: str) -> None:
    card_id = active_card()
    assert said in order(operator, f"{card_id}/change-limits", per_payment_limit=typed, per_day_limit="700.00")
    assert count("PaymentLimitsChanged.v1") == 0


def test_what_the_bank_owes_is_not_paid_out_to_somebody_else(operator: Client) -> None:
    card_id, account_id = credit_card(), str(uuid4())
    known_account(account_id, str(uuid4()))
    assert "The account belongs to another customer." in order(operator, f"{card_id}/pay-out", account=account_id)
    assert count("CardPayoutRequested.v1") == 0
