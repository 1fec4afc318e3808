"""A transfer between two accounts of the bank: two halves of one unit, through transfer clearing."""

from datetime import date

from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.chart import TRANSFER_CLEARING
from bank.context import Order


def halves(
    *,
    from_account_id: str,
    to_account_id: str,
    amount_minor: int,
    currency: str,
    booked_on: date,
    reference: str = "",
    customer_id: str | None = None,
    automatic: bool = False,
) -> tuple[Order, Order]:
    """The debit and the credit, for one unit. `customer_id`, if given, must own the account that pays, and asks
    for it now. `automatic`: a standing order does. Either way who pays hears nothing of another's account, and the
    bank's people, who ask with neither, hear all."""
    out = DebitMoney(
        account_id=from_account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=TRANSFER_CLEARING,
        booked_on=booked_on,
        reference=reference,
        counterparty=to_account_id,
        customer_id=customer_id,
        automatic=automatic,
    )
    into = CreditMoney(
        account_id=to_account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=TRANSFER_CLEARING,
        booked_on=booked_on,
        reference=reference,
        counterparty=from_account_id,
        discreet=automatic or customer_id is not None,
        paid_by=customer_id,
    )
    return Order(ACCOUNT, from_account_id, out), Order(ACCOUNT, to_account_id, into)
