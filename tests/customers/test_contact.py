"""Mobile numbers are normalized, and found by a key that does not give them away."""

import pytest

from customers.contact import e164, mobile_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+356 9912 3456", "+35699123456"),
        ("+356-99-12-34-56", "+35699123456"),
        ("  +35699123456 ", "+35699123456"),
        ("+420 601 123 456", "+420601123456"),
        ("+1 (201) 555-0123", "+12015550123"),
    ],
)
def test_a_number_is_kept_in_e164_however_it_is_typed(typed: str, kept: str) -> None:
    assert e164(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "hello", "99123456", "+35621234567", "+3569912", "+999123456789", "+35699123456789"]
)
def test_what_is_no_mobile_number_with_its_country_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="mobile"):
        e164(typed)


def test_the_key_of_a_number_is_the_same_for_the_same_number_only_and_hides_it() -> None:
    key = mobile_key("+35699123456")
    assert key == mobile_key("+35699123456")
    assert key != mobile_key("+35699123457")
    assert "9912" not in key or len(key) == 64
