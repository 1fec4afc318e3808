"""All writes to Accounts' read tables: accounts, postings, holds and processes, a few statements for a whole batch."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.domain.account import ACCOUNT
from accounts.domain.account.facts import AccountOpened, FundsHeld, HoldCaptured, HoldReleased
from accounts.domain.business_day import BusinessDayEnded
from accounts.domain.holder.erasure import AccountHolderErased, HolderErasureBegun
from accounts.domain.payment_file import PAYMENT_FILE, PaymentFileAccepted, PaymentFileGivenUp
from accounts.domain.postings import posting
from accounts.domain.process import PROCESS
from accounts.domain.process.facts import TransitReceived
from accounts.domain.standing_order import STANDING_ORDER, StandingOrderOpened
from bank.columns import write
from bank.context import Changed, Cursor, InlineProjection
from bank.decider import ERASED
from bank.history.sealing import forget
from bank.recorded import Recorded

OPEN = """
    insert into accounts_account (id, customer_id, kind, currency, iban, branch, opened_on, status, version,
        balance_minor, held_minor, overdraft_limit_minor, debit_frozen, credit_frozen, debit_freezes,
        credit_freezes, interest_bps, overdraft_bps, monthly_fee_minor, fees_due_minor, accrued_minor, active_on)
    select u.*, 'open', 0, 0, 0, 0, false, false, '', '', 0, 0, 0, 0, 0, opened_on
    from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::date[])
            u(id, customer_id, kind, currency, iban, branch, opened_on)
