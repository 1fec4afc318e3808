"""Reading files of payments: both formats say the same, and every fault is told with its place."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xmlschema import XMLSchema

from accounts.iban import iban_for
from accounts.payment_files import intake as intakes
from accounts.payment_files import pain, sheet
from accounts.payment_files.intake import Asked, Faulty, Intake, Malformed
from accounts.payment_files.lines import Line, Own, from_part, in_parts
from tests.accounts.payment_files.files import TODAY, as_csv, as_pain, payments, whole

PAYS, TO = str(uuid4()), str(uuid4())
EUROS = Own(PAYS, "EUR")
OWN = {iban_for(PAYS): EUROS}
DAY = date.fromisoformat(TODAY)
ROOT = Path(__file__).parents[3]


def read_pain(document: bytes) -> tuple[Intake, list[Line]]:
    intake = Intake("pain001", DAY)
    lines = list(pain.read(BytesIO(document), intake, OWN))
    intake.end()
    return intake, lines


def read_csv(text: bytes, account: Own = EUROS, **said: Any) -> tuple[Intake, list[Line]]:
    intake = Intake("csv", DAY)
    lines = list(sheet.read(BytesIO(text), intake, account, **said))
    intake.end()
    return intake, lines


def three(**changed: Any) -> list[Asked]:
    """Three payments, the second of them changed."""
    asked = list(payments([TO], 3, amount="2.50"))
    return [asked[0], replace(asked[1], **changed), asked[2]]


def document(asked: list[Asked], **said: Any) -> bytes:
    known = {"pays": iban_for(PAYS), "count": len(asked), "total": Decimal("7.50"), **said}
    return whole(as_pain(asked, **known))


def faults(read: Any, *given: Any, **said: Any) -> list[str]:
    with pytest.raises(Faulty) as faulty:
        read(*given, **said)
    return list(faulty.value.faults)


@pytest.fixture(scope="module")
def schema() -> XMLSchema:
    package = find_spec("sepaxml")
    assert package is not None
    assert package.submodule_search_locations
    return XMLSchema(Path(package.submodule_search_locations[0], "schemas", "pain.001.001.09.xsd"))


def test_the_documents_of_these_tests_are_valid_pain001(schema: XMLSchema) -> None:
    schema.validate(document(three()).decode())
    schema.validate(document(three(name="Björk & <sons>"), total=None).decode())


def test_both_formats_say_the_same() -> None:
    of_xml, lines = read_pain(document(three()))
    of_csv, same = read_csv(whole(as_csv(three())))
    assert lines == same
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1] == Line(2, PAYS, iban_for(TO), 2_50, "Ada Byron", "Invoice 2", "E-2")
    assert (of_xml.lines, of_xml.amount_minor, of_xml.currency) == (3, 7_50, "EUR")
    assert (of_csv.lines, of_csv.amount_minor, of_csv.currency) == (3, 7_50, "EUR")
    assert of_xml.message_id == "M-1"


def test_lines_come_back_from_their_parts() -> None:
    _, lines = read_csv(whole(as_csv(payments([TO], 1001))))
    parts = [from_part(part) for part in in_parts(lines)]
    assert [len(part) for part in parts] == [500, 500, 1]
    assert [line for part in parts for line in part] == lines


def test_columns_stand_in_any_order_and_some_may_be_left_out() -> None:
    text = f"amount,currency,iban\n1.00,EUR,{iban_for(TO)}\n\n2.00,EUR,{iban_for(TO)[:4]} {iban_for(TO)[4:]}\n"
    _, lines = read_csv(b"\xef\xbb\xbf" + text.encode())
    assert [(line.amount_minor, line.iban, line.name) for line in lines] == [
        (1_00, iban_for(TO), ""),
        (2_00, iban_for(TO), ""),
    ]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"iban": "MT97DEMO00001601536045272385523"}, "lines.2.iban"),
        ({"iban": ""}, "lines.2.iban"),
        ({"iban": "X" * 5000}, "lines.2.iban"),
        ({"amount": "0.00"}, "lines.2.amount"),
        ({"amount": "-1.00"}, "lines.2.amount"),
        ({"amount": "1.005"}, "lines.2.amount"),
        ({"amount": "10000000000000.01"}, "lines.2.amount"),
        ({"currency": "USD"}, "lines.2.currency"),
        ({"currency": "XXX"}, "lines.2.amount"),
        ({"reference": "x" * 141}, "lines.2.reference"),
        ({"reference": "card 4111 1111 1111 1111"}, "lines.2.reference"),
        ({"name": "x" * 141}, "lines.2.name"),
        ({"name": "4111111111111111"}, "lines.2.name"),
        ({"end_to_end_id": "4111-1111-1111-1111"}, "lines.2.end_to_end_id"),
        ({"end_to_end_id": "x" * 36}, "lines.2.end_to_end_id"),
    ],
)
def test_a_fault_is_told_with_its_line(changed: dict[str, str], place: str) -> None:
    assert faults(read_pain, document(three(**changed), total=None)) == [place]
    assert faults(read_csv, whole(as_csv(three(**changed)))) == [place]


@pytest.mark.parametrize("changed", [{"amount": "0.01"}, {"amount": "10000000000000.00"}, {"reference": "x" * 140}])
def test_what_is_at_the_edge_is_accepted(changed: dict[str, str]) -> None:
    assert len(read_pain(document(three(**changed), total=None))[1]) == 3


@pytest.mark.parametrize("text", ["1e3", "NaN", "1,00", "one", "", "Infinity"])
def test_what_is_no_amount_is_told(text: str) -> None:
    rows = f'iban,amount,currency\n{iban_for(TO)},"{text}",EUR\n'
    assert faults(read_csv, rows.encode()) == ["lines.1.amount"]


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({"count": 2}, ["PmtInf.NbOfTxs", "GrpHdr.NbOfTxs"]),
        ({"count": 4}, ["PmtInf.NbOfTxs", "GrpHdr.NbOfTxs"]),
        ({"total": Decimal("7.51")}, ["PmtInf.CtrlSum", "GrpHdr.CtrlSum"]),
        ({"total": Decimal("7.49")}, ["PmtInf.CtrlSum", "GrpHdr.CtrlSum"]),
        ({"due": "2026-03-03"}, ["PmtInf.P-1.ReqdExctnDt"]),
        ({"pays": iban_for(TO)}, ["PmtInf.P-1.DbtrAcct"]),
        ({"method": "CHK"}, ["PmtInf.P-1.PmtMtd"]),
        ({"message_id": " "}, ["GrpHdr.MsgId"]),
        ({"message_id": "x" * 36}, ["GrpHdr.MsgId"]),
        ({"message_id": "4111 1111 1111 1111"}, ["GrpHdr.MsgId"]),
    ],
)
def test_a_head_that_does_not_fit_is_told(said: dict[str, Any], places: list[str]) -> None:
    assert set(faults(read_pain, document(three(), **said))) >= {places[0]}
    assert set(faults(read_pain, document(three(), **said))) <= set(places)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"count": 2}, "lines"),
        ({"count": 4}, "lines"),
        ({"total": Decimal("7.51")}, "total"),
        ({"total": Decimal("7.49")}, "total"),
        ({"count": 3, "total": Decimal("0")}, "total"),
    ],
)
def test_what_is_said_of_a_sheet_and_does_not_fit_is_told(said: dict[str, Any], place: str) -> None:
    assert faults(read_csv, whole(as_csv(three())), **said) == [place]


@pytest.mark.parametrize(
    "said", [{"count": 3}, {"total": Decimal("7.50")}, {"count": 3, "total": Decimal("7.5")}, {"count": None}]
)
def test_a_sheet_of_which_the_truth_or_nothing_is_said_is_accepted(said: dict[str, Any]) -> None:
    assert len(read_csv(whole(as_csv(three())), **said)[1]) == 3


def test_each_payment_information_has_a_count_of_its_own() -> None:
    one = document(three()[:1], total=None)
    information = one[one.index(b"<PmtInf>") : one.index(b"</CstmrCdtTrfInitn>")]
    head = one[: one.index(b"<PmtInf>")].replace(b"<NbOfTxs>1", b"<NbOfTxs>2")
    _, lines = read_pain(head + 2 * information + b"</CstmrCdtTrfInitn></Document>")
    assert [line.number for line in lines] == [1, 2]


def test_a_file_without_payments_is_told() -> None:
    assert faults(read_csv, b"iban,amount,currency\n") == ["lines"]
    assert faults(read_csv, b"iban,amount,currency\n", total=Decimal("1.00")) == ["lines"]
    head = document([], count=0, total=Decimal("0.00")).partition(b"<PmtInf>")[0]
    assert faults(read_pain, head + b"</CstmrCdtTrfInitn></Document>") == ["lines"]


def test_a_file_has_one_currency() -> None:
    yen = {**OWN, iban_for(TO): Own(TO, "JPY")}
    both = document(three()[:1], total=None)
    information = both[both.index(b"<PmtInf>") : both.index(b"</CstmrCdtTrfInitn>")]
    other = information.replace(iban_for(PAYS).encode(), iban_for(TO).encode(), 1)
    other = other.replace(b'"EUR">2.50', b'"JPY">250')
    head = both[: both.index(b"<PmtInf>")].replace(b"<NbOfTxs>1", b"<NbOfTxs>2")
    intake = Intake("pain001", DAY)
    list(pain.read(BytesIO(head + information + other + b"</CstmrCdtTrfInitn></Document>"), intake, yen))
    assert list(intake.faults) == ["lines.2.currency"]


def test_no_more_than_a_hundred_faults_are_told() -> None:
    assert len(faults(read_csv, whole(as_csv(payments([TO], 101, amount="0"))))) == intakes.MAX_FAULTS
    assert len(faults(read_csv, whole(as_csv(payments([TO], 99, amount="0"))))) == 99


def test_a_file_is_no_longer_than_the_bank_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intakes, "MAX_LINES", 3)
    assert len(read_csv(whole(as_csv(payments([TO], 3))))[1]) == 3
    assert faults(read_csv, whole(as_csv(payments([TO], 4)))) == ["lines"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Document>&c;</Document>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document>&a;</Document>'
HEAD = document(three()).partition(b"<CdtTrfTxInf>")[0]


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"<",
        b"{}",
        b"\xff\xfe\x00",
        BOMB,
        OUTSIDE,
        b"<Document/>",
        document(three())[:-20],
        document(three()).replace(b"pain.001.001.09", b"pain.001.001.03"),
        document(three()).replace(b"<PmtId>", b"<PmtIdd>").replace(b"</PmtId>", b"</PmtIdd>"),
        document(three()).replace(b"EndToEndId>", b"InstrId>"),
        document(three()).replace(b"2026-03-02</Dt>", b"2026-02-30</Dt>"),
        document(three()).replace(b">2.50<", b">two<"),
        document(three()).replace(b"<NbOfTxs>3", b"<NbOfTxs>three"),
        document(three()).replace(b"<GrpHdr>", b"<GrpHdr/><GrpHdr>"),
        document([]),
        HEAD.partition(b"<GrpHdr>")[0] + b"</CstmrCdtTrfInitn></Document>",
        HEAD + b"<CdtTrfTxInf>" + b"x" * 10**7,
        HEAD + b"<CdtTrfTxInf>" * 10**6,
        b"x" * 10**7,
        b" " * 10**7,
    ],
    ids=lambda wrong: wrong[:20].decode(errors="replace"),
)
def test_what_is_no_pain001_is_told(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        read_pain(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"iban,amount\n",
        b"iban,amount,currency,colour\n",
        b"iban,amount,currency,iban\n",
        b"iban,amount,currency\nx\n",
        b'iban,amount,currency\n"x\n',
        b"iban,amount,currency\n\xff,1,EUR\n",
        b"x" * 10**7,
        b"iban,amount,currency\n" + b"x" * 10**7,
        b'iban,amount,currency\n"' + b"x\n" * 10**6,
    ],
    ids=lambda wrong: wrong[:40].decode(errors="replace"),
)
def test_what_is_no_sheet_is_told(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        read_csv(wrong)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_told_to_be_none(text: bytes) -> None:
    with pytest.raises((Malformed, Faulty)):
        read_csv(b"iban,amount,currency\n" + text)


def test_a_file_is_read_no_further_than_it_is_asked_for() -> None:
    def endless() -> Iterator[bytes]:
        yield from as_csv(payments([TO], 10**9))

    class Pieces:
        def __init__(self) -> None:
            self.pieces = endless()

        def readable(self) -> bool:
            return True

        def writable(self) -> bool:
            return False

        def seekable(self) -> bool:
            return False

        closed = False

        def read(self, _size: int = -1) -> bytes:
            return next(self.pieces)

        read1 = read

    lines = sheet.read(Pieces(), Intake("csv", DAY), EUROS)  # type: ignore[arg-type]
    assert [next(lines).number for _ in range(3)] == [1, 2, 3]


GROWTH = """
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
import django
import psutil
django.setup()
from accounts.iban import iban_for
from accounts.payment_files import pain, sheet
from accounts.payment_files.intake import Intake
from accounts.payment_files.lines import Own, in_parts
from tests.accounts.payment_files.files import TODAY, as_csv, as_pain, payments

PAYS, TO = "{pays}", "{to}"
OWN = Own(PAYS, "EUR")

def peak_kb(count, format):
    asked = payments([TO], count)
    with TemporaryFile() as file:
        pieces = as_csv(asked) if format == "csv" else as_pain(asked, pays=iban_for(PAYS), count=count)
        file.writelines(pieces)
        file.seek(0)
        intake = Intake(format, date.fromisoformat(TODAY))
        lines = sheet.read(file, intake, OWN) if format == "csv" else pain.read(file, intake, {{iban_for(PAYS): OWN}})
        peak = max(psutil.Process().memory_info().rss for _ in in_parts(lines))
        intake.end()
        assert intake.lines == count
    return peak // 1024

few = max(peak_kb(5_000, "csv"), peak_kb(1_000, "pain001"))
print(max(peak_kb(50_000, "csv"), peak_kb(10_000, "pain001")) - few)
"""


def test_memory_does_not_grow_with_the_file() -> None:
    """Ten times as many lines: kept, 50,000 of them are 20 MB, and 10,000 elements of XML more than that."""
    code = GROWTH.format(pays=PAYS, to=TO)
    grown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(grown.stdout) < 6_000
