"""Writes down the shape of what is stored. Run it when a state, an event or a reaction is new, or changed on purpose:

python manage.py shell -c "from tests.architecture import record; record.main()"
"""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from bank.decider import ERASED
from bank.history.codec import personal_fields
from tests.architecture.contexts import ALL, DECIDERS, STORED, Stored, alternatives, hints

FOLDER = Path(__file__).parent
STATES = FOLDER / "states.json"
EVENTS = FOLDER / "events.jsonl"
REACTIONS = FOLDER / "reactions.json"

Shapes = dict[str, dict[str, Any]]


def shape(hint: Any) -> Any:
    """A type as JSON: dataclasses by their fields, others by their name."""
    if isinstance(hint, type) and is_dataclass(hint):
        return {name: shape(inner) for name, inner in hints(hint).items()}
    if get_origin(hint) is Literal:
        return sorted(map(repr, get_args(hint)))
    if get_origin(hint) in (Union, UnionType):
        return {"any of": sorted((shape(one) for one in get_args(hint)), key=str)}
    if arguments := get_args(hint):
        return {getattr(get_origin(hint), "__name__", str(hint)): [shape(one) for one in arguments]}
    return getattr(hint, "__name__", str(hint))


def states() -> Shapes:
    """The shape of each decider's state, under its name and its state version."""
    return {
        f"{context}.{decider.name}": {str(decider.state_version): shape(type(decider.initial))}
        for context, decider in DECIDERS
    }


def recorded_states() -> Shapes:
    found: Shapes = json.loads(STATES.read_text()) if STATES.exists() else {}
    return found


def sample(stored: Stored) -> str:
    """One event as it would be stored, its customer erased: made from its fields' types, always the same."""
    data = {name: example(name, hint) for name, hint in hints(stored.shape).items()}
    data |= dict.fromkeys(personal_fields(stored.shape), ERASED)
    return json.dumps(data, separators=(",", ":"), default=date.isoformat)


def example(name: str, hint: Any) -> Any:
    for one in (hint, *get_args(hint)):
        if get_origin(one) is Literal:
            return get_args(one)[0]
    kind = next(one for one in sorted(alternatives(hint), key=str) if one is not type(None))
    return EXAMPLES.get(kind, name)


EXAMPLES: Mapping[Any, Any] = {int: 1234, bool: True, date: date(2026, 3, 2)}


def recorded_events() -> list[dict[str, str]]:
    return [json.loads(line) for line in EVENTS.read_text().splitlines()] if EVENTS.exists() else []


def reactions() -> dict[str, str]:
    """The name of each reaction, under who hears what."""
    return {
        f"{context.name} hears {type_}": subscription.name
        for context in ALL.values()
        for type_, subscription in context.subscriptions.items()
    }


def recorded_reactions() -> dict[str, str]:
    found: dict[str, str] = json.loads(REACTIONS.read_text()) if REACTIONS.exists() else {}
    return found


def main() -> None:
    # A name once recorded stays, whatever the code says now: command ids are made of it.
    names = {**reactions(), **recorded_reactions()}
    REACTIONS.write_text(json.dumps(names, indent=1, sort_keys=True) + "\n")
    kept = recorded_states()
    for name, versions in states().items():
        kept.setdefault(name, {}).update(versions)
    STATES.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    events = {(line["decider"], line["name"], line["data"]): line for line in recorded_events()}
    for stored in STORED:
        line = {
            "context": stored.context,
            "decider": stored.decider.name,
            "name": stored.name,
            "data": sample(stored),
        }
        events[line["decider"], line["name"], line["data"]] = line
    EVENTS.write_text("".join(f"{json.dumps(events[key], ensure_ascii=False)}\n" for key in sorted(events)))
