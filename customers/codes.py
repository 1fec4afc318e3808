"""One-time codes: six digits that nobody can guess, and a keyed hash by which one is known again."""

import hashlib
import hmac
import secrets

from django.conf import settings

DIGITS = 6


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def code_hash(customer_id: str, mobile_key: str, code: str) -> str:
    """Of one customer and one number: the same code for another is another hash."""
    told = f"one-time code\n{customer_id}\n{mobile_key}\n{code}"
    return hmac.new(settings.BLIND_INDEX_KEY, told.encode(), hashlib.sha256).hexdigest()
