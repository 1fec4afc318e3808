"""Cards' part of the end of a day: what nobody captured in time, cards whose last day is over, minimums that were not
paid, statements."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.timezone import localdate

from bank.business_day import Report
from bank.sweeping import in_turn
from cards import queries
from cards.clock.expiry import expire_authorizations, expire_cards
from cards.clock.statements import close_statements, mark_late


def end_of_day(until: date, *, dry_run: bool, report: Report, today: date | None = None) -> Mapping[str, int]:
    """Goes by the calendar and has no business date: does what has fallen due by the end of `until`, however far the
    business date is; what today brings waits until it is over."""
    morning = min(until + timedelta(days=1), today or localdate())
    if dry_run:
        return {
            "authorizations_expired": queries.count_due_to_expire(morning),
            "cards_expired": queries.count_cards_past_their_last_day(morning),
            "cards_late": queries.count_minimums_missed(morning),
            "statements_closed": queries.count_statements_to_close(morning),
        }
    return in_turn(
        {
            "authorizations_expired": lambda: expire_authorizations(morning),
            "cards_expired": lambda: expire_cards(morning),
            "cards_late": lambda: mark_late(morning),
            "statements_closed": lambda: close_statements(morning),
        }
    )
