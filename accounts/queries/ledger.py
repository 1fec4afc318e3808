"""What is read of the general ledger: balances, their postings, what is in transit, and whether the books agree."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.db.models import F, Q
from django.utils.timezone import now

from accounts.domain.account.facts import BY_THE_BANK
from accounts.domain.chart import CHART
from accounts.models import Posting, Process
from accounts.queries import EntryRow
from bank.context import Check
from bank.db import select
from bank.models import Event

EventRow: TypeAlias = Event
ProcessRow: TypeAlias = Process


@dataclass(frozen=True, slots=True)
class LedgerBalance:
    """`debit_minor` and `credit_minor` are the turnover; the balance is on the account's normal side."""

    name: str
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        more = self.debit_minor - self.credit_minor
        return more if CHART[self.name].normal == "debit" else -more


TURNOVER = """
    pairs as materialized (
        select debit, credit, currency, sum(amount_minor) as amount
        from accounts_posting p where booked_on <= {until} {known} group by 1, 2, 3
    ),
    turnover as (
        select name, currency, sum(debit)::bigint as debit, sum(credit)::bigint as credit
        from (
            select debit as name, currency, amount as debit, 0 as credit from pairs
            union all
            select credit, currency, 0, amount from pairs
        ) legs
        group by name, currency
    )
"""


KNOWN = """
    and not exists (
        select from bank_event e where e.stream = p.stream and e.version = p.version and e.position > %s
    )
"""


def trial_balance(until: date = date.max, position: int | None = None) -> list[LedgerBalance]:
    """Every ledger account's turnover up to and including a booking date, per currency.

    With a position, as the bank knew it there: without what was booked after it, whatever its date. Up to the
    watermark that never changes.
    """
    turnover = TURNOVER.format(until="%s", known="" if position is None else KNOWN)
    given = (until,) if position is None else (until, position)
    rows = select("accounts", f"with {turnover} select * from turnover order by currency, name", *given)  # noqa: S608
    return [LedgerBalance(*row) for row in rows]


# Whether the books agree.

BY_THE_BANK_SINCE, IN_SUSPENSE_SINCE = 3, 4
"""From these versions of their states on accounts and processes say so. A head from before would make a check lie."""

BOOKS = f"""
    with {TURNOVER.format(until="'infinity'", known="")},
    balances as (
        select t.name, t.currency, (t.credit - t.debit) * case when c.normal = 'credit' then 1 else -1 end as balance
        from turnover t join unnest(%b::text[], %b::text[]) c(name, normal) using (name)
    ),
    states as materialized (
        select split_part(stream, '-', 1) as decider, state::json as state, state_version from bank_head
        where stream like 'account-%%' or stream like 'process-%%'
    ),
    folded as (
        select 'customer-' || (state->>'kind') as name, state->>'currency' as currency,
               (state->>'balance_minor')::bigint as balance
        from states where decider = 'account' and (state->>'is_open')::bool
        union all
        select 'transit:' || (state->>'kind'), state->>'currency',
               (state->>'received_minor')::bigint - (state->>'cleared_minor')::bigint
        from states where decider = 'process' and state->>'kind' is not null
        union all
        select 'suspense', state->>'currency', coalesce((state->>'in_suspense_minor')::bigint, 0)
            * case when state->>'kind' = 'loan-disbursements' then 1 else -1 end
        from states where decider = 'process' and state->>'kind' is not null
    ),
    folds as (select name, currency, sum(balance) as balance from folded group by name, currency),
    by_the_bank as (
        select own.key as name, state->>'currency' as currency,
               sum(own.value::bigint) * case when c.normal = 'credit' then -1 else 1 end as balance
        from states cross join lateral json_each_text(state->'by_the_bank') own
        join unnest(%b::text[], %b::text[]) c(name, normal) on c.name = own.key
        where decider = 'account' group by own.key, state->>'currency', c.normal
    )
    select 'trial balance', currency, sum(debit - credit)::bigint from turnover group by currency
    union all
    select name || ' against the folded accounts', currency,
           (coalesce(b.balance, 0) - coalesce(f.balance, 0))::bigint
    from (select * from balances where name like 'customer-%%') b
    full join (select * from folds where name like 'customer-%%') f using (name, currency)
    union all
    select name || ' against the open processes', currency, (coalesce(b.balance, 0) - coalesce(f.balance, 0))::bigint
    from (select * from balances where name like 'transit:%%') b
    full join (select * from folds where name like 'transit:%%') f using (name, currency)
    union all
    select 'suspense against the processes', currency, (coalesce(b.balance, 0) - coalesce(f.balance, 0))::bigint
    from (select * from balances where name = 'suspense') b
    full join (select * from folds where name = 'suspense' and balance <> 0) f using (name, currency)
    where not exists (select 1 from states where decider = 'process' and state_version < %s)
    union all
    select 'transfer-clearing nets to zero', currency, balance::bigint from balances where name = 'transfer-clearing'
    union all
    select name || ' against what accounts were paid and charged', currency,
           (coalesce(b.balance, 0) - coalesce(o.balance, 0))::bigint
    from (select * from balances where name = any(%b::text[])) b full join by_the_bank o using (name, currency)
    where not exists (select 1 from states where decider = 'account' and state_version < %s)
    union all
    select 'fees due against the folded accounts', currency, (coalesce(a.due, 0) - coalesce(f.due, 0))::bigint
    from (select currency, sum(fees_due_minor) as due from accounts_account group by currency) a
    full join (
        select state->>'currency' as currency, sum((state->>'fees_due_minor')::bigint) as due
        from states where decider = 'account' and (state->>'is_open')::bool group by state->>'currency'
    ) f using (currency)
    union all
    select 'account rows against the folded accounts', currency,
           (coalesce(a.balance, 0) - coalesce(f.balance, 0))::bigint
    from (select currency, sum(balance_minor) as balance from accounts_account group by currency) a
    full join (
        select currency, sum(balance) as balance from folds where name like 'customer-%%' group by currency
    ) f using (currency)
    union all
    select 'open holds against what accounts hold', currency, (coalesce(h.held, 0) - coalesce(a.held, 0))::bigint
    from (select currency, sum(amount_minor) as held from accounts_hold where status = 'open' group by currency) h
    full join (
        select currency, sum(held_minor) as held from accounts_account group by currency
    ) a using (currency)
    order by 1, 2
"""  # noqa: S608


