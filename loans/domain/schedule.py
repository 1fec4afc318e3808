"""The annuity schedule of a loan, exact to the minor unit, and how money paid is allocated to it."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from bank.money import round_half_even

MONTHS_PER_YEAR = 12
BPS = 10_000


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int
    due_on: date
    interest_minor: int
    principal_minor: int

    @property
    def amount_minor(self) -> int:
        return self.interest_minor + self.principal_minor


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sum of money pays: of the interest, and of the principal."""

    interest_minor: int = 0
    principal_minor: int = 0

    @property
    def amount_minor(self) -> int:
        return self.interest_minor + self.principal_minor


def level_instalment_minor(principal_minor: int, rate_bps: int, term_months: int) -> int:
    """What is due each month, ties to even.

    The instalment A of an annuity-immediate with present value P over n months at the monthly rate i is

        A = P · i / (1 − (1 + i)^−n),        A = P / n where i = 0

    (S. G. Kellison, *The Theory of Interest*, ch. 3.2). i is a twelfth of the nominal annual rate; all exact fractions.
    """
    rate = monthly_rate(rate_bps)
    if rate == 0:
        return round_half_even(Fraction(principal_minor, term_months))
    return round_half_even(principal_minor * rate / (1 - (1 + rate) ** -term_months))


@lru_cache(maxsize=512)
def annuity(principal_minor: int, rate_bps: int, term_months: int, starts_on: date) -> tuple[Instalment, ...]:
    """The instalments in order, due monthly after `starts_on`.

    Interest is that month's on what is still owed, rounded to the minor unit, ties to even; the rest of the level
    instalment is principal. The last one takes whatever is left, so the principal parts sum to the principal exactly.
    """
    level = level_instalment_minor(principal_minor, rate_bps, term_months)
    rate, owed = monthly_rate(rate_bps), principal_minor
    instalments = []
    for number in range(1, term_months + 1):
        interest = round_half_even(owed * rate)
        principal = owed if number == term_months else min(level - interest, owed)
        owed -= principal
        instalments.append(Instalment(number, months_after(starts_on, number), interest, principal))
    return tuple(instalments)


def monthly_rate(rate_bps: int) -> Fraction:
    return Fraction(rate_bps, BPS * MONTHS_PER_YEAR)


def months_after(start: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day: 31 January → 28 February → 31 March."""
    year, month = divmod(start.year * MONTHS_PER_YEAR + start.month - 1 + months, MONTHS_PER_YEAR)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def paid(instalments: Iterable[Instalment], paid_minor: int) -> Iterator[tuple[Instalment, Parts]]:
    """Each instalment with what all the money paid so far has paid of it.

    The oldest first, so what is past due comes before what is not; in each the interest, then the principal.
    """
    left = paid_minor
    for instalment in instalments:
        interest = min(left, instalment.interest_minor)
        principal = min(left - interest, instalment.principal_minor)
        left -= interest + principal
        yield instalment, Parts(interest, principal)


def allocate(instalments: Iterable[Instalment], paid_minor: int) -> Parts:
    """What all the money paid so far has paid."""
    interest = principal = 0
    for _, parts in paid(instalments, paid_minor):
        interest += parts.interest_minor
        principal += parts.principal_minor
    return Parts(interest, principal)


def owed_minor(instalments: Iterable[Instalment]) -> int:
    """All that a loan ever costs: principal and interest."""
    return sum(instalment.amount_minor for instalment in instalments)
