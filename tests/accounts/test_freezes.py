"""Why an account is frozen, as others hear of it and as rows show it."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from accounts import queries
from accounts.domain.account import ACCOUNT, FreezeAccount, UnfreezeAccount
from accounts.domain.freezes import Reason, Side
from accounts.handlers.contacts import hear_freeze, hear_unfreeze
from accounts.inbound import AccountFrozen, AccountUnfrozen
from accounts.models import Account
from bank.context import Order, Unit
from bank.copies import ChangeCopy
from bank.db import cursor as open_cursor
from bank.recorded import Message
from bank.testing import Given, given
from tests.accounts.units import account_with, run

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def said(version: int, data: Any) -> Message[Any]:
    id = uuid4()
    return Message(
        *(id, "accounts", f"accounts.{type(data).__name__}.v1", "account-a1", version, NOON, NOON.date(), 1, "c1"),
        *(id, id, id, "operator:1", data),
    )


def kept(*messages: Message[Any]) -> Given[Any, Any, Any]:
    """The copy of the number after these messages."""
    history: list[Any] = []
    decider = None
    for message in messages:
        hear = hear_freeze if isinstance(message.data, AccountFrozen) else hear_unfreeze
        for unit in hear(message):
            (order,) = unit.orders
            decider = order.decider
            history += given(decider, *history).when(order.command)
    assert decider is not None
    return given(decider, *history)


def test_only_lifting_the_legal_order_lifts_its_bar_on_a_change_of_number() -> None:
    change = ChangeCopy("p1", "c1", "+35699000001")
    ordered = said(2, AccountFrozen("both", "legal_order"))
    others = [said(3, AccountUnfrozen("both", "customer_request")), said(4, AccountUnfrozen("both", "suspected_fraud"))]
    [declined] = kept(ordered, *others).when(change)
    assert declined.code == "account_under_legal_order"
    for reason in ("legal_order", None):
        [changed] = kept(ordered, *others, said(5, AccountUnfrozen("both", reason))).when(change)
        assert changed.mobile_number == "+35699000001"


@pytest.mark.django_db(transaction=True, databases=["accounts"])
def test_a_row_says_why_each_side_is_frozen_and_was_filled_in_where_the_columns_came_later() -> None:
    account_id, free = account_with(0), account_with(0)
    steps: list[tuple[type[Any], Side, Reason]] = [
        (FreezeAccount, "both", "customer_request"),
        (FreezeAccount, "debit", "legal_order"),
        (FreezeAccount, "credit", "suspected_fraud"),
    ]
    for command, side, reason in steps:
        run(Unit(Order(ACCOUNT, account_id, command(account_id, side, reason))))
    everything = ("customer_request,legal_order", "customer_request,suspected_fraud")
    assert why(account_id) == everything
    Account.objects.update(debit_freezes="", credit_freezes="")
    filled_in()
    assert (why(account_id), why(free)) == (everything, ("", ""))
    run(Unit(Order(ACCOUNT, account_id, UnfreezeAccount(account_id, "both", "customer_request"))))
    assert why(account_id) == ("legal_order", "suspected_fraud")


def why(account_id: str) -> tuple[str, str]:
    shown = queries.account(account_id)
    assert shown is not None
    return shown.debit_freezes, shown.credit_freezes


def filled_in() -> None:
    with open_cursor("accounts") as cursor:
        for side in ("debit", "credit"):
            cursor.execute(import_module("accounts.migrations.0010_freezes").SIDE.format(side=side))
