"""CloudEvents 1.0: a message is a pure function of the stored event, for outbox and feed alike.

A message does not carry its position: that is known to the store alone, and given beside it by the feed.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID
from zlib import crc32

import msgspec
from django.utils.timezone import localdate

from bank.history.codec import Unreadable, decoder
from bank.recorded import Message

Data = TypeVar("Data")

LANES = 64
CONTENT_TYPE = "application/cloudevents-batch+json; charset=utf-8"


def lane(stream: str) -> int:
    """The outbox lane of a stream, for ever the same: order is kept inside a lane."""
    return crc32(stream.encode()) % LANES


@lru_cache(maxsize=256)
def timestamp(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as it is hashed and published. The events of a batch share theirs."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def encode(context: str, stream: str, version: int, type: str, time: str, metadata: bytes, data: bytes) -> bytes:
    """One CloudEvent. `metadata` and `data` are the JSON objects of the stored event, `data` opened."""
    head = (
        f'{{"specversion":"1.0","source":"/{context}","type":"{context}.{type}","subject":"{stream}",'
        f'"time":"{time}","datacontenttype":"application/json","streamversion":{version},'
    )
    return b"".join((head.encode(), metadata[1:-1], b',"data":', data, b"}"))


def bundle(messages: list[bytes]) -> bytes:
    """Several messages as one CloudEvents batch."""
    return b"[" + b",".join(messages) + b"]"


def sign(key: bytes, body: bytes) -> str:
    """The signature of a bundle: HMAC-SHA256 over its bytes, in hex."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def is_signed(key: bytes, body: bytes, signature: str) -> bool:
    """Compared as bytes: of texts, `compare_digest` takes ASCII alone, and a forger may send what he likes."""
    return hmac.compare_digest(sign(key, body).encode(), signature.encode(errors="replace"))


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A received message whose data is not decoded yet: consumers skip by type before they pay for it."""

    id: UUID
    source: str
    type: str
    stream: str = msgspec.field(name="subject")
    version: int = msgspec.field(name="streamversion")
    time: datetime
    epoch: int
    command_id: UUID = msgspec.field(name="commandid")
    correlation_id: UUID = msgspec.field(name="correlationid")
    causation_id: UUID = msgspec.field(name="causationid")
    actor: str
    customer_id: str | None = msgspec.field(name="customerid", default=None)
    traceparent: str | None = None
    data: msgspec.Raw

    @property
    def context(self) -> str:
        """The name of the context that published it."""
        return self.source.removeprefix("/")


_one = msgspec.json.Decoder(Envelope)
_many = msgspec.json.Decoder(list[Envelope])


def unbundle(body: bytes) -> list[Envelope]:
    """The messages of a bundle. Raises `Unreadable`."""
    return _decoded(_many, body)


def unwrap(message: bytes) -> Envelope:
    """A single message. Raises `Unreadable`."""
    return _decoded(_one, message)


def _decoded(of: "msgspec.json.Decoder[Data]", body: bytes) -> Data:
    try:
        return of.decode(body)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"not a CloudEvent of this bank: {error}") from error


def typed(envelope: Envelope, shape: type[Data]) -> Message[Data]:
    """The message with its data decoded into the subscriber's class: input is not trusted. Raises `Unreadable`."""
    try:
        data: Data = decoder(shape).decode(envelope.data)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{envelope.type} {envelope.id}: {error}") from error
    return Message(
        id=envelope.id,
        source=envelope.context,
        type=envelope.type,
        stream=envelope.stream,
        version=envelope.version,
        time=envelope.time,
        on=localdate(envelope.time),
        epoch=envelope.epoch,
        customer_id=envelope.customer_id,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        command_id=envelope.command_id,
        actor=envelope.actor,
        data=data,
        traceparent=envelope.traceparent,
    )
