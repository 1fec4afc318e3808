"""What the end of days would do, decided in memory: nothing is written, and nobody waits for it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.day import EndDay
from accounts.domain.standing_order import STANDING_ORDER
from accounts.end_of_day.standing_orders import BATCH, ending, executing
from bank.business_day import Report
from bank.context import Order, Unit
from bank.decider import Decider, Refused
from bank.history import codec
from bank.history.eventstore import load
from bank.sweeping import Failures, attempt

OUTCOMES = {
    "StandingOrderExecuted.v1": "standing_orders_executed",
    "StandingOrderMissed.v1": "standing_orders_missed",
    "StandingOrderEnded.v1": "standing_orders_ended",
}


def rehearse(days: Sequence[date], report: Report) -> Mapping[str, int]:
    """What standing orders would come to, and what would happen to accounts, by the events' names. Raises
    `LeftBehind`."""
    counts, failures = Counter[str](), Failures()
    orders = list(due(days[-1])) if days else []
    paying = {str(id) for order in orders for id in (order.account_id, order.to_account_id) if id is not None}
    counts.update(with_orders(days, orders, sorted(paying), failures))
    counts.update(without_orders(days, paying, report, failures))
    told = {OUTCOMES.get(name, name): count for name, count in sorted(counts.items())}
    return failures.over({"days": len(days), **told})


def due(until: date) -> Iterator[queries.StandingOrderRow]:
    after = None
    while page := queries.standing_orders_due(until, after=after, limit=BATCH):
        yield from page
        after = str(page[-1].pk)


def with_orders(
    days: Sequence[date], orders: Sequence[queries.StandingOrderRow], accounts: Sequence[str], failures: Failures
) -> Iterator[str]:
    """Of standing orders and of the accounts between which they move money: what one is paid, the next may pay."""
    world = World()
    for day in days:
        for order in orders:
            yield from attempt(STANDING_ORDER.stream(str(order.pk)), partial(world.pay, order, day), failures) or ()
        for account_id in accounts:
            yield from attempt(ACCOUNT.stream(account_id), partial(world.end, account_id, day), failures) or ()


def without_orders(days: Sequence[date], others: set[str], report: Report, failures: Failures) -> Iterator[str]:
    """Of all other accounts, of which one at a time is kept in memory."""
    total, done, after = queries.count_open(), 0, None
    while days and (page := queries.open_accounts(after=after, limit=BATCH)):
        for account_id in page:
            if account_id not in others:
                yield from attempt(ACCOUNT.stream(account_id), partial(ended, account_id, days), failures) or ()
        after, done = page[-1], done + len(page)
        report("dry run", done, max(total, done))


def ended(account_id: str, days: Sequence[date]) -> list[str]:
    world = World()
    return [name for day in days for name in world.end(account_id, day)]


@dataclass(slots=True)
class World:
    """Aggregates as they would stand, each read when it is first asked for."""

    states: dict[str, Any] = field(default_factory=dict)

    def end(self, account_id: str, day: date) -> list[str]:
        return self.execute(Unit(Order(ACCOUNT, account_id, EndDay(account_id, day))))

    def pay(self, order: queries.StandingOrderRow, day: date) -> list[str]:
        is_closed = self.state(ACCOUNT, str(order.account_id)).is_closed
        return self.execute(ending(order, day) if is_closed else executing(order, day))

    def execute(self, unit: Unit) -> list[str]:
        """The names of the events: of all its orders, or of what the unit does otherwise."""
        try:
            return self.decided(unit.orders)
        except Refused as refused:
            return self.decided((unit.otherwise(refused),)) if unit.otherwise else []

    def decided(self, orders: Sequence[Order]) -> list[str]:
        after, names = dict[str, Any](), list[str]()
        for order in orders:
            state = after[order.stream] if order.stream in after else self.state(order.decider, order.key)
            events = order.decider.decide(state, order.command)
            after[order.stream] = order.decider.fold(state, events)
            names += [codec.names(order.decider)[type(event)] for event in events]
        self.states |= after
        return names

    def state(self, decider: Decider[Any, Any, Any], key: str) -> Any:
        stream = decider.stream(key)
        if stream not in self.states:
            self.states[stream] = load(ACCOUNTS, decider, key)[0]
        return self.states[stream]
