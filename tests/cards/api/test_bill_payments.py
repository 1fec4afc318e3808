"""Bill payments by HTTP, in the read tables and by Cards' own clock."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from bank.context import Order
from bank.history.verification import verify
from bank.models import Event
from bank.projections import inline
from cards import queries, tasks
from cards.clock import expiry
from cards.clock.statements import close_statements
from cards.context import CARDS
from cards.domain.bill_payment import BILL_PAYMENT, CollectBillPayment
from cards.domain.card.bill import ANSWER_WITHIN, ApplyBillPayment, RefundBillPayment
from cards.domain.postings import ACCOUNTS, RECEIVABLE
from cards.handlers.bills import collect, fail, fail_unasked, hear_return
from cards.inbound import DebitCancelled, DebitDeclined, MoneyDebited, TransitReturned
from cards.models import Posting
from tests.cards.client import ACCOUNT, ME, Client, active_card, active_credit_card, eur
from tests.cards.units import DAY, buy, credit_card, known_account, pay_bill, run, run_card

pytestmark = pytest.mark.django_db(databases=["cards", "default"], transaction=True)


@pytest.fixture
def customer() -> Client:
    known_account(ACCOUNT, ME)
    return Client(ME)


def in_debt() -> str:
    """A credit card on which 60.00 are owed."""
    card_id = active_credit_card(Client(is_operator=True))
    buy(card_id, 60_00, localdate())
    return card_id


def ask(client: Client, card_id: str, **what: Any) -> Any:
    return client.post(f"/cards/{card_id}/bill-payments", {"account_id": ACCOUNT, **what})


def shown(payment_id: str) -> queries.BillPayment:
    payment = queries.bill_payment(payment_id)
    assert payment is not None
    return payment


# By HTTP.


def test_a_customer_pays_his_bill_and_sees_it_on_its_way(customer: Client) -> None:
    card_id = in_debt()
    answer = ask(customer, card_id, portion="full")
    payment_id = answer.json()["id"]
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/bill-payments/{payment_id}")
    payment = customer.get(f"/bill-payments/{payment_id}").json()
    assert (payment["status"], payment["amount"], payment["code"]) == ("requested", eur("60.00"), None)
    assert (payment["card_id"], payment["account_id"], payment["ended_at"]) == (card_id, ACCOUNT, None)
    card = customer.get(f"/cards/{card_id}").json()
    assert (card["on_its_way"], card["outstanding"], card["statement_due"]) == (eur("60.00"), eur("60.00"), eur("0.00"))


def test_the_same_request_again_asks_once(customer: Client) -> None:
    card_id = in_debt()
    body, path = {"account_id": ACCOUNT, "amount": eur("30.00")}, f"/cards/{card_id}/bill-payments"
    first, again = (customer.post(path, body, key="k") for _ in range(2))
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(customer.get(path).json()["items"]) == 1
    other = customer.post(path, {**body, "amount": eur("31.00")}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"amount": eur("60.01")}, "overpayment"),
        ({"amount": {"amount": "10.00", "currency": "USD"}}, "currency_mismatch"),
        ({"portion": "minimum"}, "nothing_due"),
    ],
)
def test_what_the_card_refuses_is_422(customer: Client, what: dict[str, Any], code: str) -> None:
    refused = ask(customer, in_debt(), **what)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"amount": eur("1.00"), "portion": "full"},
        {"portion": "half"},
        {"amount": eur("0.00")},
        {"amount": eur("-1.00")},
        {"amount": eur("NaN")},
        {"amount": 12},
        {"amount": eur("1.00"), "account_id": "4111111111111111"},
        {"amount": eur("1.00"), "token": "tok_1"},
    ],
)
def test_what_is_not_a_bill_payment_is_400(customer: Client, what: dict[str, Any]) -> None:
    assert ask(customer, str(uuid4()), **what).status_code == 400


def test_an_account_of_somebody_else_or_in_another_currency_does_not_pay(customer: Client) -> None:
    card_id, anothers, dollars = in_debt(), str(uuid4()), str(uuid4())
    known_account(anothers, str(uuid4()))
    known_account(dollars, ME, currency="USD")
    for account_id, code in ((anothers, "not_your_account"), (dollars, "currency_mismatch")):
        refused = ask(customer, card_id, account_id=account_id, portion="full")
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    unheard_of = ask(customer, card_id, account_id=str(uuid4()), portion="full")
    assert unheard_of.status_code == 202, "Accounts knows whether there is one"


def test_only_a_credit_card_has_a_bill_and_only_its_holder_sees_it(customer: Client) -> None:
    refused = ask(customer, active_card(customer), amount=eur("1.00"))
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_credit_card")
    card_id = in_debt()
    payment_id = ask(customer, card_id, portion="full").json()["id"]
    stranger = Client(str(uuid4()))
    assert ask(stranger, card_id, portion="full").status_code == 404
    assert stranger.get(f"/cards/{card_id}/bill-payments").status_code == 404
    assert stranger.get(f"/bill-payments/{payment_id}").status_code == 404
    assert customer.get(f"/bill-payments/{uuid4()}").status_code == 404
    assert Client(is_operator=True).get(f"/bill-payments/{payment_id}").json()["id"] == payment_id


def test_bill_payments_come_the_newest_first(customer: Client) -> None:
    card_id = in_debt()
    asked = [ask(customer, card_id, amount=eur("1.00")).json()["id"] for _ in range(3)]
    first = customer.get(f"/cards/{card_id}/bill-payments", limit="2").json()
    rest = customer.get(f"/cards/{card_id}/bill-payments", cursor=first["next"]).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == asked[::-1]
    assert rest["next"] is None


# What Accounts answers.


def test_only_a_debit_for_a_bill_is_one() -> None:
    assert collect(MoneyDebited("transit:loan-repayments", DAY, "b1")) is None
    assert collect(MoneyDebited("cash", DAY)) is None
    unit = collect(MoneyDebited("transit:bill-payments", DAY, "b1"))
    assert unit is not None
    assert unit.orders == (Order(BILL_PAYMENT, "b1", CollectBillPayment("b1", DAY)),)


def test_an_answer_about_somebody_elses_process_leaves_nothing() -> None:
    units = (
        fail(DebitDeclined("r1", "insufficient_funds")),
        fail_unasked(DebitCancelled("r1")),
        hear_return(TransitReturned("r1", DAY, 20_00)),
    )
    assert [result.outcome for result in run(*units)] == ["nothing"] * 3
    assert not Event.objects.using("cards").filter(stream="bill_payment-r1").exists()


def test_cards_hears_every_answer_that_accounts_can_give() -> None:
    heard = {name for name, one in CARDS.subscriptions.items() if one.name.endswith("_bill_payment")}
    assert {name for name in heard if name.startswith("accounts.")} == {
        "accounts.MoneyDebited.v1",
        "accounts.DebitDeclined.v1",
        "accounts.DebitCancelled.v1",
        "accounts.TransitReturned.v1",
    }


# The tables and the books.


def answered(card_id: str, payment_id: str) -> None:
    run_card(ApplyBillPayment(payment_id, card_id, DAY))


def test_the_books_agree_when_a_bill_was_paid() -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    answered(card_id, pay_bill(card_id, 200_00))
    assert queries.due_to_accounts() == {"EUR": 400_00}
    paid = Posting.objects.get(type="BillPaymentApplied.v1")
    assert (paid.debit, paid.credit, paid.amount_minor) == (ACCOUNTS, RECEIVABLE, 200_00)
    assert {check.off_minor for check in queries.books()} == {0}
    card = queries.card(card_id)
    assert card is not None
    assert (card.outstanding_minor, card.on_its_way_minor) == (400_00, 0)
    assert verify(CARDS).broken == []


def test_what_is_left_of_the_statement_is_shown() -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    close_statements(date(2026, 4, 1))
    buy(card_id, 50_00, date(2026, 4, 2))
    payment_id = pay_bill(card_id, 100_00)
    run_card(ApplyBillPayment(payment_id, card_id, date(2026, 4, 2)))
    card = queries.card(card_id)
    assert card is not None
    assert (card.statement_left_minor, card.minimum_left_minor, card.outstanding_minor) == (500_00, 0, 550_00)


@pytest.mark.parametrize("batch", [1, 500])
def test_the_table_is_the_fold_of_the_events(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    card_id = credit_card()
    buy(card_id, 600_00)
    paid, waiting, back = (pay_bill(card_id, amount) for amount in (1_00, 2_00, 3_00))
    answered(card_id, paid)
    expiry.give_up_bill_payments(shown(back).due_at + timedelta(microseconds=1), DAY)
    run_card(RefundBillPayment(back, card_id, DAY))
    assert [shown(one).status for one in (paid, waiting, back)] == ["settled", "rejected", "refunded"]
    kept = list(queries.BillPayment.objects.order_by("payment_id").values())
    monkeypatch.setattr(inline, "PAGE", batch)
    for projection in CARDS.inline_projections:
        inline.rebuild_inline(CARDS, projection)
    assert list(queries.BillPayment.objects.order_by("payment_id").values()) == kept


# The clock.


def test_a_bill_payment_is_taken_back_when_its_time_is_over_and_not_before() -> None:
    card_id = credit_card()
    buy(card_id, 60_00)
    payment = shown(pay_bill(card_id, 60_00))
    assert payment.due_at == payment.requested_at + ANSWER_WITHIN
    assert expiry.give_up_bill_payments(payment.due_at, DAY) == 0
    just_after = payment.due_at + timedelta(microseconds=1)
    assert (expiry.give_up_bill_payments(just_after, DAY), expiry.give_up_bill_payments(just_after, DAY)) == (1, 0)
    late = shown(payment.payment_id)
    assert (late.status, late.code, late.ended_at) == ("rejected", "no_answer", None)
    event = Event.objects.using("cards").get(type="BillPaymentRejected.v1")
    assert payment.payment_id in event.metadata, "told under the process's own id"


def test_what_was_answered_is_not_taken_back() -> None:
    card_id = credit_card()
    buy(card_id, 60_00)
    payment_id = pay_bill(card_id, 60_00)
    answered(card_id, payment_id)
    assert expiry.give_up_bill_payments(shown(payment_id).due_at + timedelta(days=1), DAY) == 0
    assert shown(payment_id).status == "settled"


def test_many_are_taken_back_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    card_id = credit_card()
    buy(card_id, 60_00)
    payments = [shown(pay_bill(card_id, 1_00)) for _ in range(5)]
    after = max(payment.due_at for payment in payments) + timedelta(seconds=1)
    assert expiry.give_up_bill_payments(after, localdate()) == 5


def test_beat_asks_for_it() -> None:
    card_id = credit_card()
    buy(card_id, 60_00)
    pay_bill(card_id, 60_00)
    assert tasks.give_up_bill_payments() == 0
