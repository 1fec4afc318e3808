"""Reads: one resource with an ETag, or a page of many with a cursor.

class Account(BankView):
    @read(AccountOut)
    def get(self, wanted: Wanted, account_id: UUID) -> Shown:
        "One account."
        account = visible(wanted.principal, queries.account(account_id))
        return Shown(account_out(account), version=account.version)

class Entries(BankView):
    @listing(EntryOut, EntryFilter)
    def get(self, wanted: Wanted, account_id: UUID) -> Page:
        "What was booked, newest first."
        owned(wanted.principal, queries.owner(account_id))
        rows = queries.entries(account_id, since=wanted.filters.get("since"), after=wanted.after, limit=wanted.fetch)
        return wanted.page(rows, key=lambda row: (row["booked_on"].isoformat(), row["id"]))
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.core import signing
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bank.http import openapi
from bank.http.principal import Principal, principal_of
from bank.http.problems import bad_request, not_found
from bank.http.schemas import Body, Empty
from bank.http.strict_json import encode

DEFAULT_LIMIT = openapi.DEFAULT_LIMIT
MAX_LIMIT = openapi.MAX_LIMIT


@dataclass(frozen=True, slots=True)
class Shown:
    """One resource as JSON (None is 404) and the version of its stream, which becomes the ETag.

    `on` is the day of an answer that is another one tomorrow: it stands in the ETag too, behind the version, which
    alone counts for `If-Match`. Without a version the ETag is made from the answer itself.
    """

    body: Mapping[str, Any] | None
    version: int | None = None
    on: date | None = None

    @property
    def etag(self) -> str | None:
        day = f".{self.on:%Y%m%d}" if self.on else ""
        return None if self.version is None else f'"{self.version}{day}"'


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file to keep, of one of the content types that the read was declared with."""

    content: bytes
    content_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of many, and the key after which the next page begins (None on the last)."""

    items: Sequence[Mapping[str, Any]]
    next: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A read as it was asked for. `after` is the key of the last row of the page before, as `page` was told it."""

    principal: Principal
    filters: dict[str, Any]
    after: tuple[Any, ...] | None = None
    limit: int = DEFAULT_LIMIT

    @property
    def fetch(self) -> int:
        """How many rows to fetch: one more than shown tells whether there is a next page."""
        return self.limit + 1

    def page(
        self, rows: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], tuple[str | int, ...]]
    ) -> Page:
        """The page made of up to `fetch` rows; `key` gives the columns by which they are ordered, uniquely."""
        shown = rows[: self.limit]
        return Page(shown, key(shown[-1]) if len(rows) > self.limit else None)


def read(
    shape: type[serializers.BaseSerializer[Any]], filters: type[Body] = Empty, *, files: Sequence[str] = ()
) -> Callable[[Callable[..., Shown | File]], Callable[..., HttpResponse]]:
    """Make a view method a read of one resource, documented as `shape`, or as a file of one of these content types."""

    def decorate(method: Callable[..., Shown | File]) -> Callable[..., HttpResponse]:
        @wraps(method)
        def answer(view: Any, request: Request, **path: Any) -> HttpResponse:
            shown = method(view, Wanted(principal_of(request), _filters(request, filters)), **path)
            if isinstance(shown, File):
                return download(shown)
            if shown.body is None:
                raise not_found()
            return conditional(request, shown.body, shown.etag)

        return openapi.reading(answer, shape, filters, files=files)

    return decorate


def listing(
    shape: type[serializers.Serializer[Any]], filters: type[Body] = Empty
) -> Callable[[Callable[..., Page]], Callable[..., Response]]:
    """Make a view method a read of many, documented as pages of `shape`."""

    def decorate(method: Callable[..., Page]) -> Callable[..., Response]:
        @wraps(method)
        def answer(view: Any, request: Request, **path: Any) -> Response:
            wanted = _wanted(request, filters)
            page = method(view, wanted, **path)
            body = {"items": list(page.items), "next": _cursor(request, wanted, page.next)}
            return conditional(request, body, None)

        return openapi.reading(answer, openapi.paged(shape), filters, is_page=True)

    return decorate


def download(file: File) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(file.content, content_type=file.content_type, headers=headers)


def conditional(request: Request, body: Mapping[str, Any], etag: str | None) -> Response:
    """The answer with its ETag; 304 without a body where the client has it already."""
    etag = etag or _weak_etag(body)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if matches(request.headers.get("If-None-Match", ""), etag):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers)


def _weak_etag(body: Mapping[str, Any]) -> str:
    return f'W/"{hashlib.sha256(encode(body)).hexdigest()[:32]}"'


def matches(header: str, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag: RFC 9110's weak comparison."""
    known = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in known or etag.removeprefix("W/") in known


def _filters(request: Request, filters: type[Body]) -> dict[str, Any]:
    """The query's own parameters, validated; an unknown one is an error, as in a body."""
    query = {name: value for name, value in request.query_params.items() if name not in ("cursor", "limit")}
    checked = filters(data=query)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def _wanted(request: Request, filters: type[Body]) -> Wanted:
    chosen = _filters(request, filters)
    cursor = request.query_params.get("cursor")
    after = None
    if cursor is not None:
        try:
            after = tuple(signing.loads(cursor, salt=_salt(request)))
        except signing.BadSignature as error:
            raise bad_request("invalid_cursor", "This cursor does not belong to this list.") from error
    return Wanted(principal_of(request), chosen, after, _limit(request))


def _limit(request: Request) -> int:
    """Refused, not cut: who got fewer than asked for would take the page for the last."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 0 < int(text) <= MAX_LIMIT):
        sentence = f"A number from 1 to {MAX_LIMIT}."
        raise bad_request("invalid_limit", f"A limit is a number from 1 to {MAX_LIMIT}.", limit=[sentence])
    return int(text)


def _cursor(request: Request, wanted: Wanted, key: tuple[Any, ...] | None) -> str | None:
    return None if key is None else signing.dumps(key, salt=_salt(request))


def _salt(request: Request) -> str:
    """A cursor is good for the same list with the same filters."""
    query = sorted(item for item in request.query_params.items() if item[0] not in ("cursor", "limit"))
    return f"{request.path}?{query}"
