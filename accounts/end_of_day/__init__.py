"""Accounts' part of the end of a day: standing orders, then interest, fees and dormancy, in batches, each day once.

What happens to an account on a day bears an id made of both: whoever runs it again, or beside another, finds it done.
An account that fails does not hold the day: the calendar keeps it as left behind, and each run tries those first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from functools import partial

from accounts import queries
from accounts.context import ACCOUNTS
from accounts.domain.account import ACCOUNT
from accounts.domain.account.day import EndDay
from accounts.domain.business_day import BUSINESS_DAY, KEY, Calendar, CatchUpAccount, EndBusinessDay
from accounts.domain.interest import day_after
from accounts.end_of_day.rehearsal import rehearse
from accounts.end_of_day.standing_orders import execute_due
from bank.business_day import DayNotEnded, Report, last_due
from bank.context import Order, Unit, step_id
from bank.db import alone
from bank.execution import execute
from bank.history.eventstore import load
from bank.recorded import Origin
from bank.sweeping import Failures, attempt, execute_each, took_effect

BATCH = 200
"""Accounts in one transaction: whoever pays from one of them meanwhile waits for all."""

ORIGIN = Origin(actor="service:accounts")


def end_of_day(until: date, *, dry_run: bool, report: Report) -> Mapping[str, int]:
    """Moves the business date: ends every day that has not ended, through `until`; the first time, that day alone.
    Who fails is left behind by name (`LeftBehind`)."""
    days = list(to_end(queries.last_ended_day(), until))
    if dry_run:
        return rehearse(days, report)
    failures, changed = Failures(), 0
    others = Counter(accounts_caught_up=catch_up_behind(failures))
    for day in days:
        others += execute_due(day, report, calendar().behind, failures)
        changed += end(day, report, failures)
    return failures.over({"days": len(days), "changed": changed, **+others})


def catch_up(now: datetime, at: time | None) -> Mapping[str, int]:
    """End what should have ended by now, unless somebody is at it; nothing where it has, or where it is people's."""
    if at is None:
        return {}
    until, last = last_due(now, at), queries.last_ended_day()
    if last is not None and last >= until:
        return {}
    with alone("accounts", "end-of-day") as is_alone:
        return end_of_day(until, dry_run=False, report=quiet) if is_alone else {}


def quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody looks on."""


def to_end(last: date | None, until: date) -> Iterator[date]:
    return days_from(until if last is None else day_after(last), until)


def days_from(day: date, until: date) -> Iterator[date]:
    while day <= until:
        yield day
        day = day_after(day)


def end(day: date, report: Report, failures: Failures) -> int:
    """On how many accounts something happened now. One that failed, now or before, is left behind."""
    changed, failed, behind = 0, Failures(), calendar().behind
    for page in pages(day, report):
        units = [ending(account_id, day) for account_id in page if account_id not in behind]
        changed += sum(map(took_effect, execute_each(ACCOUNTS, units, failed)))
    failures.add(failed)
    close(day, {failure.stream.partition("-")[2]: failure.error for failure in failed})
    return changed


def close(day: date, failed: Mapping[str, str]) -> None:
    (closed,) = execute(ACCOUNTS, [Unit(Order(BUSINESS_DAY, KEY, EndBusinessDay(day, failed)))])
    if closed.outcome == "refused":
        raise DayNotEnded(day, closed.reason)


def calendar() -> Calendar:
    state: Calendar = load(ACCOUNTS, BUSINESS_DAY, KEY)[0]
    return state


def catch_up_behind(failures: Failures) -> int:
    """End the days of those who were left behind, each through the last that has ended or not at all; for how many."""
    now, caught_up = calendar(), 0
    for account_id, since in now.behind.items():
        through = now.last_ended or since
        days = [ending(account_id, day) for day in days_from(since, through)]
        done = Unit(Order(BUSINESS_DAY, KEY, CatchUpAccount(account_id, through)), origin=ORIGIN)
        results = attempt(ACCOUNT.stream(account_id), partial(execute, ACCOUNTS, [*days, done]), failures)
        caught_up += results is not None and took_effect(results[-1])
    return caught_up


def ending(account_id: str, day: date) -> Unit:
    order = Order(ACCOUNT, account_id, EndDay(account_id, day))
    return Unit(order, id=step_id(account_id, f"end-of-day/{day}"), origin=ORIGIN)


def pages(day: date, report: Report) -> Iterator[list[str]]:
    """The ids of the accounts to which something may happen that day, in their order."""
    total, done, after = queries.count_to_end(day), 0, None
    while page := queries.accounts_to_end(day, after=after, limit=BATCH):
        yield page
        after, done = page[-1], done + len(page)
        report(f"{day}", done, max(total, done))
