"""Personal data stands nowhere in the clear but where it is shown; and what is read is opened again."""

from datetime import date
from uuid import uuid4

import pytest

from bank.context import Order, Unit
from bank.db import transaction
from bank.decider import ERASED
from bank.execution import execute
from bank.history.eventstore import SNAPSHOT_EVERY, read_feed, read_stream
from bank.history.verification import verify
from customers import queries
from customers.contact import mobile_key
from customers.context import CUSTOMERS
from customers.domain.customer import CUSTOMER, ChangeAddress, ChangeName
from customers.domain.customer.facts import CustomerOpened
from customers.orders import change_email, change_mobile_number, open_customer

pytestmark = pytest.mark.django_db(databases=["customers"], transaction=True)

PLANTED = ("Zyxwena Quillfeather", "zyxwena@quillfeather.example", "+35699777888", "Quincunx Alley 7")
LATER = ("Zyxwena Plumtickle", "zyxwena@plumtickle.example", "+35699777999", "Plumtickle Row 9")
SHOWN = ("customers_customer", "customers_notice", "bank_outbox")
"""Read tables are plain text, and so is a message until it has been sent."""


def planted() -> str:
    """A customer whose every field was planted and changed, with enough history for a snapshot."""
    customer_id = str(uuid4())
    name, email, number, address = PLANTED
    opening = open_customer(customer_id, name=name, email=email, mobile_number=number, opened_on=date(2026, 3, 1))
    changes = [
        Order(CUSTOMER, customer_id, ChangeAddress(customer_id, address)),
        *(Order(CUSTOMER, customer_id, ChangeName(customer_id, LATER[0])) for _ in range(SNAPSHOT_EVERY)),
        *change_email(str(uuid4()), customer_id, LATER[1], replaces=email, on=date(2026, 3, 2)),
        Order(CUSTOMER, customer_id, ChangeAddress(customer_id, LATER[3])),
        *change_mobile_number(str(uuid4()), customer_id, LATER[2], replaces=number),
    ]
    refused = open_customer(str(uuid4()), name=name, email=email, mobile_number=LATER[2], opened_on=date(2026, 3, 1))
    results = execute(CUSTOMERS, [Unit(*opening), Unit(*changes), Unit(*refused)])
    assert [result.outcome for result in results] == ["applied", "applied", "refused"]
    return customer_id


def dump() -> dict[str, bytes]:
    """Every row of every table of the customers database, as the bytes of its text."""
    with transaction("customers") as cursor:
        cursor.execute(
            "select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f"select convert_to(coalesce(string_agg(t::text, ' '), ''), 'UTF8') from {table} t")  # noqa: S608
            found[table] = bytes(cursor.fetchone()[0])  # type: ignore[index]
    return found


def holding(found: dict[str, bytes], text: str) -> set[str]:
    """The tables in which a text stands, as it is, in hexadecimal, or as JSON escapes it."""
    raw = text.encode()
    forms = (raw, raw.hex().encode())
    return {table for table, rows in found.items() if any(form in rows for form in forms)}


def test_planted_names_are_found_in_no_event_head_snapshot_or_command_row() -> None:
    planted()
    found = dump()
    assert found["bank_snapshot"]
    assert found["bank_head"]
    assert found["bank_command"]
    assert b"CustomerOpened.v1" in b"".join(rows for table, rows in found.items() if table.startswith("bank_event"))
    for text in (*PLANTED, *LATER):
        for part in (text, text.removeprefix("+")):
            assert holding(found, part) <= set(SHOWN), part


def test_the_scan_would_find_them() -> None:
    """What is shown in plain text is found by the same means."""
    planted()
    for text in LATER:
        assert "customers_customer" in holding(dump(), text)


def test_reads_return_personal_data_opened() -> None:
    customer_id = planted()
    (first, *_) = read_stream(CUSTOMERS, f"customer-{customer_id}")
    name, email, number, _ = PLANTED
    assert first.event == CustomerOpened(customer_id, name, email, number, mobile_key(number), date(2026, 3, 1))
    shown = queries.customer(customer_id)
    assert shown is not None
    assert (shown.name, shown.email, shown.mobile_number, shown.address) == LATER
    feed = b"".join(row.message for row in read_feed(CUSTOMERS, types=["CustomerOpened.v1"])[0])
    assert all(text.encode() in feed for text in PLANTED[:3])


def test_sealed_history_verifies() -> None:
    planted()
    assert verify(CUSTOMERS).broken == []


def test_without_the_customers_key_history_still_folds_and_reads_erased() -> None:
    customer_id = planted()
    with transaction("customers") as cursor:
        cursor.execute("delete from bank_subject_key where customer_id = %s", (customer_id,))
    (first, *rest) = read_stream(CUSTOMERS, f"customer-{customer_id}")
    assert (first.event.name, first.event.email, first.event.mobile_number) == (ERASED, ERASED, ERASED)
    assert rest[-1].event.mobile_key == mobile_key(LATER[2])
    assert verify(CUSTOMERS).broken == []
