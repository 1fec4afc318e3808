"""One-time codes: six digits that nobody can guess without the key, and a keyed hash by which one is known again."""

import hashlib
import hmac

from django.conf import settings

DIGITS = 6


def code_for(code_id: str, mobile_key: str) -> str:
    """The same again for the same id, so that one whose text did not leave is sent again and stands nowhere."""
    number = int(_keyed(f"digits\n{code_id}\n{mobile_key}"), 16)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def code_hash(customer_id: str, mobile_key: str, code: str) -> str:
    """Of one customer and one number: the same code for another is another hash."""
    return _keyed(f"one-time code\n{customer_id}\n{mobile_key}\n{code}")


def _keyed(told: str) -> str:
    return hmac.new(settings.BLIND_INDEX_KEY, told.encode(), hashlib.sha256).hexdigest()
