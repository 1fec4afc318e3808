"""Parked messages are tried again when due, in order per stream; operators may see first what would come of it."""

import logging
from uuid import UUID

from bank.context import Cursor, load
from bank.db import cursor as open_cursor
from bank.db import transaction
from bank.history.codec import Unreadable
from bank.messaging import parking, sinks
from bank.messaging.caution import TOO_MUCH, Deadly, noted
from bank.messaging.feed import FeedDown
from bank.messaging.inbox import TRANSIENT, Inbox
from bank.messaging.messages import unwrap
from bank.messaging.sinks import Sink
from bank.projections.projecting import Gap, Stream

log = logging.getLogger(__name__)


def retry_parked(inbox: Inbox) -> int:
    """Try again what is due; returns how many messages went through. Raises `TRANSIENT`."""
    with open_cursor(inbox.sink.context) as cursor:
        due = parking.due(cursor, inbox.sink.name)
    return sum(_retry_stream(inbox, stream) for stream in due)


def _retry_stream(inbox: Inbox, stream: Stream) -> int:
    done = 0
    while _retry_head(inbox, stream):
        done += 1
    return done


def _retry_head(inbox: Inbox, stream: Stream) -> bool:
    """Whether the stream's first parked message went through."""
    for _ in range(2):
        try:
            return _try_head(inbox.sink, stream)
        except Gap as gap:
            if error := _fill_all(inbox, gap.missing):
                return _set_back(inbox.sink, stream, error)
        except Deadly as error:
            return _set_back(inbox.sink, stream, str(error), deadly=True)
        except TOO_MUCH as error:  # transient by its class; but it would hold up all streams
            return _set_back(inbox.sink, stream, parking.describe(error))
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 - it stays parked, for later and for operators
            return _set_back(inbox.sink, stream, parking.describe(error))
    return _set_back(inbox.sink, stream, "gap")


def _try_head(sink: Sink, stream: Stream) -> bool:
    """Noted like any message of a careful consumer: who tries again may end with it too."""
    with open_cursor(sink.context) as cursor:
        version = parking.blocked(cursor, sink.name, {stream}).get(stream)
    if version is None:
        return False
    with noted(sink.context, sink.name, stream, version), transaction(sink.context) as cursor:
        parked = parking.head(cursor, sink.name, stream)
        if parked is None or parked.version != version:
            return parked is not None
        message = parking.opened(cursor, parked)
        if message is not None:
            sink.apply(cursor, [unwrap(message)])
        parking.release(cursor, parked)
    return True


def _fill_all(inbox: Inbox, missing: dict[Stream, range]) -> str:
    """Returns why not, if its feed cannot give it now."""
    for stream, versions in missing.items():
        try:
            while versions:
                versions = inbox.fill(stream, versions)
        except (FeedDown, Unreadable, LookupError) as error:
            log.warning("%s: gap in %s: %s", inbox.sink.name, stream[1], error)
            return f"gap: {parking.describe(error)}"
    return ""


def _set_back(sink: Sink, stream: Stream, error: str, *, deadly: bool = False) -> bool:
    with transaction(sink.context) as cursor:
        parked = parking.head(cursor, sink.name, stream)
        if parked is not None:
            parking.set_back(cursor, parked, error, deadly=deadly)
    return False


# Looking first.


def preview(context: str, consumer: str, stream: Stream) -> str:
    """What trying the first message that a consumer has parked of a stream would do now. Nothing is changed."""
    for sink in sinks.of(load(context)):
        if sink.name == consumer:
            return preview_of(sink, stream)
    return f"nobody here is called {consumer} any more"


def preview_of(sink: Sink, stream: Stream) -> str:
    try:
        with transaction(sink.context) as cursor:
            parked = parking.head(cursor, sink.name, stream)
            if parked is None:
                return "nothing is parked"
            if parked.deadly:
                return "it may end the process that tries it: only a worker does, once it is asked for"
            message = parking.opened(cursor, parked)
            if message is None:
                return "its customer has been erased: it would be dropped"
            sink.apply(cursor, [unwrap(message)])
            raise _Previewed(_new_events(cursor, parked.message_id))
    except _Previewed as seen:
        return seen.text
    except Gap:
        return "earlier messages are missing, and would be fetched from the feed first"
    except TOO_MUCH as error:
        return f"it would fail again: {parking.describe(error)}"
    except TRANSIENT as error:
        return f"not known at this moment: {parking.describe(error)}"
    except Exception as error:  # noqa: BLE001 - that it would fail is the answer
        return f"it would fail again: {parking.describe(error)}"


class _Previewed(Exception):
    """Rolls back what was only to be seen."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _new_events(cursor: Cursor, message_id: UUID) -> str:
    """What the message caused, seen from inside its transaction."""
    cursor.execute(
        "select type, aggregateid from bank_outbox where payload::json ->> 'causationid' = %s order by seq",
        (str(message_id),),
    )
    events = [f"{type} on {name}" for type, name in cursor.fetchall()]
    return f"it would be applied: {', '.join(events) or 'no event of ours'}"
