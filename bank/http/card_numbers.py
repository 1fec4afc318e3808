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
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}(?![0-9A-Za-z])", re.ASCII | re.IGNORECASE)


def holds_card_number(value: Any) -> bool:
    """Whether a card number stands anywhere in decoded JSON."""
    match value:
        case str():
            rest = _IBAN.sub(_after_iban, _UUID.sub("", value))
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


def _after_iban(found: re.Match[str]) -> str:
    """What follows the IBAN, which may be printed in groups and followed by words; the whole, if it is none."""
    text = found[0]
    ends = (end for end in range(len(text), 14, -1) if end == len(text) or text[end] == " ")
    return next((text[end:] for end in ends if _is_iban(text[:end].replace(" ", ""))), text)


def _is_iban(text: str) -> bool:
    return len(text) >= 15 and int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
