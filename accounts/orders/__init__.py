"""What it takes to open accounts and standing orders and to pay cash: the same by HTTP and in the console."""

from datetime import date
from uuid import UUID

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT, ArrangeOverdraft, OpenAccount
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.chart import CASH, AccountKind
from accounts.domain.holder import HOLDER, RequireBorrower
from accounts.domain.interest import Terms
from accounts.domain.products import PRODUCTS
from accounts.domain.standing_order import MAX_PER_ACCOUNT, STANDING_ORDER, EndStandingOrder, OpenStandingOrder
from accounts.iban import DEFAULT_BRANCH, iban_for, known_iban, own_iban
from bank.context import Order
from bank.decider import Refused
from bank.history.eventstore import load

REFERENCE_LENGTH = 140
PAYEE_LENGTH = 70

# Accounts.


def open_account(
    account_id: str,
    *,
    customer_id: str,
    kind: AccountKind,
    currency: str,
    opened_on: date,
    branch: str = DEFAULT_BRANCH,
    overdraft_limit_minor: int = 0,
    terms: Terms | None = None,
) -> tuple[Order, ...]:
    """With the terms of the product of this kind, unless others were agreed on. Raises Refused."""
    require_standing(customer_id, "no account is opened")
    order = OpenAccount(
        account_id=account_id,
        customer_id=customer_id,
        kind=kind,
        currency=currency,
        iban=iban_for(account_id, branch),
        branch=branch,
        opened_on=opened_on,
        overdraft_limit_minor=overdraft_limit_minor,
        terms=PRODUCTS[kind] if terms is None else terms,
    )
    opening = Order(ACCOUNT, account_id, order)
    return (opening, lending_to(customer_id)) if overdraft_limit_minor else (opening,)


def arrange_overdraft(account_id: str, limit_minor: int, currency: str) -> tuple[Order, ...]:
    """Whoever is to be lent more must be somebody the bank lends to; less is arranged with everybody."""
    arranging = Order(ACCOUNT, account_id, ArrangeOverdraft(account_id, limit_minor, currency))
    account = queries.account(account_id)
    if account is None or limit_minor <= account.overdraft_limit_minor:
        return (arranging,)
    return arranging, lending_to(str(account.customer_id))


def lending_to(customer_id: str) -> Order:
    """Refuses the unit where nothing is lent to this customer."""
    return Order(HOLDER, customer_id, RequireBorrower(customer_id))


def require_standing(customer_id: str, so: str) -> None:
    """Refused where Customers has said that the bank begins nothing new with the customer, and says what is not done.
    It may say otherwise later, so the refusal is not remembered."""
    holder, _ = load(ACCOUNTS, HOLDER, customer_id)
    if holder.standing != "active":
        raise Refused(f"customer_{holder.standing}", f"This customer is {holder.standing}: {so}.")


def account_named(text: str) -> str | None:
    """The account with this IBAN, however it is printed, or with this id."""
    if iban := known_iban(text):
        return queries.ids_by_iban([iban]).get(iban)
    try:
        found = queries.account(UUID(text))
    except ValueError:
        return None
    return str(found.pk) if found else None


def account_of_iban(iban: str) -> str:
    """Raises Refused, which is not remembered: the account may be opened yet."""
    found = queries.ids_by_iban([iban]).get(iban)
    if found is None:
        raise Refused("payee_not_found", "No account of this bank has this IBAN.")
    return found


# Cash, at the counter.


def pay_in(account_id: str, amount_minor: int, currency: str, *, booked_on: date, reference: str) -> Order:
    order = CreditMoney(
        account_id=account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=CASH,
        booked_on=booked_on,
        reference=reference,
    )
    return Order(ACCOUNT, account_id, order)


def pay_out(account_id: str, amount_minor: int, currency: str, *, booked_on: date, reference: str) -> Order:
    order = DebitMoney(
        account_id=account_id,
        amount_minor=amount_minor,
        currency=currency,
        contra=CASH,
        booked_on=booked_on,
        reference=reference,
    )
    return Order(ACCOUNT, account_id, order)


# Standing orders.


def destination(to_account_id: str | None, to_iban: str | None, payee: str) -> tuple[str | None, str]:
    """The account of this bank that is paid, or else the payee at another. An IBAN of this bank means its account,
    wherever it is written. Raises Refused where there is none."""
    if to_account_id is None and (ours := own_iban(to_iban or payee)):
        return account_of_iban(ours), ""
    return to_account_id, to_iban or payee


def open_standing_order(
    order_id: str,
    account: queries.AccountRow,
    *,
    to_account_id: str | None,
    payee: str,
    amount_minor: int,
    reference: str,
    opened_on: date,
    first_on: date,
) -> Order:
    """From an account that has room for it, in the account's currency."""
    opening = OpenStandingOrder(
        order_id=order_id,
        account_id=str(account.pk),
        customer_id=str(account.customer_id),
        to_account_id=to_account_id,
        payee=payee,
        amount_minor=amount_minor,
        currency=account.currency,
        reference=reference,
        opened_on=opened_on,
        first_on=first_on,
    )
    return Order(STANDING_ORDER, order_id, opening)


def require_room(account_id: str | UUID, order_id: str) -> queries.AccountRow:
    """The account from which this standing order may be paid besides its others. What is refused may be different
    later, so the refusal is not remembered."""
    account = queries.account(account_id)
    if account is None:
        raise Refused("account_not_open", "There is no open account with this number.")
    if account.status == "closed":
        raise Refused("account_closed", "The account has been closed: nothing is paid from it any more.")
    require_standing(str(account.customer_id), "no standing order is begun")
    if queries.count_active_standing_orders(account_id, besides=order_id) >= MAX_PER_ACCOUNT:
        reason = f"At most {MAX_PER_ACCOUNT} standing orders are paid from an account: end one of them first."
        raise Refused("too_many_standing_orders", reason)
    return account


def end_standing_order(order_id: str, ended_on: date) -> Order:
    return Order(STANDING_ORDER, order_id, EndStandingOrder(order_id, ended_on))
