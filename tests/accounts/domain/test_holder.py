"""With whom the bank begins nothing new, Accounts hears in any order."""

from datetime import date
from itertools import permutations

import pytest

from accounts.domain.holder import (
    HOLDER,
    Event,
    HearKyc,
    HearStanding,
    HolderKycHeard,
    HolderStandingHeard,
    Kyc,
    RequireBorrower,
    Standing,
)
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


def test_money_is_lent_to_an_active_customer_whom_the_bank_has_verified() -> None:
    lend, verified = RequireBorrower("c1"), HolderKycHeard("c1", "verified", DAY, 1)
    assert given(HOLDER).refuses(lend) == "customer_not_verified"
    assert given(HOLDER, verified).when(lend) == []
    assert given(HOLDER, verified, HolderKycHeard("c1", "rejected", DAY, 2)).refuses(lend) == "customer_rejected"
    assert given(HOLDER, verified, SUSPENDED).refuses(lend) == "customer_suspended"
    assert given(HOLDER, verified, HolderStandingHeard("c1", "closed", DAY, 3)).refuses(lend) == "customer_closed"


@pytest.mark.parametrize(("sequence", "kyc"), [(2, "verified"), (3, "rejected")])
def test_identity_and_standing_are_numbered_together_and_heard_each_by_itself(sequence: int, kyc: Kyc) -> None:
    history: list[Event] = [HolderKycHeard("c1", "verified", DAY, 2), HolderStandingHeard("c1", "suspended", DAY, 5)]
    history += given(HOLDER, *history).when(HearKyc("c1", "rejected", DAY, sequence))
    state = given(HOLDER, *history).state
    assert (state.kyc, state.standing) == (kyc, "suspended")
