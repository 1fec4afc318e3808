"""What was stored can always be read: states by their version, events for ever."""

from dataclasses import is_dataclass
from typing import Any

import msgspec
import pytest

from bank.decider import Decider
from bank.history import codec
from bank.history.sealing import Keyring
from tests.architecture.contexts import ALL, DECIDERS, STORED, hints, inside
from tests.architecture.record import reactions, recorded_events, recorded_reactions, recorded_states, states

HELP = "If it was on purpose: see tests/architecture/record.py"
OLD = [pytest.param(line, id=f"{line['decider']}:{line['name']}") for line in recorded_events()]


@pytest.mark.parametrize("name", states())
def test_a_state_of_another_shape_has_another_version(name: str) -> None:
    """Otherwise heads and snapshots of the old shape would be read as the new one."""
    ((version, shape),) = states()[name].items()
    known = recorded_states().get(name, {})
    assert version in known, f"version {version} of {name} is new. {HELP}"
    assert shape == known[version], f"{name} has changed its shape: raise its state_version. {HELP}"


@pytest.mark.parametrize(("context", "decider"), DECIDERS, ids=[decider.name for _, decider in DECIDERS])
def test_states_events_and_what_they_hold_are_frozen(context: str, decider: Decider[Any, Any, Any]) -> None:
    for root in (type(decider.initial), *decider.events.values()):
        for shape in inside(root):
            if is_dataclass(shape):
                assert shape.__dataclass_params__.frozen, shape  # type: ignore[attr-defined]
                assert hasattr(shape, "__slots__"), shape


@pytest.mark.parametrize(("context", "decider"), DECIDERS, ids=[decider.name for _, decider in DECIDERS])
def test_a_state_comes_back_as_it_was_kept(context: str, decider: Decider[Any, Any, Any]) -> None:
    initial = decider.initial
    assert msgspec.json.decode(msgspec.json.encode(initial), type=type(initial)) == initial


def test_what_is_heard_is_frozen_too() -> None:
    for context in ALL.values():
        for subscription in context.subscriptions.values():
            assert subscription.data.__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize("one", reactions())
def test_a_reaction_keeps_its_name_for_ever(one: str) -> None:
    """Command ids are made of it: under another name, what is heard again would be executed again."""
    assert one in recorded_reactions(), f"{one!r} is new. {HELP}"
    assert reactions()[one] == recorded_reactions()[one]


class Nobody:
    """Where there is nothing to open, nobody is asked for a key."""

    def execute(self, query: str, params: Any = None, /) -> Any:
        raise AssertionError(query)

    def fetchall(self) -> list[Any]:
        return []

    def fetchone(self) -> Any:
        return None


@pytest.mark.parametrize("line", OLD)
def test_every_event_ever_stored_is_read_today(line: dict[str, str]) -> None:
    decider = next(one for _, one in DECIDERS if one.name == line["decider"])
    event = codec.load_event(decider, line["name"], line["data"], Keyring(Nobody()))
    assert type(event) in decider.events.values()


def test_every_event_of_today_is_kept_for_tomorrow() -> None:
    kept = {(line["decider"], line["name"]) for line in recorded_events()}
    assert {(one.decider.name, one.name) for one in STORED} <= kept, HELP


def test_the_fields_of_stored_events_only_ever_grow() -> None:
    """A field once stored is still known, unless the event is upcast."""
    for line in recorded_events():
        decider = next(one for _, one in DECIDERS if one.name == line["decider"])
        if line["name"] not in decider.upcasts:
            known = hints(decider.events[line["name"]])
            assert set(msgspec.json.decode(line["data"])) <= set(known), line["name"]
