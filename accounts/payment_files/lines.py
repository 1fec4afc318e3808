"""A file's lines as the bank keeps them: in parts of 500, which are also the batches in which they are executed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID, uuid5

import msgspec
from cryptography.exceptions import InvalidTag

PART = 500

FILES = UUID("c6b57d29-2c0c-5f0b-9a70-6f4ffb3f6d5e")
"""The namespace of files' ids. Final: a message id is remembered for ever."""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1; `account_id` is the account that pays; `iban` is whose account it is to come to."""

    number: int
    account_id: str
    iban: str
    amount_minor: int
    name: str = ""
    reference: str = ""
    end_to_end_id: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """An account of the customer's that may pay."""

    id: str
    currency: str


UNREADABLE = (LookupError, InvalidTag, msgspec.MsgspecError)
"""What reading a part raises that is missing, was tampered with, or does not fit."""

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(list[Line])


def file_id(customer_id: str, message_id: str) -> str:
    return str(uuid5(FILES, f"{customer_id}/{message_id}"))


def command_id(file_id: UUID, number: int) -> UUID:
    """The id of a line's transfer: the line is executed once, however often it is tried."""
    return uuid5(file_id, str(number))


def lock(file_id: UUID) -> tuple[int, int]:
    """Two signed 32-bit numbers for an advisory lock: who executes the file."""
    key = uuid5(file_id, "executing").bytes
    return int.from_bytes(key[:4], signed=True), int.from_bytes(key[4:8], signed=True)


def in_parts(lines: Iterable[Line]) -> Iterator[str]:
    waiting = iter(lines)
    while part := list(islice(waiting, PART)):
        yield _encode(part).decode()


def from_part(text: str) -> list[Line]:
    return _decoder.decode(text)


def part_of(number: int) -> int:
    """In which part a line stands."""
    return (number - 1) // PART
