"""`/livez`: this process answers. `/readyz`: everything behind it does."""

from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django.http import HttpRequest, JsonResponse

from bank.runtime import databases, status


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "up"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is up, by the supervisor's word and by asking each database; 503 with the parts otherwise."""
    parts: dict[str, str] = {f"database {alias}": _database(alias) for alias in databases.aliases(settings.CONTEXTS)}
    supervised = status.read()
    if supervised:
        parts |= supervised.parts
    ready = all(state == status.UP for state in parts.values()) and (supervised is None or supervised.is_ready)
    answer: dict[str, Any] = {"status": "ready" if ready else "not ready", "parts": parts}
    response = JsonResponse(answer, status=200 if ready else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # asked every second: no line in the log each time
    return response


def _database(alias: str) -> str:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "down"
    return status.UP
