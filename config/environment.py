"""Reading environment variables, and refusing to start without those that production needs."""

import base64
import os
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = os.environ.get("BANK_ENV", "development") == "production"


def secret(name: str, *, development: str = "") -> str:
    """A value that must not have a default in production."""
    value = os.environ.get(name, "")
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"Set {name}: production does not start without it.")
    return value or development


def keys(name: str) -> dict[str, bytes]:
    """`"id:base64,id:base64"`, each key 32 bytes."""
    found = {}
    for part in filter(None, secret(name).split(",")):
        key_id, _, encoded = part.strip().partition(":")
        found[key_id] = key(encoded, name)
    return found


def key(encoded: str, name: str) -> bytes:
    value = base64.b64decode(encoded)
    if value and len(value) != 32:
        raise ImproperlyConfigured(f"{name}: a key is 32 bytes, base64.")
    return value


def milliseconds(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def time_of_day(name: str, default: str) -> time | None:
    """`HH:MM`; None where it is set to nothing."""
    value = os.environ.get(name, default)
    try:
        return time.fromisoformat(value) if value else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: a time of day like 00:30, not {value!r}.") from error


def time_zone(name: str) -> str:
    value = os.environ.get(name, "") or "UTC"
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name}: a time zone like Europe/Malta, not {value!r}.")
    return value


def database(url: str, name: str, *, owner: bool, context: bool) -> dict[str, object]:
    """Django's description of a database. The owner, who migrates, has no time limit for a statement.

    Without a URL it is Django's dummy engine: in development, commands that need no data still work.
    """
    if not url and PRODUCTION:
        raise ImproperlyConfigured(f"Set {name}: production does not start without it.")
    if not url:
        return {"ENGINE": "django.db.backends.dummy", "TEST": {"DEPENDENCIES": []}}
    limits: dict[str, int | str] = {
        "statement_timeout": milliseconds("BANK_STATEMENT_TIMEOUT_MS", 0 if owner else 30_000),
        "lock_timeout": milliseconds("BANK_LOCK_TIMEOUT_MS", 10_000),
        "idle_in_transaction_session_timeout": milliseconds("BANK_IDLE_TIMEOUT_MS", 60_000),
        # The server's side of the keepalives below: a client that went away would keep its locks for two hours.
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
    }
    if context:
        # Prepared once and kept: a plan made while a table is small must still be right when it is large. A scan that
        # cannot be avoided then looks so dear that PostgreSQL compiles it, each time: 290 ms for a batch of 10 ms.
        limits |= {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
    parsed = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    options = {
        "connect_timeout": 5,
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    return {**parsed, "OPTIONS": {**parsed.get("OPTIONS", {}), **options}, "TEST": {"DEPENDENCIES": []}}


def redis_cache(url: str) -> dict[str, object]:
    """Django's description of a cache in Redis. Who asks one that is dead or hung gets an exception soon: to go on as
    if nothing had been cached would lift the limits on signing in."""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": False},
    }


def broker_url() -> str:
    """RabbitMQ if `BROKER_URL` says so, else pgmq's queues in PostgreSQL."""
    url = os.environ.get("BROKER_URL", "")
    if url:
        return url
    return _with_scheme(os.environ.get("BROKER_DATABASE_URL", ""), "pgmq")


def broker_database_url(url: str) -> str:
    """Where pgmq's tables are; empty on RabbitMQ."""
    return _with_scheme(url, "postgresql") if url.startswith("pgmq://") else ""


def _with_scheme(url: str, scheme: str) -> str:
    return urlsplit(url)._replace(scheme=scheme).geturl() if url else ""
