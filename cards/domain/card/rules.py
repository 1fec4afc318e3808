"""What several decisions about a card require."""

from datetime import date, timedelta

from bank.decider import Refused
from cards.domain.card.facts import BANK_CAUSES, Card

BLOCK_CAUSES = ("customer_request", "operator", "fraud", "lost", "stolen")
"""From the mildest to the gravest; a graver one replaces a milder one, never the other way round."""

FINAL_CAUSES = ("lost", "stolen")
"""A card blocked for one of these works again only when it is replaced."""

VALID_YEARS = 4


def last_day(issued_on: date) -> date:
    """The end of the month in which it was issued, some years later."""
    return end_of_month(issued_on.year + VALID_YEARS, issued_on.month)


def end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def require_not_cancelled(card: Card) -> None:
    if card.is_cancelled:
        raise Refused("card_cancelled", "This card has been cancelled.")


def require_not_blocked_by_bank(card: Card, does: str, *, by_operator: bool) -> None:
    """`does` ends the sentence that tells a customer what only the bank does."""
    if card.blocked_by_bank_for and not by_operator:
        raise Refused("blocked_by_the_bank", f"The bank has blocked this card; only the bank {does}.")


def require_blocks_for(cause: str, *, by_operator: bool) -> None:
    if cause not in BLOCK_CAUSES:
        raise Refused("unknown_cause", f"A card is blocked for one of: {', '.join(BLOCK_CAUSES)}.")
    if cause in BANK_CAUSES and not by_operator:
        raise Refused("cause_of_the_bank", "Only the bank blocks a card for this reason.")


def is_graver(cause: str, than: str) -> bool:
    """Anything is graver than nothing."""
    return not than or BLOCK_CAUSES.index(cause) > BLOCK_CAUSES.index(than)


def require_usable(card: Card, day: date, token: str) -> None:
    require_not_cancelled(card)
    if card.blocked_for:
        raise Refused("card_blocked", "This card is blocked.")
    if token and token != card.token:
        raise Refused("card_replaced", "This card has been replaced; what it was known by is dead.")
    if not card.is_active:
        raise Refused("card_not_active", "This card has not been activated.")
    if card.is_expired or day > card.expires_on:
        raise Refused("card_expired", "This card has expired.")


def require_limits(per_payment_minor: int, per_day_minor: int) -> None:
    if not 0 < per_payment_minor <= per_day_minor:
        raise Refused("invalid_limits", "Limits are above zero, and the limit per payment is within the limit per day.")
