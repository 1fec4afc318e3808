"""Money arithmetic: integer minor units inside, a decimal string with its currency outside."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from babel import Locale
from babel.numbers import get_currency_precision, get_territory_currencies

MAX_MINOR = 10**15
"""Larger amounts are refused: far above any retail posting, far below what 64 bits hold."""

AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,4})?", re.ASCII)
"""How an amount is written by whoever asks for something."""

COUNTRIES = tuple(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())

CURRENCIES = frozenset(currency for country in COUNTRIES for currency in get_territory_currencies(country))
"""What is legal tender somewhere today: neither the currencies of the past nor the codes of metals and tests."""

PLACES = {currency: int(get_currency_precision(currency)) for currency in CURRENCIES}


def digits(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217): 2 for EUR, 0 for JPY. Raises ValueError if unknown."""
    if currency not in PLACES:
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code.")
    return PLACES[currency]


def to_minor(amount: str, currency: str) -> int:
    """`"12.34", "EUR"` → 1234. Raises ValueError for NaN, exponents, too many decimals and absurd sizes."""
    places = digits(currency)
    if not isinstance(amount, str) or len(amount) > 20:
        raise ValueError('An amount is a decimal string such as "12.34".')
    try:
        value = Decimal(amount)
    except InvalidOperation as error:
        raise ValueError('An amount is a decimal string such as "12.34".') from error
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > 0 or "e" in amount.lower() or "_" in amount or not amount.isascii():
        raise ValueError('An amount is a decimal string such as "12.34".')
    if -exponent > places:
        raise ValueError(f"{currency} has {places} decimal places.")
    minor = int(value.scaleb(places))
    if abs(minor) > MAX_MINOR:
        raise ValueError("This amount is larger than the bank books.")
    return minor


def asked_minor(amount: str, currency: str, *, minimum_minor: int = 1) -> int:
    """What somebody asks for, between the minimum and the largest amount. Raises ValueError, which says what to do."""
    if not AMOUNT.fullmatch(amount):
        raise ValueError('An amount is a decimal string such as "12.34".')
    largest, smallest = to_decimal(MAX_MINOR, currency), to_decimal(minimum_minor, currency)
    if abs(Decimal(amount)) > Decimal(largest):
        raise ValueError(f"The largest amount here is {largest} {currency}.")
    minor = to_minor(amount, currency)
    if minor < minimum_minor:
        raise ValueError(f"The smallest amount here is {smallest} {currency}.")
    return minor


def to_decimal(minor: int, currency: str) -> str:
    """1234, "EUR" → `"12.34"`."""
    return str(Decimal(minor).scaleb(-digits(currency)))


def round_half_even(value: Fraction) -> int:
    """The nearest integer of minor units, ties to even (IEEE 754 roundTiesToEven, "banker's rounding")."""
    return round(value)
