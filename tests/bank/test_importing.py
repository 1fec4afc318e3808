"""What every import of another bank's files shares."""

from datetime import date
from pathlib import Path

import pytest

from bank.importing import Illegible, Row, count, day, fingerprint, id_of, part_of, read


def numbers(row: Row) -> int:
    return int(row["number"])


def test_the_same_thing_has_the_same_id_in_every_context() -> None:
    assert id_of("account", "576") == id_of("account", "576") == "432dddb6-f2d6-5250-b6d3-29eab2aec0db"
    assert id_of("account", "576") != id_of("client", "576")


def test_a_fingerprint_is_of_what_was_said_and_in_which_order() -> None:
    said = fingerprint("576", date(1993, 1, 1), -5)
    assert said == fingerprint("576", date(1993, 1, 1), -5)
    assert len({said, fingerprint("576", date(1993, 1, 1), 5), fingerprint(date(1993, 1, 1), "576", -5), b""}) == 4


def test_a_line_that_cannot_be_read_is_named_after_those_before_it(tmp_path: Path) -> None:
    file = tmp_path / "numbers.asc"
    file.write_text('"number";"name"\n1;"a"\n"two";"b"\n')
    lines = read(file, numbers)
    assert next(lines) == 1
    with pytest.raises(Illegible, match=r"numbers\.asc, line 3: ValueError"):
        next(lines)
    assert count(file) == 2


@pytest.mark.parametrize("text", [b'"other"\n1\n', b'"name";"number"\n1\n'])
def test_a_line_without_the_field_is_named(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "numbers.asc"
    file.write_bytes(text)
    with pytest.raises(Illegible, match=r"line 2"):
        list(read(file, numbers))


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "numbers.asc"
    file.write_bytes(b'"number"\n\xff\xfe\n')
    with pytest.raises(Illegible, match="not a table in ASCII"):
        list(read(file, numbers))
    with pytest.raises(Illegible, match="Is a directory"):
        list(read(tmp_path, numbers))


def test_days_are_of_the_twentieth_century() -> None:
    assert [day("930101"), day("981231 00:00:00")] == [date(1993, 1, 1), date(1998, 12, 31)]
    with pytest.raises(ValueError, match="month"):
        day("931301")


def test_a_context_without_a_part_has_none() -> None:
    assert part_of("accounts", "berka") is not None
    assert part_of("bankview", "berka") is None
