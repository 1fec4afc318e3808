"""All reads of Cards."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from bank.context import Check
from bank.db import select
from cards.domain.postings import ACCOUNTS, INTEREST, RECEIVABLE
from cards.models import LIVING_STATUSES, OPEN_STATUSES
from cards.models import BillPayment as BillPayment
from cards.models import Card as Card
from cards.models import Payment as Payment
from cards.models import Payout as Payout
from cards.models import Refund as Refund
from cards.models import Statement as Statement


def card(card_id: object) -> Card | None:
    return Card.objects.filter(card_id=str(card_id)).first()


def cards(*, customer_id: str | None, after: tuple[str, str] | None, limit: int) -> QuerySet[Card]:
    """The oldest first; of one customer or of all; `after` is the day and id of the last one seen."""
    found = Card.objects.all()
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if after is not None:
        day, card_id = date.fromisoformat(after[0]), after[1]
        found = found.filter(Q(issued_on__gt=day) | Q(issued_on=day, card_id__gt=card_id))
    return found.order_by("issued_on", "card_id")[:limit]


def payment(payment_id: object) -> Payment | None:
    return Payment.objects.filter(payment_id=str(payment_id)).first()


def payments(
    *, customer_id: str | None, card_id: str | None = None, after: tuple[str, str] | None, limit: int
) -> QuerySet[Payment]:
    """The newest first; of one customer or of all; `after` is the instant and id of the last one seen."""
    found = Payment.objects.all()
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if card_id is not None:
        found = found.filter(card_id=card_id)
    if after is not None:
        instant, payment_id = datetime.fromisoformat(after[0]), after[1]
        found = found.filter(Q(requested_at__lt=instant) | Q(requested_at=instant, payment_id__lt=payment_id))
    return found.order_by("-requested_at", "-payment_id")[:limit]


def refunds_of(payment_id: str) -> QuerySet[Refund]:
    return Refund.objects.filter(payment_id=payment_id).order_by("requested_at", "refund_id")


def bill_payment(payment_id: object) -> BillPayment | None:
    return BillPayment.objects.filter(payment_id=str(payment_id)).first()


def bill_payments(card_id: str, *, after: tuple[str, str] | None, limit: int) -> QuerySet[BillPayment]:
    """The newest first; `after` is the instant and id of the last one seen."""
    found = BillPayment.objects.filter(card_id=card_id)
    if after is not None:
        instant, payment_id = datetime.fromisoformat(after[0]), after[1]
        found = found.filter(Q(requested_at__lt=instant) | Q(requested_at=instant, payment_id__lt=payment_id))
    return found.order_by("-requested_at", "-payment_id")[:limit]


def payout(payout_id: object) -> Payout | None:
    return Payout.objects.filter(payout_id=str(payout_id)).first()


def payouts(card_id: str, *, after: tuple[str, str] | None, limit: int) -> QuerySet[Payout]:
    """The newest first; `after` is the instant and id of the last one seen."""
    found = Payout.objects.filter(card_id=card_id)
    if after is not None:
        instant, payout_id = datetime.fromisoformat(after[0]), after[1]
        found = found.filter(Q(requested_at__lt=instant) | Q(requested_at=instant, payout_id__lt=payout_id))
    return found.order_by("-requested_at", "-payout_id")[:limit]


def statements(card_id: str, *, after: tuple[Any, ...] | None, limit: int) -> QuerySet[Statement]:
    """The newest first; `after` is the number of the last one seen."""
    found = Statement.objects.filter(card_id=card_id)
    if after is not None:
        found = found.filter(number__lt=after[0])
    return found.order_by("-number")[:limit]


# What a day brings, each by its id: whoever looks for more looks after the last id that he has seen.


def due_to_expire(today: date, *, after: str | None = None, limit: int) -> list[str]:
    """Payments which nobody captured by the last day of their authorization."""
    found = _due(today).filter(payment_id__gt=after or "").order_by("payment_id")
    return list(found.values_list("payment_id", flat=True)[:limit])


def count_due_to_expire(today: date) -> int:
    return _due(today).count()


def cards_past_their_last_day(today: date, *, after: str | None = None, limit: int) -> list[str]:
    found = _past(today).filter(card_id__gt=after or "").order_by("card_id")
    return list(found.values_list("card_id", flat=True)[:limit])


def count_cards_past_their_last_day(today: date) -> int:
    return _past(today).count()


def _past(today: date) -> QuerySet[Card]:
    """Credit cards on which anything is owed or authorized wait."""
    found = Card.objects.filter(status__in=LIVING_STATUSES, expires_on__lt=today)
    return found.filter(outstanding_minor=0, authorized_minor=0)


def bill_payments_unanswered(before: datetime, *, after: str | None = None, limit: int) -> list[BillPayment]:
    """Those whose time to be answered is over."""
    found = BillPayment.objects.filter(status="requested", due_at__lt=before, payment_id__gt=after or "")
    return list(found.order_by("payment_id")[:limit])


def statements_to_close(today: date, *, after: str | None = None, limit: int) -> list[Card]:
    """Cards with a statement to close, or several."""
    return list(_to_close(today).filter(card_id__gt=after or "").order_by("card_id")[:limit])


def count_statements_to_close(today: date) -> int:
    return _to_close(today).count()


def minimums_missed(today: date, *, after: str | None = None, limit: int) -> list[Card]:
    return list(_missed(today).filter(card_id__gt=after or "").order_by("card_id")[:limit])


def count_minimums_missed(today: date) -> int:
    return _missed(today).count()


def _to_close(today: date) -> QuerySet[Card]:
    return Card.objects.filter(kind="credit", next_closing_on__lte=today).exclude(status="cancelled")


def _missed(today: date) -> QuerySet[Card]:
    """Each minimum for itself: a card that is late from the statement before may be late again."""
    marked = Statement.objects.filter(card_id=OuterRef("pk"), due_on=OuterRef("payment_due_on"), overdue_minor__gt=0)
    return Card.objects.filter(~Exists(marked), minimum_left_minor__gt=0, payment_due_on__lt=today)


def _due(today: date) -> QuerySet[Payment]:
    return Payment.objects.filter(status__in=OPEN_STATUSES, expires_on__lt=today)


# Whether the books agree.

BALANCES = """
    balances as (
        select name, currency, sum(amount)::bigint as balance
        from (
            select debit as name, currency, amount_minor as amount from cards_posting
            union all
            select credit, currency, -amount_minor from cards_posting
        ) legs
        group by name, currency
    )
