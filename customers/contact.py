"""Contact data as it is kept: normalized, and a mobile number found again without being readable."""

import hashlib
import hmac

import phonenumbers
from django.conf import settings


def e164(text: str) -> str:
    """`"+356 9912 3456"` → `"+35699123456"`. Raises ValueError for what is no mobile number with its country code."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise ValueError('A mobile number begins with its country code, such as "+356 9912 3456".') from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
        raise ValueError("This is not the number of a mobile phone.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
"""Some countries, such as the United States, do not tell the two apart."""


def mobile_key(number: str) -> str:
    """Names the stream of a number in E.164: a keyed hash, the same for the same number, that does not give it away."""
    return hmac.new(settings.BLIND_INDEX_KEY, number.encode(), hashlib.sha256).hexdigest()
