"""What one context says, the others understand: names, fields and types."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.history import codec
from bank.sagas.progress import FACTS
from tests.architecture.contexts import ALL, PUBLISHED, STORED, Heard, Stored, alternatives, heard, hints

by_type = pytest.mark.parametrize("stored", STORED, ids=lambda one: f"{one.decider.name}:{one.type}")


@pytest.mark.parametrize("one", list(heard()), ids=lambda one: f"{one.by} hears {one.type}")
def test_what_is_heard_is_published_with_the_same_fields_and_types(one: Heard) -> None:
    assert one.type in PUBLISHED, f"nobody says {one.type}"
    published = hints(PUBLISHED[one.type])
    for name, wanted in hints(one.data).items():
        assert name in published, f"{one.type} has no field {name}"
        strange = alternatives(published[name]) - alternatives(wanted)
        assert not strange, f"{one.type}.{name} may be {strange}, which {one.by} does not read"


def test_an_event_name_belongs_to_one_context_and_one_class() -> None:
    """Two aggregates of a context may give the same answer; then it is the same class. What the kernel says of sagas is
    said by whichever context coordinates one."""
    owners: dict[str, set[tuple[str, type]]] = {}
    for stored in (one for one in STORED if one.shape not in FACTS.values()):
        owners.setdefault(stored.name, set()).add((stored.context, stored.shape))
    assert {name: owner for name, owner in owners.items() if len(owner) > 1} == {}


def test_a_class_has_one_name() -> None:
    for _, decider in {(one.context, one.decider) for one in STORED}:
        assert len(set(decider.events.values())) == len(decider.events), decider.name


def test_decider_names_are_unique_in_the_bank() -> None:
    names = [decider.name for context in ALL.values() for decider in context.deciders]
    assert len(names) == len(set(names))
    assert not [name for name in names if "-" in name], "a stream's name is split at its first hyphen"


@by_type
def test_event_names_are_versioned_words(stored: Stored) -> None:
    word, dot, version = stored.name.rpartition(".v")
    assert dot
    assert word.isidentifier()
    assert word[0].isupper()
    assert version.isdigit()


@by_type
def test_events_hold_plain_types(stored: Stored) -> None:
    """Whole numbers, texts, days and yes or no: nothing that another language would read otherwise."""
    for name, hint in hints(stored.shape).items():
        assert alternatives(hint) <= PLAIN, f"{stored.type}.{name}: {hint}"


PLAIN = {str, int, bool, date, type(None)}


@by_type
def test_an_amount_is_in_minor_units_beside_its_currency(stored: Stored) -> None:
    names = hints(stored.shape)
    assert "amount" not in names
    if "amount_minor" in names:
        assert alternatives(names["amount_minor"]) == {int}
        assert "currency" in names


@by_type
@given(data=st.data())
def test_an_event_comes_back_as_it_was_stored(stored: Stored, data: st.DataObject) -> None:
    event = data.draw(instances(stored.shape))
    assert codec.decoder(stored.shape).decode(codec.plain(event)) == event


@pytest.mark.parametrize("context", ALL.values(), ids=lambda context: context.name)
def test_nobody_subscribes_to_what_only_a_projection_may_hear_from_itself(context: Any) -> None:
    """A projection of one's own events is inline: it needs no broker."""
    for projection in context.async_projections:
        assert not [name for name in projection.types if name.startswith(f"{context.name}.")]


def instances(shape: type) -> st.SearchStrategy[Any]:
    optional = {field.name for field in fields(shape) if field.default is not MISSING}
    known = {name: values(hint) for name, hint in hints(shape).items()}
    return st.fixed_dictionaries(
        {name: strategy for name, strategy in known.items() if name not in optional},
        optional={name: strategy for name, strategy in known.items() if name in optional},
    ).map(lambda given: shape(**given))


SIMPLE: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    date: st.dates(),
    datetime: st.datetimes(),
    UUID: st.uuids(),
    type(None): st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*(values(one) for one in get_args(hint)))
    return SIMPLE[hint]
