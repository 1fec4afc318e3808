"""What an operator's reversal amounts to, from the entry as it was booked."""

import json
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.reversal import ReverseEntry
from accounts.domain.chart import TRANSFER_CLEARING
from accounts.queries import ledger
from bank.context import Order
from bank.outcomes import find


def of_entry(entry: queries.EntryRow, today: date, *, with_other_half: bool = False) -> Order:
    """One entry of an account. Half of a transfer alone is refused: its other half would stay."""
    key = entry.stream.partition("-")[2]
    half = entry.contra == TRANSFER_CLEARING
    order = ReverseEntry(
        account_id=key,
        version=entry.version,
        booked_minor=entry.customer_minor,
        currency=entry.currency,
        contra=entry.contra,
        booked_on=today,
        counterparty=str(entry.counterparty) if entry.counterparty and (with_other_half or not half) else None,
        is_reversal=entry.reverses is not None,
    )
    return Order(ACCOUNT, key, order)


def of_posting(posting: queries.EntryRow, today: date) -> tuple[Order, ...]:
    """What one sees of a transfer is half of it: both are reversed, or neither."""
    event = ledger.event_of(posting) if posting.contra == TRANSFER_CLEARING else None
    done = find(ACCOUNTS, UUID(json.loads(event.metadata)["commandid"])) if event else None
    both = of_transfer(done.streams, done.versions, today) if done else ()
    return both or (of_entry(posting, today),)


def of_transfer(streams: Sequence[str], versions: Sequence[int], today: date) -> tuple[Order, ...]:
    """Both halves, the paying one first; nothing unless these versions are a transfer's."""
    rows = [queries.entry(stream.partition("-")[2], n) for stream, n in zip(streams, versions, strict=True)]
    halves = [row for row in rows if row is not None and row.contra == TRANSFER_CLEARING]
    if len(halves) != 2:
        return ()
    halves.sort(key=lambda row: row.customer_minor)
    return tuple(of_entry(row, today, with_other_half=True) for row in halves)
