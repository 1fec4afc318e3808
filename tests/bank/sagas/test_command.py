"""`manage.py sagas` over the tours of the kernel's own tests."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from bank.context import Order, Unit
from bank.execution import execute
from bank.management.commands import sagas
from bank.sagas.progress import Begin, StepAnswered
from tests.bank.examples.touring import AGENCY, TOUR, TourBegun

pytestmark = pytest.mark.django_db(databases=["customers", "default"], transaction=True)


@pytest.fixture(autouse=True)
def agency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sagas, "orchestrating", lambda: [AGENCY])


@pytest.fixture(autouse=True)
def operators(agency: None) -> None:
    make = get_user_model().objects.db_manager("default").create_user
    for number, login in enumerate(("anna", "bert"), start=1):
        make(login, pk=number, is_staff=True)
    make("left", pk=3, is_staff=True, is_active=False)
    make("customer", pk=4)


def tour(id: str, *answers: StepAnswered) -> None:
    for command in (Begin(TourBegun(id, "c1", "Anna Meier")), *answers):
        assert execute(AGENCY, [Unit(Order(TOUR.decider, id, command))])[0].outcome == "applied"


def said(*args: str) -> str:
    out = StringIO()
    call_command("sagas", *args, stdout=out)
    return out.getvalue()


def as_json(*args: str) -> Any:
    return json.loads(said(*args, "--json"))


BOOKED = StepAnswered("flight")
FULL = StepAnswered("hotel", "full")
CLOSED = StepAnswered("flight", "closed", is_undo=True)


def fail(id: str) -> None:
    """Its undo was declined for the last time."""
    tour(id, BOOKED, FULL)
    for _ in range(1, TOUR.limit):
        execute(AGENCY, [Unit(Order(TOUR.decider, id, CLOSED))])
        said("retry", id, "--operator", "anna")
    execute(AGENCY, [Unit(Order(TOUR.decider, id, CLOSED))])


def test_those_under_way_are_listed_unless_a_status_is_asked_for() -> None:
    tour("t1")
    tour("t2", StepAnswered("flight", "full"))
    assert [(one["id"], one["status"], one["step"]) for one in as_json("list")] == [("t1", "running", "flight")]
    assert [one["id"] for one in as_json("list", "--status", "compensated")] == ["t2"]
    assert {one["id"] for one in as_json("list", "--status", "all")} == {"t1", "t2"}
    assert "t1  tour  running  flight at accounts" in said("list")


def test_one_is_shown_with_its_timeline() -> None:
    tour("t1", BOOKED)
    shown = as_json("show", "t1")
    assert [one["event"] for one in shown["timeline"]] == ["TourBegun", "FlightAsked", "StepDone", "HotelAsked"]
    assert (shown["step"], shown["participant"]) == ("hotel", "cards")
    assert "HotelAsked" in said("show", "t1")


def test_it_is_turned_back_by_an_operator_who_is_named_in_its_timeline() -> None:
    tour("t1", BOOKED)
    assert said("compensate", "t1", "--operator", "anna") == "t1 is compensating\n"
    assert as_json("show", "t1")["timeline"][-1] == {
        **as_json("show", "t1")["timeline"][-1],
        "event": "HotelUndoAsked",
        "actor": "operator:1",
    }
    with pytest.raises(CommandError, match="process_not_running"):
        said("compensate", "t1", "--operator", "anna")


def test_it_is_resolved_by_a_second_person() -> None:
    fail("t1")
    assert as_json("show", "t1")["status"] == "compensation_failed"
    asked = said("resolve", "t1", "--operator", "anna")
    assert asked == "t1 is compensation_failed; operator:1 says that flight was seen to by hand\n"
    with pytest.raises(CommandError, match="four_eyes"):
        said("resolve", "t1", "--operator", "anna")
    assert said("resolve", "t1", "--operator", "bert") == "t1 is compensated\n"


@pytest.mark.parametrize("login", ["nobody", "left", "customer", "Anna", "1", ""])
def test_only_operators_who_still_work_here_give_orders(login: str) -> None:
    fail("t1")
    before = as_json("show", "t1")
    with pytest.raises(CommandError, match=f"There is no active operator with the login {login!r}"):
        said("resolve", "t1", "--operator", login)
    assert as_json("show", "t1") == before


def test_one_that_is_not_there_is_said_to_be_none() -> None:
    with pytest.raises(CommandError, match="There is no saga 'nonsense' here"):
        said("show", "nonsense")
