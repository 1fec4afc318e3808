"""A transfer between two accounts of the bank: two halves of one unit, through transfer clearing."""

from datetime import date
from uuid import UUID

from accounts.domain.account import ACCOUNT, CreditMoney, DebitMoney
from accounts.domain.chart import TRANSFER_CLEARING
from bank.context import Order, Unit
from bank.recorded import Origin


def transfer(
    *,
    from_account_id: str,
    to_account_id: str,
    amount_minor: int,
    currency: str,
    booked_on: date,
    reference: str = "",
    customer_id: str | None = None,
    expected_version: int | None = None,
    id: UUID | None = None,
    origin: Origin | None = None,
    fingerprint: bytes = b"",
) -> Unit:
    """Both halves or none. `customer_id`, if given, must own the account that pays; `expected_version` is its own."""
    out = DebitMoney(
        account_id=from_account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=TRANSFER_CLEARING,
        booked_on=booked_on,
        reference=reference,
        counterparty=to_account_id,
        customer_id=customer_id,
    )
    into = CreditMoney(
        account_id=to_account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=TRANSFER_CLEARING,
        booked_on=booked_on,
        reference=reference,
        counterparty=from_account_id,
    )
    return Unit(
        Order(ACCOUNT, from_account_id, out, expected_version),
        Order(ACCOUNT, to_account_id, into),
        id=id,
        origin=origin,
        fingerprint=fingerprint,
    )
