"""One value describes a bounded context: what it decides, shows and hears."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol
from uuid import UUID

from bank.decider import Decider, Refused
from bank.recorded import Message, Origin, Recorded
from bank.sagas.choreography import Choreography
from bank.sagas.orchestration import Saga
from bank.sagas.orchestration import step_id as step_id


@dataclass(frozen=True, slots=True)
class Order:
    """One command for one aggregate. `expected_version` is the caller's `If-Match`; None means any."""

    decider: Decider[Any, Any, Any]
    key: str
    command: object
    expected_version: int | None = None
    stream: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stream", self.decider.stream(self.key))


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is too large for an event, in parts that are sealed already; the event names its `digest`.

    `parts` begins anew each time it is called, because a transaction may be tried again.
    """

    digest: str
    parts: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True, init=False)
class Unit:
    """Orders that are accepted or refused whole, under one command id.

    - `id` makes it idempotent for ever; the kernel gives one to reactions (message, subscription, ordinal) unless set.
    - `otherwise` names the order to execute instead when the unit is refused: a process that awaits an answer hears
      an event even where there is no aggregate to speak.
    - `undoes` is the id of the step this one undoes. A step that was never seen is written down as cancelled, so that
      it is refused when it comes late, and this unit does nothing.
    - `fingerprint` is compared when the id comes again: another request under the same id is `id_reused`.
    - `attachments` are stored with the unit's events, and not at all when there are none.
    """

    orders: tuple[Order, ...]
    id: UUID | None
    otherwise: Callable[[Refused], Order] | None
    undoes: UUID | None
    origin: Origin | None
    fingerprint: bytes
    attachments: tuple[Attachment, ...]

    def __init__(
        self,
        *orders: Order,
        id: UUID | None = None,
        otherwise: Callable[[Refused], Order] | None = None,
        undoes: UUID | None = None,
        origin: Origin | None = None,
        fingerprint: bytes = b"",
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        for name, value in (
            ("orders", orders),
            ("id", id),
            ("otherwise", otherwise),
            ("undoes", undoes),
            ("origin", origin),
            ("fingerprint", fingerprint),
            ("attachments", attachments),
        ):
            object.__setattr__(self, name, value)


Reaction = Callable[[Any], Unit | Sequence[Unit] | None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """`data` restates the fields we read; `react` is pure, tolerates any order, and answers with what to execute.

    `name` goes into the ids of what is executed, so it is data and never changes: a message heard again under another
    name would be executed again. With `whole` it reacts to the `Message`, which also says whose it is and where it
    stands on its stream.
    """

    data: type
    react: Reaction
    name: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A stream touched by a batch, as it stands after it."""

    decider: Decider[Any, Any, Any]
    stream: str
    key: str
    version: int
    state: Any


class Cursor(Protocol):
    """What projections see of a database cursor: server-side binding, binary results (psycopg)."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchone(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class InlineProjection:
    """Read tables written in the command's own transaction: strongly consistent.

    `project(cursor, events, changed)` gets a whole batch: its events in order and, for each stream touched, the state
    after it. `tables` are emptied before a rebuild; one without tables of its own is not rebuilt.
    """

    name: str
    tables: tuple[str, ...]
    project: Callable[[Cursor, Sequence[Recorded], Sequence[Changed]], None]


@dataclass(frozen=True, slots=True)
class AsyncProjection:
    """Read tables folded from other contexts' messages: eventually consistent, rebuildable beside the live ones.

    `types` maps `source.Name.vN` to the class its data is decoded into; `fold(cursor, generation, messages)` applies a
    batch, in order per stream and without repeats, to the rows of one generation (a column of every table in `tables`).
    """

    name: str
    tables: tuple[str, ...]
    types: Mapping[str, type]
    fold: Callable[[Cursor, int, Sequence[Message[Any]]], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must agree in a context's books, and by how much it does not: zero is right."""

    name: str
    off_minor: int
    currency: str = ""


def no_books() -> Sequence[Check]:
    """Of a context without a ledger."""
    return ()


@dataclass(frozen=True, slots=True)
class Context:
    """A bounded context. What it says is its deciders' event tables; `books` checks what must always agree, and who
    tracks processes counts those that are `overdue`. The deciders of its `sagas` are among its deciders."""

    name: str
    deciders: tuple[Decider[Any, Any, Any], ...] = ()
    inline_projections: tuple[InlineProjection, ...] = ()
    async_projections: tuple[AsyncProjection, ...] = ()
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    choreographies: tuple[Choreography, ...] = ()
    sagas: tuple[Saga, ...] = ()
    books: Callable[[], Sequence[Check]] = no_books
    overdue: Callable[[], int] | None = None

    def decider(self, stream: str) -> Decider[Any, Any, Any]:
        """The decider that owns a stream, by the stream's name."""
        name = stream.partition("-")[0]
        for decider in self.deciders:
            if decider.name == name:
                return decider
        raise LookupError(f"{self.name} has no decider for stream {stream!r}")


def load(name: str) -> Context:
    """The context value of an installed context: `accounts` → `accounts.context.ACCOUNTS`."""
    context = getattr(import_module(f"{name}.context"), name.upper())
    if not isinstance(context, Context):
        raise TypeError(f"{name}.context.{name.upper()} is not a Context")
    return context
