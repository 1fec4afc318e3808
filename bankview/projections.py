"""All writes to the view's tables: a batch of messages is folded with one read and three writes, however long it is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from bank.columns import write
from bank.context import AsyncProjection, Cursor
from bank.decider import ERASED
from bank.history.codec import decoder, plain
from bank.history.sealing import destroy
from bank.recorded import Message
from bankview.activity import sentence
from bankview.parts import BY_NAME, PART_OF, PARTS, TYPES
from bankview.parts.part import Part, as_it_is, key
from bankview.parts.profile import PROFILE

Key = tuple[str, str, str]
"""Customer id, part, id."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of one customer's view as it stands: the state after `version` events of its stream."""

    version: int
    state: Any


def fold(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
    """Apply a batch. What a part has seen already changes nothing, so a batch may come again."""
    about = [message for message in messages if message.customer_id]
    before = load(cursor, generation, {place(message) for message in about})
    after: dict[Key, Shown] = {}
    new = []
    for message in about:
        at = place(message)
        shown = after.get(at) or before.get(at)
        if shown is None or shown.version < message.version:
            after[at] = evolved(shown, message)
            new.append(message)
    save_parts(cursor, generation, after)
    save_activity(cursor, generation, new)
    if gone := save_customers(cursor, generation, after, new):
        blank(cursor, generation, gone)


def place(message: Message[Any]) -> Key:
    return (message.customer_id or "", PART_OF[message.type].name, key(message.stream))


def evolved(shown: Shown | None, message: Message[Any]) -> Shown:
    part = PART_OF[message.type]
    return Shown(message.version, part.evolve(shown.state if shown else None, message))


LOAD = """
select p.customer_id, p.part, p.id, p.version, p.state
from unnest(%b::text[], %b::text[], %b::text[]) as w (customer_id, part, id)
cross join lateral (
    select * from bankview_part p
    where p.generation = %s and p.customer_id = w.customer_id and p.part = w.part and p.id = w.id
    limit 1
) p
"""
"""One look into the index per part: a plan made while the table was small must not read all of it later."""


def load(cursor: Cursor, generation: int, wanted: Iterable[Key]) -> dict[Key, Shown]:
    columns = [list(column) for column in zip(*wanted, strict=True)] or [[], [], []]
    cursor.execute(LOAD, (*columns, generation))
    return {
        (customer_id, part, id): Shown(version, decoder(BY_NAME[part].state).decode(state))
        for customer_id, part, id, version, state in cursor.fetchall()
    }


SAVE_PARTS = """
insert into bankview_part (generation, customer_id, part, id, version, shown_by, state, document)
select %s, * from unnest(%b::text[], %b::text[], %b::text[], %b::int[], %b::timestamptz[], %b::text[], %b::text[])
on conflict (generation, customer_id, part, id)
do update set version = excluded.version, state = excluded.state, document = excluded.document
"""


def save_parts(cursor: Cursor, generation: int, parts: dict[Key, Shown]) -> None:
    rows = [(*at, shown.version, *texts(BY_NAME[at[1]], shown)) for at, shown in sorted(parts.items(), key=first)]
    write(cursor, SAVE_PARTS, rows, generation)


def texts(part: Part[Any], shown: Shown) -> tuple[datetime, str, str]:
    """`shown_by`, `state` and `document`."""
    document = part.document(shown.state) | {"version": shown.version}
    return instant(document[part.ordered_by]), plain(shown.state).decode(), plain(document).decode()


def instant(value: date | datetime | None) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value or date.min, time.min, UTC)


SAVE_ACTIVITY = """
insert into bankview_activity (generation, customer_id, time, stream, version, kind, text)
select %s, * from unnest(%b::text[], %b::timestamptz[], %b::text[], %b::int[], %b::text[], %b::text[])
on conflict do nothing
"""


def save_activity(cursor: Cursor, generation: int, messages: Sequence[Message[Any]]) -> None:
    rows = [
        (message.customer_id, message.time, message.stream, message.version, type(message.data).__name__, text)
        for message in messages
        if (text := sentence(message.data)) is not None
    ]
    write(cursor, SAVE_ACTIVITY, rows, generation)


SAVE_CUSTOMERS = """
with saved as (
insert into bankview_customer as c (generation, customer_id, revision, mobile_number, updated_at)
select %s, customer_id, revision, coalesce(mobile_number, ''), updated_at
from unnest(%b::text[], %b::bigint[], %b::text[], %b::timestamptz[])
  with ordinality as given (customer_id, revision, mobile_number, updated_at, place)
order by place
on conflict (generation, customer_id) do update set
  revision = c.revision + excluded.revision,
  mobile_number = case when excluded.mobile_number = '' then c.mobile_number else excluded.mobile_number end,
  updated_at = greatest(c.updated_at, excluded.updated_at)
returning customer_id, mobile_number
)
select customer_id from saved where mobile_number = %s
"""


def save_customers(
    cursor: Cursor, generation: int, parts: dict[Key, Shown], messages: Sequence[Message[Any]]
) -> list[str]:
    """Last in the batch and in one order, so that several consumers neither wait long for each other nor deadlock.

    Returns who of them has been erased: his number reads so.
    """
    events = Counter(message.customer_id for message in messages if message.customer_id)
    numbers = {at[0]: shown.state.mobile_number for at, shown in parts.items() if at[1] == PROFILE.name}
    times: dict[str, datetime] = {}
    for message in messages:
        customer_id = message.customer_id or ""
        times[customer_id] = max(message.time, times.get(customer_id, message.time))
    rows = [(id, events[id], numbers.get(id), times[id]) for id in sorted(events)]
    if not rows:
        return []
    cursor.execute(SAVE_CUSTOMERS, (generation, *(list(column) for column in zip(*rows, strict=True)), ERASED))
    return [id for (id,) in cursor.fetchall()]


FORGET_ACTIVITY = "delete from bankview_activity where generation = %s and customer_id = any(%b)"
PERSONAL = """
select customer_id, part, id, version, state from bankview_part
where generation = %s and customer_id = any(%b) and part = any(%b)
"""


def blank(cursor: Cursor, generation: int, customer_ids: list[str]) -> None:
    """Forget what is personal of customers who were erased, also what has come late: whoever else folds their messages
    has had the customer's row before us, or has it after us and blanks again."""
    cursor.execute(FORGET_ACTIVITY, (generation, customer_ids))
    cursor.execute(PERSONAL, (generation, customer_ids, [part.name for part in PARTS if part.erased is not as_it_is]))
    kept = {
        (customer_id, part, id): Shown(version, decoder(BY_NAME[part].state).decode(state))
        for customer_id, part, id, version, state in cursor.fetchall()
    }
    erased = {at: Shown(shown.version, BY_NAME[at[1]].erased(shown.state)) for at, shown in kept.items()}
    save_parts(cursor, generation, {at: shown for at, shown in erased.items() if shown != kept[at]})
    for customer_id in customer_ids:
        destroy(cursor, customer_id)


def first(item: tuple[Key, Shown]) -> Key:
    return item[0]


BANK_VIEW = AsyncProjection(
    name="bank_view",
    tables=("bankview_customer", "bankview_part", "bankview_activity"),
    types=TYPES,
    fold=fold,
)
