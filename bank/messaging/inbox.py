"""What stands between broker and sink: nothing is lost, nothing is applied twice, a bad message stops one stream.

Each source's feed is read from a cursor at start and looked at twice a minute: the broker is for speed, the feed is
the guarantee. A look covers what the broker has had half a minute to bring, not what is on its way.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from django.db import InterfaceError as DjangoInterfaceError
from django.db import OperationalError as DjangoOperationalError

from bank.context import Cursor, load
from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.execution import Contended
from bank.failpoints import Failed, failpoint
from bank.history.codec import Unreadable
from bank.history.eventstore import FeedRow
from bank.messaging import parking, sinks
from bank.messaging.caution import Deadly, noted
from bank.messaging.feed import PAGE, Feed, FeedDown
from bank.messaging.messages import Envelope, unwrap
from bank.messaging.sinks import Projector, Sink
from bank.projections.projecting import Gap, Overtaken, Stream, key

log = logging.getLogger(__name__)

BATCH = 500
HEADS_FOR_AN_EVENT = 20
"""How many versions may be looked at in the time of one event: measured 3 against 50 to 100 µs."""

TRANSIENT = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    DjangoOperationalError,
    DjangoInterfaceError,
    Contended,
    Overtaken,
    Failed,
)
"""Not the message's fault: nothing was applied and nothing acknowledged, so it comes again."""


@dataclass(slots=True)
class Tally:
    """What an inbox has done since its process started."""

    applied: int = 0
    gaps: int = 0
    parked: int = 0
    caught_up: int = 0
    dropped: int = 0
    no_feed: dict[str, str] = field(default_factory=dict)
    """The sources whose feed could not be read when it was last tried, and why."""


@dataclass(slots=True)
class Place:
    """How far a source's feed has been read, and why no further, if it is stopped."""

    epoch: int
    position: int
    stopped: str


