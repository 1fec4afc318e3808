"""One proposes, another agrees: both edges of how long that may take."""

from datetime import date, timedelta

import pytest

from bank.decider import Refused
from bank.four_eyes import NOTHING_PROPOSED, STANDS_FOR, Proposal, agreed, require_proposed

DAY = date(2026, 3, 2)
LAST = DAY + STANDS_FOR - timedelta(days=1)
LAPSED = DAY + STANDS_FOR
PROPOSED = Proposal("operator:1", DAY)


def refusal(by: str, agrees_with: str | None = None, today: date = DAY, proposal: Proposal = PROPOSED) -> Refused:
    with pytest.raises(Refused) as refused:
        agreed(proposal, by=by, agrees_with=agrees_with, today=today)
    return refused.value


def test_who_asks_without_agreeing_proposes_and_does_nothing() -> None:
    assert not agreed(NOTHING_PROPOSED, by="operator:1", agrees_with=None, today=DAY)
    refused = refusal("operator:2")
    assert (refused.code, "operator:1" in refused.reason, "2026-03-02" in refused.reason) == (
        "already_proposed",
        True,
        True,
    )
    assert refusal("operator:1").code == "second_operator_needed"


def test_another_one_agrees_by_naming_who_proposed_it() -> None:
    assert agreed(PROPOSED, by="operator:2", agrees_with="operator:1", today=LAST)
    assert refusal("operator:1", "operator:1").code == "second_operator_needed"
    assert refusal("operator:2", "operator:3").code == "not_proposed"
    assert refusal("operator:2", "operator:1", proposal=NOTHING_PROPOSED).code == "not_proposed"
    assert refusal("operator:2", "", proposal=NOTHING_PROPOSED).code == "not_proposed"


def test_a_proposal_lapses_and_then_makes_room_for_another() -> None:
    assert refusal("operator:2", "operator:1", LAPSED).code == "not_proposed"
    assert refusal("operator:2", today=LAST).code == "already_proposed"
    for by in ("operator:1", "operator:2"):
        assert not agreed(PROPOSED, by=by, agrees_with=None, today=LAPSED)


def test_only_what_was_proposed_is_withdrawn() -> None:
    require_proposed(PROPOSED)
    with pytest.raises(Refused):
        require_proposed(NOTHING_PROPOSED)
