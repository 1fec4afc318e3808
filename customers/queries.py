"""All reads of Customers."""

from typing import Any, TypeAlias
from uuid import UUID

from customers.models import Customer, Erasure

CustomerRow: TypeAlias = Customer
ErasureRow: TypeAlias = Erasure


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
