"""Events and states to JSON and back, with personal fields sealed on the way."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import msgspec

from bank.decider import Decider, Personal
from bank.history.sealing import PREFIX, Keyring

_encoder = msgspec.json.Encoder()
PERSONAL = Personal.__metadata__[0]  # type: ignore[attr-defined]


class Unreadable(Exception):
    """A stored or received event does not fit the class it should; the message names it."""


_personal: dict[type, tuple[str, ...]] = {}
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
_names: dict[Decider[Any, Any, Any], dict[type, str]] = {}


def personal_fields(shape: type) -> tuple[str, ...]:
    """The names of a dataclass's fields that are marked `Personal` (or `Personal | None`)."""
    if shape not in _personal:
        _personal[shape] = _find_personal(shape)
    return _personal[shape]


def says_personal(value: Any) -> bool:
    """Whether any field marked `Personal` holds anything: only then is there something to seal."""
    return any(getattr(value, field) for field in personal_fields(type(value)))


def _find_personal(shape: type) -> tuple[str, ...]:
    if not is_dataclass(shape):
        return ()
    hints = get_type_hints(shape, include_extras=True)
    return tuple(f.name for f in fields(shape) if _is_personal(hints[f.name]))


def _is_personal(hint: Any) -> bool:
    return PERSONAL in getattr(hint, "__metadata__", ()) or any(_is_personal(arg) for arg in get_args(hint))


def decoder(shape: type) -> msgspec.json.Decoder[Any]:
    """The JSON decoder of a class; it validates what it reads."""
    if shape not in _decoders:
        _decoders[shape] = msgspec.json.Decoder(shape)
    return _decoders[shape]


def plain(value: Any) -> bytes:
    """The JSON of an event as it is published: nothing sealed."""
    return _encoder.encode(value)


def sealed(value: Any, name: str, customer_id: str | None, ring: Keyring) -> bytes:
    """The JSON of an event or state as it is stored. `name` binds each sealed field to where it stands."""
    if not says_personal(value):
        return _encoder.encode(value)

    def seal(field: str, text: str) -> str:
        if customer_id is None:
            raise ValueError(f"{name}.{field} is personal, but it belongs to no customer")
        return ring.seal(customer_id, f"{name}.{field}", text)

    return _encoder.encode(_each(msgspec.to_builtins(value), personal_fields(type(value)), seal))


def holds_sealed(data: str | bytes, shape: type) -> bool:
    """Whether stored JSON has to be opened; most of what may hold something personal holds nothing."""
    mark: Any = PREFIX if isinstance(data, str) else PREFIX.encode()
    return bool(personal_fields(shape)) and mark in data


def opened(data: str, name: str, shape: type, ring: Keyring) -> bytes:
    """Stored JSON as it is published: the inverse of `sealed`, byte for byte what `plain` gave."""
    if not holds_sealed(data, shape):
        return data.encode()
    return _encoder.encode(_open_each(data, name, personal_fields(shape), ring))


def load(data: str | bytes, name: str, shape: type, ring: Keyring) -> Any:
    """A stored event or state as an instance of `shape`. Raises `Unreadable`."""
    try:
        if not holds_sealed(data, shape):
            return decoder(shape).decode(data)
        return msgspec.convert(_open_each(data, name, personal_fields(shape), ring), shape)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{name}: {error}") from error


def event_class(decider: Decider[Any, Any, Any], name: str) -> type:
    """The class of a stored versioned name, old ones included. Raises `Unreadable`."""
    while name in decider.upcasts:
        name = decider.upcasts[name].to
    try:
        return decider.events[name]
    except KeyError:
        raise Unreadable(f"{decider.name} knows no event {name}") from None


def load_event(decider: Decider[Any, Any, Any], name: str, data: str, ring: Keyring) -> Any:
    """A stored event, upcast to the newest version of its name."""
    shape = event_class(decider, name)
    if name not in decider.upcasts:
        return load(data, name, shape, ring)
    value = _open_each(data, name, personal_fields(shape), ring)
    while name in decider.upcasts:
        step = decider.upcasts[name]
        name, value = step.to, step.data(value)
    try:
        return msgspec.convert(value, shape)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{name}: {error}") from error


def _open_each(data: str | bytes, name: str, marked: tuple[str, ...], ring: Keyring) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.json.decode(data)
    return _each(value, marked, lambda field, text: ring.open(text, f"{name}.{field}"))


def _each(value: dict[str, Any], marked: tuple[str, ...], change: Callable[[str, str], str]) -> dict[str, Any]:
    """Change the marked fields that hold anything."""
    for field in marked:
        if value.get(field):
            value[field] = change(field, value[field])
    return value


def names(decider: Decider[Any, Any, Any]) -> dict[type, str]:
    """The versioned name under which each event class is stored."""
    if decider not in _names:
        _names[decider] = {shape: name for name, shape in decider.events.items()}
    return _names[decider]
