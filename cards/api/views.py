"""Cards and card payments over HTTP.

Customers pay with their cards and control them. What a merchant asks for (capture, reversal, refund) comes from the
bank's operators: a customer does not give himself money back.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from bank.context import Order
from bank.http.commands import Asked, Do, command
from bank.http.pages import Page, Shown, Wanted, listing, read
from bank.http.principal import Principal, acting_for, listing_for, operator_only, visible
from bank.http.problems import bad_request
from bank.http.schemas import Money
from bank.http.views import BankView
from cards import orders, queries
from cards.api.schemas import (
    BlockBody,
    CaptureBody,
    CardOut,
    CreditLimitBody,
    IssueBody,
    IssueCreditBody,
    LimitsBody,
    OfCustomer,
    PaymentBody,
    PaymentOut,
    PaymentWithRefundsOut,
    RefundBody,
    StatementOut,
    card_out,
    payment_out,
    refund_out,
    statement_out,
)
from cards.context import CARDS
from cards.domain import card as cards_domain
from cards.domain.card import (
    CARD,
    ActivateCard,
    BlockCard,
    ChangePaymentLimits,
    ReserveSpend,
    UnblockCard,
)
from cards.domain.card.life import CancelCard
from cards.domain.payment import (
    AUTHORIZATION_DAYS,
    PAYMENT,
    AuthorizeOnCredit,
    CapturePayment,
    RequestPayment,
    ReversePayment,
)

AT_CARD = "/api/v1/cards/{card}"
AT_PAYMENT = "/api/v1/card-payments/{payment}"


class Cards(BankView):
    @command(CARDS, IssueBody, location=AT_CARD, status=201)
    def post(self, asked: Asked) -> Do:
        """Issue a debit card.

        It draws on one account of the same customer, in the currency of its limits, and must be activated before it
        pays. An account that was opened just now may not be known here yet: 409 `account_not_known`, worth a retry.
        """
        card_id, account_id = asked.new_id("card"), str(asked.body["account_id"])
        per_payment, per_day = limits(asked)
        customer_id = acting_for(asked.principal, asked.body.get("customer_id"))
        issue = orders.issue_debit_card(
            card_id,
            customer_id,
            account_id,
            currency=per_day.currency,
            per_payment_limit_minor=per_payment.amount_minor,
            per_day_limit_minor=per_day.amount_minor,
            today=localdate(),
        )
        return Do(*issue)

    @listing(CardOut, OfCustomer)
    def get(self, wanted: Wanted) -> Page:
        """The cards of a customer; for operators, of all unless one is named."""
        customer_id = listing_for(wanted.principal, wanted.filters.get("customer_id"))
        found = queries.cards(customer_id=customer_id, after=two_texts(wanted.after), limit=wanted.fetch)
        rows = [card_out(card, localdate()) for card in found]
        return wanted.page(rows, key=lambda row: (row["issued_on"].isoformat(), row["id"]))


class CreditCards(BankView):
    @command(CARDS, IssueCreditBody, location=AT_CARD, status=201)
    def post(self, asked: Asked) -> Do:
        """Issue a credit card. Operators only, to a customer who is verified.

        What happened just now may not be known here yet: 409 `customer_not_verified` is worth a retry.
        """
        operator_only(asked.principal)
        limit = asked.body["credit_limit"]
        issue = orders.issue_credit_card(
            asked.new_id("card"),
            str(asked.body["customer_id"]),
            currency=limit.currency,
            credit_limit_minor=limit.amount_minor,
            per_payment_limit_minor=minor_of(asked, "per_payment_limit", limit.currency),
            per_day_limit_minor=minor_of(asked, "per_day_limit", limit.currency),
            statement_day=asked.body["statement_day"],
            today=localdate(),
        )
        return Do(*issue)


class Statements(BankView):
    @listing(StatementOut)
    def get(self, wanted: Wanted, card_id: UUID) -> Page:
        """The statements of a credit card, the newest first."""
        card = known_card(wanted.principal, card_id)
        rows = [statement_out(row) for row in queries.statements(card.card_id, after=wanted.after, limit=wanted.fetch)]
        return wanted.page(rows, key=lambda row: (row["number"],))


class Card(BankView):
    @read(CardOut)
    def get(self, wanted: Wanted, card_id: UUID) -> Shown:
        """One card."""
        card, today = known_card(wanted.principal, card_id), localdate()
        return Shown(card_out(card, today), version=card.version, on=today)


class Activation(BankView):
    @command(CARDS, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Activate a card."""
        return to_card(asked, card_id, ActivateCard(str(card_id)))


