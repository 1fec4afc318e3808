"""A credit card's bill paid from savings: the same end whatever happens to the messages on their way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate, now

import accounts.queries.ledger
import cards.queries
from cards.clock.expiry import give_up_bill_payments
from cards.clock.statements import close_statements
from cards.domain.card.bill import ANSWER_WITHIN
from cards.sagas import BILL_PAID_FROM_SAVINGS
from tests.flows.credit_cards.test_credit_cards import credit_card, owed, pays, promises_hold
from tests.flows.harness import (
    DISTURBANCES,
    Bank,
    Disturbance,
    every_other_lost,
    lost,
    promises,
    unharmed,
    wherever_somebody_dies,
)
from tests.flows.harness.stories import customer, eur, open_account, refused

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer with 100.00 on a savings account who owes 60.00 on his credit card."""

    bank: Bank
    customer_id: str
    account_id: str
    card_id: str
    purchase_id: str

    def pays(self, what: str, account_id: str | None = None) -> str:
        """A portion of what is owed, or a figure."""
        answer = self.asks_to_pay(what, account_id or self.account_id)
        assert answer.status_code == 202, answer.content
        return str(answer.json()["id"])

    def asks_to_pay(self, what: str, account_id: str) -> Any:
        asked: dict[str, Any] = {"account_id": account_id}
        asked |= {"amount": eur(what)} if what[0].isdigit() else {"portion": what}
        return self.bank.operator.post(f"/cards/{self.card_id}/bill-payments", asked)

    def ended(self, payment_id: str) -> tuple[str, str | None, str]:
        """How Cards and the tracker say that it ended, and why."""
        payment = self.bank.operator.get(f"/bill-payments/{payment_id}")
        process = self.bank.operator.get(f"/operations/{payment_id}")
        return payment["status"], payment["code"], process["outcome"]

    def balance(self) -> str:
        return str(self.bank.operator.get(f"/accounts/{self.account_id}")["balance"]["amount"])

    def owes(self) -> str:
        return owed(self.bank, self.card_id)[0]

    def on_its_way(self) -> str:
        return str(self.bank.operator.get(f"/cards/{self.card_id}")["on_its_way"]["amount"])


@unharmed()
def debtor(bank: Bank, then: Then) -> Debtor:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    card_id = credit_card(bank, then, customer_id=customer_id)
    purchase_id = pays(bank, card_id, "60.00")
    then()
    return Debtor(bank, customer_id, account_id, card_id, purchase_id)


def nobody_answers_in_time(bank: Bank) -> None:
    bank.clock(lambda: give_up_bill_payments(now() + ANSWER_WITHIN, localdate()))


TAKEN_BACK = {("refunded", "no_answer", "refunded"), ("declined", "no_answer", "declined")}
"""Whichever Accounts heard first: that it should debit, or that it should not."""

# The stories.


def the_bill_is_paid_in_two_parts(bank: Bank, then: Then) -> None:
    anna = debtor(bank, then)
    figure = anna.pays("20.00")
    rest = anna.pays("full")
    assert bank.operator.get(f"/bill-payments/{rest}")["amount"]["amount"] == "40.00"
    then()
    for payment_id in (figure, rest):
        assert anna.ended(payment_id) == ("settled", None, "settled")
    assert (anna.balance(), anna.owes(), anna.on_its_way()) == ("40.00", "0.00", "0.00")


def the_minimum_is_paid_and_then_the_rest_of_the_statement(bank: Bank, then: Then) -> None:
    anna = debtor(bank, then)
    day = date.fromisoformat(bank.operator.get(f"/cards/{anna.card_id}")["next_statement_on"])
    bank.clock(lambda: close_statements(day))
    minimum = anna.pays("minimum")
    then()
    assert (anna.balance(), anna.owes()) == ("75.00", "35.00")
    statement = anna.pays("statement")
    then()
    assert (anna.balance(), anna.owes()) == ("40.00", "0.00")
    assert {anna.ended(payment_id) for payment_id in (minimum, statement)} == {("settled", None, "settled")}


def accounts_declines(bank: Bank, then: Then) -> None:
    anna = debtor(bank, then)
    poor, frozen, closed = (open_account(bank, anna.customer_id) for _ in range(3))
    bank.operator.made(f"/accounts/{frozen}/freeze", {"side": "debit", "reason": "legal_order"})
    for emptied, left in ((poor, "99.99"), (closed, "100.00")):
        bank.operator.made(f"/accounts/{emptied}/withdrawals", {"amount": eur(left)})
    bank.operator.made(f"/accounts/{closed}/close")
    tries = {
        anna.pays("0.02", poor): "insufficient_funds",
        anna.pays("0.02", frozen): "account_frozen",
        anna.pays("0.02", closed): "account_closed",
        anna.pays("0.02", str(uuid4())): "account_not_open",
    }
    tries |= refused(anna.asks_to_pay("0.02", open_account(bank, str(uuid4()))), "not_your_account")
    then()
    assert {key: anna.ended(key) for key in tries} == {
        key: ("declined", code, "declined") for key, code in tries.items()
    }
    assert (anna.balance(), anna.owes(), anna.on_its_way()) == ("100.00", "60.00", "0.00")


def the_card_is_cancelled_meanwhile(bank: Bank, then: Then) -> None:
    """The merchant gives everything back while the account is asked, so the card may end."""
    anna = debtor(bank, then)
    with bank.without("accounts"):
        payment_id = anna.pays("full")
        bank.operator.made(f"/card-payments/{anna.purchase_id}/refund")
        then()
        bank.operator.made(f"/cards/{anna.card_id}/cancel")
    then()
    assert anna.ended(payment_id) == ("refunded", "card_cancelled", "refunded")
    assert (anna.balance(), anna.owes()) == ("100.00", "0.00")


