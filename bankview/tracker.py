"""All writes to the tracker's tables: which process runs, how far it is, how it ended.

The events of one process come from several contexts, in any order; so what is written does not depend on the order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bank.columns import write
from bank.context import AsyncProjection, Cursor
from bank.recorded import Message
from bankview.processes import ENDS, HEARD, STARTS


@dataclass(frozen=True, slots=True)
class Process:
    """What a batch tells about one process; None and "" where it tells nothing."""

    id: str
    name: str
    correlation_id: UUID | None
    customer_id: str | None
    started_at: datetime | None
    ended_at: datetime | None
    deadline: datetime | None
    outcome: str
    turned_version: int
    heard_at: datetime


def fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
    heard: list[tuple[str, Message[Any]]] = []
    processes: dict[str, Process] = {}
    for message in messages:
        for id, tell in about(message):
            heard.append((id, message))
            processes[id] = tell(processes.get(id) or unknown(id, message.time), message)
    save_steps(cursor, generation, heard)
    save_processes(cursor, generation, [processes[id] for id in sorted(processes)])


def about(message: Message[Any]) -> Iterator[tuple[str, Callable[[Process, Message[Any]], Process]]]:
    """The processes in whose timeline a message stands, and how it is told about each."""
    heard = HEARD[message.type]
    if (id := heard.process(message.data)) is not None:
        yield id, told
    if (id := heard.within(message.data)) is not None:
        yield id, mentioned


def unknown(id: str, heard_at: datetime) -> Process:
    return Process(id, "", None, None, None, None, None, "", 0, heard_at)


def mentioned(process: Process, message: Message[Any]) -> Process:
    customer_id = process.customer_id or message.customer_id
    return replace(process, customer_id=customer_id, heard_at=max(process.heard_at, message.time))


def told(process: Process, message: Message[Any]) -> Process:
    process = mentioned(process, message)
    if message.type not in ENDS and message.type not in STARTS:
        return process
    process = replace(process, outcome="", ended_at=None, turned_version=message.version)
    if choreography := STARTS.get(message.type):
        return replace(
            process,
            name=choreography.name,
            correlation_id=message.correlation_id,
            started_at=message.time,
            deadline=message.time + choreography.deadline,
        )
    outcome = HEARD[message.type].instead(message.data) or ENDS[message.type]
    return replace(process, outcome=outcome, ended_at=message.time)


SAVE_STEPS = """
insert into bankview_process_step (generation, process_id, stream, version, type, time, actor, detail)
select %s, * from unnest(%b::text[], %b::text[], %b::int[], %b::text[], %b::timestamptz[], %b::text[], %b::text[])
on conflict do nothing
"""


def save_steps(cursor: Cursor, generation: int, heard: Sequence[tuple[str, Message[Any]]]) -> None:
    rows = [(id, m.stream, m.version, m.type, m.time, m.actor, detail(m)) for id, m in heard]
    write(cursor, SAVE_STEPS, rows, generation)


def detail(message: Message[Any]) -> str:
    heard = HEARD[message.type]
    return heard.instead(message.data) or heard.detail(message.data)


SAVE_PROCESSES = """
insert into bankview_process as p
  (generation, id, name, correlation_id, customer_id, started_at, ended_at, deadline, outcome, turned_version, heard_at)
select %s, * from unnest(%b::text[], %b::text[], %b::uuid[], %b::text[], %b::timestamptz[], %b::timestamptz[],
  %b::timestamptz[], %b::text[], %b::int[], %b::timestamptz[])
on conflict (generation, id) do update set
  name = case when excluded.name = '' then p.name else excluded.name end,
  correlation_id = coalesce(excluded.correlation_id, p.correlation_id),
  customer_id = coalesce(p.customer_id, excluded.customer_id),
  started_at = coalesce(excluded.started_at, p.started_at),
  deadline = coalesce(excluded.deadline, p.deadline),
  ended_at = case when excluded.turned_version > p.turned_version then excluded.ended_at else p.ended_at end,
  outcome = case when excluded.turned_version > p.turned_version then excluded.outcome else p.outcome end,
  turned_version = greatest(p.turned_version, excluded.turned_version),
  heard_at = greatest(p.heard_at, excluded.heard_at)
"""


def save_processes(cursor: Cursor, generation: int, processes: Sequence[Process]) -> None:
    rows = [
        (
            p.id,
            p.name,
            p.correlation_id,
            p.customer_id,
            p.started_at,
            p.ended_at,
            p.deadline,
            p.outcome,
            p.turned_version,
            p.heard_at,
        )
        for p in processes
    ]
    write(cursor, SAVE_PROCESSES, rows, generation)


PROCESSES = AsyncProjection(
    name="processes",
    tables=("bankview_process", "bankview_process_step"),
    types={type: heard.data for type, heard in HEARD.items()},
    fold=fold,
)
