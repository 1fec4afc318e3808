"""The bank's calendar: which business days have ended. One stream for all of Accounts, and one event a day."""

from dataclasses import dataclass
from datetime import date

from accounts.domain.interest import day_after
from bank.decider import Decider, Refused

KEY = "accounts"

# Facts.


@dataclass(frozen=True, slots=True)
class BusinessDayEnded:
    day: date


# State.


@dataclass(frozen=True, slots=True)
class Calendar:
    last_ended: date | None = None


def evolve(_calendar: Calendar, event: BusinessDayEnded) -> Calendar:
    return Calendar(event.day)


# Orders and decisions.


@dataclass(frozen=True, slots=True)
class EndBusinessDay:
    day: date


def decide(calendar: Calendar, command: EndBusinessDay) -> list[BusinessDayEnded]:
    """Days end in their order; the first may be any. One that has ended stays as it is."""
    last = calendar.last_ended
    if last is not None and command.day <= last:
        return []
    if last is not None and command.day != day_after(last):
        raise Refused("day_left_out", f"{day_after(last)} has not ended yet.")
    return [BusinessDayEnded(command.day)]


def booking_day(today: date, last_ended: date | None) -> date:
    """On which day is booked what is asked for today: the business date, or today where that is behind."""
    return today if last_ended is None else max(today, day_after(last_ended))


BUSINESS_DAY = Decider(
    name="businessday",
    initial=Calendar(),
    decide=decide,
    evolve=evolve,
    events={"BusinessDayEnded.v1": BusinessDayEnded},
)
