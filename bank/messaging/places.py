"""How far a consumer has read each source's feed; in which epoch, and why no further where it is stopped."""

import logging
from dataclasses import dataclass, field

from bank.context import Cursor
from bank.db import cursor as open_cursor
from bank.db import transaction

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Place:
    epoch: int
    position: int
    stopped: str


@dataclass(slots=True)
class Places:
    """A consumer's rows of `bank_cursor`, remembered until `forget`: the listeners of other lane groups share them."""

    context: str
    consumer: str
    _known: dict[str, Place] = field(default_factory=dict)

    def admits(self, source: str, epoch: int) -> bool:
        """A message of a newer epoch says that its source was restored from a backup: what we know of it may never have
        happened. The source is stopped until somebody has reconciled the two."""
        place = self.of(source, epoch)
        if place.stopped:
            return False
        if epoch <= place.epoch:
            return True
        self._enter(source, epoch)
        if not self.of(source).stopped:
            return True
        log.critical("%s: %s has a new epoch, %s; stopped until reconciled", self.consumer, source, epoch)
        return False

    def of(self, source: str, epoch: int = 1) -> Place:
        if source not in self._known:
            with transaction(self.context) as cursor:
                cursor.execute(
                    "insert into bank_cursor (consumer, source, epoch) values (%s, %s, %s) on conflict do nothing",
                    (self.consumer, source, epoch),
                )
                self._known[source] = self._read(cursor, source)
        return self._known[source]

    def _read(self, cursor: Cursor, source: str) -> Place:
        cursor.execute(
            "select epoch, position, stopped from bank_cursor where consumer = %s and source = %s",
            (self.consumer, source),
        )
        return Place(*cursor.fetchall()[0])

    def _enter(self, source: str, epoch: int) -> None:
        """A newer epoch is entered where nothing of the source is known, and stops it where something is.

        The row decides, not what was read of it before.
        """
        with open_cursor(self.context) as cursor:
            cursor.execute(
                "update bank_cursor set epoch = case when position = 0 then %s else epoch end,"
                " stopped = case when position = 0 then '' else %s end"
                " where consumer = %s and source = %s and stopped = '' and epoch < %s",
                (epoch, f"{source} is in epoch {epoch}", self.consumer, source, epoch),
            )
        self._known.pop(source, None)

    def advance(self, source: str, position: int) -> None:
        """Never back, never past a stop that another listener wrote, and never in an epoch reconciled meanwhile.

        It does not wait for the disk: a crash may set the cursor back, and what is read twice is known.
        """
        epoch = self.of(source).epoch
        with transaction(self.context) as cursor:
            cursor.execute("set local synchronous_commit = off")
            cursor.execute(
                "update bank_cursor set position = greatest(position, %s)"
                " where consumer = %s and source = %s and stopped = '' and epoch = %s"
                " returning epoch, position, stopped",
                (position, self.consumer, source, epoch),
            )
            rows = cursor.fetchall()
        self._known.pop(source, None)
        if rows:
            self._known[source] = Place(*rows[0])

    def forget(self) -> None:
        self._known.clear()


def reconcile(context: str, source: str, *, epoch: int) -> int:
    """Somebody has compared what we did with what the restored source knows: take it up again, from its first event.

    Repeats do no harm. A projection that folded events which the source has lost must be rebuilt. Returns how many
    consumers were stopped.
    """
    with transaction(context) as cursor:
        cursor.execute(
            "update bank_cursor set epoch = %s, position = 0, stopped = '' where source = %s and stopped <> ''",
            (epoch, source),
        )
        return int(cursor.rowcount)


def stopped(context: str) -> list[tuple[str, str]]:
    """The context's consumers whose source is stopped, and why."""
    with open_cursor(context) as cursor:
        cursor.execute("select consumer, stopped from bank_cursor where stopped <> '' order by consumer, source")
        return list(cursor.fetchall())
