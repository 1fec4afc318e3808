"""What the others make of a customer's standing, and a customer's standing of what the others have for him."""

from datetime import date, timedelta
from typing import Any

import pytest

from cards.clock.expiry import expire_cards
from tests.flows.harness import Bank
from tests.flows.harness.stories import LIMITS, SALARY, accepted, customer, eur, holder, open_account

ALL = ["default", "customers", "accounts", "loans", "cards", "bankview"]
pytestmark = pytest.mark.django_db(databases=ALL, transaction=True)


def answer(bank: Bank, path: str, body: dict[str, Any] | None = None) -> tuple[int, str | None]:
    given = bank.operator.post(path, body)
    return given.status_code, given.json().get("code")


def test_no_account_is_opened_for_who_is_suspended_until_he_is_reinstated(bank: Bank) -> None:
    customer_id = customer(bank)
    opening = {"customer_id": customer_id, "kind": "savings", "currency": "EUR"}
    bank.operator.made(f"/customers/{customer_id}/suspend", {"reason": "fraud"})
    bank.flow()
    assert answer(bank, "/accounts", opening) == (422, "customer_suspended")
    bank.operator.made(f"/customers/{customer_id}/reinstate")
    bank.flow()
    assert answer(bank, "/accounts", opening)[0] == 201


def test_a_customer_is_closed_once_nothing_is_left_and_opens_no_account_after(bank: Bank) -> None:
    customer_id = customer(bank)
    bank.operator.made(f"/customers/{customer_id}/close")
    bank.flow()
    opening = {"customer_id": customer_id, "kind": "savings", "currency": "EUR"}
    assert answer(bank, "/accounts", opening) == (422, "customer_closed")
    assert bank.operator.get(f"/customers/{customer_id}/bank-view")["profile"]["status"] == "closed"


def test_a_customer_with_an_account_or_a_loan_is_not_closed(bank: Bank) -> None:
    customer_id = customer(bank)
    account_id = open_account(bank, customer_id)
    terms = {"product": "personal", "principal": eur("1200.00"), "term_months": 12}
    loan_id = accepted(bank, "/loans", {"customer_id": customer_id, "account_id": account_id, **terms})
    bank.flow()
    refused = bank.operator.post(f"/customers/{customer_id}/close").json()
    assert refused["code"] == "customer_has_holdings"
    assert "accounts and loans" in refused["detail"]
    bank.operator.made(f"/loans/{loan_id}/reject", {"reason": "affordability"})
    bank.flow()
    assert "has accounts:" in bank.operator.post(f"/customers/{customer_id}/close").json()["detail"]


def test_a_customer_whose_cards_are_dead_is_closed(bank: Bank) -> None:
    """One was cancelled, the other has expired."""
    anna = holder(bank)
    other = accepted(bank, "/cards", {"customer_id": anna.customer_id, "account_id": anna.account_id, **LIMITS})
    bank.operator.made(f"/accounts/{anna.account_id}/withdrawals", {"amount": eur(SALARY)})
    bank.operator.made(f"/accounts/{anna.account_id}/close")
    bank.operator.made(f"/cards/{anna.card_id}/cancel")
    bank.flow()
    assert "has cards:" in bank.operator.post(f"/customers/{anna.customer_id}/close").json()["detail"]
    expires_on = date.fromisoformat(bank.operator.get(f"/cards/{other}")["expires_on"])
    assert expire_cards(expires_on + timedelta(days=1)) == 1
    bank.flow()
    bank.operator.made(f"/customers/{anna.customer_id}/close")


def test_the_mobile_number_of_who_was_closed_is_free(bank: Bank) -> None:
    customer_id = customer(bank)
    number = bank.operator.get(f"/customers/{customer_id}")["mobile_number"]
    person = {"name": "Eve", "email": "eve@bank.example", "mobile_number": number}
    assert answer(bank, "/customers", person) == (422, "mobile_number_taken")
    bank.operator.made(f"/customers/{customer_id}/close")
    assert answer(bank, "/customers", person)[0] == 201
