"""What people do with a debit card, each story with the end it must come to whatever happens to the messages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, repeat
from typing import Any
from uuid import uuid4

from django.db.models import F

from accounts.domain.process import OVERDUE_AFTER
from accounts.models import Process
from cards.clock.expiry import expire_authorizations
from cards.domain.payment import AUTHORIZATION_DAYS
from tests.flows.harness import Bank, Client, unharmed

SALARY = "100.00"


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer with a savings account of 100.00 and a card for it."""

    bank: Bank
    client: Client
    customer_id: str
    account_id: str
    card_id: str

    def pays(self, amount: str, **how: Any) -> str:
        paid = {"amount": eur(amount), "merchant": "Kiosk", **how}
        return self.client.made(f"/cards/{self.card_id}/payments", paid)

    def payment(self, payment_id: str) -> Any:
        return self.client.get(f"/card-payments/{payment_id}")

    def account(self) -> tuple[str, str]:
        """What is booked and what is available."""
        shown = self.client.get(f"/accounts/{self.account_id}")
        return shown["balance"]["amount"], shown["available"]["amount"]

    def spent_today(self) -> str:
        return str(self.client.get(f"/cards/{self.card_id}")["spent_today"]["amount"])

    def process(self, payment_id: str) -> str:
        """How the tracker says that the payment ended."""
        return str(self.client.get(f"/operations/{payment_id}")["outcome"])


@unharmed()
def customer(bank: Bank) -> str:
    """The id of a customer whom the bank has opened and knows."""
    number = f"+49151{uuid4().int % 10**8:08d}"
    person = {"name": "Anna Meier", "email": "anna@bank.example", "mobile_number": number}
    customer_id = bank.operator.made("/customers", person)
    bank.operator.made(f"/customers/{customer_id}/kyc", {"status": "verified"})
    return customer_id


@unharmed()
def holder(bank: Bank) -> Holder:
    customer_id, operator = customer(bank), bank.operator
    account_id = open_account(bank, customer_id)
    card_id = accepted(bank, "/cards", {"customer_id": customer_id, "account_id": account_id, **LIMITS})
    operator.made(f"/cards/{card_id}/activate")
    return Holder(bank, operator, customer_id, account_id, card_id)


LIMITS = {"per_payment_limit": eur("500.00"), "per_day_limit": eur("500.00")}


def accepted(bank: Bank, path: str, body: dict[str, Any]) -> str:
    """The id of what names an account: one that was opened just now has to be heard of first, and so has its
    customer."""
    hearing = chain([bank.flow], repeat(bank.catch_up))
    while (answer := bank.operator.post(path, body)).status_code == 409:
        assert answer.json()["code"] in ("account_not_known", "customer_not_verified")
        next(hearing)()
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


@unharmed()
def refused(answer: Any, code: str) -> dict[str, str]:
    """What is declined for this later, or was refused for it at once by who had heard of the account already."""
    if answer.status_code == 422:
        assert answer.json()["code"] == code
        return {}
    return {str(answer.json()["id"]): code}


def open_account(bank: Bank, customer_id: str) -> str:
    wanted = {"customer_id": customer_id, "kind": "savings", "currency": "EUR"}
    account_id = bank.operator.made("/accounts", wanted)
    bank.operator.made(f"/accounts/{account_id}/deposits", {"amount": eur(SALARY), "reference": "Salary"})
    return account_id


def transit_is_overdue() -> None:
    """Time passes, and what stands in transit has stood there longer than any process takes."""
    earlier = F("began_at") - max(OVERDUE_AFTER.values())
    assert Process.objects.exclude(received_minor=F("cleared_minor")).update(began_at=earlier) > 0


# The stories. Each tells what was done, lets things flow with `then`, and says how it must have ended.

Then = Callable[[], None]
Story = Callable[[Bank, Then], None]


