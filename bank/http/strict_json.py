"""JSON in and out, strictly: no NaN, no duplicate names, no lone surrogates, nothing over the limit."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import msgspec
import orjson
from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from bank.http.problems import Problem, bad_request, too_large

MAX_DEPTH = 32
"""Deeper bodies are nobody's honest request."""


class StrictJSON(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request: HttpRequest = stream  # type: ignore[assignment]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise too_large()
        return loads(request.body)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else encode(data)


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_other)


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def loads(raw: bytes) -> Any:
    """Decode a body, or raise the problem that says what is wrong with it."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_nan, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise _malformed(error) from error
    if _depth(value) > MAX_DEPTH:
        raise bad_request("malformed_json", f"The body is nested more than {MAX_DEPTH} levels deep.")
    canonical(value)
    return value


def canonical(value: Any) -> bytes:
    """The one form of a decoded body, whatever its spacing and the order of its names."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise _malformed(error) from error


def _malformed(error: Exception) -> Problem:
    known = isinstance(error, _MalformedError)
    return bad_request("malformed_json", str(error) if known else "The body is not well-formed JSON in UTF-8.")


class _MalformedError(ValueError):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _MalformedError("A name occurs twice in one object.")
    return found


def _no_nan(name: str) -> Any:
    raise _MalformedError("NaN and Infinity are not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _MalformedError("A number is too large.")
    return number


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return deepest


def _inside(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
