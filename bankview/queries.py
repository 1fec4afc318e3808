"""All reads of the view's tables. Each statement finds the live generation itself: nobody sees a switch halfway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import Any

from bank.db import cursor
from bank.decider import ERASED
from bankview.parts import STREAMS
from bankview.parts.card_payment import RECENT_PAYMENTS
from bankview.parts.payment_file import RECENT_FILES

LIVE = "coalesce((select live from bank_projection where name = '{name}'), 1::smallint)"
VIEW = LIVE.format(name="bank_view")
TRACKER = LIVE.format(name="processes")

# The view.


@dataclass(frozen=True, slots=True)
class Position:
    """A stream's version in a context, as a command's answer gave it: `accounts:account-4711@12`."""

    context: str
    stream: str
    version: int

    @classmethod
    def parse(cls, token: str) -> "Position":
        """Raises ValueError, also for a stream of which no part of the view is made."""
        context, _, place = token.partition(":")
        stream, _, version = place.rpartition("@")
        is_shown = (context, stream.partition("-")[0]) in STREAMS
        if not (is_shown and version.isascii() and version.isdigit() and len(version) < 10):
            raise ValueError(f"{token!r} is not a position.")
        return cls(context, stream, int(version))

    @property
    def part(self) -> tuple[str, str]:
        """Name and id of the part that stands on the stream."""
        kind, _, id = self.stream.partition("-")
        return STREAMS[self.context, kind].name, id

    def __str__(self) -> str:
        return f"{self.context}:{self.stream}@{self.version}"


@dataclass(frozen=True, slots=True)
class CustomerBankView:
    """A customer's view, ready to serve, and its ETag."""

    etag: str
    document: bytes


def etag(generation: int, revision: int) -> str:
    """The revision only ever grows; but a rebuild may make another document of the same events."""
    return f'"{generation}.{revision}"'


BANK_VIEW = f"""
select c.generation, c.revision, c.updated_at, shown.*,
    (select string_agg(document, ',' order by shown_by desc, id desc) from (
        select document, shown_by, id from bankview_part p
        where p.generation = c.generation and p.customer_id = c.customer_id and p.part = 'card_payment'
        order by shown_by desc, id desc limit {RECENT_PAYMENTS}) recent),
    (select string_agg(document, ',' order by shown_by desc, id desc) from (
        select document, shown_by, id from bankview_part p
        where p.generation = c.generation and p.customer_id = c.customer_id and p.part = 'payment_file'
        order by shown_by desc, id desc limit {RECENT_FILES}) files)
from bankview_customer c, lateral (
    select max(document) filter (where part = 'profile'),
        string_agg(document, ',' order by shown_by, id) filter (where part = 'account'),
        string_agg(document, ',' order by shown_by, id) filter (where part = 'loan'),
        string_agg(document, ',' order by shown_by, id) filter (where part = 'card')
    from bankview_part p
    where p.generation = c.generation and p.customer_id = c.customer_id
        and p.part in ('profile', 'account', 'loan', 'card')) shown
where c.generation = {VIEW} and c.customer_id = %s
"""  # noqa: S608


def bank_view(customer_id: str) -> CustomerBankView | None:
    """One query by primary keys; what it finds is JSON already."""
    with cursor("bankview") as db:
        row = db.execute(BANK_VIEW, (customer_id,)).fetchone()
    return row and CustomerBankView(etag(row[0], row[1]), assembled(customer_id, *row[1:]))


def assembled(
    customer_id: str,
    revision: int,
    updated_at: datetime,
    profile: str | None,
    accounts: str | None,
    loans: str | None,
    cards: str | None,
    payments: str | None,
    files: str | None,
) -> bytes:
    time = updated_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return (
        f'{{"customer_id":"{customer_id}","profile":{profile or "null"},"accounts":[{accounts or ""}],'
        f'"loans":[{loans or ""}],"cards":[{cards or ""}],"card_payments":[{payments or ""}],'
        f'"payment_files":[{files or ""}],'
        f'"revision":{revision},"updated_at":"{time}"}}'
    ).encode()