@dataclass(slots=True)
class Inbox:
    sink: Sink
    feed: Feed
    tally: Tally = field(default_factory=Tally)
    careful: bool = False
    """One message at a time, each noted before it is applied: something here ends the process."""

    _places: dict[str, Place] = field(default_factory=dict)
    _horizons: dict[str, int] = field(default_factory=dict)
    """Per source, how far its feed had come at the end of the last look: as far as the next one looks."""

    # Live.

    def take(self, envelopes: Iterable[Envelope], *, mostly_known: bool = False) -> None:
        """Apply what concerns the sink; afterwards the messages may be acknowledged. Raises `TRANSIENT`."""
        wanted = [envelope for envelope in envelopes if self.sink.wants(envelope.type)]
        origins = sorted({(envelope.context, envelope.epoch) for envelope in wanted})
        if stopped := {origin for origin in origins if not self._admits(*origin)}:
            self.tally.dropped += len(wanted)
            wanted = [envelope for envelope in wanted if (envelope.context, envelope.epoch) not in stopped]
            self.tally.dropped -= len(wanted)
        if mostly_known and wanted and not self.careful:
            wanted = self._unknown(wanted)
        self._apply_all(wanted)

    def _unknown(self, wanted: list[Envelope]) -> list[Envelope]:
        """What may not have been applied yet. To ask is to call the reaction, which what is parked may not bear."""
        with open_cursor(self.sink.context) as cursor:
            blocked = parking.blocked(cursor, self.sink.name, {key(envelope) for envelope in wanted})
        behind, free = _split(wanted, blocked)
        return [*self.sink.missing(free), *behind]

    def distrust(self, source: str, body: bytes, error: Exception) -> None:
        """Note a bundle that is not signed, or not readable."""
        log.error("%s: a bundle of %r is not to be trusted: %s", self.sink.name, source, error)
        with transaction(self.sink.context) as cursor:
            parking.note_untrusted(cursor, self.sink.name, source, body, type(error).__name__)

    def _apply_all(self, wanted: Sequence[Envelope]) -> None:
        at_once = 1 if self.careful else BATCH
        for start in range(0, len(wanted), at_once):
            self._apply(wanted[start : start + at_once])

    def _apply(self, batch: Sequence[Envelope]) -> None:
        """One transaction if all goes well. A batch that fails is halved until the message at fault stands alone."""
        if not batch:
            return
        try:
            with self._noted(batch[0]):
                self._apply_whole(batch)
        except Gap as gap:
            self._apply(self._repaired(batch, gap.missing))
        except Deadly as error:
            self._park(batch, str(error), deadly=True)
        except psycopg.errors.QueryCanceled as error:
            self._apply_parts(batch, error)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other streams
            self._apply_parts(batch, error)

    def _noted(self, envelope: Envelope) -> AbstractContextManager[None]:
        if not self.careful:
            return nullcontext()
        return noted(self.sink.context, self.sink.name, key(envelope), envelope.version)

    def _apply_whole(self, batch: Sequence[Envelope]) -> None:
        free: Sequence[Envelope]
        with transaction(self.sink.context) as cursor:
            blocked = parking.blocked(cursor, self.sink.name, {key(envelope) for envelope in batch})
            behind, free = _split(batch, blocked) if blocked else ([], batch)
            parking.park(cursor, self.sink.name, behind, parking.BEHIND)
            if free:
                self.sink.apply(cursor, free)
        failpoint("after_apply")
        self.tally.applied += len(free)
        self.tally.parked += len(behind)

    def _apply_parts(self, batch: Sequence[Envelope], error: Exception) -> None:
        if len(batch) == 1:
            self._park(batch, parking.describe(error))
            return
        half = len(batch) // 2
        self._apply(batch[:half])
        self._apply(batch[half:])

    def _park(self, batch: Sequence[Envelope], error: str, *, deadly: bool = False) -> None:
        with transaction(self.sink.context) as cursor:
            parking.park(cursor, self.sink.name, batch, error, deadly=deadly)
        self.tally.parked += len(batch)
        for envelope in batch:
            log.error(
                "%s: parked %s %s@%s: %s", self.sink.name, envelope.type, envelope.stream, envelope.version, error
            )

    # Gaps.

    def _repaired(self, batch: Sequence[Envelope], missing: dict[Stream, range]) -> Sequence[Envelope]:
        """The batch, once what was missing has been applied. What a feed cannot give now is left, and what lies beyond
        it is parked."""
        for stream, versions in missing.items():
            try:
                while versions:
                    versions = self._fill(stream, versions)
                self.tally.gaps += 1
            except (FeedDown, Unreadable, LookupError) as error:
                beyond = [e for e in batch if key(e) == stream and e.version > versions.start]
                self._park(sorted(beyond, key=lambda e: e.version), f"gap: {parking.describe(error)}")
                batch = [e for e in batch if key(e) != stream or e.version <= versions.start]
        return batch

    def _fill(self, stream: Stream, versions: range) -> range:
        """Fetch and apply a page of what is missing, which may be longer than memory; returns what is left of it.

        Nothing is, once one of them had to be parked: then the stream waits, and the retry fetches the rest.
        """
        page = self.feed.stream(*stream, after_version=versions.start - 1)
        if not page or page[0].version != versions.start:
            raise LookupError(f"{stream[1]}@{versions.start} is not in the feed")
        wanted = [envelope for envelope in page if envelope.version in versions]
        parked = self.tally.parked
        self._apply_all(wanted)
        return range(0) if self.tally.parked > parked else range(wanted[-1].version + 1, versions.stop)

    # Epochs.

    def _admits(self, source: str, epoch: int) -> bool:
        """A message of a newer epoch says that its source was restored from a backup: what we know of it may never have
        happened. The source is stopped until somebody has reconciled the two."""
        place = self._place(source, epoch)
        if place.stopped:
            return False
        if epoch <= place.epoch:
            return True
        self._enter(source, epoch)
        if not self._place(source).stopped:
            return True
        log.critical("%s: %s has a new epoch, %s; stopped until reconciled", self.sink.name, source, epoch)
        return False

    def _place(self, source: str, epoch: int = 1) -> Place:
        if source not in self._places:
            with transaction(self.sink.context) as cursor:
                cursor.execute(
                    "insert into bank_cursor (consumer, source, epoch) values (%s, %s, %s) on conflict do nothing",
                    (self.sink.name, source, epoch),
                )
                self._places[source] = self._read_place(cursor, source)
        return self._places[source]

    def _read_place(self, cursor: Cursor, source: str) -> Place:
        cursor.execute(
            "select epoch, position, stopped from bank_cursor where consumer = %s and source = %s",
            (self.sink.name, source),
        )
        return Place(*cursor.fetchall()[0])

    def _enter(self, source: str, epoch: int) -> None:
        """A newer epoch is entered where nothing of the source is known, and stops it where something is.

        The row decides, not what was read of it before: the listeners of other lane groups share it.
        """
        with open_cursor(self.sink.context) as cursor:
            cursor.execute(
                "update bank_cursor set epoch = case when position = 0 then %s else epoch end,"
                " stopped = case when position = 0 then '' else %s end"
                " where consumer = %s and source = %s and stopped = '' and epoch < %s",
                (epoch, f"{source} is in epoch {epoch}", self.sink.name, source, epoch),
            )
        self._places.pop(source, None)

    def _advance(self, source: str, position: int) -> None:
        """Never back, never past a stop that another listener wrote, and never in an epoch reconciled meanwhile.

        It does not wait for the disk: a crash may set the cursor back, and what is read twice is known.
        """
        epoch = self._place(source).epoch
        with transaction(self.sink.context) as cursor:
            cursor.execute("set local synchronous_commit = off")
            cursor.execute(
                "update bank_cursor set position = greatest(position, %s)"
                " where consumer = %s and source = %s and stopped = '' and epoch = %s"
                " returning epoch, position, stopped",
                (position, self.sink.name, source, epoch),
            )
            rows = cursor.fetchall()
        self._places.pop(source, None)
        if rows:
            self._places[source] = Place(*rows[0])

    # Catching up.

    def catch_up(self, *, pages: int = 10, events: int = PAGE) -> bool:
        """Read each source's feed from the cursor on; False when there may be more than so many pages of so many."""
        self._places.clear()
        done = [self._read_on(source, pages, events) for source in self.sink.sources]
        return all(done)

    def look(self, *, pages: int, events: int) -> bool:
        """Look for what each source's feed had when the last look ended and nobody brought; False as above."""
        self._places.clear()
        done = [self._look(source, pages, events) for source in self.sink.sources]
        return all(done)

    def _look(self, source: str, pages: int, events: int) -> bool:
        horizon = self._horizons.get(source)
        if horizon is not None and not self._read_on(source, pages, events, until=horizon):
            return False
        try:
            self._horizons[source] = self.feed.watermark(source)
        except FeedDown as error:
            self._no_feed(source, error)
        return True

    def _read_on(self, source: str, pages: int, events: int, *, until: int | None = None) -> bool:
        for _ in range(pages):
            place = self._place(source)
            if place.stopped or (until is not None and place.position >= until):
                return True
            try:
                reached, more = self._page(source, place.position, events, until)
            except FeedDown as error:
                self._no_feed(source, error)
                return True
            self.tally.no_feed.pop(source, None)
            if self._place(source).stopped or reached <= place.position:
                return True
            self._advance(source, reached)
            if not more:
                return True
        return False

    def _no_feed(self, source: str, error: FeedDown) -> None:
        log.warning("%s: no feed of %s: %s", self.sink.name, source, error)
        self.tally.no_feed[source] = str(error)

    def _page(self, source: str, after: int, events: int, until: int | None) -> tuple[int, bool]:
        """Apply what is new in so many events; returns how far they reach, and whether there may be more.

        A look for a projection reads no events: the versions tell which are missing.
        """
        before = self.tally.applied
        if until is not None and isinstance(self.sink, Projector):
            heads = self.feed.heads(source, after=after, limit=events * HEADS_FOR_AN_EVENT, until=until)
            if self._admits(source, heads.epoch):
                self._fetch(self.sink.behind(source, heads.versions))
            reached, more = heads.watermark, heads.watermark < until
        else:
            page = self.feed.read(source, after=after, limit=events, types=self.sink.types(source), until=until)
            self._take_page(source, page.events)
            reached, more = page.watermark, len(page.events) == events
        self.tally.caught_up += self.tally.applied - before
        return reached, more

    def _fetch(self, behind: dict[Stream, range]) -> None:
        for (source, stream), versions in behind.items():
            try:
                while versions:
                    versions = self._fill((source, stream), versions)
            except (Unreadable, LookupError) as error:
                self.distrust(source, f"{stream}@{versions.start}".encode(), error)

    def _take_page(self, source: str, rows: Sequence[FeedRow]) -> None:
        envelopes = []
        for row in rows:
            try:
                envelopes.append(unwrap(row.message))
            except Unreadable as error:
                self.distrust(source, row.message, error)
        self.take(envelopes, mostly_known=True)

    # Parked messages.

    def retry_parked(self) -> int:
        """Try again what is due, in order per stream; returns how many messages went through."""
        with open_cursor(self.sink.context) as cursor:
            due = parking.due(cursor, self.sink.name)
        return sum(self._retry_stream(stream) for stream in due)

    def _retry_stream(self, stream: Stream) -> int:
        done = 0
        while self._retry_head(stream):
            done += 1
        return done

    def _retry_head(self, stream: Stream) -> bool:
        """Whether the stream's first parked message went through."""
        for _ in range(2):
            try:
                return self._try_head(stream)
            except Gap as gap:
                if error := self._fill_all(gap.missing):
                    return self._set_back(stream, error)
            except Deadly as error:
                return self._set_back(stream, str(error), deadly=True)
            except psycopg.errors.QueryCanceled as error:  # transient by its class; but it would hold up all streams
                return self._set_back(stream, parking.describe(error))
            except TRANSIENT:
                raise
            except Exception as error:  # noqa: BLE001 - it stays parked, for later and for operators
                return self._set_back(stream, parking.describe(error))
        return self._set_back(stream, "gap")

    def _try_head(self, stream: Stream) -> bool:
        """Noted like any message of a careful consumer: who tries again may end with it too."""
        with open_cursor(self.sink.context) as cursor:
            version = parking.blocked(cursor, self.sink.name, {stream}).get(stream)
        if version is None:
            return False
        with (
            noted(self.sink.context, self.sink.name, stream, version),
            transaction(self.sink.context) as cursor,
        ):
            parked = parking.head(cursor, self.sink.name, stream)
            if parked is None or parked.version != version:
                return parked is not None
            message = parking.opened(cursor, parked)
            if message is not None:
                self.sink.apply(cursor, [unwrap(message)])
            parking.release(cursor, parked)
        return True

    def preview(self, stream: Stream) -> str:
        """What trying the stream's first parked message would do now. Nothing is changed."""
        try:
            with transaction(self.sink.context) as cursor:
                parked = parking.head(cursor, self.sink.name, stream)
                if parked is None:
                    return "nothing is parked"
                if parked.deadly:
                    return "it may end the process that tries it: only a worker does, once it is asked for"
                message = parking.opened(cursor, parked)
                if message is None:
                    return "its customer has been erased: it would be dropped"
                self.sink.apply(cursor, [unwrap(message)])
                raise _Previewed(self._new_events(cursor, parked.message_id))
        except _Previewed as seen:
            return seen.text
        except Gap:
            return "earlier messages are missing, and would be fetched from the feed first"
        except psycopg.errors.QueryCanceled as error:
            return f"it would fail again: {parking.describe(error)}"
        except TRANSIENT as error:
            return f"not known at this moment: {parking.describe(error)}"
        except Exception as error:  # noqa: BLE001 - that it would fail is the answer
            return f"it would fail again: {parking.describe(error)}"

    def _new_events(self, cursor: Cursor, message_id: UUID) -> str:
        """What the message caused, seen from inside its transaction."""
        cursor.execute(
            "select type, aggregateid from bank_outbox where payload::json ->> 'causationid' = %s order by seq",
            (str(message_id),),
        )
        events = [f"{type} on {name}" for type, name in cursor.fetchall()]
        return f"it would be applied: {', '.join(events) or 'no event of ours'}"

    def _fill_all(self, missing: dict[Stream, range]) -> str:
        """Returns why not, if its feed cannot give it now."""
        for stream, versions in missing.items():
            try:
                while versions:
                    versions = self._fill(stream, versions)
            except (FeedDown, Unreadable, LookupError) as error:
                log.warning("%s: gap in %s: %s", self.sink.name, stream[1], error)
                return f"gap: {parking.describe(error)}"
        return ""

    def _set_back(self, stream: Stream, error: str, *, deadly: bool = False) -> bool:
        with transaction(self.sink.context) as cursor:
            parked = parking.head(cursor, self.sink.name, stream)
            if parked is not None:
                parking.set_back(cursor, parked, error, deadly=deadly)
        return False


