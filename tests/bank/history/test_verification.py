"""`verify_ledger` finds what was tampered with, and names it."""

import time
from uuid import uuid4

import pytest
from django.db import connections

from bank.context import Check, Context, Order, Unit
from bank.db import cursor, transaction
from bank.execution import execute
from bank.history import verification
from bank.history.verification import verify
from tests.bank.examples.counting import COUNTER, COUNTING, Note, add

pytestmark = pytest.mark.django_db(databases=["accounts"], transaction=True)


@pytest.fixture(autouse=True)
def ledger() -> None:
    execute(COUNTING, [add("a", 1) for _ in range(120)] + [Unit(Order(COUNTER, "b", Note("c1", "Ada")), id=uuid4())])


def tamper(statement: str) -> None:
    """As somebody who can switch the guards off."""
    with transaction("accounts") as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement)


def test_an_untouched_ledger_is_sound() -> None:
    findings = verify(COUNTING)
    assert (findings.events, findings.streams, findings.snapshots, findings.broken) == (121, 2, 1, [])


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update bank_event set data = '{\"amount\":2}' where version = 7", "counter-a@7 (Added.v1): its bytes do not"),
        ("update bank_event set metadata = metadata || ' ' where version = 7", "counter-a@7 (Added.v1): its bytes do"),
        ("update bank_event set recorded_at = recorded_at - interval '1 us' where version = 9", "counter-a@9"),
        ("delete from bank_event where version = 50", "counter-a@51 (Added.v1): follows version 49"),
        ("delete from bank_event where version = 120", "its head is at 120, its last event at 119"),
        ("update bank_head set state = replace(state, '120', '121')", "counter-a@120: its head differs"),
        ("update bank_snapshot set state = replace(state, '100', '101')", "counter-a@100: snapshot differs"),
        ("delete from bank_head where stream = 'counter-a'", "counter-a: has events up to 120 but no head"),
        ("delete from bank_event where stream = 'counter-b'", "counter-b: its head is at 1, it has no events"),
        ("update bank_event set stream = 'nobody-b' where stream = 'counter-b'", "no decider for stream 'nobody-b'"),
        (
            "update bank_head set state = replace(state, 'sealed:c1:', 'sealed:c1:AAAA')",
            "counter-b@1: its head differs",
        ),
        ("update bank_head set state = replace(state, 'sealed:c1:', 'sealed:c1:A')", "counter-b@1: its head differs"),
        ("update bank_subject_key set master_key = 'lost'", "counter-b@1 (Noted.v1): cannot be read: KeyError: 'lost'"),
        ("update bank_subject_key set wrapped = 'AAAAAAAAAAAAAAAAAAAA'", "counter-b@1 (Noted.v1): cannot be read"),
    ],
)
def test_what_was_tampered_with_is_named(statement: str, fault: str) -> None:
    tamper(statement)
    (first, *_) = verify(COUNTING).broken
    assert fault in first


def test_a_long_walk_is_not_under_the_limits_of_requests() -> None:
    def linger(_: int) -> None:
        with cursor("accounts") as asked:
            asked.execute("show statement_timeout")
            limits.extend(limit for (limit,) in asked.fetchall())
        time.sleep(0.3)

    def slow_books() -> list[Check]:
        with transaction("accounts") as asked:
            asked.execute("select pg_sleep(0.3)")
        return []

    limits: list[str] = []
    try:
        with cursor("accounts") as session:
            session.execute("set statement_timeout = 200")
            session.execute("set idle_in_transaction_session_timeout = 200")
        slow = Context(name="accounts", deciders=(COUNTER,), books=slow_books)
        assert verify(slow, linger).broken == []
        assert limits == ["0"]
    finally:
        connections["accounts"].close()


def test_each_chunk_reads_the_snapshots_of_its_own_versions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "CHUNK", 60)
    execute(COUNTING, [add("a", 1) for _ in range(300)])
    kept: list[int] = []
    walk = verification._Walk(COUNTING, lambda _: kept.append(len(walk.snapshots)))
    with transaction("accounts") as asked:
        walk.run(asked)
    assert (walk.findings.snapshots, walk.findings.broken) == (4, [])
    assert max(kept) == 1


def test_books_that_do_not_agree_are_a_fault() -> None:
    off = Context(name="accounts", deciders=(COUNTER,), books=lambda: [Check("cash", 100, "EUR"), Check("fees", 0)])
    assert verify(off).broken == ["accounts books: cash is off by 100 EUR"]
