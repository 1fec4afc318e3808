"""Three contexts keep a copy of the customer's mobile number, each its own; what they do with it is the same."""

from typing import Any

import pytest

import accounts.domain.holder.contact
import cards.domain.cardholder.contact
import loans.domain.borrower.contact
from bank.copies import ChangeCopy, HearBar, RestoreCopy
from bank.testing import Given, given

COPIES: tuple[tuple[Any, str, str], ...] = (
    (accounts.domain.holder.contact, "Account", "account_under_legal_order"),
    (cards.domain.cardholder.contact, "Card", "card_blocked_for_fraud"),
    (loans.domain.borrower.contact, "Loan", "loan_in_recovery"),
)
each = pytest.mark.parametrize(("copy", "noun", "code"), COPIES, ids=[noun for _, noun, _ in COPIES])
OLD, NEW = "+35699000001", "+35699000002"


def contact(copy: Any, noun: str, *history: Any) -> Given[Any, Any, Any]:
    return given(getattr(copy, f"{noun.upper()}_CONTACT"), *history)


@each
def test_a_change_is_taken_back_to_what_was_before(copy: Any, noun: str, code: str) -> None:
    changed, restored = getattr(copy, f"{noun}ContactChanged"), getattr(copy, f"{noun}ContactRestored")
    first, second = changed("p1", "c1", OLD), changed("p2", "c1", NEW)
    assert contact(copy, noun).when(ChangeCopy("p1", "c1", OLD)) == [first]
    undo = RestoreCopy("p2", "c1")
    assert contact(copy, noun, first, second).when(undo) == [restored("p2", "c1", OLD)]
    assert contact(copy, noun, first).when(undo) == [restored("p2", "c1", OLD)]
    assert contact(copy, noun, first, second, restored("p2", "c1", OLD)).when(undo) == [restored("p2", "c1", OLD)]


@each
def test_a_bar_refuses_a_change_until_it_is_lifted_in_whatever_order_it_is_heard(
    copy: Any, noun: str, code: str
) -> None:
    heard, change = getattr(copy, f"{noun}ContactBarHeard"), ChangeCopy("p1", "c1", NEW)
    barred, freed = heard("c1", "s1", 2, True), heard("c1", "s1", 3, False)
    refused = [getattr(copy, f"{noun}ContactChangeDeclined")("p1", "c1", code)]
    accepted = [getattr(copy, f"{noun}ContactChanged")("p1", "c1", NEW)]
    assert contact(copy, noun, barred).when(change) == refused
    assert contact(copy, noun, barred, freed).when(change) == accepted
    late = contact(copy, noun, freed)
    assert late.when(HearBar("c1", "s1", 2, True)) == []
    assert late.when(HearBar("c1", "s1", 4, True)) == [heard("c1", "s1", 4, True)]
    assert contact(copy, noun, freed, heard("c1", "s2", 1, True)).when(change) == refused
