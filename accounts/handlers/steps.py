"""What the steps of several processes have in common."""

from collections.abc import Callable

from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney, DebitMoney
from accounts.domain.chart import TransitKind
from accounts.domain.process import PROCESS, BookOwnAccounts, ClearTransit, Decline, ReceiveTransit
from accounts.domain.process.facts import CreditDeclined, DebitDeclined
from bank.context import Order, Unit, step_id
from bank.decider import Refused


def into_transit(process_id: str, kind: TransitKind, debit: DebitMoney) -> Unit:
    """From the account into transit until the other context has taken it up; or the process says why not."""
    amount_minor, currency = debit.amount_minor, debit.currency

    def decline(refused: Refused) -> Order:
        answer = DebitDeclined(debit.account_id, process_id, amount_minor, currency, refused.code)
        return Order(PROCESS, process_id, Decline(answer))

    return Unit(
        Order(ACCOUNT, debit.account_id, debit),
        Order(PROCESS, process_id, ReceiveTransit(process_id, kind, amount_minor, currency, debit.booked_on)),
        id=step_id(process_id, "debit"),
        otherwise=decline,
    )


def booked(step: str, order: ClearTransit | BookOwnAccounts) -> Unit:
    """A step that is the ledger's alone: no account takes part in it."""
    return Unit(Order(PROCESS, order.process_id, order), id=step_id(order.process_id, step))


def not_credited(process_id: str, credit: CreditMoney) -> Callable[[Refused], Order]:
    """What a unit does where the account does not take the money: its process says so, and why."""

    def decline(refused: Refused) -> Order:
        answer = CreditDeclined(credit.account_id, process_id, credit.amount_minor, credit.currency, refused.code)
        return Order(PROCESS, process_id, Decline(answer))

    return decline
