"""Who asks: a person with a session, or a client with a Bearer token of the bank's identity provider.

Tokens are JWTs (RS256), verified here by their signature alone, without a query: with the provider's key where it is
at hand, else by the provider's published keys. What they claim is written by `config.identity.adapter`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bank.http.problems import Problem, not_found, unavailable

AUDIENCE = "bank"
"""What an access token must be meant for."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `actor` is what is written into the events: `customer:<id>`, `operator:<sub>` or `user:<sub>`.

    `user_id` is the provider's `sub`, in a session as in a token, so that one person is one actor in every service.
    Operators act for anybody; a customer only for himself; a user without a customer may become one.
    """

    actor: str
    user_id: str
    customer_id: str | None
    is_operator: bool
    is_authenticated: bool = True

    @property
    def is_active(self) -> bool:
        return True


def owned(principal: Principal, customer_id: object | None) -> None:
    """Raises 404 unless what belongs to this customer is the principal's to see; None belongs to nobody."""
    if customer_id is None or not (principal.is_operator or principal.customer_id == str(customer_id)):
        raise not_found()


class OfCustomer(Protocol):
    @property
    def customer_id(self) -> object: ...


Row = TypeVar("Row", bound=OfCustomer)


def visible(principal: Principal, row: Row | None) -> Row:
    """The row, if there is one and the principal may see it. Raises 404."""
    owned(principal, row and row.customer_id)
    assert row is not None
    return row


def operator_only(principal: Principal) -> None:
    """Raises 403 for anybody but operators."""
    if not principal.is_operator:
        raise Problem(403, "permission_denied", "Only the bank's operators may do this.")


def acting_for(principal: Principal, customer_id: object | None) -> str:
    """The customer a request is about: the one it names, or else the principal's own. 404 for somebody else's."""
    wanted = customer_id if customer_id is not None else principal.customer_id
    if wanted is None:
        raise Problem(400, "customer_missing", "Say for which customer.", errors={"customer_id": ["Required here."]})
    owned(principal, wanted)
    return str(wanted)


def listing_for(principal: Principal, customer_id: object | None) -> str | None:
    """Of whom a list is: the customer it names, or else the principal's own; None, which is everybody, for operators
    who name nobody."""
    if principal.is_operator and customer_id is None:
        return None
    return acting_for(principal, customer_id)


SELF_SERVICE = UUID("4f0c5a36-2f0e-5b43-9d3c-0d9b0a8f6a51")


def opened_by(user_id: str) -> str:
    """The id of the customer whom a user without one opens for himself: his alone, and the same at every try."""
    return str(uuid5(SELF_SERVICE, user_id))


# Authentication.


def principal_of(request: Request) -> Principal:
    """The principal of an authenticated request."""
    if isinstance(request.user, Principal):
        return request.user
    return of_user(request.user)


STRANGER = (
    "This login is known to this service alone: no other could tell whose order it is. Sign in where the bank keeps its"
    " logins, and open this console from there."
)


def of_user(user: Any) -> Principal:
    """Whom a session acts as. Raises PermissionDenied for a login that the identity provider does not know."""
    if user.sub is None:
        raise PermissionDenied(STRANGER)
    return principal(user.sub, user.acts_for, is_operator=user.is_staff)


def principal(user_id: str, customer_id: str | None, *, is_operator: bool) -> Principal:
    if is_operator:
        actor = f"operator:{user_id}"
    elif customer_id:
        actor = f"customer:{customer_id}"
    else:
        actor = f"user:{user_id}"
    return Principal(actor, user_id, customer_id, is_operator)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> tuple[Principal, Mapping[str, Any]] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        claims = verified(token.strip())
        customer = claims.get("customer_id")
        user = principal(claims["sub"], customer, is_operator=claims.get("operator") is True)
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="bank"'


def verified(token: str, audience: str | tuple[str, ...] = AUDIENCE) -> Mapping[str, Any]:
    """The claims of an access token. Raises AuthenticationFailed, and 503 while nobody tells the key to check it by."""
    try:
        claims = _signed(token, settings.OIDC_ISSUER, settings.IDP_OIDC_PRIVATE_KEY, settings.OIDC_JWKS_URL, audience)
    except jwt.PyJWKClientConnectionError as error:
        raise unavailable("The identity provider cannot be reached to check the access token. Try again.") from error
    except jwt.PyJWTError as error:
        raise AuthenticationFailed("The access token is not valid.") from error
    if claims["exp"] <= time.time():
        raise AuthenticationFailed("The access token has expired.")
    if claims.get("token_use") != "access":
        raise AuthenticationFailed("This is not an access token.")
    return claims


@lru_cache(maxsize=1024)
def _signed(
    token: str, issuer: str, private_key: str, keys_url: str, audience: str | tuple[str, ...]
) -> Mapping[str, Any]:
    """A token's claims never change: its signature is checked once, its age each time."""
    claims: dict[str, Any] = jwt.decode(
        token,
        _public_key(private_key) if private_key else _published_keys(keys_url).get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        audience=audience,
        issuer=issuer,
        options={"require": ["exp", "sub", "aud", "iss"]},
    )
    return MappingProxyType(claims)


@lru_cache(maxsize=4)
def _public_key(pem: str) -> RSAPublicKey:
    key = load_pem_private_key(pem.encode(), None).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("The identity provider's key is not an RSA key.")
    return key


@lru_cache(maxsize=1)
def _published_keys(url: str) -> jwt.PyJWKClient:
    """A key once seen is kept: the provider may be away while tokens of that key come."""
    return jwt.PyJWKClient(url, cache_keys=True, lifespan=3600, timeout=2)


class OwnSession(SessionAuthentication):
    """A session of this service's own: of operators in the console, and of customers where identity is kept.

    Elsewhere a local user's number may be another person's in the tokens, so that nobody but the console's operators
    has a session.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found and not (settings.OWNS_IDENTITY or found[0].is_staff):
            return None
        if found and found[0].sub is None:
            raise Problem(403, "login_not_known", STRANGER)
        return found


AUTHENTICATION: tuple[type[BaseAuthentication], ...] = (BearerAuthentication, OwnSession)


class SignedIn(BasePermission):
    """Somebody, and not disabled. What he may touch is for `owned` to say."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.is_active)
