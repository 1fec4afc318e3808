"""All reads of Customers."""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from customers.models import Customer, Erasure, Notice

CustomerRow: TypeAlias = Customer
ErasureRow: TypeAlias = Erasure
NoticeRow: TypeAlias = Notice


def customer(customer_id: UUID | str) -> Customer | None:
    return Customer.objects.filter(pk=customer_id).first()


def customers(*, mobile_number: str | None, after: tuple[Any, ...] | None, limit: int) -> list[Customer]:
    """By id; all of them, or who has a mobile number in E.164."""
    found = Customer.objects.order_by("id")
    if mobile_number is not None:
        found = found.filter(mobile_number=mobile_number)
    if after is not None:
        found = found.filter(id__gt=after[0])
    return list(found[:limit])


def erasure(customer_id: UUID | str) -> Erasure | None:
    return Erasure.objects.filter(pk=customer_id).first()


def notice(notice_id: UUID | str) -> Notice | None:
    return Notice.objects.filter(pk=notice_id).first()


def notices_due(now: datetime, *, limit: int) -> list[Notice]:
    """Those that wait and may be tried now, the oldest first."""
    return list(Notice.objects.filter(status="waiting", retry_at__lte=now).order_by("retry_at", "id")[:limit])


def notices_lost(*, before: datetime) -> list[Notice]:
    """Those whose sending began before and has not ended."""
    return list(Notice.objects.filter(status="sending", turned_at__lt=before)[:1000])
