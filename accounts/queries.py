"""All reads of Accounts: what customers and operators are shown, the general ledger, and whether the books agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import F, Q
from django.utils.timezone import localdate, now

from accounts.domain.account.facts import BY_THE_BANK
from accounts.domain.business_day import booking_day as booked_on
from accounts.domain.chart import CHART, TRANSFER_CLEARING
from accounts.domain.interest import day_after, is_month_end
from accounts.models import Account, BusinessDay, Hold, PaymentFile, Posting, Process, StandingOrder
from accounts.payment_files.lines import Own
from accounts.statements.statement import MAX_LINES, Entry, Statement, lines
from bank.context import Check
from bank.db import cursor as open_cursor
from bank.models import Event

# Accounts, entries, holds.


AccountRow: TypeAlias = Account
EntryRow: TypeAlias = Posting
HoldRow: TypeAlias = Hold
BusinessDayRow: TypeAlias = BusinessDay
EventRow: TypeAlias = Event
PaymentFileRow: TypeAlias = PaymentFile
ProcessRow: TypeAlias = Process

NO_UUID = "00000000-0000-0000-0000-000000000000"
"""Below every id."""


def account(account_id: str | UUID) -> AccountRow | None:
    return Account.objects.filter(pk=account_id).first()


def owner(account_id: str | UUID) -> tuple[UUID | None, date | None]:
    """The customer to whom an account belongs, and the day that ended last. Every command asks, so it is one prepared
    statement for both and no model."""
    with open_cursor("accounts") as cursor:
        cursor.execute(
            "select (select customer_id from accounts_account where id = %s::uuid),"
            " (select day from accounts_business_day order by day desc limit 1)",
            (account_id,),
        )
        ((customer_id, last_ended),) = cursor.fetchall()
    return customer_id, last_ended


def accounts(*, customer_id: str | UUID | None, after: str | None = None, limit: int) -> list[AccountRow]:
    """By id; of one customer or of all."""
    found = Account.objects.all()
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if after is not None:
        found = found.filter(pk__gt=after)
    return list(found.order_by("pk")[:limit])


def entries(account_id: str | UUID, *, before_version: int | None = None, limit: int) -> list[EntryRow]:
    """An account's postings, the newest first."""
    found = Posting.objects.filter(account_id=account_id)
    if before_version is not None:
        found = found.filter(version__lt=before_version)
    return list(found.order_by("-version")[:limit])


STATEMENT = """
    select b.opening, p.* from (
        select coalesce(sum(customer_minor), 0)::bigint as opening from accounts_posting
        where account_id = %(account)s and booked_on < %(since)s
    ) b left join lateral (
        select p.version, p.type, p.customer_minor, case when p.customer_minor < 0 then p.credit else p.debit end,
            p.booked_on, p.reference, p.process_id, c.iban
        from accounts_posting p left join accounts_account c on c.id = p.counterparty
        where p.account_id = %(account)s and p.booked_on between %(since)s and %(until)s
        order by p.booked_on, p.version limit %(limit)s
    ) p on true order by p.booked_on, p.version
"""
"""The balance before and the entries, in one statement: nothing is booked between the two."""


def statement(account: AccountRow, since: date, until: date) -> Statement:
    """What was booked from `since` to `until`, both included. Raises TooLong."""
    with open_cursor("accounts") as cursor:
        wanted = {"account": account.pk, "since": since, "until": until, "limit": MAX_LINES + 1}
        cursor.execute(STATEMENT, wanted)
        rows = cursor.fetchall()
    opening_minor = rows[0][0]
    entries = [Entry(*row[1:]) for row in rows if row[1] is not None]
    booked = lines(opening_minor, entries)
    return Statement(account.pk, account.iban, account.kind, account.currency, since, until, opening_minor, booked)


def entry(account_id: str | UUID, version: int) -> EntryRow | None:
    """What this version of an account booked."""
    return Posting.objects.filter(account_id=account_id, version=version).first()


def transfer(stream: str, version: int) -> EntryRow | None:
    """The paying half of a transfer: what this version of an account booked, if it was one."""
    return Posting.objects.filter(
        account_id=stream.partition("-")[2], version=version, credit=TRANSFER_CLEARING, counterparty__isnull=False
    ).first()


def open_holds(account_id: str | UUID, *, after: str | None = None, limit: int) -> list[HoldRow]:
    found = Hold.objects.filter(account_id=account_id, status="open")
    if after is not None:
        found = found.filter(pk__gt=after)
    return list(found.order_by("pk")[:limit])


@dataclass(frozen=True, slots=True)
class ClosingBalance:
    account_id: str
    booked_on: date
    balance_minor: int


def closing_balances(account_ids: Sequence[str], *, since: date, until: date) -> list[ClosingBalance]:
    """The balance at the end of each day on which something was booked, by account and day."""
    rows = _rows(
        """
        select * from (
            select account_id::text, booked_on,
                   (sum(sum(customer_minor)) over (partition by account_id order by booked_on))::bigint
            from accounts_posting where account_id = any(%b::uuid[]) and booked_on <= %s
            group by account_id, booked_on
        ) days where booked_on >= %s order by 1, 2
        """,
        list(account_ids),
        until,
        since,
    )
    return [ClosingBalance(*row) for row in rows]


# The business day.


def last_ended_day() -> date | None:
    return BusinessDay.objects.order_by("-day").values_list("day", flat=True).first()


def business_date() -> date | None:
    """The first day that has not ended; None before the first end of day."""
    last = last_ended_day()
    return last and day_after(last)


def booking_day() -> date:
    """On which day is booked now."""
    return booked_on(localdate(), last_ended_day())


