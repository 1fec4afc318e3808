"""Loans past due, found and charged by Loans' own clock, listed by bucket, and in the books."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from bank.db import transaction
from bank.failpoints import EXIT_CODE
from bank.models import Event
from bank.sweeping import LeftBehind
from loans import ageing, handlers, queries, tasks
from loans.end_of_day import end_of_day
from loans.inbound import CollectionDeclined, DebitDeclined
from loans.models import Loan
from tests.dying import exits
from tests.loans.facts import INSTALMENT, INTEREST, LATE_FEE, PRINCIPAL
from tests.loans.test_books import active_loan, collected, ledger, off, rebuild, repayment, run, shown_rows

pytestmark = pytest.mark.django_db(databases=["loans"], transaction=True)

DUE = date(2026, 2, 28)
LATE = DUE + timedelta(days=30)
DAY_AFTER = DUE + timedelta(days=1)


def loan(loan_id: str) -> Loan:
    found = queries.loan(loan_id)
    assert found is not None
    return found


def test_a_loan_past_due_is_charged_once_a_day() -> None:
    loan_id, _ = active_loan()
    assert ageing.age_loans(DUE) == 0
    assert (ageing.age_loans(LATE), ageing.age_loans(LATE)) == (1, 0)
    shown = loan(loan_id)
    assert (shown.fee_minor, shown.penalty_minor) == (LATE_FEE, 39)
    assert shown.outstanding_minor == PRINCIPAL + INTEREST + LATE_FEE + 39
    assert queries.days_past_due(shown, LATE) == 30


def test_many_are_aged_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ageing, "BATCH", 2)
    for _ in range(5):
        active_loan()
    assert (ageing.age_loans(LATE), ageing.age_loans(LATE)) == (5, 0)


def test_the_clock_is_named_and_the_loan_is_the_conversation() -> None:
    loan_id, _ = active_loan()
    ageing.age_loans(LATE)
    event = Event.objects.using("loans").get(stream=f"loan-{loan_id}", type="InstalmentOverdue.v1")
    assert '"actor":"service:loans"' in event.metadata
    assert f'"correlationid":"{loan_id}"' in event.metadata


def test_charges_are_earned_when_they_are_paid_and_the_books_agree() -> None:
    loan_id, customer_id = active_loan()
    ageing.age_loans(LATE)
    assert ledger() == {("principal-receivable", "due-to-accounts"): PRINCIPAL}
    repayment_id = str(uuid4())
    run(repayment(loan_id, customer_id, repayment_id, INSTALMENT + LATE_FEE + 39), *collected(loan_id, repayment_id))
    assert ledger() == {
        ("principal-receivable", "due-to-accounts"): PRINCIPAL,
        ("due-to-accounts", "principal-receivable"): 95_99,
        ("due-to-accounts", "interest-earned"): 8_90,
        ("due-to-accounts", "late-fees-earned"): LATE_FEE,
        ("due-to-accounts", "penalty-interest-earned"): 39,
    }
    shown, paid = loan(loan_id), queries.repayment(repayment_id)
    assert (shown.fee_minor, shown.paid_fee_minor, shown.penalty_minor, shown.paid_penalty_minor) == (
        0,
        LATE_FEE,
        0,
        39,
    )
    assert shown.outstanding_minor == PRINCIPAL + INTEREST - INSTALMENT
    assert paid is not None
    assert (paid.fee_minor, paid.penalty_minor) == (LATE_FEE, 39)
    assert off() == []
    before = shown_rows()
    rebuild()
    assert shown_rows() == before


def test_what_is_due_is_collected_once_a_day() -> None:
    loan_id, _ = active_loan()
    assert ageing.collect_due(DUE - timedelta(days=1)) == 0
    assert (ageing.collect_due(DUE), ageing.collect_due(DUE)) == (1, 0)
    (begun,) = queries.repayments(loan_id, after=None, limit=10)
    assert (begun.status, begun.amount_minor, begun.requested_on) == ("requested", INSTALMENT, DUE)
    assert ageing.collect_due(DUE + timedelta(days=1)) == 0, "it is on its way"
    run(*collected(loan_id, str(begun.id)))
    assert loan(loan_id).next_due_on == date(2026, 3, 31)
    assert off() == []


def requested(loan_id: str) -> str:
    [wanted] = [one for one in queries.repayments(loan_id, after=None, limit=20) if one.status == "requested"]
    return str(wanted.id)


def decline(loan_id: str) -> None:
    """The account has not the money for what is on its way."""
    repayment_id = requested(loan_id)
    run(
        handlers.decline_collection(DebitDeclined(repayment_id, "insufficient_funds")),
        handlers.decline_repayment(CollectionDeclined(repayment_id, loan_id, "insufficient_funds")),
    )


def hour(day: date, hours: int, minutes: int = 0) -> tuple[int, int, int]:
    """What began, what was tried for the last time and what aged, at that time."""
    done = ageing.collect_and_age(datetime.combine(day, time(hours, minutes)))
    return done["collections_begun"], done.get("last_tries_begun", 0), done["loans_aged"]


def test_an_instalment_is_tried_at_both_ends_of_its_day_and_late_when_the_last_try_has_come_back() -> None:
    loan_id, _ = active_loan()
    assert hour(DUE, 0) == (1, 0, 0)
    decline(loan_id)
    assert (hour(DUE, 21, 59), hour(DUE, 22)) == ((0, 0, 0), (0, 1, 0))
    decline(loan_id)
    assert (hour(DUE, 23), hour(DAY_AFTER, 0)) == ((0, 0, 0), (1, 0, 0)), "who is paid at night pays in time"
    assert hour(DAY_AFTER, 1) == (0, 0, 0), "the last try has not come back"
    decline(loan_id)
    assert (hour(DAY_AFTER, 2), hour(DAY_AFTER, 3)) == ((0, 0, 1), (0, 0, 0))
    assert (loan(loan_id).fee_minor, hour(DAY_AFTER, 22)) == (LATE_FEE, (0, 0, 0)), "what is late is tried once a day"


def test_who_is_paid_on_the_due_date_owes_no_late_fee() -> None:
    loan_id, _ = active_loan()
    hour(DUE, 0)
    decline(loan_id)
    hour(DUE, 22)
    run(*collected(loan_id, requested(loan_id)))
    assert (hour(DAY_AFTER, 0), hour(DAY_AFTER, 1)) == ((0, 0, 0), (0, 0, 0))
    assert (loan(loan_id).fee_minor, loan(loan_id).next_due_on) == (0, date(2026, 3, 31))


def test_a_try_a_day_keeps_no_loan_from_being_late() -> None:
    loan_id, _ = active_loan()
    for day in (DUE, DAY_AFTER):
        assert hour(day, 5) == (1, 0, 0)
        decline(loan_id)
    assert ageing.collect_and_age(datetime.combine(DAY_AFTER + timedelta(days=1), time(5)))["loans_aged_before"] == 1
    assert loan(loan_id).fee_minor == LATE_FEE


def test_a_collection_that_was_declined_is_tried_again_the_next_day_and_the_loan_is_late() -> None:
    loan_id, _ = active_loan()
    ageing.collect_due(DUE)
    decline(loan_id)
    assert ageing.collect_due(DUE) == 0
    next_day = DUE + timedelta(days=1)
    assert end_of_day(next_day, dry_run=True, report=print) == {"loans_past_due": 1, "collections_begun": 1}
    done = end_of_day(next_day, dry_run=False, report=print)
    assert done == {"loans_aged": 1, "collections_begun": 1, "last_tries_begun": 0}
    assert set(end_of_day(next_day, dry_run=False, report=print).values()) == {0}
    assert loan(loan_id).on_its_way_minor == INSTALMENT + LATE_FEE + 1


def test_the_evening_of_a_due_date_leaves_the_last_try_to_the_end_of_the_day() -> None:
    """Who is paid until then is in time, also where the day is ended by hand before."""
    loan_id, _ = active_loan()
    ageing.collect_due(DUE)
    decline(loan_id)
    early, late = (datetime.combine(DUE, at) for at in (time(21, 59), ageing.LAST_TRY_FROM))
    assert end_of_day(DUE, dry_run=False, report=print, now=early)["last_tries_begun"] == 0
    assert end_of_day(DUE, dry_run=False, report=print, now=late)["last_tries_begun"] == 1
    assert loan(loan_id).fee_minor == 0


def test_a_day_that_is_over_is_at_its_end_at_any_hour() -> None:
    loan_id, _ = active_loan()
    ageing.collect_due(DUE)
    decline(loan_id)
    morning = datetime.combine(DAY_AFTER, time(0, 30))
    assert end_of_day(DUE, dry_run=False, report=print, now=morning)["last_tries_begun"] == 1


def test_many_are_collected_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ageing, "BATCH", 2)
    for _ in range(5):
        active_loan()
    assert (ageing.collect_due(DUE), ageing.collect_due(DUE)) == (5, 0)


KILLED = f"""
from datetime import date
from loans import ageing
from loans.end_of_day import end_of_day
ageing.BATCH = 2
end_of_day(date.fromisoformat("{DAY_AFTER}"), dry_run=False, report=lambda *_: None)
"""


def test_whoever_is_killed_at_any_commit_and_runs_again_does_nothing_twice_and_leaves_nothing_out() -> None:
    """Five loans in batches of two: three commits that age and three that collect. Killed before and after some."""
    loan_ids = [active_loan()[0] for _ in range(5)]
    points = ("before_commit=exit:2", "after_commit=exit:2", "before_commit=exit:5", "after_commit=exit:5", "")
    assert exits(KILLED, points) == [EXIT_CODE] * 4 + [0]
    once = ("InstalmentOverdue.v1", "LateFeeCharged.v1", "RepaymentRequested.v1", "RepaymentBegun.v1")
    found = Event.objects.using("loans").filter(type__in=once).values_list("type", flat=True)
    assert Counter(found) == dict.fromkeys(once, 5)
    assert {loan(loan_id).on_its_way_minor for loan_id in loan_ids} == {INSTALMENT + LATE_FEE + 1}
    assert set(end_of_day(DAY_AFTER, dry_run=False, report=print).values()) == {0}
    assert off() == []


def test_a_loan_that_cannot_be_read_holds_up_none_of_the_others() -> None:
    first = min(active_loan()[0] for _ in range(3))
    stream = f"loan-{first}"
    with transaction("loans") as cursor:
        cursor.execute("""update bank_head set state = '{"status": 1}' where stream = %s""", (stream,))
    with pytest.raises(LeftBehind) as left:
        end_of_day(DAY_AFTER, dry_run=False, report=print)
    assert {failure.stream for failure in left.value.failures} == {stream}
    assert left.value.counts == {"loans_aged": 2, "collections_begun": 2, "last_tries_begun": 0}
    with transaction("loans") as cursor:
        cursor.execute("update bank_head set state_version = 0 where stream = %s", (stream,))
    assert end_of_day(DAY_AFTER, dry_run=False, report=print)["loans_aged"] == 1


def test_arrears_are_counted_by_bucket() -> None:
    active_loan()
    active_loan()
    assert queries.arrears(DUE) == []
    for days, name in ((1, "1-30"), (31, "31-60"), (61, "61-90"), (91, "90+")):
        (row,) = queries.arrears(DUE + timedelta(days=days))
        assert (row.bucket, row.currency, row.loans, row.principal_minor) == (name, "EUR", 2, 2 * PRINCIPAL)
    ageing.age_loans(LATE)
    (row,) = queries.arrears(LATE)
    assert (row.fee_minor, row.penalty_minor) == (2 * LATE_FEE, 2 * 39)
    listed = queries.loans(customer_id=None, past_due="1-30", today=LATE, after=None, limit=10)
    assert len(listed) == 2
    assert queries.loans(customer_id=None, past_due="31-60", today=LATE, after=None, limit=10) == []


def test_the_command_says_how_many() -> None:
    active_loan()
    assert command("--dry-run") == f"1 loans are past due as of {LATE}\n"
    assert command() == f"1 loans aged as of {LATE}\n"
    assert command() == f"0 loans aged as of {LATE}\n"


def test_the_command_names_whom_it_left_behind() -> None:
    first, _ = [active_loan()[0] for _ in range(2)]
    with transaction("loans") as cursor:
        cursor.execute("""update bank_head set state = '{"status": 1}' where stream = %s""", (f"loan-{first}",))
    out = StringIO()
    with pytest.raises(CommandError, match=f"Left behind: loan-{first} .* run it again"):
        call_command("age_loans", f"--today={LATE}", stdout=out)
    assert out.getvalue() == f"1 loans aged as of {LATE}\n"


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("age_loans", *arguments, f"--today={LATE}", stdout=out)
    return out.getvalue()


def test_beat_asks_for_it() -> None:
    active_loan()
    assert tasks.age_loans() == 2, "its first instalment is long due, and is collected"
