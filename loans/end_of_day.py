"""Loans' part of the end of a day: what was due before is charged, its tries having been answered since; what is due is
tried, and at the end of its own day once more."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.timezone import localtime

from bank.business_day import Report
from bank.sweeping import in_turn
from loans import queries
from loans.ageing import age_loans, collect_due, collect_last, is_at_its_end


def end_of_day(until: date, *, dry_run: bool, report: Report, now: datetime | None = None) -> Mapping[str, int]:
    """Goes by the calendar and has no business date: does what has fallen due by the end of `until`, however far the
    business date is; the last try of today waits for its last hours."""
    ends = is_at_its_end(until, now or localtime())
    if dry_run:
        return {"loans_past_due": queries.count_past_due(until), "collections_begun": queries.count_to_collect(until)}
    return in_turn(
        {
            "loans_aged": lambda: age_loans(until),
            "collections_begun": lambda: collect_due(until),
            "last_tries_begun": lambda: collect_last(until) if ends else 0,
        }
    )
