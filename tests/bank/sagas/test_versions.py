"""A saga that is open while its bank gets a new version goes on: what it began with grows, or has a new shape."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from bank.context import Context, Order, Unit
from bank.decider import ERASED, Personal, Upcast
from bank.execution import execute
from bank.history.eventstore import load, read_stream
from bank.models import Head
from bank.sagas import driving
from bank.sagas.orchestration import Saga, SagaStep
from bank.sagas.progress import Begin, Progress, StepAnswered, StepDeclined, StepDone
from bank.testing import Given, given
from tests.bank.examples.touring import AGENCY, TICKETS, TOUR, FlightAsked, TicketsAsked, TourBegun

# What was begun and said by the version of yesterday: `TourBegun.v1`, `FlightAsked.v1`, `HotelAsked.v1`.

YESTERDAY = TourBegun("t1", "c1", "Anna Meier")

# Today it says from where and how: a new version, and one more field in the messages.


@dataclass(frozen=True, slots=True)
class TourPlanned:
    saga_id: str
    customer_id: str
    traveller: Personal
    route: list[str]
    stars: int = 3


@dataclass(frozen=True, slots=True)
class FlightWanted:
    saga_id: str
    customer_id: str
    traveller: Personal
    route: list[str]


@dataclass(frozen=True, slots=True)
class FlightNotWanted:
    saga_id: str
    route: list[str]
    attempt: int


@dataclass(frozen=True, slots=True)
class RoomWanted:
    saga_id: str
    stars: int = 0


@dataclass(frozen=True, slots=True)
class RoomNotWanted:
    saga_id: str
    attempt: int


def with_route(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "route": ["HOME"]}


PLANNED = Saga(
    name="tour",
    begins=("TourBegun.v2", TourPlanned),
    steps=(
        SagaStep(
            "flight",
            at="accounts",
            do=("FlightAsked.v2", FlightWanted),
            undo=("FlightUndoAsked.v2", FlightNotWanted),
        ),
        SagaStep("hotel", at="cards", do=("HotelAsked.v1", RoomWanted), undo=("HotelUndoAsked.v1", RoomNotWanted)),
        SagaStep("tickets", at="customers", do=("TicketsAsked.v1", TicketsAsked)),
    ),
    pivot="hotel",
    deadline=TOUR.deadline,
    limit=TOUR.limit,
    upcasts={
        "TourBegun.v1": Upcast("TourBegun.v2", with_route),
        "FlightAsked.v1": Upcast("FlightAsked.v2", with_route),
        "FlightUndoAsked.v1": Upcast("FlightUndoAsked.v2", with_route),
    },
)
TODAY = replace(
    AGENCY, deciders=(PLANNED.decider, TICKETS), inline_projections=(driving.table(PLANNED),), sagas=(PLANNED,)
)


# A field that came later.


def test_a_field_that_came_later_has_its_default_in_what_is_asked_of_a_saga_begun_before() -> None:
    planned = TourPlanned("t1", "c1", "Anna Meier", ["HOME"])
    begun = PLANNED.decider.fold(PLANNED.decider.initial, [planned, FlightWanted("t1", "c1", "Anna Meier", ["HOME"])])
    without = {name: value for name, value in msgspec.to_builtins(planned).items() if name != "stars"}
    before = Given(PLANNED.decider, replace(begun, data=msgspec.json.encode(without).decode()))
    assert before.when(StepAnswered("flight")) == [StepDone("t1", "flight"), RoomWanted("t1", 3)]


def test_each_upcast_is_a_new_version_of_the_state() -> None:
    assert (TOUR.decider.state_version, PLANNED.decider.state_version) == (2, 5)


def test_who_was_erased_is_named_to_nobody_however_the_state_came_about() -> None:
    history = (replace(YESTERDAY, traveller=ERASED), FlightAsked("t1", "c1", ERASED))
    assert given(TOUR.decider, *history).state.data == ERASED


# A new version.


@pytest.fixture
def begun(transactional_db: None) -> None:
    """A tour of yesterday whose flight has been asked for."""
    tell(AGENCY, TOUR, Begin(YESTERDAY))


def tell(context: Context, saga: Saga, command: Any) -> None:
    (result,) = execute(context, [Unit(Order(saga.decider, "t1", command))])
    assert result.outcome == "applied"


def said() -> list[Any]:
    return [one.event for one in read_stream(TODAY, PLANNED.decider.stream("t1"))]


@pytest.mark.django_db(databases=["customers"], transaction=True)
def test_a_saga_of_yesterday_goes_on_today(begun: None) -> None:
    tell(TODAY, PLANNED, StepAnswered("flight"))
    assert said() == [
        TourPlanned("t1", "c1", "Anna Meier", ["HOME"]),
        FlightWanted("t1", "c1", "Anna Meier", ["HOME"]),
        StepDone("t1", "flight"),
        RoomWanted("t1", 3),
    ]
    assert Head.objects.using("customers").get().state_version == PLANNED.decider.state_version


@pytest.mark.django_db(databases=["customers"], transaction=True)
def test_a_saga_of_yesterday_is_undone_today(begun: None) -> None:
    tell(AGENCY, TOUR, StepAnswered("flight"))
    tell(TODAY, PLANNED, StepAnswered("hotel", "full"))
    assert said()[-2:] == [StepDeclined("t1", "hotel", "full"), FlightNotWanted("t1", ["HOME"], 1)]
    state: Progress
    state, _ = load(TODAY, PLANNED.decider, "t1")
    assert (state.status, state.at, state.awaited) == ("compensating", 0, True)
