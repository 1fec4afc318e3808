"""Loans' part of the end of a day: what is past due is charged, then what is due is collected."""

from collections.abc import Mapping
from datetime import date

from bank.business_day import Report
from bank.sweeping import in_turn
from loans import queries
from loans.ageing import age_loans, collect_due


def end_of_day(until: date, *, dry_run: bool, report: Report) -> Mapping[str, int]:
    if dry_run:
        return {"loans_past_due": queries.count_past_due(until), "collections_begun": queries.count_to_collect(until)}
    return in_turn({"loans_aged": lambda: age_loans(until), "collections_begun": lambda: collect_due(until)})
