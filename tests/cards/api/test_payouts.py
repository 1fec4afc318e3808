"""Payouts by HTTP, in the read table and in the console."""

from typing import Any
from uuid import uuid4

import pytest

from bank.context import Order, Unit
from bank.db import cursor as open_cursor
from bank.history.verification import verify
from bank.projections import inline
from cards import queries
from cards.context import CARDS
from cards.domain.card import CARD
from cards.domain.card.credit import CreditCardBack
from cards.domain.payout import PAYOUT, CreditPayout, FailPayout
from cards.handlers.payments import settle_credit
from cards.handlers.payouts import decline, settle
from cards.inbound import MoneyCredited, PayoutCredited, PayoutUncredited
from tests import factories
from tests.cards.client import ACCOUNT, ME, Client, active_card, active_credit_card, eur
from tests.cards.units import DAY, known_account, run, run_card

pytestmark = [
    pytest.mark.django_db(databases=["cards", "default"], transaction=True),
    pytest.mark.usefixtures("known"),
]


def in_credit() -> str:
    """A credit card on which the bank owes 40.00."""
    card_id = active_credit_card(Client(is_operator=True))
    run_card(CreditCardBack(card_id, "p1", "r1", 40_00, "EUR", DAY))
    return card_id


def ask(client: Client, card_id: str, account_id: str = ACCOUNT) -> Any:
    return client.post(f"/cards/{card_id}/payouts", {"account_id": account_id})


def test_a_customer_has_paid_out_what_the_bank_owes_him(customer: Client) -> None:
    card_id = in_credit()
    answer = ask(customer, card_id)
    payout_id = answer.json()["id"]
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/card-payouts/{payout_id}")
    shown = customer.get(f"/card-payouts/{payout_id}").json()
    assert (shown["status"], shown["amount"], shown["code"], shown["ended_at"]) == (
        *("requested", eur("40.00"), None, None),
    )
    assert (shown["card_id"], shown["account_id"], shown["customer_id"]) == (card_id, ACCOUNT, ME)
    assert customer.get(f"/cards/{card_id}").json()["outstanding"] == eur("0.00")
    assert customer.post(f"/cards/{card_id}/cancel").json()["code"] == "card_in_use"

    credited = settle_credit(MoneyCredited(DAY, process_id=payout_id, contra="due-from-cards"))
    assert credited is not None
    run(credited, settle(PayoutCredited(payout_id, card_id, DAY)))
    shown = customer.get(f"/card-payouts/{payout_id}").json()
    assert (shown["status"], shown["ended_at"] is None) == ("settled", False)
    assert customer.post(f"/cards/{card_id}/cancel").status_code == 200
    assert queries.due_to_accounts() == {"EUR": 0}


def test_operators_read_that_the_books_agree(customer: Client, operator: Client) -> None:
    ask(customer, in_credit())
    in_credit()
    books = operator.get("/card-books").json()
    assert (books["agree"], books["due_to_accounts"]) == (True, [eur("-40.00")])
    assert {check["name"] for check in books["checks"]} >= {"trial balance", "interest-earned against the statements"}
    assert customer.get("/card-books").status_code == 403


def test_a_payout_that_the_account_declined_says_why_and_is_the_cards_again(customer: Client) -> None:
    card_id = in_credit()
    payout_id = ask(customer, card_id).json()["id"]
    run(
        Unit(Order(PAYOUT, payout_id, FailPayout(payout_id, "account_closed", DAY))),
        decline(PayoutUncredited(payout_id, card_id, "account_closed", DAY)),
    )
    shown = customer.get(f"/card-payouts/{payout_id}").json()
    assert (shown["status"], shown["code"]) == ("declined", "account_closed")
    assert customer.get(f"/cards/{card_id}").json()["outstanding"] == eur("-40.00")
    again = ask(customer, card_id).json()["id"]
    assert [one["id"] for one in customer.get(f"/cards/{card_id}/payouts").json()["items"]] == [again, payout_id]
    assert [check for check in queries.books() if check.off_minor] == []


def test_the_table_of_payouts_is_the_fold_of_the_events(customer: Client) -> None:
    declined, settled, waiting = (ask(customer, in_credit()).json()["id"] for _ in range(3))
    cards = {one.payout_id: one.card_id for one in queries.Payout.objects.all()}
    run(
        Unit(Order(PAYOUT, declined, FailPayout(declined, "account_closed", DAY))),
        decline(PayoutUncredited(declined, cards[declined], "account_closed", DAY)),
        settle(PayoutCredited(settled, cards[settled], DAY)),
    )
    statuses = {one.payout_id: one.status for one in queries.Payout.objects.all()}
    assert statuses == {declined: "declined", settled: "settled", waiting: "requested"}
    for projection in CARDS.inline_projections:
        kept = [tables(name) for name in projection.tables]
        inline.rebuild_inline(CARDS, projection)
        assert [tables(name) for name in projection.tables] == kept, projection.name
    assert verify(CARDS).broken == []


def tables(name: str) -> list[Any]:
    """A table's rows; the number that the database gives to a row is not part of what was projected."""
    with open_cursor("cards") as cursor:
        cursor.execute(f"select to_jsonb(t) - 'id' from {name} t order by 1")  # noqa: S608
        return cursor.fetchall()


def test_only_the_holder_is_paid_out_and_only_to_an_account_of_his(customer: Client) -> None:
    card_id, anothers, dollars = in_credit(), str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(dollars, ME, currency="USD")
    for account_id, code in ((anothers, "not_your_account"), (dollars, "currency_mismatch")):
        refused = ask(customer, card_id, account_id)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    payout_id, stranger = ask(customer, card_id).json()["id"], Client(str(uuid4()))
    for path in (f"/card-payouts/{payout_id}", f"/cards/{card_id}/payouts"):
        assert stranger.get(path).status_code == 404
    assert ask(stranger, card_id).status_code == 404


def test_what_is_not_there_is_not_paid_out(customer: Client, operator: Client) -> None:
    refused = ask(customer, active_credit_card(operator))
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_to_pay_out")
    refused = ask(customer, active_card(customer))
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_credit_card")


def test_a_credit_for_something_else_is_no_payout() -> None:
    assert settle_credit(MoneyCredited(DAY, process_id="l1", contra="transit:loan-disbursements")) is None
    assert settle_credit(MoneyCredited(DAY, contra="due-from-cards")) is None
    refund = settle_credit(MoneyCredited(DAY, process_id="p1", refund_id="r1", contra="card-settlement"))
    assert refund is not None
    assert [order.decider.name for order in refund.orders] == ["payment"]
    assert CARDS.decider("card_payout-1") is PAYOUT


def test_an_operator_pays_out_in_the_console() -> None:
    console = factories.operator()
    card_id = in_credit()
    at = f"/admin/cards/card/{card_id}/pay-out/"
    assert "the customer&#x27;s account" in console.get(at).content.decode()
    told = console.post(at, {"account": ACCOUNT}, follow=True).content.decode()
    assert "1 of 1 cards changed" in told
    (payout,) = queries.payouts(card_id, after=None, limit=2)
    run(Unit(Order(PAYOUT, payout.payout_id, CreditPayout(payout.payout_id, DAY))))
    shown = console.get(f"/admin/cards/payout/{payout.payout_id}/change/").content.decode()
    for text in ("40.00 EUR", "requested", card_id, "bankview/process"):
        assert text in shown, text
    assert f"/admin/cards/payout/?q={card_id}" in console.get(f"/admin/cards/card/{card_id}/change/").content.decode()
    assert CARD.stream(card_id) in shown
