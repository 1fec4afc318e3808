"""Writes whose body is a file: received in pieces into a temporary file, so that memory does not grow with it.

class Scores(BankView):
    @upload(COUNTING, ScoresFilter, ["text/csv"], location="/api/v1/scores/{score}")
    def post(self, asked: Asked, file: Upload) -> Do:
        "Send in a sheet of scores."
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.request import Request
from rest_framework.response import Response

from bank.context import Context
from bank.http import openapi
from bank.http.commands import Do, Write, asked_with, carry_out
from bank.http.problems import Problem, bad_request, too_large
from bank.http.schemas import Body

CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Upload:
    """`content` stands at its beginning; `digest` is the SHA-256 of its bytes. `scratch` is for what is made of it."""

    content: IO[bytes]
    scratch: IO[bytes]
    content_type: str
    digest: bytes


def upload(
    context: Context, filters: type[Body], content_types: Sequence[str], *, location: str, max_bytes: int
) -> Callable[[Callable[..., Do]], Callable[..., Response]]:
    """Make a view method a write that takes a file: it gets an `Asked`, whose body is the query, and an `Upload`.

    The answer is 202: the file is taken, what is in it is for later.
    """

    write = Write(context, location, 202)

    def decorate(method: Callable[..., Do]) -> Callable[..., Response]:
        @wraps(method)
        def answer(view: Any, request: Request, **path: Any) -> Response:
            with received(request, content_types, max_bytes) as file:
                asked = asked_with(
                    request, filters, lambda: dict(request.query_params.items()), lambda: fingerprint(request, file)
                )
                return carry_out(write, asked, path, lambda: method(view, asked, file, **path))

        return openapi.uploading(answer, filters, 202, location, content_types)

    return decorate


@contextmanager
def received(request: Request, content_types: Sequence[str], max_bytes: int) -> Iterator[Upload]:
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type not in content_types:
        raise Problem(415, "unsupported_media_type", f"The body is one of: {', '.join(content_types)}.")
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > max_bytes:
        raise too_large(max_bytes)
    with TemporaryFile() as content, TemporaryFile() as scratch:
        try:
            shutil.copyfileobj(request._request, content, CHUNK)
        except UnreadablePostError as error:
            raise incomplete() from error
        if content.tell() != length:
            raise incomplete()
        content.seek(0)
        digest = hashlib.file_digest(content, "sha256").digest()
        content.seek(0)
        yield Upload(content, scratch, content_type, digest)


def incomplete() -> Problem:
    return bad_request("body_incomplete", "The body ended before its Content-Length.")


def fingerprint(request: Request, file: Upload) -> bytes:
    query = sorted(request.query_params.items())
    return hashlib.sha256(f"{request.method}\n{request.path}\n{query}\n".encode() + file.digest).digest()
