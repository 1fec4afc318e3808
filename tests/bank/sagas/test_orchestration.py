"""What a saga asks next, as a pure function of what has happened: a flight, a hotel (the pivot), tickets."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bank.decider import Refused
from bank.sagas.orchestration import Saga, SagaStep, do_id, undo_id
from bank.sagas.progress import (
    AnswerAwaited,
    Begin,
    Compensate,
    CompensationBegun,
    CompensationFailed,
    Learned,
    ResolutionAsked,
    Resolve,
    Retry,
    RetryOrdered,
    SagaCompensated,
    SagaCompleted,
    SagaStuck,
    StepAnswered,
    StepDeclined,
    StepDone,
    StepResolved,
    StepUndone,
    UndoDeclined,
)
from bank.testing import given
from tests.bank.examples.touring import (
    TOUR,
    FlightAsked,
    FlightUndoAsked,
    HotelAsked,
    HotelUndoAsked,
    TicketsAsked,
    TourBegun,
)

BEGUN = TourBegun("t1", "c1", "Anna Meier")
FLIGHT, HOTEL = FlightAsked("t1", "c1", "Anna Meier"), HotelAsked("t1")
FLYING = (BEGUN, FLIGHT)
STAYING = (*FLYING, StepDone("t1", "flight"), HOTEL)
PACKED = (*STAYING, StepDone("t1", "hotel"), TicketsAsked("t1", 1))
TURNED = (*STAYING, StepDeclined("t1", "hotel", "full"), FlightUndoAsked("t1", 1))


def learned(history: tuple[Any, ...], outcome: Any, code: str = "") -> list[Any]:
    return given(TOUR.decider, *history).when(Learned(len(history), outcome, code))


def test_it_begins_by_asking_the_first_participant_with_what_it_knows() -> None:
    assert given(TOUR.decider).when(Begin(BEGUN)) == [BEGUN, FLIGHT]


def test_it_begins_once() -> None:
    assert given(TOUR.decider, *FLYING).refuses(Begin(BEGUN)) == "process_exists"


def test_each_answer_is_followed_by_the_next_question() -> None:
    assert given(TOUR.decider, *FLYING).when(StepAnswered("flight")) == [StepDone("t1", "flight"), HOTEL]


def test_the_last_answer_completes_it() -> None:
    done = given(TOUR.decider, *PACKED).when(StepAnswered("tickets"))
    assert done == [StepDone("t1", "tickets"), SagaCompleted("t1")]


def test_an_answer_that_comes_again_or_is_not_awaited_is_nothing() -> None:
    assert given(TOUR.decider, *STAYING).when(StepAnswered("flight")) == []
    assert given(TOUR.decider, *FLYING).when(StepAnswered("hotel")) == []
    assert given(TOUR.decider, *FLYING).when(StepAnswered("flight", is_undo=True)) == []
    assert given(TOUR.decider).when(StepAnswered("flight")) == []


def test_the_first_refusal_leaves_nothing_to_undo() -> None:
    declined = given(TOUR.decider, *FLYING).when(StepAnswered("flight", "full"))
    assert declined == [StepDeclined("t1", "flight", "full"), SagaCompensated("t1", "full")]


def test_a_refusal_undoes_what_was_done_in_reverse() -> None:
    declined = given(TOUR.decider, *STAYING).when(StepAnswered("hotel", "full"))
    assert declined == [StepDeclined("t1", "hotel", "full"), FlightUndoAsked("t1", 1)]
    undone = given(TOUR.decider, *TURNED).when(StepAnswered("flight", is_undo=True))
    assert undone == [StepUndone("t1", "flight"), SagaCompensated("t1", "full")]


def test_a_late_answer_after_compensation_began_changes_nothing() -> None:
    assert given(TOUR.decider, *TURNED).when(StepAnswered("hotel")) == []
    assert given(TOUR.decider, *TURNED).when(StepAnswered("flight")) == []


def test_beyond_the_pivot_a_refusal_is_asked_again_after_a_pause() -> None:
    declined = StepDeclined("t1", "tickets", "printer")
    assert given(TOUR.decider, *PACKED).when(StepAnswered("tickets", "printer")) == [declined]
    assert learned((*PACKED, declined), "elapsed") == [TicketsAsked("t1", 2)]


def test_beyond_the_pivot_nobody_turns_it_back() -> None:
    assert given(TOUR.decider, *PACKED).refuses(Compensate("operator:1")) == "past_point_of_no_return"
    history: list[Any] = list(PACKED)
    for attempt in range(1, TOUR.limit):
        history += [StepDeclined("t1", "tickets", "printer"), TicketsAsked("t1", attempt + 1)]
    stuck = given(TOUR.decider, *history).when(StepAnswered("tickets", "printer"))
    assert stuck == [StepDeclined("t1", "tickets", "printer"), SagaStuck("t1", "tickets", "printer")]


def test_before_it_gives_up_on_an_answer_it_asks_whether_the_step_happened() -> None:
    assert learned(STAYING, "not_yet") == [HOTEL]
    assert learned(STAYING, "answered") == [AnswerAwaited("t1", "hotel")]
    assert learned(STAYING, "unreachable") == [AnswerAwaited("t1", "hotel")]
    assert learned(STAYING, "done") == [StepDone("t1", "hotel"), TicketsAsked("t1", 1)]
    assert learned(STAYING, "declined", "full") == [StepDeclined("t1", "hotel", "full"), FlightUndoAsked("t1", 1)]


@pytest.mark.parametrize("outcome", ["not_yet", "unreachable"])
def test_asked_in_vain_to_the_limit_it_undoes_the_step_of_unknown_outcome_too(outcome: str) -> None:
    waits = [HOTEL] if outcome == "not_yet" else [AnswerAwaited("t1", "hotel")]
    history = [*STAYING, *waits * (TOUR.limit - 2)]
    assert learned(tuple(history), outcome) == waits
    given_up = learned((*history, *waits), outcome)
    assert given_up == [CompensationBegun("t1", "hotel", "timeout"), HotelUndoAsked("t1", 1)]


def test_a_timer_that_is_late_is_nothing() -> None:
    assert given(TOUR.decider, *STAYING).when(Learned(len(STAYING) - 1, "not_yet")) == []


def test_a_compensation_that_fails_three_times_works_the_fourth_time() -> None:
    history: tuple[Any, ...] = TURNED
    for attempt in (1, 2, 3):
        declined = given(TOUR.decider, *history).when(StepAnswered("flight", "closed", is_undo=True, attempt=attempt))
        assert declined == [UndoDeclined("t1", "flight", "closed")]
        history = (*history, *declined)
        assert learned(history, "elapsed") == [FlightUndoAsked("t1", attempt + 1)]
        history = (*history, FlightUndoAsked("t1", attempt + 1))
    undone = given(TOUR.decider, *history).when(StepAnswered("flight", is_undo=True))
    assert undone == [StepUndone("t1", "flight"), SagaCompensated("t1", "full")]


FAILED: tuple[Any, ...] = (
    *TURNED,
    *(one for n in (2, 3, 4) for one in (UndoDeclined("t1", "flight", "closed"), FlightUndoAsked("t1", n))),
    UndoDeclined("t1", "flight", "closed"),
    CompensationFailed("t1", "flight", "closed"),
)


def test_one_that_never_works_waits_for_people() -> None:
    asked = FAILED[:-2]
    failed = given(TOUR.decider, *asked).when(StepAnswered("flight", "closed", is_undo=True))
    assert failed == [UndoDeclined("t1", "flight", "closed"), CompensationFailed("t1", "flight", "closed")]
    state = given(TOUR.decider, *FAILED).state
    assert (state.status, state.needs_people, TOUR.patience(state)) == ("compensation_failed", True, None)


def test_who_asks_for_a_resolution_does_not_approve_it() -> None:
    asked = given(TOUR.decider, *FAILED).when(Resolve("operator:1"))
    assert asked == [ResolutionAsked("t1", "flight", "operator:1")]
    waiting = given(TOUR.decider, *FAILED, *asked)
    assert waiting.refuses(Resolve("operator:1")) == "four_eyes"
    approved = waiting.when(Resolve("operator:2"))
    assert approved == [StepResolved("t1", "flight", "operator:1", "operator:2"), SagaCompensated("t1", "full")]


def test_what_was_asked_for_one_step_is_nobodys_word_for_another() -> None:
    turned = (*STAYING, CompensationBegun("t1", "hotel", "timeout"), HotelUndoAsked("t1", 1))
    asked = (*turned, CompensationFailed("t1", "hotel", "timeout"), ResolutionAsked("t1", "hotel", "operator:1"))
    answered = given(TOUR.decider, *asked).when(StepAnswered("hotel", is_undo=True))
    assert answered == [StepUndone("t1", "hotel"), FlightUndoAsked("t1", 1)]
    failed = given(TOUR.decider, *asked, *answered, CompensationFailed("t1", "flight", "timeout"))
    assert (failed.state.proposed, failed.state.proposed_by) == ("", "")
    assert failed.when(Resolve("operator:2")) == [ResolutionAsked("t1", "flight", "operator:2")]


def test_a_step_seen_to_by_hand_beyond_the_pivot_lets_it_go_on() -> None:
    stuck = (*PACKED, SagaStuck("t1", "tickets", "printer"), ResolutionAsked("t1", "tickets", "operator:1"))
    approved = given(TOUR.decider, *stuck).when(Resolve("operator:2"))
    assert approved == [StepResolved("t1", "tickets", "operator:1", "operator:2"), SagaCompleted("t1")]


def test_what_only_its_participant_can_do_is_not_said_to_be_seen_to_by_hand() -> None:
    steps = (*TOUR.steps[:-1], replace(TOUR.steps[-1], by_hand=False))
    tour, stuck = replace(TOUR, steps=steps), (*PACKED, SagaStuck("t1", "tickets", "printer"))
    for asked in ((), (ResolutionAsked("t1", "tickets", "operator:1"),)):
        assert given(tour.decider, *stuck, *asked).refuses(Resolve("operator:2")) == "not_by_hand"
    failed = given(tour.decider, *FAILED).when(Resolve("operator:1"))
    assert failed == [ResolutionAsked("t1", "flight", "operator:1")]


def test_only_what_cannot_go_on_is_resolved_by_people() -> None:
    assert given(TOUR.decider, *STAYING).refuses(Resolve("operator:1")) == "process_not_stuck"


def test_an_operator_asks_again() -> None:
    again = given(TOUR.decider, *FAILED).when(Retry("operator:1"))
    assert again == [RetryOrdered("t1", "operator:1"), FlightUndoAsked("t1", 5)]
    assert given(TOUR.decider, *STAYING).when(Retry("operator:1")) == [RetryOrdered("t1", "operator:1"), HOTEL]
    ended = (*PACKED, StepDone("t1", "tickets"), SagaCompleted("t1"))
    assert given(TOUR.decider, *ended).refuses(Retry("operator:1")) == "process_ended"


def test_an_operator_turns_it_back_before_the_pivot_is_done() -> None:
    turned = given(TOUR.decider, *STAYING).when(Compensate("operator:1"))
    assert turned == [CompensationBegun("t1", "hotel", "operator"), HotelUndoAsked("t1", 1)]
    assert given(TOUR.decider, *TURNED).refuses(Compensate("operator:1")) == "process_not_running"


def test_it_waits_twice_as_long_each_time_it_was_in_vain() -> None:
    waits = [TOUR.patience(given(TOUR.decider, *FLYING, *[FLIGHT] * n).state) for n in range(4)]
    assert waits == [TOUR.timeout * factor for factor in (1, 2, 4, 8)]


def test_a_step_keeps_its_command_id_until_it_is_declined() -> None:
    assert TOUR.asked(given(TOUR.decider, *STAYING, HOTEL).state) == ("cards", do_id("t1", "hotel"))
    assert TOUR.asked(given(TOUR.decider, *TURNED).state) == ("accounts", undo_id("t1", "flight"))
    again = (*TURNED, UndoDeclined("t1", "flight", "closed"), FlightUndoAsked("t1", 2))
    assert TOUR.asked(given(TOUR.decider, *again).state) == ("accounts", undo_id("t1", "flight", 2))
    assert do_id("t1", "flight/undo") == undo_id("t1", "flight")


def test_nobody_is_told_about_a_customer_who_has_been_erased() -> None:
    erased = replace(given(TOUR.decider, *FLYING).state, data="[erased]")
    with pytest.raises(Refused, match="customer_erased"):
        TOUR.decider.decide(erased, StepAnswered("flight"))


@dataclass(frozen=True, slots=True)
class SeatAsked:
    seat: str


def test_a_message_that_its_beginning_cannot_fill_is_no_saga() -> None:
    step = SagaStep("seat", at="cards", do=("SeatAsked.v1", SeatAsked))
    with pytest.raises(TypeError, match="seat"):
        Saga(name="s", begins=TOUR.begins, steps=(step,), pivot="seat", deadline=timedelta(minutes=1))


def test_beyond_the_pivot_no_step_has_an_undo() -> None:
    with pytest.raises(TypeError, match="pivot"):
        Saga(name="s", begins=TOUR.begins, steps=TOUR.steps, pivot="flight", deadline=timedelta(minutes=1))