def a_payment_settles(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00")
    then()
    paid = anna.payment(payment_id)
    assert (paid["status"], paid["captured"]["amount"]) == ("settled", "30.00")
    assert anna.account() == ("70.00", "70.00")
    assert anna.process(payment_id) == "settled"


def a_payment_is_captured_in_part(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    then()
    assert anna.payment(payment_id)["status"] == "authorized"
    assert anna.account() == ("100.00", "70.00")
    bank.operator.made(f"/card-payments/{payment_id}/capture", {"amount": eur("10.00")})
    then()
    assert anna.payment(payment_id)["status"] == "settled"
    assert anna.account() == ("90.00", "90.00")
    assert anna.process(payment_id) == "settled"


def a_payment_is_declined_for_funds(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("100.01")
    then()
    paid = anna.payment(payment_id)
    assert (paid["status"], paid["code"]) == ("declined", "insufficient_funds")
    assert anna.account() == ("100.00", "100.00")
    assert anna.spent_today() == "0.00"
    assert anna.process(payment_id) == "declined"


def no_card_is_issued_on_somebody_elses_account_or_on_none(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    thief = {"customer_id": str(uuid4()), **LIMITS}
    refused = bank.operator.post("/cards", {"account_id": anna.account_id, **thief})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_your_account")
    then()
    unknown = bank.operator.post("/cards", {"account_id": str(uuid4()), **thief})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "account_not_known")
    assert bank.operator.get(f"/cards?customer_id={thief['customer_id']}")["items"] == []


def a_blocked_card_is_refused(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    bank.operator.made(f"/cards/{anna.card_id}/block")
    refused = anna.client.post(f"/cards/{anna.card_id}/payments", {"amount": eur("1.00"), "merchant": "Kiosk"})
    assert (refused.status_code, refused.json()["code"]) == (422, "card_blocked")
    then()
    assert anna.client.get(f"/card-payments?customer_id={anna.customer_id}")["items"] == []
    assert anna.account() == ("100.00", "100.00")


def a_reversal_releases_the_hold(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    then()
    assert anna.account() == ("100.00", "70.00")
    bank.operator.made(f"/card-payments/{payment_id}/reverse")
    then()
    assert anna.payment(payment_id)["status"] == "reversed"
    assert anna.account() == ("100.00", "100.00")
    assert anna.spent_today() == "0.00"
    assert anna.process(payment_id) == "reversed"


def a_reversal_overtakes_the_hold(bank: Bank, then: Then) -> None:
    """Both are on their way together, so the undo may be heard before the step."""
    anna = holder(bank)
    payment_id = anna.pays("30.00")
    bank.operator.made(f"/card-payments/{payment_id}/reverse")
    then()
    assert anna.payment(payment_id)["status"] == "reversed"
    assert anna.account() == ("100.00", "100.00")
    assert anna.spent_today() == "0.00"
    assert anna.process(payment_id) == "reversed"


def a_reversal_comes_before_the_account_declines(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("100.01")
    bank.operator.made(f"/card-payments/{payment_id}/reverse")
    then()
    assert anna.payment(payment_id)["status"] == "reversed"
    assert anna.account() == ("100.00", "100.00")
    assert anna.spent_today() == "0.00"


def refunds_credit_the_account(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00")
    then()
    bank.operator.made(f"/card-payments/{payment_id}/refund", {"amount": eur("10.00")})
    bank.operator.made(f"/card-payments/{payment_id}/refund")
    refused = bank.operator.post(f"/card-payments/{payment_id}/refund", {"amount": eur("0.01")})
    assert refused.json()["code"] == "invalid_refund"
    then()
    paid = anna.payment(payment_id)
    assert (paid["status"], paid["refunded"]["amount"]) == ("settled", "30.00")
    assert [refund["amount"]["amount"] for refund in paid["refunds"]] == ["10.00", "20.00"]
    assert all(refund["settled_at"] for refund in paid["refunds"])
    assert anna.account() == ("100.00", "100.00")
    assert anna.process(payment_id) == "settled"


def an_authorization_nobody_captures_expires(bank: Bank, then: Then) -> None:
    anna = holder(bank)
    payment_id = anna.pays("30.00", auto_capture=False)
    then()
    last_day = date.fromisoformat(anna.payment(payment_id)["expires_on"])
    assert last_day - date.fromisoformat(anna.payment(payment_id)["requested_on"]) == timedelta(days=AUTHORIZATION_DAYS)
    bank.clock(lambda: expire_authorizations(last_day))
    then()
    assert anna.payment(payment_id)["status"] == "authorized"
    bank.clock(lambda: expire_authorizations(last_day + timedelta(days=1)))
    then()
    assert anna.payment(payment_id)["status"] == "expired"
    assert anna.account() == ("100.00", "100.00")
    assert anna.process(payment_id) == "expired"


STORIES: tuple[Story, ...] = (
    a_payment_settles,
    a_payment_is_captured_in_part,
    a_payment_is_declined_for_funds,
    no_card_is_issued_on_somebody_elses_account_or_on_none,
    a_blocked_card_is_refused,
    a_reversal_releases_the_hold,
    a_reversal_overtakes_the_hold,
    a_reversal_comes_before_the_account_declines,
    refunds_credit_the_account,
    an_authorization_nobody_captures_expires,
)
