"""Somebody to look at: three customers of a new bank, opened through its own API, and their logins."""

import os
import time
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.identity import logins

CURRENCY = "EUR"
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    mobile_number: str
    payments: tuple[tuple[str, str], ...]


PEOPLE = (
    Person("Ada Lovelace", "ada@bank.example", "+4915112345601", (("12.50", "Books & Co"), ("7.80", "Café Central"))),
    Person("Grace Hopper", "grace@bank.example", "+4915112345602", (("49.90", "Rail"), ("5000.00", "Yacht broker"))),
    Person("Alan Turing", "alan@bank.example", "+4915112345603", (("3.20", "Bakery"),)),
)


class Command(BaseCommand):
    help = "Open demo customers with accounts, cards and a few payments. Running it again changes nothing."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        with httpx.Client(timeout=30) as http:
            bank = Bank(http)
            for person in PEOPLE:
                customer_id = bank.welcome(person)
                logins.ensure_customer(person.email, os.environ["BANK_CUSTOMER_PASSWORD"], customer_id)
                self.stdout.write(f"{person.email}: customer {customer_id}")


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

    def welcome(self, person: Person) -> UUID:
        contact = {"name": person.name, "email": person.email, "mobile_number": person.mobile_number}
        customer = self.post(person, "customers", "customers", contact)
        self.post(person, "customers", f"customers/{customer}/kyc", {"status": "verified"})
        self.post(person, "customers", f"customers/{customer}/consent", {"notices": True})
        opening = {"customer_id": customer, "kind": "savings", "currency": CURRENCY}
        account = self.post(person, "accounts", "accounts", opening)
        self.post(
            person, "accounts", f"accounts/{account}/deposits", {"amount": money("1000.00"), "reference": "Salary"}
        )
        limits = {"per_payment_limit": money("10000.00"), "per_day_limit": money("20000.00")}
        card = self.post(person, "cards", "cards", {"customer_id": customer, "account_id": account, **limits})
        self.post(person, "cards", f"cards/{card}/activate", {})
        for amount, merchant in person.payments:
            payment = {"amount": money(amount), "merchant": merchant}
            self.post(person, "cards", f"cards/{card}/payments", payment)
        return UUID(customer)

    def post(self, person: Person, context: str, path: str, body: dict[str, Any]) -> str:
        """The id of what was made. A server that is only just starting is asked again, and so is one that
        has not heard yet of an account which another has just opened."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": str(uuid5(NAMESPACE_URL, f"demo/{person.email}/{path}/{body}")),
        }
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = self.http.post(f"{settings.INTERNAL_URLS[context]}/api/v1/{path}", json=body, headers=headers)
            if answer.is_success:
                return str(answer.json()["id"])
            if (answer.status_code < 500 and answer.status_code != 409) or time.monotonic() > deadline:
                raise CommandError(f"{path}: {answer.status_code} {answer.text}")
            time.sleep(0.5)


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": CURRENCY}
