"""What is declared of processes across contexts is what the contexts can do."""

from collections.abc import Iterator
from typing import get_args

import pytest

from accounts.domain.chart import TransitKind
from accounts.domain.process import OVERDUE_AFTER
from bank.sagas.choreography import Choreography
from tests.architecture.contexts import ALL, PUBLISHED


def declared() -> Iterator[tuple[str, Choreography]]:
    """Each process with the context that begins it."""
    for context in ALL.values():
        if context.deciders:
            for choreography in context.choreographies:
                yield context.name, choreography


DECLARED = list(declared())
each = pytest.mark.parametrize(("owner", "process"), DECLARED, ids=[process.name for _, process in DECLARED])


def context_of(event: str) -> str:
    return event.partition(".")[0]


def test_the_debit_card_payment_is_declared() -> None:
    assert "debit-card-payment" in {process.name for _, process in DECLARED}


def test_the_tracker_restates_every_process_as_it_was_declared() -> None:
    assert {p.name: p for p in ALL["bankview"].choreographies} == {p.name: p for _, p in DECLARED}


def asked(owner: str, process: Choreography) -> set[str]:
    """What the coordinator of a process says to its participants; a process without one says nothing."""
    (*sagas,) = (saga for saga in ALL[owner].sagas if saga.name.replace("_", "-") == process.name)
    said = [message for saga in sagas for step in saga.steps for message in (step.do, step.undo) if message]
    return {f"{owner}.{name}" for name, _ in said}


@each
def test_a_process_begins_where_it_is_declared(owner: str, process: Choreography) -> None:
    assert context_of(process.starts) == owner


@each
def test_every_declared_event_is_decided_by_somebody(owner: str, process: Choreography) -> None:
    assert [event for event in process.events if event not in PUBLISHED] == []


@each
def test_every_step_can_be_undone_up_to_the_point_of_no_return(owner: str, process: Choreography) -> None:
    """After a step that nothing undoes, the process only goes forward: no later step may still ask for an undo."""
    undoable = [step.undone_by is not None for step in process.steps]
    assert undoable == sorted(undoable, reverse=True)


def test_every_step_of_the_debit_card_payment_can_be_undone() -> None:
    (payment,) = (process for _, process in DECLARED if process.name == "debit-card-payment")
    assert [step.event for step in payment.steps if step.undone_by is None] == []


@each
def test_every_step_in_another_context_has_somebody_who_hears_what_came_before(
    owner: str, process: Choreography
) -> None:
    path = [process.starts, *(step.event for step in process.steps), *process.ends]
    for n, event in enumerate(path[1:], start=1):
        here = context_of(event)
        if here == context_of(path[n - 1]):
            continue
        heard = [before for before in {*path[:n], *asked(owner, process)} if before in ALL[here].subscriptions]
        assert heard, f"{here} hears nothing of {process.name} before {event}"


@each
def test_every_undo_in_another_context_is_called_for_by_a_message(owner: str, process: Choreography) -> None:
    undoing = (
        {step.undone_by for step in process.steps if step.undone_by}
        | {*process.ends, *process.turns}
        | asked(owner, process)
    )
    for undo in sorted(step.undone_by for step in process.steps if step.undone_by):
        here = context_of(undo)
        if here != owner:
            heard = [event for event in undoing if event in ALL[here].subscriptions]
            assert heard, f"{here} is never asked for {undo}"


@pytest.mark.parametrize("end", ["cards.CardPaymentReversed.v1", "cards.CardPaymentExpired.v1"])
def test_the_account_hears_every_way_in_which_a_held_payment_is_given_up(end: str) -> None:
    assert end in ALL["accounts"].subscriptions


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("card-payments", "debit-card-payment"),
        ("bill-payments", "bill-paid-from-savings"),
        ("loan-repayments", "loan-repayment"),
        ("loan-disbursements", "loan-origination"),
    ],
)
def test_what_a_process_has_in_transit_is_left_to_it_until_it_is_overdue(kind: TransitKind, name: str) -> None:
    deadlines = {process.name: process.deadline for _, process in DECLARED}
    assert OVERDUE_AFTER[kind] == deadlines[name]
    assert OVERDUE_AFTER.keys() == set(get_args(TransitKind))


@each
def test_a_process_has_a_deadline(owner: str, process: Choreography) -> None:
    assert process.deadline.total_seconds() > 0


def test_every_process_is_shown_whole_by_the_tracker() -> None:
    (tracker,) = (one for one in ALL["bankview"].async_projections if one.name == "processes")
    for _, process in DECLARED:
        assert [event for event in process.events if event not in tracker.types] == []
