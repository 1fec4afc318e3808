"""All reads of Accounts: what is shown, and what sweeps look for; those of the general ledger are in `ledger`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from django.db.models import F, Q
from django.utils.timezone import localdate

from accounts.domain.business_day import booking_day as booked_on
from accounts.domain.chart import TRANSFER_CLEARING
from accounts.domain.interest import day_after, is_month_end
from accounts.models import Account, BusinessDay, Hold, PaymentFile, Posting, StandingOrder
from accounts.payment_files.lines import Own
from accounts.statements.statement import MAX_LINES, Entry, Statement, lines
from bank.db import cursor as open_cursor
from bank.db import select

# Accounts, entries, holds.


AccountRow: TypeAlias = Account
EntryRow: TypeAlias = Posting
HoldRow: TypeAlias = Hold
BusinessDayRow: TypeAlias = BusinessDay
PaymentFileRow: TypeAlias = PaymentFile

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
    rows = select(
        "accounts",
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
    rows = select(
        "accounts",
        f"select id::text {TO_END} and id > %s::uuid order by id limit %s",
        *(day, is_month_end(day), day, after or NO_UUID, limit),
    )
    return [id for (id,) in rows]


def count_to_end(day: date) -> int:
    [(count,)] = select("accounts", f"select count(*) {TO_END}", day, is_month_end(day), day)
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
    rows = select("accounts", "select iban, id::text from accounts_account where iban = any(%b::text[])", list(ibans))
    return dict(rows)