CURRENT = f"""
select generation, revision from bankview_customer where generation = {VIEW} and customer_id = %s
"""  # noqa: S608


def current_etag(customer_id: str) -> str | None:
    with cursor("bankview") as db:
        row = db.execute(CURRENT, (customer_id,)).fetchone()
    return row and etag(*row)


OPENED = f"""
select exists (select from bankview_part
    where generation = {VIEW} and customer_id = %s and part = 'profile' and id = customer_id)
"""  # noqa: S608


def is_customer(customer_id: str) -> bool:
    """Whether Customers has said that this customer was opened."""
    with cursor("bankview") as db:
        row = db.execute(OPENED, (customer_id,)).fetchone()
    return bool(row and row[0])


BY_MOBILE_NUMBER = f"""
select customer_id from bankview_customer where generation = {VIEW} and mobile_number = %s and mobile_number <> ''
order by updated_at desc limit 1
"""  # noqa: S608


def customer_by_mobile_number(number: str) -> str | None:
    with cursor("bankview") as db:
        row = db.execute(BY_MOBILE_NUMBER, (number,)).fetchone()
    return row and str(row[0])


ERASED_CUSTOMERS = f"select customer_id from bankview_customer where generation = {VIEW} and mobile_number = %s"  # noqa: S608


def erased() -> list[str]:
    """The customers who have been forgotten here."""
    with cursor("bankview") as db:
        return [str(id) for (id,) in db.execute(ERASED_CUSTOMERS, (ERASED,)).fetchall()]


# Reading one's own writes.

SHOWN = f"""
select w.place, p.version from unnest(%b::text[], %b::text[]) with ordinality w (part, id, place)
cross join lateral (
    select version from bankview_part p
    where p.generation = {VIEW} and p.customer_id = %s and p.part = w.part and p.id = w.id
    limit 1
) p
"""  # noqa: S608

FAR = 100
"""So many events are not caught up within a moment: nobody waits for them."""

waiting = BoundedSemaphore(2)
"""Requests of this process that may wait at a time: half of its threads, so that others are answered meanwhile."""


def behind(customer_id: str, positions: Sequence[Position]) -> dict[str, int]:
    """By how many events the customer's view is behind each position that it has not reached.

    A stream which is not known as this customer's counts as one of which nothing was heard, so that the answer says
    nothing about it.
    """
    parts = [position.part for position in positions]
    with cursor("bankview") as db:
        found = db.execute(SHOWN, ([name for name, _ in parts], [id for _, id in parts], customer_id))
        shown: dict[int, int] = dict(found.fetchall())
    late = {str(position): position.version - shown.get(place, 0) for place, position in enumerate(positions, start=1)}
    return {token: events for token, events in late.items() if events > 0}


def wait_for(
    customer_id: str, positions: Sequence[Position], *, timeout_s: float, poll_s: float = 0.02
) -> dict[str, int]:
    """Wait until the customer's view has reached every position; the answer says where it is still behind.

    Not longer than `timeout_s`, and not at all when it is far behind or when enough others wait.
    """
    late = behind(customer_id, positions)
    if not late or max(late.values()) > FAR or not waiting.acquire(blocking=False):
        return late
    try:
        until = monotonic() + timeout_s
        while late and monotonic() < until:
            sleep(poll_s)
            late = behind(customer_id, positions)
        return late
    finally:
        waiting.release()


# The activity feed.

ACTIVITY = f"""
select time, stream, version, kind, text from bankview_activity
where generation = {VIEW} and customer_id = %s and (time, stream, version) < (%s, %s, %s)
order by time desc, stream desc, version desc limit %s
"""  # noqa: S608
END_OF_TIME = (datetime.max.replace(tzinfo=UTC), "", 0)


