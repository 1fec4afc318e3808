"""Money: integer minor units inside, a decimal string outside, and nothing in between."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.money import CURRENCIES, MAX_MINOR, asked_minor, round_half_even, to_decimal, to_minor


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(sorted(CURRENCIES)))
def test_an_amount_survives_the_way_out_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-inf", "1e3", "1_000", "", ".", "１2", "0x10", "9" * 21, "1,00"]
)
def test_what_is_no_plain_decimal_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="decimal string"):
        to_minor(amount, "EUR")


@pytest.mark.parametrize(("amount", "currency"), [("1.001", "EUR"), ("1.0", "JPY"), ("1.0001", "BHD")])
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="decimal places"):
        to_minor(amount, currency)


def test_the_largest_amount_is_booked_and_a_cent_more_is_not() -> None:
    assert to_minor("10000000000000.00", "EUR") == MAX_MINOR
    with pytest.raises(ValueError, match="larger"):
        to_minor("10000000000000.01", "EUR")


@pytest.mark.parametrize(("amount", "minor"), [("0.05", 5), ("10000000000000.00", MAX_MINOR), ("7", 7_00)])
def test_what_is_asked_for_lies_between_the_smallest_and_the_largest(amount: str, minor: int) -> None:
    assert asked_minor(amount, "EUR", minimum_minor=5) == minor


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        *(("0.04", "smallest amount here is 0.05 EUR"), ("-1", "smallest amount")),
        *(("10000000000000.01", "largest amount here is 10000000000000.00 EUR"), ("-" + "9" * 40, "largest amount")),
        *(("9" * 41, "decimal string"), ("+1", "decimal string"), (" 1", "decimal string"), ("0.051", "2 decimal")),
    ],
)
def test_what_nobody_may_ask_for_is_refused_and_says_what_to_do(amount: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        asked_minor(amount, "EUR", minimum_minor=5)


@pytest.mark.parametrize("code", ["DEM", "XTS", "XAU", "eur", "EURO", ""])
def test_only_legal_tender_of_today_is_a_currency(code: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 4217"):
        to_minor("1", code)


def test_ties_round_to_even() -> None:
    assert [round_half_even(Fraction(n, 2)) for n in (1, 3, 5, -1)] == [0, 2, 2, 0]
