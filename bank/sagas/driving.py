"""Orchestrated sagas at work: the table of where they stand, the sweep that moves them on, and operators' orders.

Nothing here decides; `bank.sagas.orchestration` does. Timers are rows: `due_at` is when the sweep looks at a saga
again. It asks the participant whether the awaited command happened and tells the saga, under a command id made of the
saga's turn, so that two sweeps at once tell it once.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bank.columns import write
from bank.context import Changed, Context, Cursor, InlineProjection, Order, Unit, step_id
from bank.db import cursor as open_cursor
from bank.execution import execute
from bank.history.eventstore import read_feed
from bank.messaging.caution import TOO_MUCH
from bank.messaging.feed import Feed, FeedDown
from bank.messaging.inbox import TRANSIENT
from bank.messaging.messages import unwrap
from bank.outcomes import Result
from bank.recorded import Origin, Recorded
from bank.sagas.orchestration import Saga
from bank.sagas.progress import Command, Learned, Outcome, Progress

log = logging.getLogger(__name__)

AT_ONCE = 100
CLOCK = "service:sagas"

# The table.

SAVE = """
    insert into bank_saga as s (id, name, customer_id, status, step, participant, awaited, turn, code, proposed,
        proposed_by, begun_at, changed_at, due_at, overdue_at)
    select * from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::uuid[], %b::int[],
        %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
    on conflict (id) do update set status = excluded.status, step = excluded.step, participant = excluded.participant,
        awaited = excluded.awaited, turn = excluded.turn, code = excluded.code, proposed = excluded.proposed,
        proposed_by = excluded.proposed_by, changed_at = excluded.changed_at, due_at = excluded.due_at,
        overdue_at = case when excluded.overdue_at is null then null else s.overdue_at end
"""


def table(*sagas: Saga) -> InlineProjection:
    """The projection into the kernel's table of the sagas that a context declares."""
    known = {saga.name: saga for saga in sagas}

    def project(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
        moved = [one for one in changed if one.decider.name in known]
        if not moved:
            return
        times: dict[str, list[datetime]] = {}
        for event in events:
            times.setdefault(event.stream, []).append(event.recorded_at)
        write(cursor, SAVE, [row(known[one.decider.name], one.state, times[one.stream]) for one in moved])

    return InlineProjection(name="sagas", tables=("bank_saga",), project=project)


def row(saga: Saga, progress: Progress, times: Sequence[datetime]) -> tuple[Any, ...]:
    began, now = times[0], times[-1]
    patience, asked = saga.patience(progress), saga.asked(progress)
    step = saga.steps[progress.at] if 0 <= progress.at < len(saga.steps) else None
    is_open = progress.is_active or progress.needs_people
    return (
        *(progress.saga_id, saga.name, progress.customer_id or "", progress.status),
        *(step.name if step and is_open else "", step.at if step and is_open else ""),
        *(asked[1] if asked else None, progress.turn, progress.code, progress.proposed, progress.proposed_by),
        *(began, now, now + patience if patience else None, began + saga.deadline if is_open else None),
    )


# The sweep.

DUE = """
    select id, name, participant, awaited, turn from bank_saga where due_at <= %s and due_at is not null
    order by due_at limit %s
"""


@dataclass(frozen=True, slots=True)
class Due:
    id: str
    name: str
    participant: str
    awaited: UUID | None
    turn: int


def drive(context: Context, now: datetime | None = None) -> int:
    """Look at what has waited long enough; how many sagas were moved on. Repeating it does no harm.

    Each saga is told by itself, and who is silent is asked once in a sweep: neither a saga that cannot go on nor a
    participant that hangs holds up the others.
    """
    feed, silent, moved = Feed(context.name), set[str](), 0
    for due in _due(context.name, now or datetime.now(UTC)):
        try:
            (result,) = execute(context, [told(context, due, learn(feed, due, silent))])
        except TOO_MUCH:
            log.exception("%s-%s asks for too much", due.name, due.id)
            continue
        except TRANSIENT:
            raise
        except Exception:
            log.exception("%s-%s cannot go on", due.name, due.id)
            continue
        moved += result.outcome == "applied" and not result.replayed
    return moved


def told(context: Context, due: Due, learned: Learned) -> Unit:
    return Unit(
        Order(by_name(context, due.name).decider, due.id, learned),
        id=step_id(due.id, f"learned/{due.turn}"),
        origin=Origin(CLOCK, correlation_id=_correlation(due.id)),
    )


def by_name(context: Context, name: str) -> Saga:
    """Raises LookupError for a saga that the context does not declare."""
    for saga in context.sagas:
        if saga.name == name:
            return saga
    raise LookupError(f"{context.name} declares no saga {name!r}")


def _due(context: str, now: datetime) -> list[Due]:
    with open_cursor(context) as cursor:
        cursor.execute(DUE, (now, AT_ONCE))
        return [Due(*row) for row in cursor.fetchall()]


def learn(feed: Feed, due: Due, silent: set[str]) -> Learned:
    """Ask the participant what became of the command whose answer is awaited; `silent` have not answered lately."""
    if due.awaited is None:
        return Learned(due.turn, "elapsed")
    if due.participant in silent:
        return Learned(due.turn, "unreachable")
    try:
        found = feed.outcome(due.participant, due.awaited)
    except FeedDown as error:
        log.warning("%s-%s: %s", due.name, due.id, error)
        silent.add(due.participant)
        return Learned(due.turn, "unreachable")
    if found is None:
        return Learned(due.turn, "not_yet")
    return Learned(due.turn, MEANING[found.outcome], found.code)


MEANING: dict[str, Outcome] = {
    "applied": "answered",
    "nothing": "done",
    "refused": "declined",
    "cancelled": "declined",
}
"""What a command's outcome says of a step. Applied may have been a declining answer: it is on its way."""


def _correlation(saga_id: str) -> UUID | None:
    try:
        return UUID(saga_id)
    except ValueError:
        return None


# What operators order.


def order(context: Context, saga: Saga, saga_id: str, command: Command, operator: str) -> Result:
    """Give an operator's order; the result says whether it was refused, and why."""
    unit = Unit(Order(saga.decider, saga_id, command), origin=Origin(operator, correlation_id=_correlation(saga_id)))
    (result,) = execute(context, [unit])
    return result


def timeline(context: Context, saga: Saga, saga_id: str) -> list[tuple[datetime, str, str]]:
    """What happened in a saga: when, what, and by whom."""
    rows, _ = read_feed(context, stream=saga.decider.stream(saga_id), limit=1000)
    messages = [unwrap(each.message) for each in rows]
    return [(one.time, one.type.split(".")[1], one.actor) for one in messages]
