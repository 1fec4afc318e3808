import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from bank.db import transaction
from bank.recorded import Message
from bankview import queries
from bankview.inbound import accounts, customers
from bankview.projections import BANK_VIEW
from tests.bankview import messages as m

pytestmark = pytest.mark.django_db(transaction=True, databases=["bankview"])


def fold(*batch: Message[Any], generation: int = 1) -> None:
    with transaction("bankview") as cursor:
        BANK_VIEW.fold(cursor, generation, m.of_types(batch, BANK_VIEW.types))


def view(customer_id: str = m.CUSTOMER) -> Any:
    found = queries.bank_view(customer_id)
    return found and json.loads(found.document)


def everything() -> list[Message[Any]]:
    return [
        m.customer_opened(),
        m.account_opened(),
        m.credited(2, 100_00),
        m.card_issued(),
        *m.settled_payment(),
        m.loan_applied(),
    ]


def test_a_settled_payment_is_shown_with_all_its_parts() -> None:
    fold(*everything())
    shown = view()
    assert shown["profile"]["name"] == "Ada Lovelace"
    assert shown["accounts"][0]["balance"] == {"amount": "88.00", "currency": "EUR"}
    assert shown["accounts"][0]["on_hold"]["amount"] == "0.00"
    assert shown["accounts"][0]["version"] == 4
    assert shown["card_payments"][0]["status"] == "settled"
    assert shown["cards"][0]["last_four"] == "4242"
    assert shown["loans"][0]["status"] == "applied"
    assert shown["revision"] == 11


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (m.customer_opened, "profile"),
        (m.account_opened, "accounts"),
        (m.loan_applied, "loans"),
        (m.card_issued, "cards"),
        (m.payment_requested, "card_payments"),
        (m.file_accepted, "payment_files"),
    ],
)
def test_any_family_of_events_creates_the_view(first: Any, part: str) -> None:
    fold(first())
    shown = view()
    assert shown[part]
    parts = {"profile", "accounts", "loans", "cards", "card_payments", "payment_files"}
    assert not any(shown[other] for other in parts - {part})


def test_what_is_held_is_not_available_until_it_is_released() -> None:
    fold(m.account_opened(), m.credited(2, 100_00), m.held(3, 30_00))
    assert amounts() == ("100.00", "30.00", "70.00")
    fold(m.released(4, 30_00))
    assert amounts() == ("100.00", "0.00", "100.00")


def test_a_capture_below_the_hold_frees_the_rest() -> None:
    fold(m.account_opened(), m.credited(2, 100_00), m.held(3, 30_00), m.captured(4, 10_00, 30_00))
    assert amounts() == ("90.00", "0.00", "90.00")


def amounts() -> tuple[str, str, str]:
    account = view()["accounts"][0]
    return tuple(account[name]["amount"] for name in ("balance", "on_hold", "available"))


def test_a_repeated_batch_changes_nothing() -> None:
    batch = everything()
    fold(*batch)
    once = view()
    fold(*batch)
    fold(*batch[3:])
    assert view() == once


def test_the_order_between_streams_does_not_matter() -> None:
    batch = everything()
    fold(*batch)
    expected = without_revision(view())
    for seed in range(5):
        for few in shuffled_between_streams(batch, seed):
            fold(*few, generation=2 + seed)
        with transaction("bankview") as cursor:
            go_live(cursor, 2 + seed)
        assert without_revision(view()) == expected


def shuffled_between_streams(batch: Sequence[Message[Any]], seed: int) -> list[list[Message[Any]]]:
    """The same messages in batches of three, each stream in its own order."""
    rng = random.Random(seed)
    streams: dict[str, list[Message[Any]]] = {}
    for message in batch:
        streams.setdefault(message.stream, []).append(message)
    order = [message.stream for message in batch]
    rng.shuffle(order)
    mixed = [streams[stream].pop(0) for stream in order]
    return [mixed[i : i + 3] for i in range(0, len(mixed), 3)]


def go_live(cursor: Any, generation: int) -> None:
    cursor.execute(
        "insert into bank_projection (name, live) values ('bank_view', %s) on conflict (name) do update set live = %s",
        (generation, generation),
    )


def without_revision(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "revision"}


def test_readers_never_see_a_generation_that_is_not_live() -> None:
    fold(m.customer_opened(), generation=2)
    assert view() is None


def test_only_the_last_twenty_payments_are_shown_newest_first() -> None:
    ids = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(25)]
    fold(*(m.payment_requested(id) for id in ids))
    assert [payment["id"] for payment in view()["card_payments"]] == ids[:4:-1]


def test_a_file_of_payments_is_shown_as_far_as_it_has_come() -> None:
    fold(m.file_accepted())
    assert progress() == ("accepted", 0, 0, 0)
    fold(m.file_became("PaymentLinesExecuted", 2, 2, 1, 1, 2_00))
    assert progress() == ("executing", 2, 1, 1)
    fold(m.file_became("PaymentLinesExecuted", 3, 3, 1, 0, 2_00), m.file_became("PaymentFileCompleted", 4, 2, 1))
    assert progress() == ("completed", 3, 2, 1)
    assert view()["payment_files"][0]["accepted_amount"] == {"amount": "4.00", "currency": "EUR"}


def test_a_file_that_was_given_up_has_its_last_lines_refused() -> None:
    fold(m.file_accepted(), m.file_became("PaymentLinesExecuted", 2, 2, 1, 1, 2_00))
    fold(m.file_became("PaymentFileGivenUp", 3, 1), m.file_became("PaymentFileCompleted", 4, 1, 2))
    assert progress() == ("given_up", 3, 1, 2)


def progress() -> tuple[str, int, int, int]:
    (file,) = view()["payment_files"]
    return file["status"], file["executed"], file["accepted"], file["refused"]


def test_only_the_last_twenty_files_are_shown_newest_first() -> None:
    ids = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(25)]
    fold(*(m.file_accepted(id) for id in ids))
    assert [file["id"] for file in view()["payment_files"]] == ids[:4:-1]


def test_an_operator_finds_a_customer_by_the_newest_mobile_number() -> None:
    fold(m.customer_opened())
    changed = customers.MobileNumberChanged("+491709999999")
    fold(m.message("customers.MobileNumberChanged", f"customer-{m.CUSTOMER}", 2, changed))
    assert queries.customer_by_mobile_number("+491709999999") == m.CUSTOMER
    assert queries.customer_by_mobile_number("+491701234567") is None


def test_the_activity_feed_reads_newest_first_and_goes_on_from_a_cursor() -> None:
    fold(*everything())
    rows = queries.activity(m.CUSTOMER, after=None, limit=50)
    assert rows[-1]["text"] == "You became a customer"
    assert "12.00 EUR at Bakery" in " ".join(row["text"] for row in rows)
    third = (rows[2]["time"].isoformat(), rows[2]["stream"], rows[2]["version"])
    assert queries.activity(m.CUSTOMER, after=third, limit=50) == rows[3:]


def test_a_message_about_nobody_is_not_shown_to_anybody() -> None:
    fold(
        m.message("accounts.MoneyCredited", "account-x", 1, accounts.MoneyCredited(1, "EUR", "cash"), customer_id=None)
    )
    assert view() is None