"""

UPDATE = """
    update accounts_account a set version = u.version, balance_minor = u.balance_minor, held_minor = u.held_minor,
        overdraft_limit_minor = u.overdraft_limit_minor, debit_frozen = u.debit_frozen, credit_frozen = u.credit_frozen,
        debit_freezes = u.debit_freezes, credit_freezes = u.credit_freezes, status = u.status,
        interest_bps = u.interest_bps, overdraft_bps = u.overdraft_bps,
        monthly_fee_minor = u.monthly_fee_minor, fees_due_minor = u.fees_due_minor, accrued_minor = u.accrued_minor,
        active_on = u.active_on
    from unnest(%b::uuid[], %b::int[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bool[], %b::bool[], %b::text[],
            %b::text[], %b::text[], %b::int[], %b::int[], %b::bigint[], %b::bigint[], %b::bigint[], %b::date[])
            u(id, version, balance_minor, held_minor, overdraft_limit_minor, debit_frozen, credit_frozen,
              debit_freezes, credit_freezes, status,
              interest_bps, overdraft_bps, monthly_fee_minor, fees_due_minor, accrued_minor, active_on)
        cross join lateral (select ctid as place from accounts_account x where x.id = u.id limit 1) found
    where a.ctid = found.place
"""
"""One look into the index per account: a plan made while the table was small must not read all of it later. A row's
place cannot change meanwhile, because whoever writes it holds the lock of its stream's head."""

POST = """
    insert into accounts_posting (stream, version, type, debit, credit, currency, amount_minor, account_id,
        customer_minor, balance_minor, booked_on, recorded_at, process_id, reference, counterparty, unarranged,
        reverses)
    select stream, version, type, debit, credit, currency, amount_minor, account_id, customer_minor, balance_minor,
        booked_on, recorded_at, process_id, coalesce(h.reference, u.reference), counterparty, unarranged, reverses
    from unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::uuid[],
            %b::bigint[], %b::bigint[], %b::date[], %b::timestamptz[], %b::uuid[], %b::text[], %b::uuid[], %b::bool[],
            %b::int[], %b::uuid[])
            u(stream, version, type, debit, credit, currency, amount_minor, account_id, customer_minor, balance_minor,
              booked_on, recorded_at, process_id, reference, counterparty, unarranged, reverses,
              hold_id)
        left join lateral (select reference from accounts_hold x where x.id = u.hold_id limit 1) h on true
"""
"""What is captured bears the reference of its hold, which therefore is written first."""

HOLD = """
    insert into accounts_hold (id, account_id, amount_minor, currency, expires_on, reference, held_at, captured_minor,
        status)
    select u.*, 0, 'open'
    from unnest(%b::uuid[], %b::uuid[], %b::bigint[], %b::text[], %b::date[], %b::text[], %b::timestamptz[]) u
    on conflict (id) do update set amount_minor = excluded.amount_minor, expires_on = excluded.expires_on,
        reference = excluded.reference, held_at = excluded.held_at, captured_minor = 0, status = 'open'
"""

END_HOLD = """
    update accounts_hold h set status = u.status, captured_minor = u.captured_minor
    from unnest(%b::uuid[], %b::text[], %b::bigint[]) u(id, status, captured_minor)
        cross join lateral (select ctid as place from accounts_hold x where x.id = u.id limit 1) found
    where h.ctid = found.place
"""

PROCEED = """
    insert into accounts_process (id, kind, currency, received_minor, cleared_minor, began_at, changed_at)
    select * from unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::timestamptz[],
        %b::timestamptz[])
    on conflict (id) do update set received_minor = excluded.received_minor,
        cleared_minor = excluded.cleared_minor, changed_at = excluded.changed_at
"""


def project(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    accounts = {one.stream: one for one in changed if one.decider is ACCOUNT and one.state.is_open}
    write(cursor, OPEN, opened(events))
    write(cursor, UPDATE, standing(accounts.values()))
    given, ended = holds(events)
    write(cursor, HOLD, given)
    write(cursor, END_HOLD, ended)
    write(cursor, POST, postings(events, accounts))
    write(cursor, PROCEED, processes(events, changed))


def opened(events: Sequence[Recorded]) -> list[tuple[Any, ...]]:
    return [
        (e.account_id, e.customer_id, e.kind, e.currency, e.iban, e.branch, e.opened_on)
        for e in (recorded.event for recorded in events)
        if isinstance(e, AccountOpened)
    ]


def standing(accounts: Any) -> list[tuple[Any, ...]]:
    return [
        (
            one.key,
            one.version,
            one.state.balance_minor,
            one.state.held_minor,
            one.state.overdraft_limit_minor,
            bool(one.state.freezes.debit),
            bool(one.state.freezes.credit),
            ",".join(one.state.freezes.debit),
            ",".join(one.state.freezes.credit),
            one.state.status,
            one.state.terms.interest_bps,
            one.state.terms.overdraft_bps,
            one.state.terms.monthly_fee_minor,
            one.state.fees_due_minor,
            one.state.accrued.credit_minor - one.state.accrued.debit_minor,
            one.state.active_on,
        )
        for one in accounts
    ]


def postings(events: Sequence[Recorded], accounts: Mapping[str, Changed]) -> list[tuple[Any, ...]]:
    rows = list(backwards(events, accounts))
    rows.reverse()
    return rows


def backwards(events: Sequence[Recorded], accounts: Mapping[str, Changed]) -> Iterator[tuple[Any, ...]]:
    """From the last event to the first: only the balance after the whole batch is known."""
    balances = {stream: one.state.balance_minor for stream, one in accounts.items()}
    for recorded in reversed(events):
        account = accounts.get(recorded.stream)
        event = recorded.event
        booked = posting(event, account.state.kind if account else None)
        if booked is None:
            continue
        yield (
            recorded.stream,
            recorded.version,
            recorded.type,
            booked.debit,
            booked.credit,
            event.currency,
            booked.amount_minor,
            account.key if account else None,
            booked.customer_minor,
            balances.get(recorded.stream, 0),
            event.booked_on,
            recorded.recorded_at,
            event.process_id,
            getattr(event, "reference", ""),
            getattr(event, "counterparty", None),
            getattr(event, "unarranged", False),
            getattr(event, "reverses", None),
            getattr(event, "hold_id", None),
        )
        if account:
            balances[recorded.stream] -= booked.customer_minor


def holds(events: Sequence[Recorded]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Holds given, and holds ended after that: the last word of the batch on each."""
    given: dict[str, tuple[Any, ...]] = {}
    ended: dict[str, tuple[Any, ...]] = {}
    for recorded in events:
        match recorded.event:
            case FundsHeld() as e:
                given[e.hold_id] = (
                    e.hold_id,
                    e.account_id,
                    e.amount_minor,
                    e.currency,
                    e.expires_on,
                    e.reference,
                    recorded.recorded_at,
                )
                ended.pop(e.hold_id, None)
            case HoldCaptured() as e:
                ended[e.hold_id] = (e.hold_id, "captured", e.amount_minor)
            case HoldReleased() as e:
                ended[e.hold_id] = (e.hold_id, "released", 0)
    return list(given.values()), list(ended.values())


def processes(events: Sequence[Recorded], changed: Sequence[Changed]) -> list[tuple[Any, ...]]:
    """A process begins when its transit first receives money, whatever was answered on its stream before."""
    began: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for recorded in events:
        last[recorded.stream] = recorded.recorded_at
        if isinstance(recorded.event, TransitReceived):
            began.setdefault(recorded.stream, recorded.recorded_at)
    return [
        (
            one.key,
            one.state.kind,
            one.state.currency,
            one.state.received_minor,
            one.state.cleared_minor,
            began.get(one.stream, last[one.stream]),
            last[one.stream],
        )
        for one in changed
        if one.decider is PROCESS and one.state.kind is not None and one.stream in last
    ]


LEDGER = InlineProjection(
    name="ledger",
    tables=("accounts_account", "accounts_posting", "accounts_hold", "accounts_process"),
    project=project,
)


END_DAY = """
    insert into accounts_business_day (day, ended_at) select * from unnest(%b::date[], %b::timestamptz[])
"""


def project_days(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    ended = [
        (recorded.event.day, recorded.recorded_at)
        for recorded in events
        if isinstance(recorded.event, BusinessDayEnded)
    ]
    write(cursor, END_DAY, ended)


BUSINESS_DAYS = InlineProjection(name="business-days", tables=("accounts_business_day",), project=project_days)


# Erasure.

BLANK = (
    """
    update accounts_posting p set reference = %s from accounts_account a
    where a.customer_id = %s::uuid and p.account_id = a.id and p.reference <> ''
    """,
    """
    update accounts_hold h set reference = %s from accounts_account a
    where a.customer_id = %s::uuid and h.account_id = a.id and h.reference <> ''
    """,
    "update accounts_payment_file set message_id = %s where customer_id = %s::uuid",
    "update accounts_standing_order set payee = %s where customer_id = %s::uuid and payee <> ''",
    "update accounts_standing_order set reference = %s where customer_id = %s::uuid and reference <> ''",
)
"""What customers write beside a transfer, where they paid, whom they pay monthly, and how they named their files."""


def project_erasures(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    for one in events:
        if isinstance(one.event, HolderErasureBegun | AccountHolderErased):
            for statement in BLANK:
                cursor.execute(statement, (ERASED, one.event.customer_id))
        if isinstance(one.event, AccountHolderErased):
            forget(cursor, one.event.customer_id, said_on=one.stream)


ERASURES = InlineProjection(name="accounts-erasures", tables=(), project=project_erasures)


# Files of payments.

RECEIVE = """
    insert into accounts_payment_file (id, customer_id, message_id, format, currency, amount_minor, digest, lines,
        accepted_on, received_at, changed_at, through, accepted, refused, accepted_minor, version)
    select u.*, u.received_at, 0, 0, 0, 0, 0
    from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::int[],
        %b::date[], %b::timestamptz[])
        u(id, customer_id, message_id, format, currency, amount_minor, digest, lines, accepted_on, received_at)
"""

PROGRESS = """
    update accounts_payment_file f set through = u.through, accepted = u.accepted, refused = u.refused,
        accepted_minor = u.accepted_minor, version = u.version, changed_at = u.changed_at
    from unnest(%b::uuid[], %b::int[], %b::int[], %b::int[], %b::bigint[], %b::int[], %b::timestamptz[])
        u(id, through, accepted, refused, accepted_minor, version, changed_at)
    where f.id = u.id
"""

GIVE_UP = """
    update accounts_payment_file f set given_up_after = u.after
    from unnest(%b::uuid[], %b::int[]) u(id, after) where f.id = u.id
"""


def project_files(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    files = {one.stream: one for one in changed if one.decider is PAYMENT_FILE}
    if not files:
        return
    write(cursor, RECEIVE, received(events))
    last = {recorded.stream: recorded.recorded_at for recorded in events if recorded.stream in files}
    write(cursor, PROGRESS, [progress(files[stream], at) for stream, at in last.items()])
    write(cursor, GIVE_UP, [(e.file_id, e.after) for r in events if isinstance(e := r.event, PaymentFileGivenUp)])


def received(events: Sequence[Recorded]) -> list[tuple[Any, ...]]:
    return [
        (
            e.file_id,
            e.customer_id,
            e.message_id,
            e.format,
            e.currency,
            e.amount_minor,
            e.digest,
            e.lines,
            e.accepted_on,
            recorded.recorded_at,
        )
        for recorded in events
        if isinstance(e := recorded.event, PaymentFileAccepted)
    ]


def progress(file: Changed, at: datetime) -> tuple[Any, ...]:
    state = file.state
    return (file.key, state.through, state.accepted, state.refused, state.accepted_minor, file.version, at)


PAYMENT_FILES = InlineProjection(name="payment-files", tables=("accounts_payment_file",), project=project_files)


# Standing orders.

INSTRUCT = """
    insert into accounts_standing_order (id, account_id, customer_id, to_account_id, payee, amount_minor, currency,
        reference, first_on, next_on, status, code, version)
    select u.*, u.first_on, 'active', '', 0
    from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::text[],
        %b::date[])
        u(id, account_id, customer_id, to_account_id, payee, amount_minor, currency, reference, first_on)
"""

FOLLOW = """
    update accounts_standing_order o set status = u.status, next_on = u.next_on, last_on = u.last_on, code = u.code,
        version = u.version
    from unnest(%b::uuid[], %b::text[], %b::date[], %b::date[], %b::text[], %b::int[])
        u(id, status, next_on, last_on, code, version)
    where o.id = u.id
"""


def project_standing_orders(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    write(cursor, INSTRUCT, instructed(events))
    orders = [(one.key, one.version, one.state) for one in changed if one.decider is STANDING_ORDER]
    write(cursor, FOLLOW, [(key, o.status, o.next_on, o.last_on, o.code, version) for key, version, o in orders])


def instructed(events: Sequence[Recorded]) -> list[tuple[Any, ...]]:
    return [
        (
            e.order_id,
            e.account_id,
            e.customer_id,
            e.to_account_id,
            e.payee,
            e.amount_minor,
            e.currency,
            e.reference,
            e.first_on,
        )
        for e in (recorded.event for recorded in events)
        if isinstance(e, StandingOrderOpened)
    ]


STANDING_ORDERS = InlineProjection(
    name="standing-orders", tables=("accounts_standing_order",), project=project_standing_orders
)
