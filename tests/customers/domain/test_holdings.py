"""A customer with something left at the bank is not closed."""

from datetime import date

import pytest

from bank.testing import given
from customers.domain.holdings import (
    HOLDINGS,
    BeginHolding,
    ClearHoldings,
    EndHolding,
    Event,
    HoldingBegan,
    HoldingEnded,
    HoldingsCleared,
)

DAY = date(2026, 3, 1)
CLEAR, CLEARED = ClearHoldings("c1", DAY), HoldingsCleared("c1", DAY)


def began(holding: str) -> HoldingBegan:
    return HoldingBegan("c1", holding)


def ended(holding: str) -> HoldingEnded:
    return HoldingEnded("c1", holding)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [began("account:1"), ended("account:1")],
        [ended("account:1")],
        [began("account:1"), began("card:1"), ended("card:1"), ended("account:1")],
        [CLEARED],
    ],
)
def test_who_has_nothing_left_is_cleared(history: list[Event]) -> None:
    assert given(HOLDINGS, *history).when(CLEAR) == [CLEARED]


@pytest.mark.parametrize(
    "history",
    [
        [began("account:1")],
        [began("account:1"), began("account:2"), ended("account:2")],
        [ended("account:2"), began("account:1")],
        [CLEARED, began("loan:1")],
    ],
)
def test_who_has_anything_left_is_not(history: list[Event]) -> None:
    assert given(HOLDINGS, *history).refuses(CLEAR) == "customer_has_holdings"


def test_an_end_heard_before_its_beginning_still_ends_it() -> None:
    assert given(HOLDINGS, ended("loan:1")).when(BeginHolding("c1", "loan:1")) == []
    assert given(HOLDINGS, ended("loan:1")).when(CLEAR) == [CLEARED]


def test_what_is_heard_twice_is_nothing_new() -> None:
    assert given(HOLDINGS, began("card:1")).when(BeginHolding("c1", "card:1")) == []
    assert given(HOLDINGS, ended("card:1")).when(EndHolding("c1", "card:1")) == []
