"""The console's pages of Cards: they show, and act by commands alone."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from bank.models import Event
from cards import queries
from cards.clock.statements import close_statements
from cards.domain.card import BlockCard
from cards.domain.payment import AuthorizePayment, RefundPayment, SettlePayment
from cards.models import Card
from tests import factories
from tests.cards.units import DAY, active_card, buy, credit_card, pay_bill, paying, run, run_card, run_payment
from tests.factories import LoginFactory, browser

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)


@pytest.fixture
def operator() -> Client:
    return factories.operator()


def page(client: Client, path: str, **query: str) -> str:
    answer = client.get(f"/admin/cards/{path}", query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def act(client: Client, action: str, *card_ids: str) -> str:
    chosen = {"action": action, "_selected_action": list(card_ids), "index": "0"}
    answer = client.post("/admin/cards/card/", chosen, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def status(card_id: str) -> tuple[str, str]:
    card = queries.card(card_id)
    assert card is not None
    return card.status, card.blocked_for


def test_a_card_is_found_by_its_customer(operator: Client) -> None:
    customer_id = str(uuid4())
    mine, other = active_card(customer_id=customer_id), active_card()
    found = page(operator, "card/", q=customer_id)
    assert mine in found
    assert other not in found
    assert "•••• 4242" in page(operator, f"card/{mine}/change/")


def test_an_operator_blocks_and_unblocks_by_commands(operator: Client) -> None:
    card_id, other = active_card(), active_card()
    assert "2 of 2 cards changed" in act(operator, "block", card_id, other)
    assert status(card_id) == ("blocked", "operator")
    assert "1 of 1 cards changed" in act(operator, "unblock", card_id)
    assert (status(card_id)[0], status(other)[0]) == ("active", "blocked")
    event = Event.objects.using("cards").get(stream=f"card-{card_id}", type="CardBlocked.v1")
    assert '"actor":"operator:' in event.metadata


def test_what_the_domain_refuses_the_console_says(operator: Client) -> None:
    card_id = active_card()
    run_card(BlockCard(card_id, "stolen"))
    told = act(operator, "unblock", card_id)
    assert "0 of 1 cards changed" in told
    assert "never unblocked" in told
    assert status(card_id) == ("blocked", "stolen")


def test_what_the_bank_has_blocked_a_card_for_is_shown_beside_a_later_loss(operator: Client) -> None:
    card_id = active_card()
    assert "fraud" not in detail(page(operator, f"card/{card_id}/change/"))
    act(operator, "block_for_fraud", card_id)
    run_card(BlockCard(card_id, "lost"))
    assert status(card_id) == ("blocked", "lost")
    assert "fraud" in detail(page(operator, f"card/{card_id}/change/"))


def detail(page: str) -> str:
    """What the page shows of who blocked the card: the buttons name every cause."""
    return page.partition("Blocked by the bank for")[2][:1000]


def test_an_operator_reports_a_card_stolen_and_cancels_it(operator: Client) -> None:
    card_id, lost = active_card(), active_card()
    assert "1 of 1 cards changed" in act(operator, "report_stolen", card_id)
    assert status(card_id) == ("blocked", "stolen")
    assert "1 of 1 cards changed" in act(operator, "report_lost", lost)
    assert status(lost) == ("blocked", "lost")
    assert "1 of 1 cards changed" in act(operator, "cancel", card_id)
    assert status(card_id)[0] == "cancelled"


def test_credit_cards_their_statements_and_postings_are_shown(operator: Client) -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    close_statements(date(2026, 5, 1))
    shown = page(operator, f"card/{card_id}/change/")
    for amount in ("1,000.00 EUR", "604.80 EUR", "395.20 EUR"):
        assert amount in shown.replace("1000.00", "1,000.00")
    assert "604.80 EUR" in page(operator, "statement/", q=card_id)
    assert "600.00 EUR" in page(operator, "posting/", q=card_id)
    assert "outstanding_minor" not in shown


def test_bill_payments_are_shown_with_the_way_they_went(operator: Client) -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    payment_id = pay_bill(card_id, 70_00)
    assert payment_id in page(operator, "billpayment/", q=card_id)
    shown = page(operator, f"billpayment/{payment_id}/change/")
    for text in ("70.00 EUR", "requested", card_id, "bankview/process", "accounts/process"):
        assert text in shown, text
    assert f"/admin/cards/billpayment/?q={card_id}" in page(operator, f"card/{card_id}/change/")
    assert operator.get("/admin/cards/billpayment/add/").status_code == 403


def test_a_customer_has_no_console() -> None:
    customer = browser(LoginFactory.create())
    card_id = active_card()
    customer.post("/admin/cards/card/", {"action": "block", "_selected_action": [card_id], "index": "0"})
    assert customer.get("/admin/cards/card/").status_code == 302
    assert status(card_id)[0] == "active"


def test_payments_and_refunds_are_shown_and_not_changed(operator: Client) -> None:
    payment_id = str(uuid4())
    run(paying(active_card(), payment_id=payment_id))
    run_payment(AuthorizePayment(payment_id))
    run_payment(SettlePayment(payment_id, DAY))
    run_payment(RefundPayment(payment_id, "r1", 5_00, DAY))
    assert "20.00 EUR" in page(operator, "payment/", status="settled")
    assert "5.00 EUR" in page(operator, "refund/")
    shown = page(operator, f"payment/{payment_id}/change/")
    assert "Kiosk" in shown
    assert "20.00 EUR" in shown
    assert "2000" not in shown
    assert "5.00 EUR" in page(operator, "refund/r1/change/")
    (card,) = Card.objects.all()
    assert "amount_minor" not in shown + page(operator, f"card/{card.pk}/change/")
    assert f"/admin/cards/payment/?q={card.pk}" in page(operator, f"card/{card.pk}/change/")
    assert payment_id in page(operator, "payment/", q=card.pk)
    assert operator.get("/admin/cards/payment/add/").status_code == 403
    assert operator.post(f"/admin/cards/payment/{payment_id}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("kernel_page", ["event", "commandrow", "head", "outboxmessage", "parkedmessage"])
def test_the_kernels_tables_of_cards_are_shown(operator: Client, kernel_page: str) -> None:
    card_id = active_card()
    shown = page(operator, f"{kernel_page}/")
    assert card_id in shown or kernel_page == "parkedmessage"
