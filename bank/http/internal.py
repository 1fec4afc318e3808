"""What services ask of one another: the feed of a context's events, and whether a command happened.

    GET /internal/v1/<context>/events?after=&until=&limit=&types=FundsHeld.v1,HoldDeclined.v1&shard=i/n
    GET /internal/v1/<context>/events?stream=&after_version=&limit=
    GET /internal/v1/<context>/heads?after=&until=&limit=
    GET /internal/v1/<context>/commands/<id>

Callers prove who they are by tokens of their own (`service_tokens`).
"""

from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bank.context import Context, load
from bank.history.eventstore import read_feed, read_heads
from bank.http import problems
from bank.http.principal import SignedIn
from bank.http.problems import bad_request, not_found
from bank.http.schemas import Body
from bank.http.service_tokens import Service, verified_service
from bank.http.strict_json import JSONRenderer, StrictJSON
from bank.outcomes import find

MAX_EVENTS = 5_000


# Who may ask.


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


class HeadsQuery(Body):
    refuses_card_numbers = False  # positions and versions alone, of services that must not stop at a check digit

    after = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=0)
    until = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    limit = serializers.IntegerField(min_value=1, default=1000)


class FeedQuery(HeadsQuery):
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
            until=wanted.get("until"),
        )
        events = [{"position": row.position, "message": msgspec.Raw(row.message)} for row in rows]
        body = msgspec.json.encode({"watermark": watermark, "events": events})
        return HttpResponse(body, content_type="application/json")


class Heads(InternalView):
    def get(self, request: Request, context: str) -> Response:
        """The last version of each stream among the next `limit` events; `watermark` is where to read on."""
        query = HeadsQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        limit = min(wanted["limit"], MAX_EVENTS)
        heads = read_heads(served(context), after=wanted["after"], until=wanted.get("until"), limit=limit)
        return Response({"epoch": heads.epoch, "watermark": heads.watermark, "versions": heads.versions})


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
