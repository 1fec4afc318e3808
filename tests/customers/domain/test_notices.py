"""What a customer is told, and that he is told it once."""

from dataclasses import replace

import pytest

from bank.testing import given
from customers.domain.notices import (
    NOTICES,
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


@pytest.mark.parametrize("history", [[FAILED], [LOST]])
def test_an_operator_sends_again_what_failed_or_of_which_nobody_knows(history: list[Event]) -> None:
    again = given(NOTICES, WANTED, ASKED, BEGUN, *history).when(SendAgain("n1", "c1"))
    assert again == [NoticePutOff("n1", "c1", "operator")]
    assert given(NOTICES, WANTED, ASKED, BEGUN, *history, *again).when(BEGIN) == [BEGUN]


@pytest.mark.parametrize("history", [[], [BEGUN], [BEGUN, SENT]])
def test_nothing_else_is_sent_again(history: list[Event]) -> None:
    assert given(NOTICES, WANTED, ASKED, *history).refuses(SendAgain("n1", "c1")) == "notice_not_unclear"
