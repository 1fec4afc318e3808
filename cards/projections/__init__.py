"""All writes to the read tables: set-based, one statement a table and batch, in the command's own transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from bank.columns import write
from bank.context import Changed, Cursor, InlineProjection
from bank.decider import ERASED
from bank.history.sealing import forget
from bank.recorded import Recorded
from cards.domain.card import CARD, credit_facts
from cards.domain.card import facts as card_facts
from cards.domain.card.bill import ANSWER_WITHIN
from cards.domain.card.credit_facts import Credit
from cards.domain.card.facts import Card
from cards.domain.cardholder.erasure import CardholderErased, CardholderErasureBegun
from cards.domain.payment import PAYMENT
from cards.domain.payment import facts as payment_facts
from cards.domain.payment.facts import Payment
from cards.domain.postings import posting

# Cards.

INSERT_CARDS = """
    insert into cards_card (
        card_id, kind, customer_id, account_id, currency, token, last_four, issued_on, expires_on,
        credit_limit_minor, rate_bps,
        status, blocked_for, per_payment_limit_minor, per_day_limit_minor, counted_on, spent_minor, version)
    select u.*, '', '', 0, 0, u.issued_on, 0, 0
    from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                %b::date[], %b::date[], %b::bigint[], %b::int[])
        u(card_id, kind, customer_id, account_id, currency, token, last_four, issued_on, expires_on,
          credit_limit_minor, rate_bps)
    on conflict (card_id) do nothing
"""

UPDATE_CARDS = """
    update cards_card c set
        status = u.status, blocked_for = u.blocked_for, per_payment_limit_minor = u.per_payment,
        per_day_limit_minor = u.per_day, counted_on = u.counted_on, spent_minor = u.spent, version = u.version,
        outstanding_minor = u.outstanding, authorized_minor = u.authorized, next_closing_on = u.next_closing_on,
        payment_due_on = u.payment_due_on, minimum_left_minor = u.minimum_left, is_late = u.is_late,
        on_its_way_minor = u.on_its_way, statement_left_minor = u.statement_left, credit_limit_minor = u.credit_limit
    from unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::date[], %b::bigint[], %b::int[],
                %b::bigint[], %b::bigint[], %b::date[], %b::date[], %b::bigint[], %b::bool[],
                %b::bigint[], %b::bigint[], %b::bigint[])
        u(card_id, status, blocked_for, per_payment, per_day, counted_on, spent, version,
          outstanding, authorized, next_closing_on, payment_due_on, minimum_left, is_late, on_its_way, statement_left,
          credit_limit)
    where c.card_id = u.card_id
"""

REPLACE_CARDS = """
    update cards_card c set token = u.token, last_four = u.last_four, expires_on = u.expires_on
    from unnest(%b::text[], %b::text[], %b::text[], %b::date[]) u(card_id, token, last_four, expires_on)
    where c.card_id = u.card_id
