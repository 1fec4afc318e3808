"""What stands between broker and sink: nothing is lost, nothing is applied twice, a bad message stops one stream.

Each source's feed is read from a cursor at start and looked at twice a minute: the broker is for speed, the feed is
the guarantee. A look covers what the broker has had half a minute to bring, not what is on its way.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.execution import Contended
from bank.failpoints import Failed, failpoint
from bank.history.codec import Unreadable
from bank.history.eventstore import FeedRow
from bank.messaging import parking
from bank.messaging.caution import LOST, TOO_MUCH, Deadly, noted
from bank.messaging.feed import PAGE, Feed, FeedDown
from bank.messaging.messages import Envelope, unwrap
from bank.messaging.places import Places
from bank.messaging.sinks import Projector, Sink
from bank.projections.projecting import Gap, Overtaken, Stream, key

log = logging.getLogger(__name__)

BATCH = 500
HEADS_FOR_AN_EVENT = 20
"""How many versions may be looked at in the time of one event: measured 3 against 50 to 100 µs."""

TRANSIENT = (*LOST, Contended, Overtaken, Failed)
"""Not the message's fault, `TOO_MUCH` excepted: nothing was applied and nothing acknowledged, so it comes again."""


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
class Inbox:
    sink: Sink
    feed: Feed
    tally: Tally = field(default_factory=Tally)
    careful: bool = False
    """One message at a time, each noted before it is applied: something here ends the process."""

    places: Places = field(init=False)
    _horizons: dict[str, int] = field(default_factory=dict)
    """Per source, how far its feed had come at the end of the last look: as far as the next one looks."""

    def __post_init__(self) -> None:
        self.places = Places(self.sink.context, self.sink.name)

    # Live.

    def take(self, envelopes: Iterable[Envelope], *, mostly_known: bool = False) -> None:
        """Apply what concerns the sink; afterwards the messages may be acknowledged. Raises `TRANSIENT`."""
        wanted = [envelope for envelope in envelopes if self.sink.wants(envelope.type)]
        origins = sorted({(envelope.context, envelope.epoch) for envelope in wanted})
        if stopped := {origin for origin in origins if not self.places.admits(*origin)}:
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
        except TOO_MUCH as error:
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
                    versions = self.fill(stream, versions)
                self.tally.gaps += 1
            except (FeedDown, Unreadable, LookupError) as error:
                beyond = [e for e in batch if key(e) == stream and e.version > versions.start]
                self._park(sorted(beyond, key=lambda e: e.version), f"gap: {parking.describe(error)}")
                batch = [e for e in batch if key(e) != stream or e.version <= versions.start]
        return batch

    def fill(self, stream: Stream, versions: range) -> range:
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

    # Catching up.

    def catch_up(self, *, pages: int = 10, events: int = PAGE) -> bool:
        """Read each source's feed from the cursor on; False when there may be more than so many pages of so many."""
        self.places.forget()
        done = [self._read_on(source, pages, events) for source in self.sink.sources]
        return all(done)

    def look(self, *, pages: int, events: int) -> bool:
        """Look for what each source's feed had when the last look ended and nobody brought; False as above."""
        self.places.forget()
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
            place = self.places.of(source)
            if place.stopped or (until is not None and place.position >= until):
                return True
            try:
                reached, more = self._page(source, place.position, events, until)
            except FeedDown as error:
                self._no_feed(source, error)
                return True
            self.tally.no_feed.pop(source, None)
            if self.places.of(source).stopped or reached <= place.position:
                return True
            self.places.advance(source, reached)
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
            if self.places.admits(source, heads.epoch):
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
                    versions = self.fill((source, stream), versions)
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


def _split(batch: Sequence[Envelope], blocked: dict[Stream, int]) -> tuple[list[Envelope], list[Envelope]]:
    """What waits behind a parked message of its stream, and what does not."""
    behind: list[Envelope] = []
    free: list[Envelope] = []
    for envelope in batch:
        first = blocked.get(key(envelope))
        (free if first is None or envelope.version < first else behind).append(envelope)
    return behind, free