"""

BOOKS = f"""
    with {BALANCES},
    folded as (
        select state::json->>'currency' as currency,
               sum((state::json->'credit'->>'outstanding_minor')::bigint)::bigint as owed
        from bank_head where stream like 'card-%%' and state::json->>'credit' is not null
        group by 1
    ),
    shown as (
        select currency, sum(outstanding_minor)::bigint as owed from cards_card where kind = 'credit' group by 1
    ),
    stated as (select currency, sum(interest_minor)::bigint as interest from cards_statement group by 1),
    ledger as (
        select currency,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as receivable,
               coalesce(sum(balance) filter (where name = %s), 0)::bigint as interest,
               sum(balance)::bigint as total
        from balances group by 1
    ),
    together as (
        select currency, coalesce(l.receivable, 0) as receivable, coalesce(l.interest, 0) as interest,
               coalesce(l.total, 0) as total, coalesce(f.owed, 0) as owed, coalesce(s.owed, 0) as shown,
               coalesce(t.interest, 0) as stated
        from ledger l full join folded f using (currency) full join shown s using (currency)
             full join stated t using (currency)
    )
    select 'trial balance', currency, total from together
    union all
    select 'card-receivable against the folded cards', currency, receivable - owed from together
    union all
    select 'card-receivable against the cards shown', currency, receivable - shown from together
    union all
    select 'interest-earned against the statements', currency, -interest - stated from together
    order by 1, 2
"""  # noqa: S608


def books() -> list[Check]:
    """What must always agree, per currency: read in one statement, so it holds while the bank is open."""
    return [
        Check(name, off_minor, currency) for name, currency, off_minor in select("cards", BOOKS, RECEIVABLE, INTEREST)
    ]


def due_to_accounts() -> dict[str, int]:
    """What Cards owes Accounts, per currency: what Accounts is owed by Cards, once no message is on its way."""
    rows = select("cards", f"with {BALANCES} select currency, -balance from balances where name = %s", ACCOUNTS)  # noqa: S608
    return dict(rows)
