"""The other contexts' feeds, in this process or over HTTP: what the guarantee rests on when the broker failed.

GET /internal/v1/<source>/events?after=&until=&limit=&types=&shard=i/n
GET /internal/v1/<source>/events?stream=&after_version=&limit=
GET /internal/v1/<source>/commands/<id>
{"watermark": n, "events": [{"position": n, "message": {…}}, …]}

GET /internal/v1/<source>/heads?after=&until=&limit=
{"epoch": n, "watermark": n, "versions": {"<stream>": n, …}}
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import httpx
import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from bank.context import load
from bank.history import eventstore
from bank.history.codec import Unreadable
from bank.history.eventstore import FeedRow, Heads
from bank.http.service_tokens import service_token
from bank.messaging.messages import Envelope, unwrap
from bank.outcomes import find

PAGE: Final = 1000
TIMEOUT_S: Final = 10.0
BEYOND: Final = 2**63 - 1
"""A position that no event ever has."""

Answer = TypeVar("Answer")


class FeedDown(Exception):
    """The source did not answer, or not as agreed."""


@contextmanager
def _down_if_it_fails(source: str) -> Iterator[None]:
    """A source in this process has a database of its own, and that may be down while the reader's is up.

    An event of its that cannot be read is no more the reader's fault: over HTTP it would be a 500.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError) as error:
        connections[source].close()
        raise FeedDown(f"{source}: {type(error).__name__}") from error
    except (Unreadable, LookupError, InvalidTag) as error:
        raise FeedDown(f"{source}: {type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order of their positions; the answer is complete up to `watermark`."""

    events: list[FeedRow]
    watermark: int


class Outcome(msgspec.Struct, frozen=True):
    """What became of a command: `outcome` as in the command table, `code` of a refusal."""

    outcome: str
    code: str


class Feed:
    """What one context (`reader`) reads of the others."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._client: httpx.Client | None = None

    def read(
        self,
        source: str,
        *,
        after: int,
        limit: int = PAGE,
        types: Sequence[str] | None = None,
        shard: tuple[int, int] | None = None,
        until: int | None = None,
    ) -> Page:
        """`types` are stored names (`FundsHeld.v1`). Raises `FeedDown`."""
        if self._is_here(source):
            with _down_if_it_fails(source):
                rows, mark = eventstore.read_feed(
                    load(source), after=after, limit=limit, types=types, shard=shard, until=until
                )
                return Page(rows, mark)
        query = {"after": str(after), "limit": str(limit)}
        if until is not None:
            query["until"] = str(until)
        if types is not None:
            query["types"] = ",".join(types)
        if shard is not None:
            query["shard"] = f"{shard[0]}/{shard[1]}"
        return self._page(source, query)

    def heads(self, source: str, *, after: int, limit: int = PAGE, until: int | None = None) -> Heads:
        """The last version of each stream among the next `limit` events. Raises `FeedDown`."""
        if self._is_here(source):
            with _down_if_it_fails(source):
                return eventstore.read_heads(load(source), after=after, limit=limit, until=until)
        query = {"after": str(after), "limit": str(limit)}
        if until is not None:
            query["until"] = str(until)
        return self._get(source, "heads", query, _heads)

    def watermark(self, source: str) -> int:
        """Up to where the source's feed is complete now. Raises `FeedDown`."""
        return self.read(source, after=BEYOND, limit=1).watermark

    def stream(self, source: str, stream: str, *, after_version: int) -> list[Envelope]:
        """The events of one stream beyond a version, the first page of them. Raises `FeedDown`."""
        if self._is_here(source):
            with _down_if_it_fails(source):
                rows, _ = eventstore.read_feed(load(source), stream=stream, after_version=after_version, limit=PAGE)
        else:
            query = {"stream": stream, "after_version": str(after_version), "limit": str(PAGE)}
            rows = self._page(source, query).events
        return [unwrap(row.message) for row in rows]

    def outcome(self, source: str, id: UUID) -> Outcome | None:
        """What became of a command there; None if it has not happened. Raises `FeedDown`."""
        if self._is_here(source):
            with _down_if_it_fails(source):
                found = find(load(source), id)
            return Outcome(found.outcome, found.code) if found else None
        try:
            answer = self._ask(f"{source}/commands/{id}", source, {})
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            return _outcome.decode(answer.raise_for_status().content)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise FeedDown(f"{source}: {type(error).__name__}: {error}") from error

    def _is_here(self, source: str) -> bool:
        return source in settings.CONTEXTS

    def _page(self, source: str, query: dict[str, str]) -> Page:
        page = self._get(source, "events", query, _page)
        return Page([FeedRow(event.position, bytes(event.message)) for event in page.events], page.watermark)

    def _get(self, source: str, what: str, query: dict[str, str], decoder: "msgspec.json.Decoder[Answer]") -> Answer:
        try:
            answer = self._ask(f"{source}/{what}", source, query)
            return decoder.decode(answer.raise_for_status().content)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise FeedDown(f"{source}: {type(error).__name__}: {error}") from error

    def _ask(self, path: str, source: str, query: dict[str, str]) -> httpx.Response:
        url = f"{settings.INTERNAL_URLS[source]}/internal/v1/{path}"
        token = service_token(self._reader, source)
        return self._http().get(url, params=query, headers={"Authorization": f"Bearer {token}"})

    def _http(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(timeout=TIMEOUT_S)
        return self._client


class _Event(msgspec.Struct):
    position: int
    message: msgspec.Raw


class _Page(msgspec.Struct):
    watermark: int
    events: list[_Event]


_page = msgspec.json.Decoder(_Page)
_outcome = msgspec.json.Decoder(Outcome)
_heads = msgspec.json.Decoder(Heads)
