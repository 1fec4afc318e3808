"""What Loans makes of what it hears about customers, in any order, and to whom it lends."""

from datetime import date
from itertools import permutations

import pytest

from bank.testing import given
from loans.domain.borrower import BORROWER, BorrowerKycHeard, BorrowerStandingHeard, Command, HearKyc, HearStanding
from loans.domain.borrower import RequireBorrower as Require

DAY = date(2026, 1, 31)
VERIFIED = BorrowerKycHeard("c1", "verified", DAY, 1)
SUSPENDED = BorrowerStandingHeard("c1", "suspended", DAY, 2)
REQUIRE = Require("c1")


def test_a_verified_customer_is_lent_to() -> None:
    assert given(BORROWER).when(HearKyc("c1", "verified", DAY, 1)) == [VERIFIED]
    assert given(BORROWER, VERIFIED).when(REQUIRE) == []


def test_nothing_is_lent_to_whom_the_bank_does_not_know() -> None:
    assert given(BORROWER).refuses(REQUIRE) == "customer_not_verified"
    rejected = BorrowerKycHeard("c1", "rejected", DAY, 2)
    assert given(BORROWER, VERIFIED, rejected).refuses(REQUIRE) == "customer_rejected"


def test_nothing_is_lent_while_a_customer_is_suspended() -> None:
    assert given(BORROWER, VERIFIED, SUSPENDED).refuses(REQUIRE) == "customer_suspended"
    reinstated = BorrowerStandingHeard("c1", "active", DAY, 3)
    assert given(BORROWER, VERIFIED, SUSPENDED, reinstated).when(REQUIRE) == []


def test_nothing_is_lent_to_who_has_left() -> None:
    closed = BorrowerStandingHeard("c1", "closed", DAY, 2)
    assert given(BORROWER, VERIFIED, closed).refuses(REQUIRE) == "customer_closed"


@pytest.mark.parametrize("sequence", [1, 2])
def test_what_is_old_or_heard_before_is_nothing_new(sequence: int) -> None:
    known = given(BORROWER, BorrowerKycHeard("c1", "verified", DAY, 2), SUSPENDED)
    assert known.when(HearKyc("c1", "rejected", DAY, sequence)) == []
    assert known.when(HearStanding("c1", "active", DAY, sequence)) == []


def test_in_whatever_order_it_is_heard_the_last_word_holds() -> None:
    said: list[Command] = [
        HearKyc("c1", "verified", DAY, 1),
        HearStanding("c1", "suspended", DAY, 2),
        HearStanding("c1", "active", DAY, 3),
        HearKyc("c1", "rejected", DAY, 4),
        HearKyc("c1", "verified", DAY, 5),
    ]
    for order in permutations(said):
        state = BORROWER.initial
        for command in order:
            state = BORROWER.fold(state, BORROWER.decide(state, command))
        assert (state.kyc, state.standing) == ("verified", "active")
