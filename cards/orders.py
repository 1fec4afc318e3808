"""What people ask of Cards, by the API and in the console alike: which orders make a unit, and what has to be known
here before they are given: what is missing is `too_early`, what can never be is `Refused`."""

import secrets
from datetime import date

from bank.context import Order
from bank.decider import ERASED, Refused
from bank.history.eventstore import load
from bank.http.problems import too_early
from cards import queries
from cards.context import CARDS
from cards.domain.card import CARD, IssueDebitCard
from cards.domain.card.credit import ChangeCreditLimit, IssueCreditCard
from cards.domain.card.life import ReplaceCard
from cards.domain.card.payout import RequestPayout
from cards.domain.card.rules import last_day
from cards.domain.cardholder import CARDHOLDER, RequireCardholder
from cards.domain.funding import FUNDING, Funding
from cards.domain.payment import PAYMENT, RefundPayment
from cards.domain.payout import PAYOUT, BeginPayout

CREDIT_RATE_BPS = 1990
"""What the bank asks for credit by card, a year. A card keeps the rate under which it was issued."""


def issue_debit_card(
    card_id: str,
    customer_id: str,
    account_id: str,
    *,
    currency: str,
    per_payment_limit_minor: int,
    per_day_limit_minor: int,
    today: date,
) -> tuple[Order, ...]:
    require_account(account_id, customer_id, currency)
    issue = IssueDebitCard(
        card_id=card_id,
        customer_id=customer_id,
        account_id=account_id,
        currency=currency,
        token=new_token(),
        last_four=new_last_four(),
        per_payment_limit_minor=per_payment_limit_minor,
        per_day_limit_minor=per_day_limit_minor,
        issued_on=today,
        expires_on=last_day(today),
    )
    return Order(CARD, card_id, issue), issuing_to(customer_id)


def issue_credit_card(
    card_id: str,
    customer_id: str,
    *,
    currency: str,
    credit_limit_minor: int,
    per_payment_limit_minor: int | None,
    per_day_limit_minor: int | None,
    statement_day: int,
    today: date,
) -> tuple[Order, ...]:
    """Either limit of payments is the credit limit unless said."""
    require_heard_of(customer_id)
    issue = IssueCreditCard(
        card_id=card_id,
        customer_id=customer_id,
        currency=currency,
        token=new_token(),
        last_four=new_last_four(),
        credit_limit_minor=credit_limit_minor,
        rate_bps=CREDIT_RATE_BPS,
        statement_day=statement_day,
        per_payment_limit_minor=per_payment_limit_minor or credit_limit_minor,
        per_day_limit_minor=per_day_limit_minor or credit_limit_minor,
        issued_on=today,
        expires_on=last_day(today),
    )
    return Order(CARD, card_id, issue), issuing_to(customer_id, on_credit=True)


def replace_card(card_id: str, today: date, *, by_operator: bool) -> Order:
    replacement = ReplaceCard(
        card_id=card_id,
        token=new_token(),
        last_four=new_last_four(),
        replaced_on=today,
        expires_on=last_day(today),
        by_operator=by_operator,
    )
    return Order(CARD, card_id, replacement)


def change_credit_limit(card: queries.Card, credit_limit_minor: int) -> tuple[Order, ...]:
    """More is lent only to whom a credit card would be issued now; less is always."""
    change = Order(CARD, card.card_id, ChangeCreditLimit(card.card_id, credit_limit_minor))
    if credit_limit_minor <= card.credit_limit_minor:
        return (change,)
    return change, issuing_to(card.customer_id, on_credit=True)


def refund_payment(payment: queries.Payment, refund_id: str, amount_minor: int | None, today: date) -> Order:
    """Who has been forgotten is given back too, and nothing is said of where he paid."""
    refund = RefundPayment(
        payment_id=payment.payment_id,
        refund_id=refund_id,
        amount_minor=amount_minor,
        refunded_on=today,
        merchant="" if payment.merchant == ERASED else payment.merchant,
    )
    return Order(PAYMENT, payment.payment_id, refund)


def pay_out(
    card: queries.Card, payout_id: str, account_id: str, today: date, *, by_operator: bool
) -> tuple[Order, Order]:
    require_not_anothers(account_id, card)
    request = RequestPayout(payout_id, card.card_id, account_id, today, by_operator)
    begin = BeginPayout(payout_id, card.card_id, card.customer_id)
    return Order(CARD, card.card_id, request), Order(PAYOUT, payout_id, begin)


# What several of them need.


def known_account(account_id: str) -> Funding:
    """Raises 409 while Cards has not heard of it: it may have been opened a moment ago, and the same be asked again."""
    known: Funding = load(CARDS, FUNDING, account_id)[0]
    if known.customer_id is None:
        raise too_early(
            "account_not_known",
            "Cards knows no such account. If it was opened just now, try again shortly.",
        )
    return known


def require_account(account_id: str, customer_id: str, currency: str) -> None:
    """Raises unless a card of this customer can pay from the account, as far as Cards knows; 422 where it never can."""
    require_fits(known_account(account_id), customer_id, currency)


def require_not_anothers(account_id: str, card: queries.Card) -> None:
    """Raises where Cards knows that the account cannot pay. Of one that it has not heard of Accounts will tell."""
    known, _ = load(CARDS, FUNDING, account_id)
    if known.customer_id is not None:
        require_fits(known, card.customer_id, card.currency)


def require_fits(account: Funding, customer_id: str, currency: str) -> None:
    if account.customer_id != customer_id:
        raise Refused("not_your_account", "The account belongs to another customer.")
    if account.currency != currency:
        raise Refused("currency_mismatch", "The account is kept in another currency.")


def require_heard_of(customer_id: str) -> None:
    """Raises 409 while Cards has not heard that the bank knows who this is: it may just have been verified."""
    holder, _ = load(CARDS, CARDHOLDER, customer_id)
    if holder.kyc == "pending" and holder.standing == "active":
        raise too_early(
            "customer_not_verified",
            "The bank has not verified who this customer is. If it did just now, try again shortly.",
        )


def issuing_to(customer_id: str, *, on_credit: bool = False) -> Order:
    """Refuses the unit when no card is issued to this customer, and nothing more lent."""
    return Order(CARDHOLDER, customer_id, RequireCardholder(customer_id, on_credit))


def new_token() -> str:
    return f"tok_{secrets.token_hex(16)}"


def new_last_four() -> str:
    return f"{secrets.randbelow(10_000):04d}"
