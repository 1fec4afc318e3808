"""What takes two people: one proposes, and another agrees with that proposal, naming who made it.

Whoever means to propose never does it by asking a second time, and never does what somebody proposed long ago: a
proposal lapses, and may be withdrawn.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from bank.decider import Refused

STANDS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`by` is who made it, as the events name him: nobody, where nothing is proposed."""

    by: str = ""
    on: date = date.min


NOTHING_PROPOSED = Proposal()


def stands(proposal: Proposal, today: date) -> bool:
    return bool(proposal.by) and today < proposal.on + STANDS_FOR


def agreed(proposal: Proposal, *, by: str, agrees_with: str | None, today: date) -> bool:
    """True where the second person agrees with what is proposed, False where it is proposed now. Raises Refused."""
    if agrees_with is None:
        require_room(proposal, by, today)
        return False
    if not stands(proposal, today) or agrees_with != proposal.by:
        raise Refused("not_proposed", "There is no such proposal, or not any more: it stands for seven days.")
    if by == proposal.by:
        raise second_person_needed()
    return True


def require_room(proposal: Proposal, by: str, today: date) -> None:
    """For a proposal beside which there is no other."""
    if not stands(proposal, today):
        return
    if by == proposal.by:
        raise second_person_needed()
    raise Refused("already_proposed", f"{proposal.by} proposed it on {proposal.on}: agree with that, or withdraw it.")


def require_proposed(proposal: Proposal) -> None:
    if not proposal.by:
        raise Refused("not_proposed", "Nothing is proposed that could be withdrawn.")


def second_person_needed() -> Refused:
    return Refused("second_operator_needed", "You have proposed it. Another operator is needed to do it.")
