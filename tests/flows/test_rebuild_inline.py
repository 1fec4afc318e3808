"""Rebuilding what commands write: every read table of every context comes out as it was, row for row."""

import json
from uuid import uuid4

import pytest
from django.conf import settings

from accounts.context import ACCOUNTS
from accounts.domain.process import PROCESS, Decline, ReceiveTransit
from accounts.domain.process.facts import DebitDeclined
from bank.context import InlineProjection, Order, Unit, load
from bank.execution import execute
from bank.projections import inline
from tests.accounts.facts import DAY
from tests.flows.credit_cards.test_bill_payments import STORIES as BILL_STORIES
from tests.flows.harness import Bank
from tests.flows.harness.promises import rows
from tests.flows.harness.stories import STORIES
from tests.flows.loans.test_loans import STORIES as LOAN_STORIES

pytestmark = pytest.mark.django_db(databases=["default", *settings.CONTEXTS], transaction=True)

FILLED = (
    *("contacts", "ledger", "cards", "card-payments", "bill-payments", "card-ledger"),
    *("loans", "repayments", "loan-ledger"),
)
"""What the stories fill: compared empty, it would prove nothing."""


def standing(context: str, projection: InlineProjection) -> dict[str, list[str]]:
    """The rows of its tables; a number that the database gives to a row is not part of what was projected."""
    found = {table: rows(context, f"select to_jsonb(t)::text from {table} t") for table in projection.tables}  # noqa: S608
    return {table: sorted(told(row) for (row,) in those) for table, those in found.items()}


def told(row: str) -> str:
    values = json.loads(row)
    return json.dumps({name: values[name] for name in values if not (name == "id" and isinstance(values[name], int))})


@pytest.mark.parametrize("page", [3, 2000])
def test_a_rebuilt_read_table_is_what_it_was(bank: Bank, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(inline, "PAGE", page)
    for story in (*STORIES, *LOAN_STORIES, *BILL_STORIES):
        story(bank, bank.flow)
    customer = {"name": "Ada", "email": "ada@bank.example", "mobile_number": "+4915112345678"}
    customer_id = bank.operator.made("/customers", customer)
    change, key = {"name": "Ada King", "address": "London"}, {"Idempotency-Key": str(uuid4())}
    changed = bank.operator.api.patch(f"/api/v1/customers/{customer_id}", change, format="json", headers=key)
    assert changed.status_code == 200
    for context in map(load, settings.CONTEXTS):
        for projection in context.inline_projections:
            before = standing(context.name, projection)
            assert all(before.values()) or projection.name not in FILLED, projection.name
            inline.rebuild_inline(context, projection)
            assert standing(context.name, projection) == before


def test_a_process_that_first_was_declined_begins_when_money_came(bank: Bank) -> None:
    id = str(uuid4())
    declined = DebitDeclined(str(uuid4()), id, 5_00, "EUR", "account_not_open")
    received = ReceiveTransit(id, "loan-repayments", 5_00, "EUR", DAY)
    for command in (Decline(declined), received):
        execute(ACCOUNTS, [Unit(Order(PROCESS, id, command))])
    ledger = next(one for one in ACCOUNTS.inline_projections if "accounts_posting" in one.tables)
    before = standing("accounts", ledger)
    inline.rebuild_inline(ACCOUNTS, ledger)
    assert standing("accounts", ledger) == before
