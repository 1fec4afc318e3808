"""What Cards makes of what it hears about customers, and to whom it issues which card."""

from datetime import date

import pytest

from bank.testing import given
from cards.domain.cardholder import (
    CARDHOLDER,
    CardholderKycHeard,
    CardholderStandingHeard,
    HearKyc,
    HearStanding,
    RequireCardholder,
)

DAY = date(2026, 3, 2)
VERIFIED = CardholderKycHeard("c1", "verified", DAY, 1)
REJECTED = CardholderKycHeard("c1", "rejected", DAY, 2)
SUSPENDED = CardholderStandingHeard("c1", "suspended", DAY, 3)
REINSTATED = CardholderStandingHeard("c1", "active", DAY, 4)
CLOSED = CardholderStandingHeard("c1", "closed", DAY, 5)
DEBIT, CREDIT = RequireCardholder("c1", on_credit=False), RequireCardholder("c1", on_credit=True)


def test_a_debit_card_is_issued_to_whoever_is_in_good_standing() -> None:
    for history in ((), (VERIFIED,), (REJECTED,), (SUSPENDED, REINSTATED)):
        assert given(CARDHOLDER, *history).when(DEBIT) == []


def test_a_credit_card_is_issued_to_who_is_verified() -> None:
    assert given(CARDHOLDER).refuses(CREDIT) == "customer_not_verified"
    assert given(CARDHOLDER, VERIFIED).when(CREDIT) == []
    assert given(CARDHOLDER, VERIFIED, REJECTED).refuses(CREDIT) == "customer_not_verified"


@pytest.mark.parametrize("wanted", [DEBIT, CREDIT])
def test_no_card_is_issued_to_who_is_suspended_or_has_left(wanted: RequireCardholder) -> None:
    assert given(CARDHOLDER, VERIFIED, SUSPENDED).refuses(wanted) == "customer_suspended"
    assert given(CARDHOLDER, VERIFIED, SUSPENDED, REINSTATED).when(wanted) == []
    assert given(CARDHOLDER, VERIFIED, CLOSED).refuses(wanted) == "customer_closed"


@pytest.mark.parametrize("sequence", [1, 2])
def test_what_is_old_or_heard_before_is_nothing_new(sequence: int) -> None:
    known = given(CARDHOLDER, REJECTED, CardholderStandingHeard("c1", "suspended", DAY, 2))
    assert known.when(HearKyc("c1", "verified", DAY, sequence)) == []
    assert known.when(HearStanding("c1", "active", DAY, sequence)) == []
    assert known.when(HearKyc("c1", "verified", DAY, 3)) == [CardholderKycHeard("c1", "verified", DAY, 3)]
