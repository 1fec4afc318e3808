"""What the bank promises (P1–P7), looked at from outside once the flow is quiet."""

from collections import Counter
from typing import Any

from django.conf import settings

import accounts.queries.ledger
from bank.context import load
from bank.db import cursor as open_cursor
from bank.history.verification import verify


def rows(context: str, statement: str, *params: object) -> list[Any]:
    with open_cursor(context) as cursor:
        cursor.execute(statement, params or None)
        return list(cursor.fetchall())


def history() -> int:
    """How many events there are in the whole bank."""
    return sum(rows(context, "select count(*) from bank_event")[0][0] for context in settings.CONTEXTS)


def hold() -> None:
    """Every promise that can be seen when nothing moves any more."""
    money_is_conserved()
    every_event_was_published_and_heard()
    nothing_happened_twice()
    nothing_is_under_way()
    the_view_has_folded_everything()


def money_is_conserved() -> None:
    """P1, and the ledger's own proof: chains, folds, heads and books."""
    assert {(check.name, check.off_minor) for check in accounts.queries.ledger.books() if check.off_minor} == set()
    assert accounts.queries.ledger.transit() == []
    for context in settings.CONTEXTS:
        assert verify(load(context)).broken == []


def every_event_was_published_and_heard() -> None:
    """P4, P7: nothing waits in an outbox or among parked messages."""
    for context in settings.CONTEXTS:
        assert rows(context, "select type, aggregateid from bank_outbox") == []
        assert rows(context, "select type, stream, error from bank_parked") == []


ONCE = """
    select stream, type, count(*) from bank_event
    where stream like any (array['payment-%%', 'bill_payment-%%', 'card_payout-%%', 'process-%%']) and type <> all (%b)
    group by 1, 2 having count(*) > 1
"""
REPEATABLE = [
    "CardPaymentRefunded.v1",
    "CardPaymentRefundSettled.v1",
    "CreditPaymentRefunded.v1",
    "OwnAccountsBooked.v1",
    "TransitReturnDeclined.v1",
]


def nothing_happened_twice() -> None:
    """P2, P4: each step of a payment was taken once, and each refund is one credit."""
    for context in ("cards", "accounts"):
        assert rows(context, ONCE, REPEATABLE) == []
    holds = rows("accounts", "select type, data::json->>'hold_id' from bank_event where type ~ '^Hold[A-Z]|^Funds'")
    assert [key for key, times in Counter(holds).items() if times > 1] == []
    released = rows("cards", "select data::json->>'payment_id' from bank_event where type = 'SpendReleased.v1'")
    assert [key for key, times in Counter(released).items() if times > 1] == []
    refunds = rows("cards", "select data::json->>'refund_id' from bank_event where type = 'CardPaymentRefunded.v1'")
    credits = rows(
        "accounts",
        "select data::json->>'refund_id' from bank_event"
        " where type = 'MoneyCredited.v1' and data::json->>'contra' = 'card-settlement'",
    )
    assert sorted(refunds) == sorted(credits)


def nothing_is_under_way() -> None:
    """P5: every payment has come to an end, and no hold outlives its payment."""
    assert rows("cards", "select * from cards_payment where ended_at is null") == []
    assert rows("cards", "select * from cards_bill_payment where ended_at is null") == []
    assert rows("cards", "select * from cards_payout where ended_at is null") == []
    assert rows("accounts", "select * from accounts_hold where status = 'open'") == []


def the_view_has_folded_everything() -> None:
    """P6: of every stream, each projection has folded as many events as there are."""
    for projection in load("bankview").async_projections:
        for source in sorted({name.partition(".")[0] for name in projection.types}):
            heads = rows(source, "select stream, version from bank_head order by 1")
            folded = rows(
                "bankview",
                "select stream, version from bank_seen s join bank_projection p on p.name = s.projection"
                " and p.live = s.generation where projection = %s and source = %s order by 1",
                projection.name,
                source,
            )
            assert folded == heads, f"{projection.name} is behind {source}"
