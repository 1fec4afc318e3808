"""Interest day by day, exact until it is posted.

A day's interest is the balance at its end times the annual rate over 365, in every year (ACT/365 Fixed: ISDA 2006
Definitions, section 4.16(d)). Until it is posted it is kept as a whole number of units, of which 365 · 10,000 make one
minor unit: a balance in minor units times a rate in basis points times days. So no split of days loses anything.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from bank.money import round_half_even

UNITS_PER_MINOR = 365 * 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a product costs and bears: annual rates in basis points, a monthly fee in minor units."""

    interest_bps: int = 0
    overdraft_bps: int = 0
    monthly_fee_minor: int = 0

    @property
    def bear_interest(self) -> bool:
        return self.interest_bps != 0 or self.overdraft_bps != 0


@dataclass(frozen=True, slots=True)
class Accrued:
    """What the bank owes for the customer's money and the customer for the bank's, for the days before `until`."""

    until: date = date.min
    credit_units: int = 0
    debit_units: int = 0

    @property
    def credit_minor(self) -> int:
        return rounded(self.credit_units)

    @property
    def debit_minor(self) -> int:
        return rounded(self.debit_units)


NO_TERMS = Terms()
NOTHING_ACCRUED = Accrued()


def accrue(accrued: Accrued, balance_minor: int, terms: Terms, until: date) -> Accrued:
    """With the interest of a balance that stood still from the first day not accrued until the day before `until`.

    A day that has been accrued stays as it is: what is booked late bears interest from the first day that has not.
    """
    days = (until - accrued.until).days
    if days <= 0:
        return accrued
    if balance_minor >= 0:
        earned = balance_minor * terms.interest_bps * days
        return replace(accrued, until=until, credit_units=accrued.credit_units + earned)
    owed = -balance_minor * terms.overdraft_bps * days
    return replace(accrued, until=until, debit_units=accrued.debit_units + owed)


def rounded(units: int) -> int:
    """Minor units, ties to even."""
    return round_half_even(Fraction(units, UNITS_PER_MINOR)) if units else 0


def day_after(day: date) -> date:
    return day + timedelta(days=1)


def is_month_end(day: date) -> bool:
    return day_after(day).day == 1


def year_after(day: date) -> date:
    """The same day of the next year; after 29 February, 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