"""


def project_cards(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    issued = [_issued(one.event) for one in events if isinstance(one.event, card_facts.CardIssued)]
    write(cursor, INSERT_CARDS, issued)
    replaced = {
        one.event.card_id: _replaced(one.event) for one in events if isinstance(one.event, card_facts.CardReplaced)
    }
    write(cursor, REPLACE_CARDS, list(replaced.values()))
    cards = [_card(one.key, one.version, one.state) for one in changed if one.decider is CARD]
    write(cursor, UPDATE_CARDS, cards)


def _issued(card: card_facts.CardIssued) -> tuple[Any, ...]:
    return (
        card.card_id,
        card.kind,
        card.customer_id,
        card.account_id,
        card.currency,
        card.token,
        card.last_four,
        card.issued_on,
        card.expires_on,
        card.credit_limit_minor,
        card.rate_bps,
    )


def _replaced(card: card_facts.CardReplaced) -> tuple[Any, ...]:
    return card.card_id, card.token, card.last_four, card.expires_on


def _card(card_id: str, version: int, card: Card) -> tuple[Any, ...]:
    return (
        card_id,
        card.status,
        card.blocked_for,
        card.per_payment_limit_minor,
        card.per_day_limit_minor,
        card.counted_on,
        card.spent_minor,
        version,
        *_credit(card.credit),
    )


def _credit(credit: Credit | None) -> tuple[Any, ...]:
    if credit is None:
        return 0, 0, None, None, 0, False, 0, 0, 0
    return (
        credit.outstanding_minor,
        credit.authorized_minor,
        credit.next_closing_on,
        credit.due_on if credit.number else None,
        credit.minimum_left_minor,
        credit.overdue_minor > 0,
        credit.on_its_way_minor,
        credit.statement_left_minor,
        credit.limit_minor,
    )


# Payments.

INSERT_PAYMENTS = """
    insert into cards_payment (
        payment_id, card_id, account_id, customer_id, merchant, amount_minor, currency, requested_on, expires_on,
        requested_at, status, code, captured_minor, refunded_minor, version)
    select u.*, 'requested', '', 0, 0, 1
    from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[],
                %b::date[], %b::date[], %b::timestamptz[])
        u(payment_id, card_id, account_id, customer_id, merchant, amount_minor, currency, requested_on, expires_on,
          requested_at)
    on conflict (payment_id) do nothing
"""

UPDATE_PAYMENTS = """
    update cards_payment p set
        status = u.status, captured_minor = u.captured, refunded_minor = u.refunded, version = u.version,
        code = coalesce(u.code, p.code), authorized_at = coalesce(u.authorized_at, p.authorized_at),
        captured_at = coalesce(u.captured_at, p.captured_at), settled_at = coalesce(u.settled_at, p.settled_at),
        ended_at = coalesce(u.ended_at, p.ended_at)
    from unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::int[], %b::text[],
                %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
        u(payment_id, status, captured, refunded, version, code, authorized_at, captured_at, settled_at, ended_at)
    where p.payment_id = u.payment_id
"""

MOMENTS: dict[type, tuple[str, ...]] = {
    payment_facts.CardPaymentAuthorized: ("authorized_at",),
    payment_facts.CardPaymentCaptured: ("captured_at",),
    payment_facts.CardPaymentSettled: ("settled_at", "ended_at"),
    payment_facts.CardPaymentDeclined: ("ended_at",),
    payment_facts.CardPaymentReversed: ("ended_at",),
    payment_facts.CardPaymentExpired: ("ended_at",),
    payment_facts.CreditPaymentAuthorized: ("authorized_at",),
    payment_facts.CreditPaymentCaptured: ("captured_at", "settled_at", "ended_at"),
    payment_facts.CreditPaymentReversed: ("ended_at",),
    payment_facts.CreditPaymentExpired: ("ended_at",),
}
"""The columns in which the time of an event is kept."""


def project_payments(cursor: Cursor, events: Sequence[Recorded], changed: Sequence[Changed]) -> None:
    requested = [_requested(one) for one in events if isinstance(one.event, BEGINNINGS)]
    write(cursor, INSERT_PAYMENTS, requested)
    noted = _noted(events)
    moved = [_moved(one, noted[one.stream]) for one in changed if one.decider is PAYMENT and one.stream in noted]
    write(cursor, UPDATE_PAYMENTS, moved)
    project_refunds(cursor, events)


def _requested(recorded: Recorded) -> tuple[Any, ...]:
    payment: payment_facts.CardPaymentRequested | payment_facts.CreditPaymentAuthorized = recorded.event
    return (
        payment.payment_id,
        payment.card_id,
        getattr(payment, "account_id", ""),
        payment.customer_id,
        payment.merchant,
        payment.amount_minor,
        payment.currency,
        payment.requested_on,
        payment.expires_on,
        recorded.recorded_at,
    )


def _noted(events: Sequence[Recorded]) -> dict[str, dict[str, Any]]:
    """What a batch says of each payment beyond its state, for those that did more than begin."""
    noted: dict[str, dict[str, Any]] = {}
    for one in events:
        if type(one.event) not in PAYMENT_EVENTS or isinstance(one.event, payment_facts.CardPaymentRequested):
            continue
        row = noted.setdefault(one.stream, {})
        row.update(dict.fromkeys(MOMENTS.get(type(one.event), ()), one.recorded_at))
        if isinstance(one.event, payment_facts.CardPaymentDeclined):
            row["code"] = one.event.code
    return noted


BEGINNINGS = (payment_facts.CardPaymentRequested, payment_facts.CreditPaymentAuthorized)
PAYMENT_EVENTS = frozenset(PAYMENT.events.values())


def _moved(one: Changed, noted: dict[str, Any]) -> tuple[Any, ...]:
    payment: Payment = one.state
    return (
        one.key,
        payment.status,
        payment.captured_minor,
        payment.refunded_minor,
        one.version,
        noted.get("code"),
        noted.get("authorized_at"),
        noted.get("captured_at"),
        noted.get("settled_at"),
        noted.get("ended_at"),
    )


# Refunds.

INSERT_REFUNDS = """
    insert into cards_refund (refund_id, payment_id, amount_minor, currency, requested_at)
    select * from unnest(%b::text[], %b::text[], %b::bigint[], %b::text[], %b::timestamptz[])
    on conflict (refund_id) do nothing
