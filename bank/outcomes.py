"""What became of commands: remembered by their ids, for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bank.context import Context
from bank.db import transaction


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a unit, now or when its id was first seen (`replayed`).

    `applied` changed the streams named, to the versions named; `nothing` was accepted, changed nothing, and names them
    as they stood; `refused` carries a stable `code` and a sentence; `cancelled` means that its undoing came first.
    """

    id: UUID
    outcome: str
    code: str = ""
    reason: str = ""
    streams: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    replayed: bool = False


def find(context: Context, id: UUID) -> Result | None:
    """Did this happen? The remembered result of a command id."""
    return find_all(context, [id]).get(id)


def find_all(context: Context, ids: Sequence[UUID]) -> dict[UUID, Result]:
    """The remembered results of those command ids that are known."""
    with transaction(context.name) as cursor:
        cursor.execute(f"select {COLUMNS} from bank_command where id = any(%b::uuid[])", (ids,))  # noqa: S608
        return {row[0]: outcome(row)[1] for row in cursor.fetchall()}


def fingerprints(context: Context, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """What was noted of the requests of those command ids that are known."""
    with transaction(context.name) as cursor:
        cursor.execute("select id, fingerprint from bank_command where id = any(%b::uuid[])", (ids,))
        return {id: bytes(noted) for id, noted in cursor.fetchall()}


COLUMNS = "id, fingerprint, outcome, code, reason, streams, versions"
"""Of the command table, as `outcome` reads them."""


def outcome(row: Any) -> tuple[bytes, Result]:
    """The request's fingerprint, and its result."""
    id, fingerprint, outcome, code, reason, streams, versions = row
    return bytes(fingerprint), Result(id, outcome, code, reason, tuple(streams), tuple(versions), replayed=True)
