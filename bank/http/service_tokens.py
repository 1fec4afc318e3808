"""How one context's process proves to another who it is: a token it signs with its own key, for one audience, for a
minute.
"""

import time
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed

TOKEN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Service:
    """Another context's process."""

    name: str
    is_authenticated: bool = True
    is_active: bool = True


def service_token(caller: str, audience: str) -> str:
    """What `caller` shows to `audience` (both names of contexts) as its Bearer token, for a minute."""
    now = int(time.time())
    claims = {"iss": caller, "aud": audience, "iat": now, "exp": now + TOKEN_SECONDS}
    return jwt.encode(claims, settings.SERVICE_KEYS[caller], algorithm="HS256")


def verified_service(token: str, audience: str) -> Service:
    """Raises AuthenticationFailed unless a known service signed this for us, for no longer than a minute."""
    try:
        caller = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
        key = settings.SERVICE_KEYS.get(caller) if isinstance(caller, str) else None
        if not key:
            raise AuthenticationFailed("No such service.")
        required: Any = {"require": ["exp", "iat", "iss", "aud"]}
        claims = jwt.decode(token, key, algorithms=["HS256"], audience=audience, leeway=5, options=required)
    except jwt.PyJWTError as error:
        raise AuthenticationFailed("The service token is not valid.") from error
    if claims["exp"] - claims["iat"] > TOKEN_SECONDS:
        raise AuthenticationFailed("The service token lives too long.")
    return Service(caller)
