"""An event as it stands in the store, and the same event as it reaches another context."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

Data = TypeVar("Data")


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a unit is executed: who asked, in which conversation, because of what. Nothing personal.

    `actor` is `customer:<id>`, `operator:<id>`, `service:<name>` or `context:<name>`.
    """

    actor: str
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None


class Metadata(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={
        "event_id": "id",
        "command_id": "commandid",
        "correlation_id": "correlationid",
        "causation_id": "causationid",
        "customer_id": "customerid",
    },
):
    """What the kernel notes beside each event's own data; hashed with it, and published under CloudEvents' names."""

    event_id: UUID
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID
    actor: str
    epoch: int
    customer_id: str | None = None
    traceparent: str | None = None


class Recorded(msgspec.Struct, frozen=True):
    """One stored event, decoded: `event` is an instance of the decider's class for `type`."""

    stream: str
    version: int
    type: str
    event: Any
    metadata: Metadata
    recorded_at: datetime


class Message(msgspec.Struct, Generic[Data], frozen=True):
    """One event as another context hears it; `data` is decoded into the class which the subscriber declared.

    `time` is in UTC, and `on` the day which that was by the bank's calendar, which is another near midnight.
    `type` is `context.Name.vN`; `stream` and `version` say where it stands in its source.
    """

    id: UUID
    source: str
    type: str
    stream: str
    version: int
    time: datetime
    on: date
    epoch: int
    customer_id: str | None
    correlation_id: UUID
    causation_id: UUID
    command_id: UUID
    actor: str
    data: Data
    traceparent: str | None = None
