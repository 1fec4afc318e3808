"""Somebody to look at: three customers of a new bank, what they have there, and the API's client that opens it all."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.timezone import localdate

CURRENCY = "EUR"
PATIENCE_S = 30.0
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    mobile_number: str
    payments: tuple[tuple[str, str], ...]
    """By debit card: amount and merchant."""


PEOPLE = (
    Person("Ada Lovelace", "ada@bank.example", "+4915112345601", (("12.50", "Books & Co"), ("7.80", "Café Central"))),
    Person("Grace Hopper", "grace@bank.example", "+4915112345602", (("49.90", "Rail"), ("5000.00", "Yacht broker"))),
    Person("Alan Turing", "alan@bank.example", "+4915112345603", (("3.20", "Bakery"),)),
)


@dataclass(frozen=True, slots=True)
class Customer:
    id: UUID
    savings: Found
    current: Found


class Bank:
    """The public API as the demo's client sees it. Its keys are made from who does what, so a repeat is a replay."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.token = self._token()

    def _token(self) -> str:
        answer = self.http.post(
            f"{settings.INTERNAL_URLS['bankview']}/identity/o/api/token",
            data={"grant_type": "client_credentials"},
            auth=("demo", os.environ["BANK_DEMO_CLIENT_SECRET"]),
        )
        return str(answer.raise_for_status().json()["access_token"])

    def welcome(self, person: Person) -> Customer:
        """A customer with two accounts and a debit card that has been used."""
        contact = {"name": person.name, "email": person.email, "mobile_number": person.mobile_number}
        id = self.post(person, "customers", "customers", contact)["id"]
        self.post(person, "customers", f"customers/{id}/kyc", {"status": "verified"})
        self.post(person, "customers", f"customers/{id}/consent", {"notices": True})
        savings, current = (self.open_account(person, id, kind) for kind in ("savings", "current"))
        deposit = f"accounts/{savings['id']}/deposits"
        self.post(person, "accounts", deposit, {"amount": money("1000.00"), "reference": "Salary"})
        limits = {"per_payment_limit": money("10000.00"), "per_day_limit": money("20000.00")}
        card = self.post(person, "cards", "cards", {"customer_id": id, "account_id": savings["id"], **limits})["id"]
        self.post(person, "cards", f"cards/{card}/activate", {})
        for amount, merchant in person.payments:
            payment = {"amount": money(amount), "merchant": merchant}
            self.post(person, "cards", f"cards/{card}/payments", payment)
        return Customer(UUID(id), savings, current)

    def open_account(self, person: Person, customer_id: str, kind: str) -> Found:
        opening = {"customer_id": customer_id, "kind": kind, "currency": CURRENCY}
        return self.get("accounts", f"accounts/{self.post(person, 'accounts', 'accounts', opening)['id']}")

    def pay_rent(self, person: Person, payer: Customer, landlord: Customer) -> None:
        """A standing order from the first of next month on. There is one, on whatever day this is repeated."""
        path = f"accounts/{payer.savings['id']}/standing-orders"
        if not self.get("accounts", path)["items"]:
            first_on = (localdate().replace(day=1) + timedelta(days=32)).replace(day=1)
            order = {"amount": money("250.00"), "reference": "Rent", "first_on": first_on.isoformat()}
            self.post(person, "accounts", path, {"to_account_id": landlord.current["id"], **order})

    def buy_on_credit(self, person: Person, customer: Customer) -> None:
        """A credit card, something bought with it, and a part of the bill paid from savings.

        The card hears of its payment a moment after it has settled, and until then owes nothing that could be paid.
        """
        card_of = {"customer_id": str(customer.id), "credit_limit": money("2000.00")}
        card = self.post(person, "cards", "credit-cards", card_of)["id"]
        self.post(person, "cards", f"cards/{card}/activate", {})
        payment = {"amount": money("180.00"), "merchant": "Bicycles"}
        self.post(person, "cards", f"cards/{card}/payments", payment)
        self.until("cards", f"cards/{card}", "is charged", lambda found: found["outstanding"] != money("0.00"))
        bill = {"account_id": customer.savings["id"], "amount": money("80.00")}
        self.post(person, "cards", f"cards/{card}/bill-payments", bill)

    def borrow(self, person: Person, customer: Customer) -> None:
        asked = {"customer_id": str(customer.id), "account_id": customer.current["id"], "product": "personal"}
        principal = {"principal": money("3000.00"), "term_months": 24}
        loan = self.post(person, "loans", "loans", {**asked, **principal})["id"]
        self.post(person, "loans", f"loans/{loan}/approve", {})

    def pay_many(self, person: Person, payer: Customer, payees: dict[str, Customer]) -> None:
        """A file of payments."""
        rows = (f"{one.current['iban']},{10 + n}.00,{CURRENCY},{name}" for n, (name, one) in enumerate(payees.items()))
        names = {"customer_id": str(payer.id), "account_id": payer.savings["id"], "message_id": "Birthdays"}
        query = str(httpx.QueryParams(names))
        self.send(
            person, "accounts", f"payment-files?{query}", "\n".join(["iban,amount,currency,name", *rows]), "text/csv"
        )

    def post(self, person: Person, context: str, path: str, body: dict[str, Any]) -> Found:
        """What was made."""
        return self.send(person, context, path, body, "application/json")

    def send(self, person: Person, context: str, path: str, body: dict[str, Any] | str, content_type: str) -> Found:
        """What was made. A server that is only just starting is asked again, and so is one that has not heard yet of
        what another has just opened. Raises CommandError when it stays so, or refuses."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": content_type,
            "Idempotency-Key": str(uuid5(NAMESPACE_URL, f"demo/{person.email}/{path}/{body}")),
        }
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        url = f"{settings.INTERNAL_URLS[context]}/api/v1/{path}"
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = self.http.post(url, content=content, headers=headers)
            if answer.is_success:
                return dict(answer.json())
            if (answer.status_code < 500 and answer.status_code != 409) or time.monotonic() > deadline:
                raise CommandError(f"{path}: {answer.status_code} {answer.text}")
            time.sleep(0.5)

    def get(self, context: str, path: str, **query: str) -> Found:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.get(f"{settings.INTERNAL_URLS[context]}/api/v1/{path}", params=query, headers=headers)
        return dict(answer.raise_for_status().json())

    def until(self, context: str, path: str, what: str, is_so: Callable[[Found], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so(self.get(context, path)):
            if time.monotonic() > deadline:
                raise CommandError(f"It is not so that {path} {what}, after {PATIENCE_S:.0f} s.")
            time.sleep(0.2)


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": CURRENCY}