def it_goes_back_to_an_account_that_was_frozen_meanwhile(bank: Bank, then: Then) -> None:
    anna = debtor(bank, then)
    with bank.without("cards"):
        payment_id = anna.pays("full")
        then()
        bank.operator.made(f"/accounts/{anna.account_id}/freeze", {"side": "both", "reason": "legal_order"})
        nobody_answers_in_time(bank)
    then()
    assert anna.ended(payment_id) == ("refunded", "no_answer", "refunded")
    assert (anna.balance(), anna.owes()) == ("100.00", "60.00")


def the_answer_comes_after_the_payment_was_taken_back(bank: Bank, then: Then) -> None:
    """And the customer pays again, before and after."""
    anna = debtor(bank, then)
    with bank.without("cards"):
        late = anna.pays("full")
        then()
        nobody_answers_in_time(bank)
        again = anna.pays("25.00")
    then()
    assert anna.ended(late) == ("refunded", "no_answer", "refunded")
    assert anna.ended(again) == ("settled", None, "settled")
    last = anna.pays("full")
    then()
    assert anna.ended(last) == ("settled", None, "settled")
    assert (anna.balance(), anna.owes()) == ("40.00", "0.00")


def a_refusal_comes_after_the_payment_was_taken_back(bank: Bank, then: Then) -> None:
    anna = debtor(bank, then)
    poor = open_account(bank, anna.customer_id)
    bank.operator.made(f"/accounts/{poor}/withdrawals", {"amount": eur("99.99")})
    with bank.without("cards"):
        late = anna.pays("full", poor)
        then()
        nobody_answers_in_time(bank)
    then()
    assert anna.ended(late) == ("declined", "no_answer", "declined")
    assert (anna.balance(), anna.owes()) == ("100.00", "60.00")


def accounts_is_down_past_the_deadline(bank: Bank, then: Then) -> None:
    """What it finds when it is back decides: it debits and gives back, or never debits."""
    anna = debtor(bank, then)
    with bank.without("accounts"):
        payment_id = anna.pays("full")
        then()
        assert anna.ended(payment_id) == ("requested", None, "")
        nobody_answers_in_time(bank)
        then()
        assert anna.ended(payment_id) == ("rejected", "no_answer", "")
        assert anna.on_its_way() == "0.00"
    then()
    assert anna.ended(payment_id) in TAKEN_BACK
    assert (anna.balance(), anna.owes()) == ("100.00", "60.00")


def the_taking_back_overtakes_the_request(bank: Bank, then: Then) -> None:
    """So the debit is forbidden before it is asked for, and declined when it is: the request is found in the feed."""
    anna = debtor(bank, then)
    disturb, bank.disturb = bank.disturb, lost
    payment_id = anna.pays("full")
    bank.flow()
    bank.disturb = disturb
    nobody_answers_in_time(bank)
    then()
    bank.catch_up()
    assert anna.ended(payment_id) in TAKEN_BACK
    assert (anna.balance(), anna.owes()) == ("100.00", "60.00")


STORIES: tuple[Story, ...] = (
    the_bill_is_paid_in_two_parts,
    the_minimum_is_paid_and_then_the_rest_of_the_statement,
    accounts_declines,
    the_card_is_cancelled_meanwhile,
    it_goes_back_to_an_account_that_was_frozen_meanwhile,
    the_answer_comes_after_the_payment_was_taken_back,
    a_refusal_comes_after_the_payment_was_taken_back,
    accounts_is_down_past_the_deadline,
    the_taking_back_overtakes_the_request,
)
by_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)


def all_is_well() -> None:
    """And nothing is in transit, in the process's own words and in the ledger's."""
    promises_hold()
    balances = {row.name: row.balance_minor for row in accounts.queries.ledger.trial_balance()}
    assert balances.get("transit:bill-payments", 0) == 0
    assert [check for check in cards.queries.books() if check.off_minor] == []


@by_story
@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_the_story_ends_the_same_whatever_the_broker_does(bank: Bank, story: Story, disturb: Disturbance) -> None:
    bank.disturb = disturb
    bank.restart()
    bank.flow()
    story(bank, bank.catch_up if disturb in (lost, every_other_lost) else bank.flow)
    all_is_well()


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_publish", "after_apply"])
def test_what_is_given_back_is_given_back_wherever_somebody_dies(bank: Bank, point: str) -> None:
    wherever_somebody_dies(bank, point, lambda: the_card_is_cancelled_meanwhile(bank, bank.flow))
    all_is_well()


def test_everything_declared_of_the_process_happens_in_some_story(bank: Bank) -> None:
    for story in STORIES:
        story(bank, bank.flow)
    happened = {
        f"{context}.{type_}"
        for context in ("cards", "accounts")
        for (type_,) in promises.rows(context, "select distinct type from bank_event")
    }
    declared = {*BILL_PAID_FROM_SAVINGS.events, "accounts.TransitReturned.v1", "accounts.DebitCancelled.v1"}
    assert declared - happened == set()
    ended = "select distinct outcome from bankview_process where name = 'bill-paid-from-savings'"
    assert {outcome for (outcome,) in promises.rows("bankview", ended)} == {*BILL_PAID_FROM_SAVINGS.ends.values()}
