"""The API's documentation, from the same declarations that run it: nothing to repeat on a view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from bank.http.schemas import Accepted, Body, Empty, ProblemOut

PROBLEM = "application/problem+json"
FAILURES = {
    400: "The request cannot be read, or fields are wrong.",
    401: "Nobody is signed in.",
    403: "Not allowed.",
    404: "Unknown, or not yours.",
    409: "Too early: the same request is being executed, or what it needs is not known here yet.",
    412: "`If-Match` is not the current version.",
    413: "The body is too large.",
    415: "The body is of another type than is read here.",
    422: "The business refuses, or the key was used for another request.",
    503: "A part of the bank cannot be reached.",
}
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
"""How many items a page has unless told, and at most."""

OF_READS = (400, 401, 403, 404, 503)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view's method was declared to be."""

    status: int
    answer: type[serializers.BaseSerializer[Any]]
    body: type[Body] | None = None
    filters: type[Body] | None = None
    is_page: bool = False
    files: Sequence[str] = ()
    """The content types of the files which the answer may be instead."""
    uploads: Sequence[str] = ()
    """The content types of the files which the body may be."""
    location: str = ""
    """Where what a write makes or changes is found."""


Answer = TypeVar("Answer", bound=Callable[..., HttpResponse])


def write(method: Answer, body: type[Body], status: int, location: str) -> Answer:
    return _declare(method, Operation(status, Accepted, body=body, location=location))


def uploading(method: Answer, filters: type[Body], status: int, location: str, uploads: Sequence[str]) -> Answer:
    declared = Operation(status, Accepted, body=Empty, filters=filters, location=location, uploads=uploads)
    return _declare(method, declared)


def reading(
    method: Answer,
    shape: type[serializers.BaseSerializer[Any]],
    filters: type[Body],
    *,
    is_page: bool = False,
    files: Sequence[str] = (),
) -> Answer:
    return _declare(method, Operation(200, shape, filters=filters, is_page=is_page, files=files))


def _declare(method: Answer, operation: Operation) -> Answer:
    method.operation = operation  # type: ignore[attr-defined]
    return method


@cache
def paged(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The shape of a page of these."""
    members = {
        "__module__": shape.__module__,
        "__doc__": None,
        "items": shape(many=True),
        "next": serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last."),
    }
    return type(f"{shape.__name__}Page", (serializers.Serializer,), members)


class BankSchema(AutoSchema):
    """Documents `@command`, `@read` and `@listing`: bodies, headers, cursors, and what can go wrong."""

    @property
    def declared(self) -> Operation | None:
        return getattr(getattr(self.view, self.method.lower(), None), "operation", None)

    def get_operation_id(self) -> str:
        parts = [part for part in self.path.split("/") if part and part not in ("api", "v1")]
        words = [f"by_{part[1:-1]}" if part.startswith("{") else part.replace("-", "_") for part in parts]
        return "_".join((self.method.lower(), *words))

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/") if part and part not in ("api", "v1")]
        return parts[:1]

    def get_summary(self) -> str | None:
        return (self._doc().partition("\n")[0]).rstrip(".") or None

    def get_description(self) -> str:  # type: ignore[override]
        return self._doc().partition("\n")[2].strip()

    def _doc(self) -> str:
        method = getattr(self.view, self.method.lower(), None)
        lines = ((method and method.__doc__) or type(self.view).__doc__ or "").strip().splitlines()
        return "\n".join(line.strip() for line in lines)

    def get_request_serializer(self) -> Any:
        operation = self.declared
        if operation is None:
            return None
        if operation.uploads:
            return dict.fromkeys(operation.uploads, OpenApiTypes.BINARY)
        return None if operation.body in (None, Empty) else operation.body

    def get_response_serializers(self) -> Any:
        operation = self.declared
        if operation is None:
            return {204: OpenApiResponse(description="Done.")}
        failures = FAILURES if operation.body is not None else OF_READS
        answers: dict[Any, Any] = {operation.status: operation.answer}
        for content_type in operation.files:
            answers[(operation.status, content_type)] = OpenApiTypes.BINARY
        if operation.body is None:
            answers[304] = OpenApiResponse(description="What the client has is current.")
        for status in failures:
            answers[(status, PROBLEM)] = OpenApiResponse(ProblemOut, FAILURES[status])
        return answers

    def get_override_parameters(self) -> list[Any]:
        operation = self.declared
        if operation is None:
            return []
        filters = [operation.filters] if operation.filters not in (None, Empty) else []
        if operation.body is not None:
            return [*filters, *_of_write(operation.status)]
        return [*filters, *(_OF_PAGE if operation.is_page else ()), _IF_NONE_MATCH, _header("ETag", _ETAG, 200)]

    def _get_serializer_name(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> str:
        """Two contexts may use the same class name: each name begins with its context's."""
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        context = (serializer if isinstance(serializer, type) else type(serializer)).__module__.partition(".")[0]
        return name if context in ("bank", "rest_framework") else f"{context.capitalize()}{name}"


def _of_write(status: int) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            "Idempotency-Key",
            {"type": "string", "minLength": 1, "maxLength": 255},
            OpenApiParameter.HEADER,
            required=True,
            description="Of your making, one per intention. A retry with the same key hears the same answer.",
        ),
        OpenApiParameter(
            "If-Match", str, OpenApiParameter.HEADER, description="Only if the resource is still at this ETag."
        ),
        OpenApiParameter(
            "X-Correlation-Id",
            {"type": "string", "format": "uuid"},
            OpenApiParameter.HEADER,
            description="Under which the bank writes down everything that follows. The command's id unless given.",
        ),
        _header("Location", "Where the resource is.", status),
        _header("ETag", _ETAG, status),
        _header("Idempotency-Replayed", "`true` if this answer was given before.", status),
    ]


_ETAG = "The resource's version."


def _header(name: str, description: str, status: int) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, response=[status])


_IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="304 if still current.")
_OF_PAGE = (
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "bank.http.principal.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "bank.http.principal.OwnSession"
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class MoneyShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "bank.http.schemas.MoneyField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["amount", "currency"],
            "additionalProperties": False,
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$", "example": "12.34"},
                "currency": {"type": "string", "minLength": 3, "maxLength": 3, "example": "EUR"},
            },
        }
