"""Cards asked by HTTP: who asks, and what is asked again and again."""

from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from bank.http.principal import principal
from cards.handlers.customers import verify_holder
from cards.inbound import (
    CustomerVerified,
)
from tests.cards.units import DAY, run

ME, ACCOUNT = str(uuid4()), str(uuid4())


class Client:
    """Speaks JSON, and gives each write a key of its own unless told."""

    def __init__(self, customer_id: str | None = None, *, is_operator: bool = False) -> None:
        self.api = APIClient()
        user: Any = principal("7", customer_id, is_operator=is_operator)
        self.api.force_authenticate(user)

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self.api.post(f"/api/v1{path}", body or {}, format="json", headers=headers)

    def get(self, path: str, **query: str) -> Any:
        return self.api.get(f"/api/v1{path}", query)


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def issue(client: Client, **changes: Any) -> Any:
    body = {"account_id": ACCOUNT, "per_payment_limit": eur("500.00"), "per_day_limit": eur("800.00"), **changes}
    return client.post("/cards", body)


def active_card(client: Client) -> str:
    card_id: str = issue(client).json()["id"]
    assert client.post(f"/cards/{card_id}/activate").status_code == 200
    return card_id


def pay(client: Client, card_id: str, amount: str = "20.00", **changes: Any) -> Any:
    return client.post(f"/cards/{card_id}/payments", {"amount": eur(amount), "merchant": "Kiosk", **changes})


def verified(customer_id: str, *, sequence: int = 0) -> None:
    run(verify_holder(CustomerVerified(customer_id, DAY, sequence)))


def issue_credit(client: Client, **changes: Any) -> Any:
    return client.post("/credit-cards", {"customer_id": ME, "credit_limit": eur("1000.00"), **changes})


def active_credit_card(operator: Client) -> str:
    verified(ME)
    card_id: str = issue_credit(operator).json()["id"]
    assert operator.post(f"/cards/{card_id}/activate").status_code == 200
    return card_id
