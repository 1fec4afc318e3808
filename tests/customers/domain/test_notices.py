"""What a customer is told, and that he is told it once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank.testing import given
from customers.domain.notices import (
    FORMER_KEPT,
    NOTICES,
    TRIES,
    UNCLEAR_KEPT,
    BeginNotice,
    EndNotice,
    Event,
    NoticeBegun,
    NoticeEnded,
    NoticePutOff,
    NoticeRequested,
    NoticesWanted,
    PutNoticeOff,
    RequestNotice,
    SendAgain,
    TellFormerAddress,
    WantNotices,
)

WANTED = NoticesWanted("c1", True)
ASK = RequestNotice("n1", "c1", "payment_settled", 12_50, "EUR")
ASKED = NoticeRequested("n1", "c1", "payment_settled", 12_50, "EUR", "")
BEGIN, BEGUN = BeginNotice("n1", "c1", "<m1>"), NoticeBegun("n1", "c1", "<m1>")
SENT, FAILED = NoticeEnded("n1", "c1", "sent", ""), NoticeEnded("n1", "c1", "failed", "smtp_550")
LOST, PUT_OFF = NoticeEnded("n1", "c1", "unknown", ""), NoticePutOff("n1", "c1", "smtp_451")


def test_nobody_is_told_unless_he_wants_it() -> None:
    assert given(NOTICES).when(ASK) == []
    assert given(NOTICES, WANTED).when(ASK) == [ASKED]
    assert given(NOTICES, WANTED, NoticesWanted("c1", False)).when(ASK) == []


def test_what_concerns_security_is_told_in_any_case() -> None:
    security = RequestNotice("n1", "c1", "mobile_number_changed")
    assert given(NOTICES).when(security) == [NoticeRequested("n1", "c1", "mobile_number_changed", 0, "", "")]


DAY = date(2026, 3, 1)
REPLACED = NoticeRequested("n0", "c1", "email_changed", 0, "", "", "ada@example.com", DAY)


def told_of_number(*history: Event, after_days: int = 0) -> list[str]:
    """Whom another mobile number is told: '' is the address of the moment, else the notice that says which."""
    notice = RequestNotice("n1", "c1", "mobile_number_changed", on=DAY + timedelta(days=after_days))
    told = [event for event in given(NOTICES, *history).when(notice) if isinstance(event, NoticeRequested)]
    assert len({event.notice_id for event in told}) == len(told)
    return [event.former for event in told]


def test_an_address_that_is_replaced_is_told_whether_notices_are_wanted_or_not() -> None:
    assert given(NOTICES).when(TellFormerAddress("n0", "c1", "ada@example.com", DAY)) == [REPLACED]


def test_another_mobile_number_is_told_an_address_that_was_replaced_within_thirty_days() -> None:
    assert told_of_number() == [""]
    assert told_of_number(REPLACED, after_days=30) == ["", "n0"]
    assert told_of_number(REPLACED, after_days=31) == [""]


def test_who_replaces_an_address_again_and_again_pushes_none_of_the_first_out() -> None:
    again = [replace(REPLACED, notice_id=f"n{n + 10}", address="thief@example.com") for n in range(FORMER_KEPT)]
    assert told_of_number(REPLACED, *again) == ["", "n0", *(one.notice_id for one in again[:-1])]
    late = replace(REPLACED, notice_id="n9", replaced_on=DAY + timedelta(days=31))
    assert given(NOTICES, REPLACED, *again, late).state.replaced == {"n9": DAY + timedelta(days=31)}


def test_payments_are_told_the_address_of_the_moment_alone() -> None:
    assert given(NOTICES, WANTED, REPLACED).when(replace(ASK, on=DAY)) == [ASKED]


@pytest.mark.parametrize(("before", "events"), [([], [WANTED]), ([WANTED], [])])
def test_saying_it_again_changes_nothing(before: list[Event], events: list[Event]) -> None:
    assert given(NOTICES, *before).when(WantNotices("c1", True)) == events


@pytest.mark.parametrize("history", [[], [BEGUN], [BEGUN, LOST]])
def test_what_is_under_way_is_not_asked_for_again(history: list[Event]) -> None:
    assert given(NOTICES, WANTED, ASKED, *history).when(ASK) == []


def test_of_two_who_would_send_one_does() -> None:
    assert given(NOTICES, WANTED, ASKED).when(BEGIN) == [BEGUN]
    assert given(NOTICES, WANTED, ASKED, BEGUN).when(replace(BEGIN, message_id="<m2>")) == []


@pytest.mark.parametrize("end", [SENT, FAILED, LOST])
def test_a_notice_ends_once(end: NoticeEnded) -> None:
    command = EndNotice("n1", "c1", end.outcome, end.code)
    assert given(NOTICES, WANTED, ASKED).when(command) == []
    assert given(NOTICES, WANTED, ASKED, BEGUN).when(command) == [end]
    for late in (command, PutNoticeOff("n1", "c1", "late"), BEGIN):
        assert given(NOTICES, WANTED, ASKED, BEGUN, end).when(late) == []


def test_what_did_not_leave_waits_again() -> None:
    assert given(NOTICES, WANTED, ASKED, BEGUN).when(PutNoticeOff("n1", "c1", "smtp_451")) == [PUT_OFF]
    assert given(NOTICES, WANTED, ASKED, BEGUN, PUT_OFF).when(BEGIN) == [BEGUN]


def tried(times: int) -> list[Event]:
    """A notice put off so often, and begun once more."""
    history: list[Event] = [WANTED, ASKED, BEGUN]
    for _ in range(times):
        history += [*given(NOTICES, *history).when(PutNoticeOff("n1", "c1", "smtp_451")), BEGUN]
    return history


def test_each_time_it_waits_twice_as_long_and_with_the_last_try_it_has_failed() -> None:
    waits = [event.wait_s for event in tried(TRIES - 1) if isinstance(event, NoticePutOff)]
    assert waits == [60 * 2**n for n in range(TRIES - 1)]
    assert given(NOTICES, *tried(TRIES - 1)).when(PutNoticeOff("n1", "c1", "smtp_451")) == [
        NoticeEnded("n1", "c1", "failed", "smtp_451")
    ]


def test_what_an_operator_sends_again_has_all_its_tries() -> None:
    failed = [*tried(TRIES - 1), NoticeEnded("n1", "c1", "failed", "smtp_451")]
    again = given(NOTICES, *failed).when(SendAgain("n1", "c1"))
    assert given(NOTICES, *failed, *again, BEGUN).when(PutNoticeOff("n1", "c1", "smtp_451")) == [PUT_OFF]


def test_only_the_latest_of_what_failed_is_kept_to_be_sent_again() -> None:
    ended = [NoticeEnded(f"n{n}", "c1", "failed", "smtp_550") for n in range(UNCLEAR_KEPT + 1)]
    assert given(NOTICES, WANTED, *ended).refuses(SendAgain("n0", "c1")) == "notice_not_unclear"
    assert given(NOTICES, WANTED, *ended).when(SendAgain("n1", "c1"))
    assert len(given(NOTICES, WANTED, *ended).state.unclear) == UNCLEAR_KEPT


@pytest.mark.parametrize("history", [[FAILED], [LOST]])
def test_an_operator_sends_again_what_failed_or_of_which_nobody_knows(history: list[Event]) -> None:
    again = given(NOTICES, WANTED, ASKED, BEGUN, *history).when(SendAgain("n1", "c1"))
    assert again == [NoticePutOff("n1", "c1", "operator", wait_s=0)]
    assert given(NOTICES, WANTED, ASKED, BEGUN, *history, *again).when(BEGIN) == [BEGUN]


@pytest.mark.parametrize("history", [[], [BEGUN], [BEGUN, SENT]])
def test_nothing_else_is_sent_again(history: list[Event]) -> None:
    assert given(NOTICES, WANTED, ASKED, *history).refuses(SendAgain("n1", "c1")) == "notice_not_unclear"
