"""Errors as RFC 9457 problems: every answer that is not a success has a stable `code` and a `trace_id`.

| status | when |
|---|---|
| 400 | the request cannot be read, or fields are wrong: `errors` says which |
| 401, 403 | nobody signed in; signed in but not allowed |
| 404 | unknown, or another customer's: the two look the same |
| 409 | a write is too early: its key is being executed, or what it needs is not known here yet; with `Retry-After` |
| 412 | `If-Match` names a version that is not the current one |
| 413, 415 | the body is too large, or more than the database takes at once; of another type than is read here |
| 422 | the business refuses (the code says why), or the key was used for another request |
| 503 | a part of the bank cannot be reached, or is not there yet (`view_behind`); with `Retry-After` |
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django import db
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from bank.db import exceeds_a_limit
from bank.decider import Refused

log = logging.getLogger("bank.http")

CONTENT_TYPE = "application/problem+json"
MACHINE_PATHS = ("/api/", "/internal/")
UNREACHABLE = (db.OperationalError, db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What a database that went away, or a lock that was not granted in time, raises."""


class Problem(exceptions.APIException):
    """An answer that is not a success. Raise it anywhere below a view of the bank.

    `code` is stable and for programs; `detail` is a sentence for people and holds nothing personal; `errors` maps a
    field's path to what is wrong with it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.sentence = detail
        self.errors = errors
        self.headers = headers or {}

    def document(self, trace_id: str) -> dict[str, Any]:
        return document(self.status_code, self.code, self.sentence, trace_id, self.errors)


def not_found() -> Problem:
    """Unknown, or not yours: the answer does not tell which."""
    return Problem(404, "not_found", "There is nothing here, or it is not yours.")


def bad_request(code: str, detail: str, **errors: list[str]) -> Problem:
    return Problem(400, code, detail, errors=errors or None)


def refused(code: str, reason: str) -> Problem:
    """The business says no; remembered under the command's id, so a retry with the same key hears the same."""
    return Problem(422, code, reason)


def too_early(code: str, detail: str) -> Problem:
    """What the write needs is not known here yet. It was not executed, so the same key may succeed shortly."""
    return Problem(409, code, detail, headers={"Retry-After": "1"})


def unavailable(detail: str = "A part of the bank cannot be reached. Try again.") -> Problem:
    return Problem(503, "unavailable", detail, headers={"Retry-After": "1"})


def document(
    status: int, code: str, detail: str, trace_id: str, errors: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:bank:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": trace_id,
    }
    if errors:
        body["errors"] = errors
    return body


# From exceptions to problems.


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: whatever a view raises becomes a problem. A defect is logged and answered with 500."""
    problem = as_problem(error)
    if problem.status_code >= 500 and (problem is not error or error.__cause__):
        log.error("%s answered %s", context["request"].path, problem.status_code, exc_info=error)
    return Response(
        problem.document(trace_id(context["request"])),
        status=problem.status_code,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def as_problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Refused():
            return refused(error.code, error.reason)
        case exceptions.ValidationError():
            return Problem(400, "invalid", "Some fields are wrong.", errors=flatten(error.detail))
        case exceptions.APIException():
            return Problem(error.status_code, _code(error), _sentence(error), headers=_headers(error))
        case Http404():
            return not_found()
        case PermissionDenied():
            return Problem(403, "permission_denied", "You may not do this.")
        case RequestDataTooBig():
            return too_large()
        case SuspiciousOperation():
            return bad_request("bad_request", "The request cannot be read.")
        case _ if exceeds_a_limit(error):
            return too_much()
        case _ if isinstance(error, UNREACHABLE):
            return unavailable()
        case _:
            return Problem(500, "internal_error", "The bank failed to answer. It is written down under the trace_id.")


def too_large(limit: int | None = None) -> Problem:
    limit = limit or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return Problem(413, "too_large", f"A body has at most {limit} bytes.")


def too_much() -> Problem:
    return Problem(413, "too_much", "This is more than the bank can keep or look through at once. Send less of it.")


def _code(error: exceptions.APIException) -> str:
    return error.default_code if error.default_code != "error" else "internal_error"


def _sentence(error: exceptions.APIException) -> str:
    return str(error.detail) if isinstance(error.detail, str) else str(error.default_detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as one flat mapping: `{"amount.currency": ["…"]}`; `""` is the body as a whole."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= flatten(inner, _join(path, "" if name == "non_field_errors" else str(name)))
        return found
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        found = {}
        for index, inner in enumerate(detail):
            found |= flatten(inner, _join(path, str(index))) if inner else {}
        return found
    return {path: [str(item) for item in (detail if isinstance(detail, list) else [detail])]}


def _join(path: str, name: str) -> str:
    return ".".join(part for part in (path, name) if part)


# The trace.

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent(request: Any) -> str | None:
    """The caller's W3C trace context, if it is valid."""
    value = request.headers.get("traceparent", "")
    return value if _TRACEPARENT.fullmatch(value) else None


def trace_id(request: Any) -> str:
    """The correlation id of a request: the client's `X-Correlation-Id`, the command's id, or one made up here."""
    plain: HttpRequest = getattr(request, "_request", request)
    if not hasattr(plain, "bank_trace_id"):
        set_trace_id(plain, correlation_id(plain) or uuid4())
    return str(plain.bank_trace_id)  # type: ignore[attr-defined]


def set_trace_id(request: Any, id: UUID) -> None:
    getattr(request, "_request", request).bank_trace_id = id


def correlation_id(request: Any) -> UUID | None:
    try:
        return UUID(request.headers.get("X-Correlation-Id", ""))
    except ValueError:
        return None


# For Django's own errors, outside of DRF: `handler404 = "bank.http.problems.page_not_found"` and so on in the URLs.


def answer(request: HttpRequest, problem: Problem) -> JsonResponse:
    return JsonResponse(
        problem.document(trace_id(request)),
        status=problem.status_code,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def _for_machines(request: HttpRequest) -> bool:
    return request.path.startswith(MACHINE_PATHS)


def bad_request_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _for_machines(request):
        return answer(request, as_problem(exception))
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"problem": too_large()}, status=413)
    return defaults.bad_request(request, exception)


def permission_denied_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _for_machines(request):
        return answer(request, as_problem(PermissionDenied()))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _for_machines(request):
        return answer(request, not_found())
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _for_machines(request):
        return answer(request, as_problem(Exception()))
    return defaults.server_error(request)
