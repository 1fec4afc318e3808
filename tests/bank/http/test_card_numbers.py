"""What is taken for a card number, and what only looks like one."""

import pytest

from bank.http.card_numbers import holds_card_number

UUID = "12345678-1234-4129-a234-123456789abc"
IBAN = "DE62 3704 0044 0532 0130 01"


@pytest.mark.parametrize("value", [4111111111111111, {"a": ["4111111111111111"]}, {"4111-1111-1111-1111": 1}])
def test_a_card_number_is_found_wherever_it_stands(value: object) -> None:
    assert holds_card_number(value)


@pytest.mark.parametrize("value", [True, 1.5, None, 4111111111111112, "DE89370400440532013000", "12345678901234567890"])
def test_what_only_resembles_a_card_number_is_left_alone(value: object) -> None:
    assert not holds_card_number(value)


@pytest.mark.parametrize(("digits", "is_one"), [(12, False), (13, True), (19, True), (20, False)])
def test_a_card_number_has_13_to_19_digits(digits: int, is_one: bool) -> None:
    """Zeros have the check digit of a card number, however many there are."""
    for value in ("0" * digits, f"card {'0' * digits}."):
        assert holds_card_number(value) == is_one


@pytest.mark.parametrize("number", ["4915112345678", "491511234567891"])
def test_a_telephone_number_begins_with_a_plus_and_has_at_most_15_digits(number: str) -> None:
    """Each of these has the check digit of a card number."""
    assert not holds_card_number(f"+{number}")
    assert not holds_card_number(f"+{number[:2]} {number[2:]}")
    assert not holds_card_number(f"Tel.+{number}, in the evening")
    assert holds_card_number(number)


@pytest.mark.parametrize("number", ["+4915112345678907", "+4111 1111 1111 1111"])
def test_a_plus_makes_no_telephone_number_of_16_digits(number: str) -> None:
    assert holds_card_number(number)


@pytest.mark.parametrize("text", ["{}", "to {}", "{} for the rent", "Meier, {}; thanks"])
def test_an_iban_is_known_by_its_own_check_digits(text: str) -> None:
    """Printed in groups, its digits have the check digit of a card number."""
    assert not holds_card_number(text.format(IBAN))
    assert not holds_card_number(text.format(IBAN.lower()))
    assert holds_card_number(text.format(IBAN.replace("DE62", "DE63")))
    assert holds_card_number(f"{text.format(IBAN)} 4111 1111 1111 1111")


@pytest.mark.parametrize("between", [" ", ", ", " and ", "/"])
def test_ibans_may_follow_one_another(between: str) -> None:
    """However they are printed; a card number between them or after them is found all the same."""
    for printed in (IBAN, IBAN.replace(" ", ""), IBAN.lower()):
        several = between.join([printed] * 3)
        assert not holds_card_number(several)
        assert holds_card_number(f"{several} 4111 1111 1111 1111")
        assert holds_card_number(f"{printed} 4111 1111 1111 1111 {printed}")


@pytest.mark.parametrize("before", ["RF18", "AB12 3", "DE62 3704 0044"])
def test_what_only_begins_like_an_iban_hides_none(before: str) -> None:
    assert not holds_card_number(f"{before} {IBAN}")
    assert holds_card_number(f"{before}, 4111 1111 1111 1111")


@pytest.mark.parametrize("iban", ["NO93 8601 1117 947", "MT84 MALT 0110 0001 2345 MTLC AST0 01S"])
def test_short_and_long_ibans_are_known_too(iban: str) -> None:
    for text in (iban, f"{iban} {iban}", iban.replace(" ", "")):
        assert not holds_card_number(text)
        assert holds_card_number(f"{text} 4111 1111 1111 1111")


@pytest.mark.parametrize("text", ["{}", "accounts:account-{}@3"])
def test_an_id_is_no_card_number_wherever_it_stands(text: str) -> None:
    assert not holds_card_number(text.format(UUID))
    assert holds_card_number(text.format(UUID.removesuffix("9abc")))