def activity(customer_id: str, *, after: tuple[Any, ...] | None, limit: int) -> list[dict[str, Any]]:
    """Newest first, from the one after `after` (time, stream, version) on."""
    if after is not None:
        after = (datetime.fromisoformat(after[0]), after[1], after[2])
    with cursor("bankview") as db:
        rows = db.execute(ACTIVITY, (customer_id, *(after or END_OF_TIME), limit)).fetchall()
    return [dict(zip(("time", "stream", "version", "kind", "text"), row, strict=True)) for row in rows]


# Processes.

PROCESS_COLUMNS = (
    "id",
    "name",
    "correlation_id",
    "customer_id",
    "started_at",
    "ended_at",
    "deadline",
    "outcome",
    "overdue",
)
PROCESS = f"""
select id, name, correlation_id::text, customer_id, started_at, ended_at, deadline, outcome,
    outcome = '' and deadline < now() as overdue
from bankview_process p where p.generation = {TRACKER} and p.name <> ''
"""  # noqa: S608
STEPS = f"""
select stream, version, type, time, actor, detail from bankview_process_step
where generation = {TRACKER} and process_id = %s order by time, stream, version
"""  # noqa: S608


def processes(filters: Mapping[str, Any], *, after: tuple[Any, ...] | None, limit: int) -> list[dict[str, Any]]:
    """Latest begun first. Filters: `name`, `outcome` ("open": none yet), `customer_id`, `since`."""
    where, values = _conditions(filters)
    if after is not None:
        where += " and (started_at, id) < (%s, %s)"
        values += [datetime.fromisoformat(after[0]), after[1]]
    with cursor("bankview") as db:
        rows = db.execute(f"{PROCESS}{where} order by started_at desc, id desc limit %s", (*values, limit)).fetchall()
    return [dict(zip(PROCESS_COLUMNS, row, strict=True)) for row in rows]


def _conditions(filters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    where, values = "", []
    for name, condition in (
        ("name", "p.name = %s"),
        ("outcome", "p.outcome = %s"),
        ("customer_id", "p.customer_id = %s"),
        ("since", "p.started_at >= %s"),
    ):
        if name in filters:
            where += f" and {condition}"
            values.append("" if filters[name] == "open" else filters[name])
    return where, values


OVERDUE = f"""
select count(*) from (
    select from bankview_process p
    where p.generation = {TRACKER} and p.outcome = '' and p.deadline < now() and p.name <> '' limit %s) late
"""  # noqa: S608


def overdue(up_to: int = 10_000) -> int:
    """How many processes should have ended and have not."""
    with cursor("bankview") as db:
        row = db.execute(OVERDUE, (up_to,)).fetchone()
    return int(row[0]) if row else 0


ONE_PROCESS = f"""
{PROCESS} and (p.id = %s or p.correlation_id = %s::uuid) and (%s::text is null or p.customer_id = %s)
order by p.id = %s desc, p.started_at, p.id limit 1
"""


def process(id: str, *, customer_id: str | None = None) -> dict[str, Any] | None:
    """One process with everything heard of it, by its own id or by its correlation id: clients choose that, so it may
    be several processes', of which this is the first begun. With `customer_id`, of that customer's alone.
    """
    with cursor("bankview") as db:
        row = db.execute(ONE_PROCESS, (id, id, customer_id, customer_id, id)).fetchone()
        if row is None:
            return None
        found = dict(zip(PROCESS_COLUMNS, row, strict=True))
        steps = db.execute(STEPS, (found["id"],)).fetchall()
    names = ("stream", "version", "type", "time", "actor", "detail")
    return found | {"events": [dict(zip(names, step, strict=True)) for step in steps]}


SAMPLE = f"""
select customer_id from bankview_customer where generation = {VIEW} order by random() limit %s
"""  # noqa: S608


def sample(count: int) -> list[str]:
    """Some customers, at random."""
    with cursor("bankview") as db:
        return [str(id) for (id,) in db.execute(SAMPLE, (count,)).fetchall()]
