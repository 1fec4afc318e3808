"""All writes to Customers' read tables."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bank.columns import write
from bank.context import Changed, Cursor, InlineProjection
from bank.decider import ERASED
from bank.history.sealing import forget
from bank.recorded import Recorded
from customers.domain.customer import CUSTOMER
from customers.domain.customer.facts import (
    AddressChanged,
    Customer,
    CustomerErasureRequested,
    CustomerOpened,
    EmailChanged,
    ErasureCertified,
    ErasureConfirmed,
    MobileNumberChanged,
    NameChanged,
)
from customers.domain.notices import NoticeBegun, NoticeEnded, NoticePutOff, NoticeRequested

OPEN = """
    insert into customers_customer (id, name, email, mobile_number, mobile_key, opened_on, address, version,
        status, status_reason, kyc, kyc_reason)
    select u.*, '', 0, 'active', '', 'pending', ''
    from unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::date[]) u
"""

UPDATE = """
    update customers_customer c set version = u.version, status = u.status, status_reason = u.status_reason,
        kyc = u.kyc, kyc_reason = u.kyc_reason, name = coalesce(u.name, c.name),
        email = coalesce(u.email, c.email), address = coalesce(u.address, c.address),
        mobile_number = coalesce(u.mobile_number, c.mobile_number), mobile_key = coalesce(u.mobile_key, c.mobile_key)
    from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
        %b::text[], %b::text[], %b::text[])
        u(id, version, status, status_reason, kyc, kyc_reason, name, email, address, mobile_number, mobile_key)
    where c.id = u.id
"""

BLANK = """
    update customers_customer set name = %s, email = %s, mobile_number = %s,
        address = case when address = '' then '' else %s end
    where id = %s::uuid
"""


def project(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    opened = [_opened(one.event) for one in events if isinstance(one.event, CustomerOpened)]
    write(cursor, OPEN, opened)
    news = _news(events)
    touched = [_touched(one, news.get(one.stream, {})) for one in changed if one.decider is CUSTOMER]
    write(cursor, UPDATE, touched)
    for one in events:
        if isinstance(one.event, CustomerErasureRequested):
            cursor.execute(BLANK, (ERASED, ERASED, ERASED, ERASED, one.event.customer_id))


def _opened(customer: CustomerOpened) -> tuple[Any, ...]:
    return (
        customer.customer_id,
        customer.name,
        customer.email,
        customer.mobile_number,
        customer.mobile_key,
        customer.opened_on,
    )


def _news(events: Sequence[Recorded]) -> dict[str, dict[str, str]]:
    """The last word of the batch on each field of each customer."""
    news: dict[str, dict[str, str]] = {}
    for one in events:
        match one.event:
            case NameChanged(name=name):
                news.setdefault(one.stream, {})["name"] = name
            case EmailChanged(email=email):
                news.setdefault(one.stream, {})["email"] = email
            case AddressChanged(address=address):
                news.setdefault(one.stream, {})["address"] = address
            case MobileNumberChanged(mobile_number=number, mobile_key=key):
                news.setdefault(one.stream, {}).update(mobile_number=number, mobile_key=key)
    return news


def _touched(one: Changed, news: dict[str, str]) -> tuple[Any, ...]:
    customer: Customer = one.state
    standing = (customer.status, customer.status_reason, customer.kyc, customer.kyc_reason)
    return (one.key, one.version, *standing, *(news.get(name) for name in FIELDS))


FIELDS = ("name", "email", "address", "mobile_number", "mobile_key")


CONTACTS = InlineProjection(name="contacts", tables=("customers_customer",), project=project)


# Erasures.

BEGIN = "insert into customers_erasure (customer_id, requested_at, covered) values (%s::uuid, %s, '')"
COVER = """
    update customers_erasure set covered = case when covered = '' then %s else covered || ',' || %s end
    where customer_id = %s::uuid
"""
CERTIFY = "update customers_erasure set certified_at = %s, covered = %s where customer_id = %s::uuid"


def project_erasures(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    """Erasures are few: a statement each."""
    for one in events:
        match one.event:
            case CustomerErasureRequested(customer_id=id):
                cursor.execute(BEGIN, (id, one.recorded_at))
            case ErasureConfirmed(customer_id=id, context=context):
                cursor.execute(COVER, (context, context, id))
            case ErasureCertified(customer_id=id, covered=covered):
                forget(cursor, id, said_on=one.stream)
                cursor.execute(CERTIFY, (one.recorded_at, covered, id))


ERASURES = InlineProjection(name="erasures", tables=("customers_erasure",), project=project_erasures)


# Notices.

REQUEST = """
    insert into customers_notice (id, customer_id, kind, amount_minor, currency, code, requested_at, turned_at,
        retry_at, address, former, status, message_id, outcome_code)
    select u.*, 'waiting', '', ''
    from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::timestamptz[],
        %b::timestamptz[], %b::timestamptz[], %b::text[], %b::uuid[]) u
"""
TURN = """
    update customers_notice set status = %s, message_id = coalesce(%s, message_id), outcome_code = %s,
        turned_at = %s, retry_at = %s
    where id = %s::uuid
"""
FORGET = "update customers_notice set address = %s where customer_id = %s::uuid and address <> ''"


def project_notices(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    asked = [one for one in events if isinstance(one.event, NoticeRequested)]
    write(cursor, REQUEST, [_requested(one.event, one.recorded_at) for one in asked])
    for one in events:
        at = one.recorded_at
        match one.event:
            case NoticeBegun(notice_id=id, message_id=message_id):
                cursor.execute(TURN, ("sending", message_id, "", at, None, id))
            case NoticePutOff(notice_id=id, code=code, wait_s=wait_s):
                cursor.execute(TURN, ("waiting", None, code, at, at + timedelta(seconds=wait_s), id))
            case NoticeEnded(notice_id=id, outcome=outcome, code=code):
                cursor.execute(TURN, (outcome, None, code, at, None, id))
            case CustomerErasureRequested(customer_id=id):
                cursor.execute(FORGET, (ERASED, id))


def _requested(notice: NoticeRequested, at: datetime) -> tuple[Any, ...]:
    told = (notice.kind, notice.amount_minor, notice.currency, notice.code)
    return (notice.notice_id, notice.customer_id, *told, at, at, at, notice.address, notice.former or None)


NOTICES_TABLE = InlineProjection(name="notices", tables=("customers_notice",), project=project_notices)
