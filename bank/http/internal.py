"""What services ask of one another: the feed of a context's events, and whether a command happened.

    GET /internal/v1/<context>/events?after=&limit=&types=FundsHeld.v1,HoldDeclined.v1&shard=i/n
    GET /internal/v1/<context>/events?stream=&after_version=&limit=
    GET /internal/v1/<context>/commands/<id>

Callers prove who they are by tokens they sign with their own key, for one audience, for a minute.
"""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bank.context import Context, load
from bank.eventstore import read_feed
from bank.execution import find
from bank.http import problems
from bank.http.principal import SignedIn
from bank.http.problems import bad_request, not_found
from bank.http.schemas import Body
from bank.http.strict_json import JSONRenderer, StrictJSON

TOKEN_SECONDS = 60
MAX_EVENTS = 5_000


# Who may ask.


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


class ServiceAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Service, None] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        kwargs = request.parser_context["kwargs"] if request.parser_context else {}
        return verified_service(token.strip(), kwargs["context"]), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="bank-internal"'


class InternalView(APIView):
    """For services alone; not in the public documentation."""

    authentication_classes = (ServiceAuthentication,)
    permission_classes = (SignedIn,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (StrictJSON,)
    schema = None

    def get_exception_handler(self) -> Any:
        return problems.handle


def served(name: str) -> Context:
    """A context of this process, or 404."""
    if name not in settings.CONTEXTS:
        raise not_found()
    return load(name)


# What they may ask.


class FeedQuery(Body):
    after = serializers.IntegerField(min_value=0, default=0)
    limit = serializers.IntegerField(min_value=1, default=1000)
    types = serializers.CharField(required=False, max_length=10_000)
    shard = serializers.RegexField(r"^[0-9]{1,4}/[1-9][0-9]{0,3}$", required=False)
    stream = serializers.CharField(required=False, max_length=300)
    after_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)


class Events(InternalView):
    def get(self, request: Request, context: str) -> HttpResponse:
        """Events as messages, byte for byte as the outbox publishes them; `watermark` is where to read on."""
        query = FeedQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        rows, watermark = read_feed(
            served(context),
            after=wanted["after"],
            limit=min(wanted["limit"], MAX_EVENTS),
            types=_types(context, wanted.get("types")),
            shard=_shard(wanted.get("shard")),
            stream=wanted.get("stream"),
            after_version=wanted["after_version"],
        )
        events = [{"position": row.position, "message": msgspec.Raw(row.message)} for row in rows]
        body = msgspec.json.encode({"watermark": watermark, "events": events})
        return HttpResponse(body, content_type="application/json")


def _types(context: str, names: str | None) -> list[str] | None:
    """Stored names; a published name (`accounts.FundsHeld.v1`) means the same."""
    if names is None:
        return None
    return [name.strip().removeprefix(f"{context}.") for name in names.split(",") if name.strip()]


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    index, _, count = text.partition("/")
    if int(index) >= int(count):
        raise bad_request("invalid", "A shard i/n has i below n.", shard=["i is below n."])
    return int(index), int(count)


class Commands(InternalView):
    def get(self, request: Request, context: str, id: UUID) -> Response:
        """What became of a command; 404 if it never happened, or has not yet."""
        result = find(served(context), id)
        if result is None:
            raise not_found()
        return Response(
            {
                "id": result.id,
                "outcome": result.outcome,
                "code": result.code,
                "reason": result.reason,
                "streams": result.streams,
                "versions": result.versions,
            }
        )
