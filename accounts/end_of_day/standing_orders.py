"""Standing orders executed at the end of a day: each period once, whoever is killed meanwhile.

The money moves in the same unit in which the order says that it was executed, and the unit's id is made of the order
and the day its period is due. An account that does not pay is heard: the period is missed, and why.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import DebitMoney
from accounts.domain.chart import OTHER_BANKS
from accounts.domain.standing_order import (
    STANDING_ORDER,
    ExecuteStandingOrder,
    MissStandingOrder,
)
from accounts.domain.transfer import halves
from accounts.models import StandingOrder
from accounts.orders import end_standing_order
from bank.business_day import Report
from bank.context import Order, Unit, step_id
from bank.decider import Refused
from bank.recorded import Origin
from bank.sweeping import Failures, execute_each, took_effect

BATCH = 200
ORIGIN = Origin(actor="service:accounts")


MANY = 10_000
"""One account that fails may be paid by as many."""


def execute_due(day: date, report: Report, behind: Collection[str], failures: Failures) -> Counter[str]:
    """What became now of the standing orders that are due by that day. One that failed, or that is of an account which
    was left behind, is due on the next."""
    outcomes, failed = Counter[str](), Failures(most=MANY)
    total, done, after = queries.count_standing_orders_due(day), 0, None
    while page := queries.standing_orders_due(day, after=after, limit=BATCH):
        closed = queries.closed_among({str(order.account_id) for order in page})
        payable = [one for one in page if not {str(one.account_id), str(one.to_account_id)} & set(behind)]
        units = [ending(one, day) if str(one.account_id) in closed else executing(one, day) for one in payable]
        for unit, result in zip(units, execute_each(ACCOUNTS, units, failed), strict=True):
            if result is not None and took_effect(result):
                outcomes[became(unit, result.streams)] += 1
        after, done = str(page[-1].pk), done + len(page)
        report(f"orders {day}", done, max(total, done))
    failures.add(failed)
    return outcomes


def became(unit: Unit, streams: tuple[str, ...]) -> str:
    if len(unit.orders) == 1:
        return "standing_orders_ended"
    return "standing_orders_executed" if len(streams) > 1 else "standing_orders_missed"


def ending(standing: StandingOrder, day: date) -> Unit:
    """Its account has been closed."""
    return Unit(end_standing_order(str(standing.pk), day), id=step_id(str(standing.pk), "end"), origin=ORIGIN)


def executing(standing: StandingOrder, day: date) -> Unit:
    order_id = str(standing.pk)

    def miss(refused: Refused) -> Order:
        return Order(STANDING_ORDER, order_id, MissStandingOrder(order_id, day, refused.code))

    return Unit(
        Order(STANDING_ORDER, order_id, ExecuteStandingOrder(order_id, day)),
        *paying(standing, day),
        id=step_id(order_id, f"due/{standing.next_on}"),
        otherwise=miss,
        origin=ORIGIN,
    )


def paying(standing: StandingOrder, day: date) -> Iterator[Order]:
    account_id = str(standing.account_id)
    if standing.to_account_id is not None:
        yield from halves(
            from_account_id=account_id,
            to_account_id=str(standing.to_account_id),
            amount_minor=standing.amount_minor,
            currency=standing.currency,
            booked_on=day,
            reference=standing.reference,
            automatic=True,
        )
        return
    debit = DebitMoney(
        account_id=account_id,
        amount_minor=standing.amount_minor,
        currency=standing.currency,
        contra=OTHER_BANKS,
        booked_on=day,
        reference=standing.reference or standing.payee,
        automatic=True,
    )
    yield Order(ACCOUNT, account_id, debit)
