"""What operators do with cards in the console: given out, blocked, replaced, limited."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from bank.context import Order, Unit
from bank.models import Event
from cards import queries
from cards.domain.card.rules import BLOCK_CAUSES
from cards.domain.cardholder import CARDHOLDER, HearKyc
from cards.models import Card
from tests import factories
from tests.cards.units import DAY, active_card, buy, credit_card, known_account, run
from tests.factories import staff

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)

CARDS = "/admin/cards/card/"


@pytest.fixture
def operator() -> Client:
    return factories.operator()


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


def test_an_operator_changes_what_a_credit_card_lends_down_to_below_what_is_owed(operator: Client) -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    assert 'value="1000.00"' in operator.get(f"{CARDS}{card_id}/change-credit-limit/").content.decode()
    assert "1 of 1 cards changed." in order(operator, f"{card_id}/change-credit-limit", credit_limit="500")
    assert card(card_id).credit_limit_minor == 500_00
    assert "-100.00 EUR" in operator.get(f"{CARDS}{card_id}/change/").content.decode()
    assert "This is no credit card." in order(operator, f"{active_card()}/change-credit-limit", credit_limit="500")
    refused = order(operator, f"{card_id}/change-credit-limit", credit_limit="500.01")
    assert "The bank does not know yet who this customer is." in refused
    assert card(card_id).credit_limit_minor == 500_00


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


def test_an_operator_issues_a_debit_card_once_however_often_the_form_is_sent(operator: Client) -> None:
    account_id, customer_id = str(uuid4()), str(uuid4())
    known_account(account_id, customer_id)
    assert "Issue a debit card" in operator.get(CARDS).content.decode()
    said = {"account": account_id, "currency": "EUR", "per_payment_limit": "100.00", "per_day_limit": "250.00"}
    key = once(operator, "issue-debit")
    for _ in range(2):
        assert "1 of 1 cards changed." in order(operator, "issue-debit", once=key, **said)
    (issued,) = Card.objects.all()
    assert (issued.kind, issued.status, issued.customer_id, issued.account_id) == (
        *("debit", "issued"),
        *(customer_id, account_id),
    )
    assert (issued.per_payment_limit_minor, issued.per_day_limit_minor) == (100_00, 250_00)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account": "the one at the corner"}, "Enter a valid UUID."),
        ({"account": "8a1b6d9e-3c55-4f6e-9d5f-0b8f5a2f6f10"}, "Cards knows no such account."),
        ({"currency": "SEK"}, "The account is kept in another currency."),
        ({"currency": "XXX"}, "Choose a currency first."),
        ({"per_day_limit": "99.99"}, "the limit per payment is within the limit per day"),
    ],
    ids=["no-id", "unknown", "other-currency", "no-currency", "limits"],
)
def test_no_debit_card_is_issued_for_what_is_wrong(operator: Client, wrong: dict[str, str], said: str) -> None:
    account_id = str(uuid4())
    known_account(account_id, str(uuid4()))
    right = {"account": account_id, "currency": "EUR", "per_payment_limit": "100.00", "per_day_limit": "250.00"}
    assert said in order(operator, "issue-debit", **(right | wrong))
    assert count("CardIssued.v1") == 0


def test_an_operator_issues_a_credit_card_to_who_is_verified(operator: Client) -> None:
    customer_id = str(uuid4())
    said = {"customer": customer_id, "currency": "EUR", "credit_limit": "1000.00", "statement_day": "15"}
    assert "The bank has not verified who this customer is." in order(operator, "issue-credit", **said)
    run(Unit(Order(CARDHOLDER, customer_id, HearKyc(customer_id, "verified", DAY, 1))))
    assert "1 of 1 cards changed." in order(operator, "issue-credit", **said, per_payment_limit="400.00")
    (issued,) = Card.objects.all()
    assert (issued.kind, issued.customer_id, issued.credit_limit_minor) == ("credit", customer_id, 1_000_00)
    assert (issued.per_payment_limit_minor, issued.per_day_limit_minor) == (400_00, 1_000_00)
    assert issued.next_closing_on is not None
    assert issued.next_closing_on.day == 15


def test_who_may_only_look_issues_nothing_and_no_card_is_added_by_hand(operator: Client) -> None:
    assert operator.get(f"{CARDS}add/").status_code == 403
    clerk = staff()
    for form in ("issue-debit", "issue-credit"):
        assert clerk.get(f"{CARDS}{form}/").status_code == 403
        assert clerk.post(f"{CARDS}{form}/", {}).status_code == 403
