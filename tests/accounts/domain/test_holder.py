"""With whom the bank begins nothing new, Accounts hears in any order."""

from datetime import date
from itertools import permutations

import pytest

from accounts.domain.holder import HOLDER, HearStanding, HolderStandingHeard, Standing
from bank.testing import given

DAY = date(2026, 3, 1)
SUSPENDED = HolderStandingHeard("c1", "suspended", DAY, 2)


@pytest.mark.parametrize("sequence", [1, 2])
def test_what_is_older_or_heard_already_changes_nothing(sequence: int) -> None:
    assert given(HOLDER, SUSPENDED).when(HearStanding("c1", "active", DAY, sequence)) == []


def test_what_is_newer_holds() -> None:
    heard = given(HOLDER, SUSPENDED).when(HearStanding("c1", "active", DAY, 3))
    assert heard == [HolderStandingHeard("c1", "active", DAY, 3)]


def test_whatever_the_order_the_last_word_holds() -> None:
    said: list[tuple[Standing, int]] = [("suspended", 2), ("active", 3), ("closed", 5)]
    for order in permutations(HearStanding("c1", standing, DAY, n) for standing, n in said):
        state = HOLDER.initial
        for command in order:
            state = HOLDER.fold(state, HOLDER.decide(state, command))
        assert state.standing == "closed"
