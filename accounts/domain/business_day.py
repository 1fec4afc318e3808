"""The bank's calendar: which business days have ended, and for which accounts they could not.

One stream for all of Accounts, and one event a day. An account that fails is left behind by name: the day ends without
it, and every later run tries its days again, in their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from accounts.domain.interest import day_after
from bank.decider import Decider, Refused

KEY = "accounts"

MAX_BEHIND = 100
"""When more accounts are left behind it is the bank that is broken, and its day does not end."""

# Facts.


@dataclass(frozen=True, slots=True)
class BusinessDayEnded:
    day: date


@dataclass(frozen=True, slots=True)
class AccountLeftBehind:
    """`day` is the first that ended without the account; `error` is for operators and quotes nothing."""

    account_id: str
    day: date
    error: str


@dataclass(frozen=True, slots=True)
class AccountCaughtUp:
    """Its days have ended through `day`, like everybody's."""

    account_id: str
    day: date


Event = BusinessDayEnded | AccountLeftBehind | AccountCaughtUp

# State.


@dataclass(frozen=True, slots=True)
class Calendar:
    """`behind` is the first day that has not ended for an account, of those that were left behind."""

    last_ended: date | None = None
    behind: Mapping[str, date] = field(default_factory=dict)


def evolve(calendar: Calendar, event: Event) -> Calendar:
    match event:
        case BusinessDayEnded(day=day):
            return Calendar(day, calendar.behind)
        case AccountLeftBehind(account_id=account_id, day=day):
            return Calendar(calendar.last_ended, {**calendar.behind, account_id: day})
        case AccountCaughtUp(account_id=account_id):
            behind = {other: day for other, day in calendar.behind.items() if other != account_id}
            return Calendar(calendar.last_ended, behind)
        case _:
            assert_never(event)


# Orders.


@dataclass(frozen=True, slots=True)
class EndBusinessDay:
    """`failed` are the accounts for which the day could not end, and the error of each."""

    day: date
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatchUpAccount:
    """Always one batch with the account's own days, which end with `through`."""

    account_id: str
    through: date


Command = EndBusinessDay | CatchUpAccount

# Decisions.


def decide(calendar: Calendar, command: Command) -> list[Event]:
    match command:
        case EndBusinessDay():
            return end(calendar, command)
        case CatchUpAccount():
            return catch_up(calendar, command)
        case _:
            assert_never(command)


def end(calendar: Calendar, command: EndBusinessDay) -> list[Event]:
    """Days end in their order; the first may be any. One that has ended stays as it is."""
    last = calendar.last_ended
    if last is not None and command.day <= last:
        return []
    if last is not None and command.day != day_after(last):
        raise Refused("day_left_out", f"{day_after(last)} has not ended yet.")
    new = [one for one in command.failed if one not in calendar.behind]
    if len(calendar.behind) + len(new) > MAX_BEHIND:
        raise Refused("too_many_left_behind", f"It would be left out for more than {MAX_BEHIND} accounts.")
    left = [AccountLeftBehind(one, command.day, command.failed[one]) for one in new]
    return [*left, BusinessDayEnded(command.day)]


def catch_up(calendar: Calendar, command: CatchUpAccount) -> list[Event]:
    """Where another day has ended meanwhile, the account stays behind."""
    if command.account_id not in calendar.behind or command.through != calendar.last_ended:
        return []
    return [AccountCaughtUp(command.account_id, command.through)]


def booking_day(today: date, last_ended: date | None) -> date:
    """On which day is booked what is asked for today: the business date, or today where that is behind."""
    return today if last_ended is None else max(today, day_after(last_ended))


BUSINESS_DAY = Decider(
    name="businessday",
    initial=Calendar(),
    decide=decide,
    evolve=evolve,
    events={
        "BusinessDayEnded.v1": BusinessDayEnded,
        "AccountLeftBehind.v1": AccountLeftBehind,
        "AccountCaughtUp.v1": AccountCaughtUp,
    },
    state_version=2,
)