class Block(BankView):
    @command(CARDS, BlockBody, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Block a card. It pays nothing from now on. What the bank has blocked it for stays beside what is reported."""
        by_operator = asked.principal.is_operator
        return to_card(asked, card_id, BlockCard(str(card_id), asked.body["reason"], by_operator=by_operator))


class Unblock(BankView):
    @command(CARDS, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Unblock a card. One that was lost or stolen is replaced instead."""
        return to_card(asked, card_id, UnblockCard(str(card_id), by_operator=asked.principal.is_operator))


class Replacement(BankView):
    @command(CARDS, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Replace a card that is lost, stolen, worn or about to expire.

        Its id and limits stay. The old token is dead at once; the new card has to be activated.
        """
        card, by_operator = known_card(asked.principal, card_id), asked.principal.is_operator
        return Do(orders.replace_card(card.card_id, localdate(), by_operator=by_operator))


class Cancellation(BankView):
    @command(CARDS, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Cancel a card, for good. What was authorized before may still be captured.

        One that the bank has blocked only an operator cancels.
        """
        cancel = CancelCard(str(card_id), cancelled_on=localdate(), by_operator=asked.principal.is_operator)
        return to_card(asked, card_id, cancel)


class Limits(BankView):
    @command(CARDS, LimitsBody, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Change what a card may spend, per payment and per day."""
        card = known_card(asked.principal, card_id)
        per_payment, per_day = limits(asked, card.currency)
        change = ChangePaymentLimits(str(card_id), per_payment.amount_minor, per_day.amount_minor)
        return Do(Order(CARD, str(card_id), change))


class CreditLimit(BankView):
    @command(CARDS, CreditLimitBody, location=AT_CARD)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Change what a credit card lends. Operators only; more only to a customer who is verified.

        Below what is owed and authorized, nothing more is lent until enough is paid. The limits of payments stay.
        """
        operator_only(asked.principal)
        card = known_card(asked.principal, card_id)
        limit_minor = minor_of(asked, "credit_limit", card.currency)
        return Do(*orders.change_credit_limit(card, limit_minor or 0))


class Payments(BankView):
    @command(CARDS, PaymentBody, location=AT_PAYMENT, status=202, about=PAYMENT)
    def post(self, asked: Asked, card_id: UUID) -> Do:
        """Pay by card.

        The card answers at once. A debit card's account answers later: the payment tells how it went. A credit card
        lends from its own credit, so its payment begins authorized.
        """
        return pay(asked, known_card(asked.principal, card_id), localdate())

    @listing(PaymentOut)
    def get(self, wanted: Wanted, card_id: UUID) -> Page:
        """The payments of a card, the newest first."""
        card = known_card(wanted.principal, card_id)
        return payments_page(wanted, card.customer_id, card_id=card.card_id)


class CardPayments(BankView):
    @listing(PaymentOut, OfCustomer)
    def get(self, wanted: Wanted) -> Page:
        """The card payments of a customer, the newest first; for operators, of all unless one is named."""
        return payments_page(wanted, listing_for(wanted.principal, wanted.filters.get("customer_id")))


class CardPayment(BankView):
    @read(PaymentWithRefundsOut)
    def get(self, wanted: Wanted, payment_id: UUID) -> Shown:
        """One card payment."""
        payment = known_payment(wanted.principal, payment_id)
        refunds = [refund_out(refund) for refund in queries.refunds_of(payment.payment_id)]
        return Shown({**payment_out(payment), "refunds": refunds}, version=payment.version)


class Capture(BankView):
    @command(CARDS, CaptureBody, location=AT_PAYMENT, status=202)
    def post(self, asked: Asked, payment_id: UUID) -> Do:
        """Capture an authorized payment: whole, in part, or up to 20 percent above it, for a tip or a fuller tank."""
        amount_minor = amount_of(asked, known_to_merchant(asked.principal, payment_id))
        capture = CapturePayment(str(payment_id), amount_minor, captured_on=localdate())
        return Do(Order(PAYMENT, str(payment_id), capture))


class Reversal(BankView):
    @command(CARDS, location=AT_PAYMENT, status=202)
    def post(self, asked: Asked, payment_id: UUID) -> Do:
        """Reverse a payment that is not captured. Its hold is released."""
        known_to_merchant(asked.principal, payment_id)
        return Do(Order(PAYMENT, str(payment_id), ReversePayment(str(payment_id))))


class Refunds(BankView):
    @command(CARDS, RefundBody, location=AT_PAYMENT, status=202)
    def post(self, asked: Asked, payment_id: UUID) -> Do:
        """Refund a settled payment, whole or in part."""
        payment = known_to_merchant(asked.principal, payment_id)
        amount_minor = amount_of(asked, payment)
        return Do(orders.refund_payment(payment, asked.new_id("refund"), amount_minor, localdate()))


# What several of them need.


def known_card(principal: Principal, card_id: UUID) -> queries.Card:
    return visible(principal, queries.card(card_id))


def known_payment(principal: Principal, payment_id: UUID) -> queries.Payment:
    return visible(principal, queries.payment(payment_id))


def known_to_merchant(principal: Principal, payment_id: UUID) -> queries.Payment:
    payment = known_payment(principal, payment_id)
    operator_only(principal)
    return payment


def to_card(asked: Asked, card_id: UUID, order: cards_domain.Command) -> Do:
    card = known_card(asked.principal, card_id)
    return Do(Order(CARD, card.card_id, order))


def pay(asked: Asked, card: queries.Card, today: date) -> Do:
    """One unit of two orders: the card lets it pass and the payment begins, or neither."""
    payment_id, paid = asked.new_id("payment"), asked.body["amount"]
    reserve = ReserveSpend(
        card.card_id, payment_id, paid.amount_minor, paid.currency, spent_on=today, token=asked.body["token"]
    )
    begins = partial(RequestPayment, account_id=card.account_id) if card.kind == "debit" else AuthorizeOnCredit
    request = begins(
        payment_id=payment_id,
        card_id=card.card_id,
        customer_id=card.customer_id,
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        merchant=asked.body["merchant"],
        auto_capture=asked.body["auto_capture"],
        requested_on=today,
        expires_on=today + timedelta(days=AUTHORIZATION_DAYS),
    )
    return Do(Order(CARD, card.card_id, reserve), Order(PAYMENT, payment_id, request))


def payments_page(wanted: Wanted, customer_id: str | None, *, card_id: str | None = None) -> Page:
    after = two_texts(wanted.after)
    found = queries.payments(customer_id=customer_id, card_id=card_id, after=after, limit=wanted.fetch)
    rows = [payment_out(payment) for payment in found]
    return wanted.page(rows, key=payment_key)


def payment_key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["requested_at"].isoformat(), row["id"]


def limits(asked: Asked, currency: str | None = None) -> tuple[Money, Money]:
    """Both limits, in one currency: the card's where there is one already."""
    per_payment, per_day = asked.body["per_payment_limit"], asked.body["per_day_limit"]
    for name in ("per_payment_limit", "per_day_limit"):
        minor_of(asked, name, currency or per_day.currency)
    return per_payment, per_day


def minor_of(asked: Asked, name: str, currency: str) -> int | None:
    """What is asked for by this name, if it is. Raises unless it is in the currency."""
    amount = asked.body.get(name)
    if amount is None:
        return None
    if amount.currency != currency:
        raise bad_request("invalid", "Some fields are wrong.", **{name: [f"This card pays in {currency}."]})
    return int(amount.amount_minor)


def amount_of(asked: Asked, payment: queries.Payment) -> int | None:
    amount = asked.body.get("amount")
    if amount is None:
        return None
    if amount.currency != payment.currency:
        raise bad_request("invalid", "Some fields are wrong.", amount=[f"This payment is in {payment.currency}."])
    return int(amount.amount_minor)


def two_texts(after: tuple[Any, ...] | None) -> tuple[str, str] | None:
    return None if after is None else (str(after[0]), str(after[1]))
