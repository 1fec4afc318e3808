"""Whether somebody sends a card number: 13 to 19 digits with a valid check digit, however they are grouped.

Of other long numbers one in ten has that check digit too, so those which people have to send are told apart by their
own form: ids, telephone numbers (a plus and at most 15 digits, ITU-T E.164) and IBANs (ISO 13616).
"""

import re
from collections.abc import Mapping
from typing import Any

_DIGITS = re.compile(r"(?:\+|(?<![0-9A-Za-z+]))[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])", re.ASCII)
_LONGEST_TELEPHONE_NUMBER = 15
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_IBAN_BEGINS = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}", re.ASCII | re.IGNORECASE)
_IBAN_GOES_ON = re.compile(r" ?([0-9A-Z])", re.ASCII | re.IGNORECASE)
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34


def holds_card_number(value: Any) -> bool:
    """Whether a card number stands anywhere in decoded JSON."""
    match value:
        case str():
            rest = _without_ibans(_UUID.sub("", value)) if _DIGITS.search(value) else ""
            return any(_is_card_number(found) for found in _DIGITS.findall(rest))
        case bool():
            return False
        case int():
            return 10**12 <= value < 10**19 and _luhn(str(value))
        case Mapping():
            return any(holds_card_number(inner) for pair in value.items() for inner in pair)
        case list() | tuple():
            return any(holds_card_number(inner) for inner in value)
        case _:
            return False


def _is_card_number(found: str) -> bool:
    digits = "".join(character for character in found if character.isdigit())
    if found.startswith("+") and len(digits) <= _LONGEST_TELEPHONE_NUMBER:
        return False
    return _luhn(digits)


def _without_ibans(text: str) -> str:
    """What else is there. An IBAN may be printed in groups, and followed by words or by the next one."""
    left, at = "", 0
    for begins in _IBAN_BEGINS.finditer(text):
        if begins.start() >= at and (end := _end_of_iban(text, begins)):
            left, at = left + text[at : begins.start()], end
    return left + text[at:]


def _end_of_iban(text: str, begins: re.Match[str]) -> int | None:
    """The first place at which it is one: what may be left of it is too short for a card number. None if it is none."""
    place, length, remainder = begins.end(), 4, 0
    first_four = int("".join(str(int(one, 36)) for one in begins[0]))
    while length < _LONGEST_IBAN and (found := _IBAN_GOES_ON.match(text, place)):
        value = int(found[1], 36)
        remainder = (remainder * (100 if value > 9 else 10) + value) % 97
        place, length = found.end(), length + 1
        is_one = length >= _SHORTEST_IBAN and (remainder * 10**6 + first_four) % 97 == 1
        if is_one and not text[place : place + 1].isalnum():
            return place
    return None


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
