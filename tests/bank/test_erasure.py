"""A context forgets in two steps, each taken once and the second never first."""

from dataclasses import dataclass
from datetime import date

from bank.erasure import BeginErasure, EndErasure, eraser
from bank.testing import given

DAY = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Begun:
    customer_id: str
    begun_on: date


@dataclass(frozen=True, slots=True)
class Forgotten:
    customer_id: str
    erased_on: date


ERASURE = eraser("example", Begun, Forgotten)
BEGIN, END = BeginErasure("c1", DAY), EndErasure("c1", DAY)
BEGUN, FORGOTTEN = Begun("c1", DAY), Forgotten("c1", DAY)


def test_it_begins_and_ends_once() -> None:
    assert given(ERASURE).when(BEGIN) == [BEGUN]
    assert given(ERASURE, BEGUN).when(BEGIN) == []
    assert given(ERASURE, BEGUN).when(END) == [FORGOTTEN]
    assert given(ERASURE, BEGUN, FORGOTTEN).when(END) == []
    assert given(ERASURE, BEGUN, FORGOTTEN).when(BEGIN) == []


def test_it_does_not_end_before_it_has_begun() -> None:
    assert given(ERASURE).when(END) == []
