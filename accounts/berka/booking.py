"""That bank's accounts opened, transactions booked and standing orders kept, each once however often it is done."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from accounts.berka.lines import CURRENCY, AccountLine, BookedLine, OrderLine, accounts, orders, transactions
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, OpenAccount
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.standing_order import STANDING_ORDER, OpenStandingOrder
from bank.business_day import Report
from bank.context import Order, Unit
from bank.importing import ORIGIN, Imported, count, do, fingerprint, id_of


def import_books(directory: Path, report: Report) -> Mapping[str, Imported]:
    opened = map(opening, accounts(directory))
    booked = map(booking, transactions(directory))
    standing = map(ordering, orders(directory))
    return {
        "accounts": do(ACCOUNTS, "accounts", opened, count(directory / "account.asc"), report),
        "transactions": do(ACCOUNTS, "transactions", booked, count(directory / "trans.asc"), report),
        "standing orders": do(ACCOUNTS, "standing orders", standing, count(directory / "order.asc"), report),
    }


def opening(line: AccountLine) -> Unit:
    order = OpenAccount(
        account_id=line.account_id,
        customer_id=line.customer_id,
        kind="current",
        currency=CURRENCY,
        iban=line.iban,
        branch=line.branch,
        opened_on=line.opened_on,
    )
    said = fingerprint(line.customer_id, line.branch, line.opened_on)
    return Unit(Order(ACCOUNT, line.account_id, order), id=UUID(line.account_id), origin=ORIGIN, fingerprint=said)


def booking(line: BookedLine) -> Unit:
    """It has happened, so it is booked, even below zero: some of the printed balances are."""
    order: CreditMoney | DebitMoney
    if line.is_credit:
        order = CreditMoney(
            line.account_id, line.amount_minor, CURRENCY, line.contra, line.booked_on, reference=line.reference
        )
    else:
        order = DebitMoney(
            account_id=line.account_id,
            amount_minor=line.amount_minor,
            currency=CURRENCY,
            contra=line.contra,
            booked_on=line.booked_on,
            reference=line.reference,
            allow_unarranged=True,
        )
    return Unit(
        Order(ACCOUNT, line.account_id, order),
        id=UUID(id_of("trans", line.number)),
        origin=ORIGIN,
        fingerprint=fingerprint(line.account, line.booked_on, line.signed_minor, line.contra, line.reference),
    )


def ordering(line: OrderLine) -> Unit:
    order = OpenStandingOrder(
        order_id=line.order_id,
        account_id=line.account_id,
        customer_id=line.customer_id,
        to_account_id=None,
        payee=line.payee,
        amount_minor=line.amount_minor,
        currency=CURRENCY,
        reference=line.reference,
        opened_on=line.opened_on,
        first_on=line.first_on,
    )
    said = fingerprint(line.account_id, line.payee, line.amount_minor, line.reference)
    return Unit(Order(STANDING_ORDER, line.order_id, order), id=UUID(line.order_id), origin=ORIGIN, fingerprint=said)
