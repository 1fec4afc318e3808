"""Whether the bank goes ahead with a customer: what Customers answers to the origination of a loan."""

from datetime import date
from typing import Any

import pytest

from bank.sagas.orchestration import do_id, undo_id
from bank.testing import given
from customers import handlers
from customers.domain.clearance import (
    CLEARANCE,
    ClearanceDeclined,
    ClearanceWithdrawn,
    CustomerCleared,
    DeclineClearance,
)
from customers.domain.customer import CUSTOMER
from customers.domain.customer.facts import (
    CustomerClosed,
    CustomerOpened,
    CustomerReinstated,
    CustomerRejected,
    CustomerSuspended,
    CustomerVerified,
)
from customers.inbound import ClearanceAsked, ClearanceWithdrawalAsked

DAY = date(2026, 3, 1)
OPENED = CustomerOpened("c1", "Anna Meier", "anna@bank.example", "+35699000001", "key", DAY)
VERIFIED = CustomerVerified("c1", DAY, 1)
SUSPENDED = CustomerSuspended("c1", "fraud", DAY, 2)
UNIT = handlers.clear(ClearanceAsked("o1", "c1"))
REQUIRE: Any = UNIT.orders[0].command
GIVE: Any = UNIT.orders[1].command


@pytest.mark.parametrize(
    "history", [(OPENED, VERIFIED), (OPENED, VERIFIED, SUSPENDED, CustomerReinstated("c1", DAY, 3))]
)
def test_a_verified_active_customer_is_cleared(history: tuple[Any, ...]) -> None:
    assert given(CUSTOMER, *history).when(REQUIRE) == []
    assert given(CLEARANCE).when(GIVE) == [CustomerCleared("o1", "c1")]


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ((), "customer_not_found"),
        ((OPENED,), "customer_not_verified"),
        ((OPENED, CustomerRejected("c1", "documents", DAY, 1)), "customer_rejected"),
        ((OPENED, VERIFIED, SUSPENDED), "customer_suspended"),
        ((OPENED, VERIFIED, CustomerClosed("c1", DAY, 2)), "customer_closed"),
    ],
)
def test_anybody_else_is_not_and_the_process_hears_why(history: tuple[Any, ...], code: str) -> None:
    assert given(CUSTOMER, *history).refuses(REQUIRE) == code
    assert given(CLEARANCE).when(DeclineClearance("o1", "c1", code)) == [ClearanceDeclined("o1", "c1", code)]


def test_a_clearance_is_withdrawn_whatever_was_answered_and_forbidden_if_nothing_was() -> None:
    unit = handlers.withdraw_clearance(ClearanceWithdrawalAsked("o1", "c1", 2))
    assert (unit.id, unit.undoes) == (undo_id("o1", "customer", 2), do_id("o1", "customer"))
    assert UNIT.id == do_id("o1", "customer")
    withdraw: Any = unit.orders[0].command
    for history in ([CustomerCleared("o1", "c1")], [ClearanceDeclined("o1", "c1", "customer_closed")]):
        assert given(CLEARANCE, *history).when(withdraw) == [ClearanceWithdrawn("o1", "c1")]