def books() -> list[Check]:
    """What must always agree, per currency: read in one statement, so it holds while the bank is open."""
    names, normals = list(CHART), [account.normal for account in CHART.values()]
    rows = select(
        "accounts", BOOKS, names, normals, names, normals, IN_SUSPENSE_SINCE, sorted(BY_THE_BANK), BY_THE_BANK_SINCE
    )
    return [Check(name, off_minor, currency) for name, currency, off_minor in rows]


def postings(
    name: str, *, currency: str | None, since: date, until: date, before: int | None, limit: int
) -> list[EntryRow]:
    """What was booked on either side of a ledger account, the newest first: what its balance is made of."""
    found = Posting.objects.filter(Q(debit=name) | Q(credit=name), booked_on__range=(since, until))
    if currency is not None:
        found = found.filter(currency=currency)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def posting(id: int) -> EntryRow | None:
    return Posting.objects.filter(pk=id).first()


def event_of(entry: EntryRow) -> EventRow | None:
    """The event that booked it, as it is stored: what is personal in it is sealed."""
    return Event.objects.using("accounts").filter(stream=entry.stream, version=entry.version).first()


@dataclass(frozen=True, slots=True)
class Transit:
    """What the open processes of one kind have in transit, and how many they are."""

    kind: str
    currency: str
    open_minor: int
    processes: int


def stood_for(process_id: str | UUID) -> timedelta:
    """How long ago a process received its money; no time if it has received none."""
    began_at = Process.objects.filter(pk=process_id).values_list("began_at", flat=True).first()
    return now() - began_at if began_at else timedelta(0)


def in_transit(*, after: tuple[datetime, str] | None, limit: int) -> list[ProcessRow]:
    """The processes that have received money and not moved it on, those that wait longest first."""
    found = Process.objects.exclude(received_minor=F("cleared_minor"))
    if after is not None:
        began_at, id = after
        found = found.filter(Q(began_at__gt=began_at) | Q(began_at=began_at, pk__gt=id))
    return list(found.order_by("began_at", "pk")[:limit])


def transit() -> list[Transit]:
    rows = select(
        "accounts",
        "select kind, currency, sum(received_minor - cleared_minor)::bigint, count(*) from accounts_process"
        " where received_minor <> cleared_minor group by 1, 2 order by 1, 2",
    )
    return [Transit(*row) for row in rows]
