"""Cards' part of the end of a day: what nobody captured in time, and cards whose last day is over."""

from collections.abc import Mapping
from datetime import date, timedelta

from bank.business_day import Report
from cards import queries
from cards.expiry import expire_authorizations, expire_cards


def end_of_day(until: date, *, dry_run: bool, report: Report) -> Mapping[str, int]:
    morning = until + timedelta(days=1)
    if dry_run:
        return {
            "authorizations_expired": queries.count_due_to_expire(morning),
            "cards_expired": queries.count_cards_past_their_last_day(morning),
        }
    return {"authorizations_expired": expire_authorizations(morning), "cards_expired": expire_cards(morning)}