def business_days(*, before: date | None = None, limit: int) -> list[BusinessDayRow]:
    """Those that have ended, the newest first."""
    found = BusinessDay.objects.all()
    if before is not None:
        found = found.filter(day__lt=before)
    return list(found.order_by("-day")[:limit])


TO_END = """
    from accounts_account where status <> 'closed' and opened_on <= %s and (
        (balance_minor > 0 and interest_bps > 0) or (balance_minor < 0 and overdraft_bps > 0)
        or (%s and (interest_bps > 0 or overdraft_bps > 0 or accrued_minor <> 0 or monthly_fee_minor > 0))
        or (status = 'open' and active_on + interval '1 year' <= %s)
    )
"""


def accounts_to_end(day: date, *, after: str | None, limit: int) -> list[str]:
    """The ids of accounts to which the end of a day may do something, by id."""
    rows = _rows(
        f"select id::text {TO_END} and id > %s::uuid order by id limit %s",
        *(day, is_month_end(day), day, after or NO_UUID, limit),
    )
    return [id for (id,) in rows]


def count_to_end(day: date) -> int:
    [(count,)] = _rows(f"select count(*) {TO_END}", day, is_month_end(day), day)
    return int(count)


def open_accounts(*, after: str | None, limit: int) -> list[str]:
    found = Account.objects.exclude(status="closed").filter(pk__gt=after or NO_UUID)
    return [str(id) for id in found.order_by("pk").values_list("pk", flat=True)[:limit]]


def count_open() -> int:
    return Account.objects.exclude(status="closed").count()


# Standing orders.


StandingOrderRow: TypeAlias = StandingOrder


def standing_order(order_id: str | UUID) -> StandingOrderRow | None:
    return StandingOrder.objects.filter(pk=order_id).first()


def standing_orders(account_id: str | UUID, *, after: str | None, limit: int) -> list[StandingOrderRow]:
    found = StandingOrder.objects.filter(account_id=account_id, pk__gt=after or NO_UUID)
    return list(found.order_by("pk")[:limit])


def count_active_standing_orders(account_id: str | UUID, *, besides: str) -> int:
    return StandingOrder.objects.filter(account_id=account_id, status="active").exclude(pk=besides).count()


def standing_orders_due(day: date, *, after: str | None, limit: int) -> list[StandingOrderRow]:
    found = StandingOrder.objects.filter(status="active", next_on__lte=day, pk__gt=after or NO_UUID)
    return list(found.order_by("pk")[:limit])


def count_standing_orders_due(day: date) -> int:
    return StandingOrder.objects.filter(status="active", next_on__lte=day).count()


def closed_among(account_ids: Iterable[str]) -> set[str]:
    found = Account.objects.filter(pk__in=list(account_ids), status="closed")
    return {str(id) for id in found.values_list("pk", flat=True)}


# Files of payments.


def payment_file(file_id: str | UUID) -> PaymentFileRow | None:
    return PaymentFile.objects.filter(pk=file_id).first()


def payment_files(
    *, customer_id: str | UUID | None, before: tuple[datetime, str] | None = None, limit: int
) -> list[PaymentFileRow]:
    """The newest first; of one customer or of all."""
    found = PaymentFile.objects.all()
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if before is not None:
        at, id = before
        found = found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=id))
    return list(found.order_by("-received_at", "-pk")[:limit])


def unfinished_payment_files(*, limit: int) -> list[UUID]:
    """Files with lines that have not been executed, the oldest first."""
    open = PaymentFile.objects.exclude(through=F("lines")).order_by("received_at")
    return list(open.values_list("pk", flat=True)[:limit])


def paying_accounts(customer_id: str | UUID) -> dict[str, Own]:
    """The customer's accounts, by IBAN."""
    found = Account.objects.filter(customer_id=customer_id).values_list("iban", "pk", "currency")
    return {iban: Own(str(id), currency) for iban, id, currency in found}


def ids_by_iban(ibans: Sequence[str]) -> dict[str, str]:
    """The accounts of this bank among these."""
    rows = _rows("select iban, id::text from accounts_account where iban = any(%b::text[])", list(ibans))
    return dict(rows)


# The general ledger.


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
        from accounts_posting where booked_on <= {until} group by 1, 2, 3
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


def trial_balance(until: date = date.max) -> list[LedgerBalance]:
    """Every ledger account's turnover up to and including a booking date, per currency."""
    rows = _rows(f"with {TURNOVER.format(until='%s')} select * from turnover order by currency, name", until)  # noqa: S608
    return [LedgerBalance(*row) for row in rows]


# Whether the books agree.

BY_THE_BANK_SINCE, IN_SUSPENSE_SINCE = 3, 4
"""From these versions of their states on accounts and processes say so. A head from before would make a check lie."""

BOOKS = f"""
    with {TURNOVER.format(until="'infinity'")},
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
    names, normals = list(CHART), [ledger.normal for ledger in CHART.values()]
    rows = _rows(BOOKS, names, normals, names, normals, IN_SUSPENSE_SINCE, sorted(BY_THE_BANK), BY_THE_BANK_SINCE)
    return [Check(name, off_minor, currency) for name, currency, off_minor in rows]


def ledger_postings(
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
    rows = _rows(
        "select kind, currency, sum(received_minor - cleared_minor)::bigint, count(*) from accounts_process"
        " where received_minor <> cleared_minor group by 1, 2 order by 1, 2"
    )
    return [Transit(*row) for row in rows]


def _rows(statement: str, *params: Any) -> list[Any]:
    with open_cursor("accounts") as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
