"""What giving back out of suspense amounts to: a proposal, or the payment of what another operator has proposed."""

from dataclasses import dataclass

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney
from accounts.domain.chart import SUSPENSE
from accounts.domain.process import PROCESS
from accounts.domain.process.facts import TransitReceived
from accounts.domain.process.suspense import PayOut, ProposePayout
from bank.context import Order
from bank.history.eventstore import load, read_stream
from bank.outcomes import find


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asks for. Without an account it is the one the money came from, without an amount all of it;
    without somebody whose proposal it `agrees_with`, it is one."""

    process_id: str
    operator: str
    account_id: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    agrees_with: str | None = None


def paying_out(wish: Wish) -> tuple[Order, ...]:
    """A proposal; where it agrees with another one's, the payment."""
    process, _ = load(ACCOUNTS, PROCESS, wish.process_id)
    payer = payer_of(wish.process_id)
    account_id = wish.account_id or str(payer.pk)
    amount_minor = process.in_suspense_minor if wish.amount_minor is None else wish.amount_minor
    asked = (wish.process_id, account_id, amount_minor, wish.currency or process.currency, wish.operator)
    today = queries.booking_day()
    if wish.agrees_with is not None:
        return pays(PayOut(*asked, today, wish.agrees_with), str(payer.customer_id))
    holder, _ = queries.owner(account_id)
    propose = ProposePayout(*asked, today, is_of_customer=holder == payer.customer_id)
    return (Order(PROCESS, wish.process_id, propose),)


def pays(order: PayOut, customer_id: str) -> tuple[Order, ...]:
    """One unit: the process says so, the customer's account books it. It says nothing personal, so it reaches a
    customer too who is being forgotten."""
    credit = CreditMoney(
        account_id=order.account_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
        contra=SUSPENSE,
        booked_on=order.booked_on,
        process_id=order.process_id,
        customer_id=customer_id,
    )
    return Order(PROCESS, order.process_id, order), Order(ACCOUNT, order.account_id, credit)


def payer_of(process_id: str) -> queries.AccountRow:
    """The account in whose unit the process first received money."""
    events = read_stream(ACCOUNTS, PROCESS.stream(process_id))
    received = next(one for one in events if isinstance(one.event, TransitReceived))
    unit = find(ACCOUNTS, received.metadata.command_id)
    streams = unit.streams if unit else ()
    (key,) = (stream.removeprefix("account-") for stream in streams if stream.startswith("account-"))
    account = queries.account(key)
    if account is None:
        raise LookupError(f"Process {process_id} received money from an account that is not there: {key}.")
    return account
