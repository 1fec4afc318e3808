"""All reads of Cards."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from cards.models import LIVING_STATUSES, OPEN_STATUSES
from cards.models import Card as Card
from cards.models import Payment as Payment
from cards.models import Refund as Refund


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


def due_to_expire(today: date, *, limit: int) -> list[str]:
    """Payments which nobody captured by the last day of their authorization."""
    return list(_due(today).order_by("expires_on").values_list("payment_id", flat=True)[:limit])


def count_due_to_expire(today: date) -> int:
    return _due(today).count()


def cards_past_their_last_day(today: date, *, limit: int) -> list[str]:
    return list(_past(today).order_by("expires_on").values_list("card_id", flat=True)[:limit])


def count_cards_past_their_last_day(today: date) -> int:
    return _past(today).count()


def _past(today: date) -> QuerySet[Card]:
    return Card.objects.filter(status__in=LIVING_STATUSES, expires_on__lt=today)


def _due(today: date) -> QuerySet[Payment]:
    return Payment.objects.filter(status__in=OPEN_STATUSES, expires_on__lt=today)