"""

SETTLE_REFUNDS = """
    update cards_refund r set settled_at = u.settled_at
    from unnest(%b::text[], %b::timestamptz[]) u(refund_id, settled_at)
    where r.refund_id = u.refund_id
"""


def project_refunds(cursor: Cursor, events: Sequence[Recorded]) -> None:
    asked: list[tuple[str, str, int, str, datetime]] = []
    settled: list[tuple[str, datetime]] = []
    for one in events:
        match one.event:
            case payment_facts.CardPaymentRefunded() | payment_facts.CreditPaymentRefunded() as refund:
                row = (refund.refund_id, refund.payment_id, refund.amount_minor, refund.currency, one.recorded_at)
                asked.append(row)
                if isinstance(refund, payment_facts.CreditPaymentRefunded):
                    settled.append((refund.refund_id, one.recorded_at))
            case payment_facts.CardPaymentRefundSettled() as refund:
                settled.append((refund.refund_id, one.recorded_at))
    write(cursor, INSERT_REFUNDS, asked)
    write(cursor, SETTLE_REFUNDS, settled)


# Bill payments.

INSERT_BILL_PAYMENTS = """
    insert into cards_bill_payment (payment_id, card_id, customer_id, account_id, amount_minor, currency, requested_on,
        requested_at, due_at, status, code)
    select u.*, 'requested', ''
    from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::date[],
                %b::timestamptz[], %b::timestamptz[])
        u(payment_id, card_id, customer_id, account_id, amount_minor, currency, requested_on, requested_at, due_at)
    on conflict (payment_id) do nothing
"""

MOVE_BILL_PAYMENTS = """
    update cards_bill_payment p set status = u.status, code = u.code, ended_at = u.ended_at
    from unnest(%b::text[], %b::text[], %b::text[], %b::timestamptz[]) u(payment_id, status, code, ended_at)
    where p.payment_id = u.payment_id
