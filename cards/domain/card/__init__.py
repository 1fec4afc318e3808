"""A card: what may be asked of it, and what it allows. Its history and state are in `facts`.

A debit card draws on one account, a credit card on what the bank lends (`credit`); amounts are minor units of the
card's one currency. The bank keeps a token and the last four digits of the number, never the number itself. How a card
goes on and ends is in `life`, how its bill is paid in `bill`, how its balance is paid out in `payout`, what several
decisions require in `rules`.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from bank.decider import Decider, Refused
from cards.domain.card import credit_facts
from cards.domain.card.bill import (
    ApplyBillPayment,
    BillCommand,
    DeclineBillPayment,
    GiveUpBillPayment,
    RefundBillPayment,
    RequestBillPayment,
    decide_bill,
)
from cards.domain.card.credit import (
    ChangeCreditLimit,
    ChargeCard,
    CloseStatement,
    CreditCardBack,
    IssueCreditCard,
    MarkLate,
    change_credit_limit,
    charge,
    close_statement,
    credit_back,
    issue_credit_card,
    mark_late,
)
from cards.domain.card.facts import (
    BANK_CAUSES,
    Card,
    CardActivated,
    CardBlocked,
    CardCancelled,
    CardExpired,
    CardIssued,
    CardReplaced,
    CardUnblocked,
    CreditLimitChanged,
    Event,
    PaymentLimitsChanged,
    SpendReleased,
    SpendReserved,
    evolve,
)
from cards.domain.card.life import CancelCard, ExpireCard, ReplaceCard, cancel_card, expire_card, replace_card
from cards.domain.card.payout import DeclinePayout, PayoutCommand, RequestPayout, SettlePayout, decide_payout
from cards.domain.card.rules import (
    FINAL_CAUSES,
    is_graver,
    require_blocks_for,
    require_limits,
    require_not_blocked_by_bank,
    require_not_cancelled,
    require_usable,
)

# Commands.


@dataclass(frozen=True, slots=True)
class IssueDebitCard:
    card_id: str
    customer_id: str
    account_id: str
    currency: str
    token: str
    last_four: str
    per_payment_limit_minor: int
    per_day_limit_minor: int
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class ActivateCard:
    card_id: str


@dataclass(frozen=True, slots=True)
class BlockCard:
    card_id: str
    cause: str
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class UnblockCard:
    card_id: str
    by_operator: bool = False


@dataclass(frozen=True, slots=True)
class ChangePaymentLimits:
    card_id: str
    per_payment_limit_minor: int
    per_day_limit_minor: int


@dataclass(frozen=True, slots=True)
class ReserveSpend:
    """`token`, if given, is what the merchant knows the card by."""

    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date
    token: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseSpend:
    card_id: str
    payment_id: str
    amount_minor: int
    currency: str
    spent_on: date


Command = (
    IssueDebitCard
    | IssueCreditCard
    | ActivateCard
    | BlockCard
    | UnblockCard
    | ChangePaymentLimits
    | ChangeCreditLimit
    | ReserveSpend
    | ReleaseSpend
    | ReplaceCard
    | ExpireCard
    | CancelCard
    | ChargeCard
    | CreditCardBack
    | CloseStatement
    | MarkLate
    | BillCommand
    | PayoutCommand
)

# Decisions.


def decide(card: Card, command: Command) -> list[Event]:
    if isinstance(command, IssueDebitCard):
        return issue(card, command)
    if isinstance(command, IssueCreditCard):
        return issue_credit_card(card, command)
    if not card.is_issued:
        raise Refused("card_not_found", "There is no such card.")
    match command:
        case ActivateCard():
            return activate(card, command)
        case BlockCard():
            return block(card, command)
        case UnblockCard():
            return unblock(card, command)
        case ChangePaymentLimits():
            return change_limits(card, command)
        case ChangeCreditLimit():
            return change_credit_limit(card, command)
        case ReserveSpend():
            return reserve_spend(card, command)
        case ReleaseSpend():
            return release_spend(card, command)
        case ReplaceCard():
            return replace_card(card, command)
        case ExpireCard():
            return expire_card(card, command)
        case CancelCard():
            return cancel_card(card, command)
        case ChargeCard():
            return charge(card, command)
        case CreditCardBack():
            return credit_back(card, command)
        case CloseStatement():
            return close_statement(card, command)
        case MarkLate():
            return mark_late(card, command)
        case (
            RequestBillPayment() | ApplyBillPayment() | DeclineBillPayment() | RefundBillPayment() | GiveUpBillPayment()
        ):
            return decide_bill(card, command)
        case RequestPayout() | SettlePayout() | DeclinePayout():
            return decide_payout(card, command)
        case _:
            assert_never(command)


def issue(card: Card, command: IssueDebitCard) -> list[Event]:
    if card.is_issued:
        raise Refused("card_exists", "This card has already been issued.")
    require_limits(command.per_payment_limit_minor, command.per_day_limit_minor)
    return [
        CardIssued(
            card_id=command.card_id,
            kind="debit",
            customer_id=command.customer_id,
            account_id=command.account_id,
            currency=command.currency,
            token=command.token,
            last_four=command.last_four,
            per_payment_limit_minor=command.per_payment_limit_minor,
            per_day_limit_minor=command.per_day_limit_minor,
            issued_on=command.issued_on,
            expires_on=command.expires_on,
        )
    ]


def activate(card: Card, command: ActivateCard) -> list[Event]:
    require_not_cancelled(card)
    if card.is_expired:
        raise Refused("card_expired", "This card has expired.")
    if card.blocked_for:
        raise Refused("card_blocked", "A blocked card cannot be activated.")
    return [] if card.is_active else [CardActivated(command.card_id)]


def block(card: Card, command: BlockCard) -> list[Event]:
    """What the bank has against a card that was reported lost is said too, and lost it stays."""
    require_not_cancelled(card)
    require_blocks_for(command.cause, by_operator=command.by_operator)
    blocked = CardBlocked(command.card_id, command.cause)
    if is_graver(command.cause, card.blocked_for):
        return [blocked]
    if command.cause in BANK_CAUSES and is_graver(command.cause, card.blocked_by_bank_for):
        return [blocked, CardBlocked(command.card_id, card.blocked_for)]
    return []


def unblock(card: Card, command: UnblockCard) -> list[Event]:
    require_not_cancelled(card)
    if card.blocked_for in FINAL_CAUSES:
        raise Refused("card_blocked_for_good", "A lost or stolen card is never unblocked.")
    require_not_blocked_by_bank(card, "unblocks it", by_operator=command.by_operator)
    return [CardUnblocked(command.card_id)] if card.blocked_for else []


def change_limits(card: Card, command: ChangePaymentLimits) -> list[Event]:
    require_not_cancelled(card)
    require_limits(command.per_payment_limit_minor, command.per_day_limit_minor)
    wanted = (command.per_payment_limit_minor, command.per_day_limit_minor)
    if wanted == (card.per_payment_limit_minor, card.per_day_limit_minor):
        return []
    return [PaymentLimitsChanged(command.card_id, *wanted)]


def reserve_spend(card: Card, command: ReserveSpend) -> list[Event]:
    require_usable(card, command.spent_on, command.token)
    if command.currency != card.currency:
        raise Refused("currency_mismatch", f"This card pays in {card.currency}.")
    if command.amount_minor <= 0:
        raise Refused("invalid_amount", "A payment is of more than zero.")
    if command.amount_minor > card.per_payment_limit_minor:
        raise Refused("over_payment_limit", "The amount is above this card's limit per payment.")
    if card.spent_by(command.spent_on) + command.amount_minor > card.per_day_limit_minor:
        raise Refused("over_daily_limit", "The amount would exceed what this card may spend in a day.")
    if card.credit is not None and command.amount_minor > card.credit.available_minor:
        raise Refused("over_credit_limit", "The amount is above the credit that is available.")
    reserved = SpendReserved if card.credit is None else credit_facts.CreditReserved
    return [reserved(command.card_id, command.payment_id, command.amount_minor, command.currency, command.spent_on)]


def release_spend(card: Card, command: ReleaseSpend) -> list[Event]:
    """The card does not remember its payments: what is given back was reserved before, and is given back once.

    A payment is declined, reversed or expires at most once, whatever comes in any order; that event is one message, of
    which the command's id is made. Remembering the day's payments here would prove it a second time, and every command
    of the card would carry all of them.
    """
    released = SpendReleased if card.credit is None else credit_facts.CreditReleased
    return [released(command.card_id, command.payment_id, command.amount_minor, command.currency, command.spent_on)]


CARD = Decider(
    name="card",
    initial=Card(),
    decide=decide,
    evolve=evolve,
    events={
        "CardIssued.v1": CardIssued,
        "CardActivated.v1": CardActivated,
        "CardBlocked.v1": CardBlocked,
        "CardUnblocked.v1": CardUnblocked,
        "PaymentLimitsChanged.v1": PaymentLimitsChanged,
        "CreditLimitChanged.v1": CreditLimitChanged,
        "SpendReserved.v1": SpendReserved,
        "SpendReleased.v1": SpendReleased,
        "CardReplaced.v1": CardReplaced,
        "CardExpired.v1": CardExpired,
        "CardCancelled.v1": CardCancelled,
        "CreditReserved.v1": credit_facts.CreditReserved,
        "CreditReleased.v1": credit_facts.CreditReleased,
        "CardCharged.v1": credit_facts.CardCharged,
        "CardCredited.v1": credit_facts.CardCredited,
        "CardInterestCharged.v1": credit_facts.CardInterestCharged,
        "StatementClosed.v1": credit_facts.StatementClosed,
        "StatementOverdue.v1": credit_facts.StatementOverdue,
        "BillPaymentRequested.v1": credit_facts.BillPaymentRequested,
        "BillPaymentApplied.v1": credit_facts.BillPaymentApplied,
        "BillPaymentDeclined.v1": credit_facts.BillPaymentDeclined,
        "BillPaymentRejected.v1": credit_facts.BillPaymentRejected,
        "BillPaymentRefunded.v1": credit_facts.BillPaymentRefunded,
        "CardPayoutRequested.v1": credit_facts.CardPayoutRequested,
        "CardPayoutSettled.v1": credit_facts.CardPayoutSettled,
        "CardPayoutDeclined.v1": credit_facts.CardPayoutDeclined,
    },
    state_version=7,
    customer=lambda card: card.customer_id or None,
)
