"""All reads of Customers."""

from uuid import UUID

from customers.models import Customer


def customer(customer_id: UUID | str) -> Customer | None:
    return Customer.objects.filter(pk=customer_id).first()
