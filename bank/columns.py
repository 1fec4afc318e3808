"""A batch's columns as PostgreSQL arrays: `unnest(%b::text[], %b::int[])` takes two lists of values.

The statement says the type, so nothing has to be guessed from the values, as psycopg's own lists do with every column
of every statement; what arrives is the same. Decision 0005 says what that saved.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from struct import Struct, pack
from typing import Any, ClassVar
from uuid import UUID

from psycopg import pq
from psycopg.adapt import AdaptersMap, Dumper

from bank.context import Cursor

Values = Sequence[Any]

_header = Struct("!iiIii").pack
"""Dimensions, whether there are nulls, the elements' type, how many there are, the lower bound."""

_EMPTY = Struct("!iiI").pack
_length = Struct("!i").pack
_LENGTHS = [_length(n) for n in range(4096)]
_NULL = _length(-1)
_UUID = _length(16)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)


def _texts(values: Values) -> bytes:
    return _bytes([value.encode() for value in values])


def _bytes(values: Values) -> bytes:
    known, limit = _LENGTHS, len(_LENGTHS)
    return b"".join([(known[n] if (n := len(value)) < limit else _length(n)) + value for value in values])


def _uuids(values: Values) -> bytes:
    return b"".join([_UUID + (value if type(value) is UUID else UUID(value)).bytes for value in values])


def _fixed(code: str, width: int, values: Values) -> bytes:
    flat = [width] * (2 * len(values))
    flat[1::2] = values
    return pack("!" + ("i" + code) * len(values), *flat)


def _dates(values: Values) -> bytes:
    return _fixed("i", 4, [value.toordinal() - _EPOCH_DAY for value in values])


def _times(values: Values) -> bytes:
    """Most of a batch's times are one and the same."""
    known = {value: (value - _EPOCH) // _MICROSECOND for value in set(values)}
    return _fixed("q", 8, [known[value] for value in values])


class Column:
    """The values of one column, on their way into a statement."""

    __slots__ = ("values",)
    element: ClassVar[int]
    body: ClassVar[Callable[[Values], bytes]]

    def __init__(self, values: Values) -> None:
        self.values = values

    def __bytes__(self) -> bytes:
        cls, values = type(self), self.values
        if not values:
            return _EMPTY(0, 0, cls.element)
        if None in values:
            body = b"".join([_NULL if value is None else cls.body((value,)) for value in values])
            return _header(1, 1, cls.element, len(values), 1) + body
        return _header(1, 0, cls.element, len(values), 1) + cls.body(values)


class _Dumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Column) -> bytes:
        return bytes(obj)


def _column(element: int, array: int, body: Callable[[Values], bytes]) -> tuple[type[Column], type[_Dumper]]:
    """A class of columns and its dumper, by the numbers which the server's catalog gives to the two types."""
    shape = type("Column", (Column,), {"__slots__": (), "element": element, "body": staticmethod(body)})
    return shape, type("ColumnDumper", (_Dumper,), {"oid": array})


COLUMNS = {
    "text": _column(25, 1009, _texts),
    "bytea": _column(17, 1001, _bytes),
    "uuid": _column(2950, 2951, _uuids),
    "smallint": _column(21, 1005, lambda values: _fixed("h", 2, values)),
    "int": _column(23, 1007, lambda values: _fixed("i", 4, values)),
    "bigint": _column(20, 1016, lambda values: _fixed("q", 8, values)),
    "bool": _column(16, 1000, lambda values: _fixed("?", 1, values)),
    "date": _column(1082, 1182, _dates),
    "timestamptz": _column(1184, 1185, _times),
}

PLACEHOLDER = re.compile(r"%(?:%|\(|[sbt](?:::(\w+)\[\])?)")


@lru_cache(maxsize=1024)
def _declared(statement: str) -> tuple[tuple[int, type[Column]], ...]:
    """Where the statement's parameters are columns, and of what."""
    types = [found.group(1) for found in PLACEHOLDER.finditer(statement) if found.group() not in ("%%", "%(")]
    return tuple((place, COLUMNS[type][0]) for place, type in enumerate(types) if type in COLUMNS)


def packed(statement: str, parameters: Sequence[Any]) -> Sequence[Any]:
    """The statement's parameters, those declared as arrays as columns."""
    declared = _declared(statement)
    if not declared:
        return parameters
    mixed = list(parameters)
    for place, column in declared:
        mixed[place] = column(mixed[place])
    return mixed


def write(cursor: Cursor, statement: str, rows: Sequence[tuple[Any, ...]], *first: Any) -> None:
    """One statement for all rows, column by column, after the parameters `first`; none for no rows."""
    if rows:
        cursor.execute(statement, [*first, *(list(column) for column in zip(*rows, strict=True))])


def register(adapters: AdaptersMap) -> None:
    for column, dumper in COLUMNS.values():
        adapters.register_dumper(column, dumper)
