"""A file of payments: accepted once, and every line counted once, in order."""

import pytest

from accounts.domain.account.money import MAX_BALANCE_MINOR
from accounts.domain.payment_file import (
    MAX_LINES,
    PAYMENT_FILE,
    AcceptPaymentFile,
    Event,
    GiveUpPaymentFile,
    PaymentFileAccepted,
    PaymentFileCompleted,
    PaymentFileGivenUp,
    PaymentLinesExecuted,
    RecordLines,
)
from bank.decider import Refused
from bank.testing import given
from tests.accounts.facts import DAY


def accept(*, lines: int = 3, amount_minor: int = 6_00) -> AcceptPaymentFile:
    return AcceptPaymentFile("f1", "c1", "M-1", "csv", lines, amount_minor, "EUR", "d1", DAY)


def accepted(*, lines: int = 3) -> PaymentFileAccepted:
    return PaymentFileAccepted("f1", "c1", "M-1", "csv", lines, 6_00, "EUR", "d1", DAY)


EXECUTED = PaymentLinesExecuted("f1", 2, 1, 1, 1_00, "EUR")


@pytest.mark.parametrize("lines", [1, MAX_LINES])
@pytest.mark.parametrize("amount_minor", [1, MAX_BALANCE_MINOR])
def test_a_file_is_accepted(lines: int, amount_minor: int) -> None:
    [event] = given(PAYMENT_FILE).when(accept(lines=lines, amount_minor=amount_minor))
    assert event == PaymentFileAccepted("f1", "c1", "M-1", "csv", lines, amount_minor, "EUR", "d1", DAY)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (accept(lines=0), "invalid_lines"),
        (accept(lines=MAX_LINES + 1), "invalid_lines"),
        (accept(amount_minor=0), "invalid_amount"),
        (accept(amount_minor=MAX_BALANCE_MINOR + 1), "invalid_amount"),
    ],
)
def test_a_file_with_nothing_or_too_much_is_refused(command: AcceptPaymentFile, code: str) -> None:
    with pytest.raises(Refused) as refused:
        given(PAYMENT_FILE).when(command)
    assert refused.value.code == code


def test_a_file_is_accepted_once() -> None:
    with pytest.raises(Refused) as refused:
        given(PAYMENT_FILE, accepted()).when(accept())
    assert refused.value.code == "payment_file_exists"


def test_lines_are_counted_as_they_are_executed() -> None:
    assert given(PAYMENT_FILE, accepted()).when(RecordLines("f1", 0, 1, 1, 1_00)) == [EXECUTED]


@pytest.mark.parametrize(("took", "refused"), [(1, 0), (0, 1)])
def test_the_last_line_completes_the_file(took: int, refused: int) -> None:
    events = given(PAYMENT_FILE, accepted(), EXECUTED).when(RecordLines("f1", 2, took, refused, took * 2_00))
    assert events == [
        PaymentLinesExecuted("f1", 3, took, refused, took * 2_00, "EUR"),
        PaymentFileCompleted("f1", "c1", 1 + took, 1 + refused, 1_00 + took * 2_00, "EUR"),
    ]


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ([], RecordLines("f1", 0, 1, 0, 1)),
        ([accepted()], RecordLines("f1", 1, 1, 0, 1)),
        ([accepted()], RecordLines("f1", 0, 0, 0, 0)),
        ([accepted()], RecordLines("f1", 0, 3, 1, 1)),
        ([accepted(), EXECUTED], RecordLines("f1", 0, 1, 1, 1)),
        ([accepted(), EXECUTED], RecordLines("f1", 2, 1, 1, 1)),
    ],
)
def test_no_line_is_counted_twice_or_left_out(before: list[Event], command: RecordLines) -> None:
    with pytest.raises(Refused) as refused:
        given(PAYMENT_FILE, *before).when(command)
    assert refused.value.code == "other_lines"


GIVEN_UP = PaymentFileGivenUp("f1", 2, 1)


def test_a_file_that_cannot_be_read_is_given_up_and_what_is_left_of_it_refused() -> None:
    untouched = given(PAYMENT_FILE, accepted()).when(GiveUpPaymentFile("f1", 0, is_readable=False))
    assert untouched == [PaymentFileGivenUp("f1", 0, 3), PaymentFileCompleted("f1", "c1", 0, 3, 0, "EUR")]
    half_done = given(PAYMENT_FILE, accepted(), EXECUTED).when(GiveUpPaymentFile("f1", 2, is_readable=False))
    assert half_done == [GIVEN_UP, PaymentFileCompleted("f1", "c1", 1, 2, 1_00, "EUR")]


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], GiveUpPaymentFile("f1", 0, is_readable=False), "payment_file_not_found"),
        ([accepted(), EXECUTED], GiveUpPaymentFile("f1", 2, is_readable=True), "payment_file_readable"),
        ([accepted(), EXECUTED], GiveUpPaymentFile("f1", 0, is_readable=False), "other_lines"),
        ([accepted(), EXECUTED, GIVEN_UP], GiveUpPaymentFile("f1", 2, is_readable=False), "payment_file_completed"),
        ([accepted(), EXECUTED, GIVEN_UP], RecordLines("f1", 2, 1, 0, 1), "other_lines"),
    ],
)
def test_only_what_is_left_of_a_broken_file_is_given_up_and_once(
    before: list[Event], command: GiveUpPaymentFile | RecordLines, code: str
) -> None:
    assert given(PAYMENT_FILE, *before).refuses(command) == code