class _Previewed(Exception):
    """Rolls back what was only to be seen."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _split(batch: Sequence[Envelope], blocked: dict[Stream, int]) -> tuple[list[Envelope], list[Envelope]]:
    """What waits behind a parked message of its stream, and what does not."""
    behind: list[Envelope] = []
    free: list[Envelope] = []
    for envelope in batch:
        first = blocked.get(key(envelope))
        (free if first is None or envelope.version < first else behind).append(envelope)
    return behind, free


def preview(context: str, consumer: str, stream: Stream) -> str:
    """What trying the first message that a consumer has parked of a stream would do now. Nothing is changed."""
    for sink in sinks.of(load(context)):
        if sink.name == consumer:
            return Inbox(sink, Feed(context)).preview(stream)
    return f"nobody here is called {consumer} any more"


def reconcile(context: str, source: str, *, epoch: int) -> int:
    """Somebody has compared what we did with what the restored source knows: take it up again, from its first event.

    Repeats do no harm. A projection that folded events which the source has lost must be rebuilt. Returns how many
    consumers were stopped.
    """
    with transaction(context) as cursor:
        cursor.execute(
            "update bank_cursor set epoch = %s, position = 0, stopped = '' where source = %s and stopped <> ''",
            (epoch, source),
        )
        return int(cursor.rowcount)


def stopped(context: str) -> list[tuple[str, str]]:
    """The context's consumers whose source is stopped, and why."""
    with open_cursor(context) as cursor:
        cursor.execute("select consumer, stopped from bank_cursor where stopped <> '' order by consumer, source")
        return list(cursor.fetchall())