"""


def project_bill_payments(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    requested: list[tuple[Any, ...]] = []
    moved: dict[str, tuple[Any, ...]] = {}
    for one in events:
        match one.event:
            case credit_facts.BillPaymentRequested() as e:
                about = (e.payment_id, e.card_id, e.customer_id, e.account_id, e.amount_minor, e.currency)
                requested.append((*about, e.requested_on, one.recorded_at, one.recorded_at + ANSWER_WITHIN))
            case credit_facts.BillPaymentApplied(payment_id=id):
                moved[id] = (id, "settled", "", one.recorded_at)
            case credit_facts.BillPaymentDeclined(payment_id=id, code=code):
                moved[id] = (id, "declined", code, one.recorded_at)
            case credit_facts.BillPaymentRejected(payment_id=id, code=code):
                moved[id] = (id, "rejected", code, None)
            case credit_facts.BillPaymentRefunded(payment_id=id, code=code, by_hand=by_hand):
                moved[id] = (id, "by_hand" if by_hand else "refunded", code, one.recorded_at)
    write(cursor, INSERT_BILL_PAYMENTS, requested)
    write(cursor, MOVE_BILL_PAYMENTS, list(moved.values()))


# Statements.

INSERT_STATEMENTS = """
    insert into cards_statement (card_id, number, currency, opening_minor, balance_minor, interest_minor,
        minimum_due_minor, closed_on, due_on)
    select * from unnest(%b::text[], %b::int[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
        %b::date[], %b::date[])
    on conflict (card_id, number) do nothing
"""

MARK_STATEMENTS = """
    update cards_statement s set overdue_minor = u.missing
    from unnest(%b::text[], %b::int[], %b::bigint[]) u(card_id, number, missing)
    where s.card_id = u.card_id and s.number = u.number
"""


def project_statements(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    closed: list[tuple[Any, ...]] = []
    overdue: list[tuple[str, int, int]] = []
    for one in events:
        match one.event:
            case credit_facts.StatementClosed() as e:
                amounts = (e.opening_minor, e.balance_minor, e.interest_minor, e.minimum_due_minor)
                closed.append((e.card_id, e.number, e.currency, *amounts, e.closed_on, e.due_on))
            case credit_facts.StatementOverdue() as e:
                overdue.append((e.card_id, e.number, e.missing_minor))
    write(cursor, INSERT_STATEMENTS, closed)
    write(cursor, MARK_STATEMENTS, overdue)


# Postings.

POST = """
    insert into cards_posting (card_id, version, type, debit, credit, amount_minor, currency, booked_on, recorded_at)
    select * from unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[],
        %b::date[], %b::timestamptz[])
"""


def project_postings(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    write(cursor, POST, list(_posted(events)))


def _posted(events: Sequence[Recorded]) -> Iterator[tuple[Any, ...]]:
    for one in events:
        match one.event:
            case (
                credit_facts.CardCharged(charged_on=day)
                | credit_facts.CardCredited(credited_on=day)
                | credit_facts.BillPaymentApplied(applied_on=day)
                | credit_facts.CardInterestCharged(charged_on=day)
                | credit_facts.CardPayoutRequested(requested_on=day)
                | credit_facts.CardPayoutDeclined(declined_on=day)
            ) as event:
                booked = posting(event)
                money = (booked.debit, booked.credit, booked.amount_minor, event.currency)
                yield event.card_id, one.version, one.type, *money, day, one.recorded_at


CARDS_TABLE = InlineProjection(name="cards", tables=("cards_card",), project=project_cards)
PAYMENTS_TABLE = InlineProjection(
    name="card-payments", tables=("cards_payment", "cards_refund"), project=project_payments
)
BILL_PAYMENTS_TABLE = InlineProjection(
    name="bill-payments", tables=("cards_bill_payment",), project=project_bill_payments
)
STATEMENTS_TABLE = InlineProjection(name="card-statements", tables=("cards_statement",), project=project_statements)
LEDGER = InlineProjection(name="card-ledger", tables=("cards_posting",), project=project_postings)


# Erasure.

BLANK = ("update cards_payment set merchant = %s where customer_id = %s and merchant <> ''",)
"""Where a customer paid."""


def project_erasures(cursor: Cursor, events: Sequence[Recorded], _changed: Sequence[Changed]) -> None:
    for one in events:
        if isinstance(one.event, CardholderErasureBegun | CardholderErased):
            for statement in BLANK:
                cursor.execute(statement, (ERASED, one.event.customer_id))
        if isinstance(one.event, CardholderErased):
            forget(cursor, one.event.customer_id, said_on=one.stream)


ERASURES = InlineProjection(name="cards-erasures", tables=(), project=project_erasures)
